#include "clarion/segment/stability.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clouds.hpp"

using namespace clarion;
using segment::adjusted_rand;
using segment::stability;
using segment::stability_verdict;
using labels = std::vector<std::uint32_t>;

namespace {

// Over all pairs of rows.
double plain_rand(const labels& a, const labels& b) {
  double both = 0, in_a = 0, in_b = 0, all = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      both += a[i] == a[j] && b[i] == b[j];
      in_a += a[i] == a[j];
      in_b += b[i] == b[j];
      ++all;
    }
  const double expected = in_a * in_b / all;
  return (in_a + in_b) / 2 == expected ? 1 : (both - expected) / ((in_a + in_b) / 2 - expected);
}

}  // namespace

TEST_CASE("the adjusted Rand index is that of all pairs") {
  core::random_stream random(3);
  for (const std::uint32_t ka : {1u, 2u, 5u, 60u})
    for (const std::uint32_t kb : {1u, 3u, 60u}) {
      labels a(60), b(60);
      for (auto& v : a) v = static_cast<std::uint32_t>(random.below(ka));
      for (auto& v : b)
        v = random.chance(0.5) ? a[static_cast<std::size_t>(&v - b.data())] % kb : static_cast<std::uint32_t>(random.below(kb));
      CHECK(adjusted_rand(a, b) == doctest::Approx(plain_rand(a, b)).epsilon(1e-12));
      CHECK(adjusted_rand(a, b) == adjusted_rand(b, a));
    }
  CHECK(adjusted_rand(labels{0, 0, 1, 1}, labels{5, 5, 2, 2}) == 1);
  CHECK(adjusted_rand(labels{0, 0, 1, 1}, labels{0, 1, 0, 1}) == doctest::Approx(-0.5));
  CHECK(adjusted_rand(labels{0, 0, 0}, labels{4, 4, 4}) == 1);
  CHECK(adjusted_rand(labels{0, 1, 2}, labels{2, 1, 0}) == 1);
  CHECK(adjusted_rand(labels{0, 0, 0}, labels{0, 1, 2}) == 0);
  CHECK(adjusted_rand(labels{1}, labels{0}) == 1);
  CHECK(adjusted_rand(labels{}, labels{}) == 1);
  // Numbers so far apart that no table holds them.
  labels far(3000), near(3000);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    far[i] = i % 7 * 500'000'000;
    near[i] = i % 7;
  }
  CHECK(adjusted_rand(far, near) == 1);
  // 5 million rows: exact counts far above 2^32.
  labels many(5'000'000), other(5'000'000);
  for (std::uint32_t i = 0; i < many.size(); ++i) {
    many[i] = i % 2;
    other[i] = i / 2 % 2;
  }
  CHECK(adjusted_rand(many, other) == doctest::Approx(0).epsilon(1e-6));
  CHECK_THROWS_AS(adjusted_rand(labels{1}, labels{}), std::invalid_argument);
}

TEST_CASE("bands are Hennig's") {
  CHECK(segment::verdict_of(0.851) == stability_verdict::highly_stable);
  CHECK(segment::verdict_of(0.85) == stability_verdict::valid);
  CHECK(segment::verdict_of(0.75) == stability_verdict::valid);
  CHECK(segment::verdict_of(0.6) == stability_verdict::pattern);
  CHECK(segment::verdict_of(0.599) == stability_verdict::dissolved);
  CHECK(segment::verdict_of(std::nan("")) == stability_verdict::dissolved);
}

TEST_CASE("similarities are those of sets of rows") {
  const auto of = drawn_clouds({{0, 0}, {2, 0}, {0, 2}}, 20, 1);
  // Rows know their own number, so that what the method saw can be compared row by row.
  std::vector<double> x;
  for (std::size_t i = 0; i < 60; ++i) x.insert(x.end(), {of.x[2 * i], of.x[2 * i + 1], static_cast<double>(i)});
  std::vector<std::vector<double>> expected;
  const auto method = [&](std::span<const double> rows, std::size_t d) {
    std::vector<double> plane;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < rows.size(); i += d) {
      plane.insert(plane.end(), {rows[i], rows[i + 1]});
      which.push_back(static_cast<std::size_t>(rows[i + 2]));
    }
    CHECK(std::is_sorted(which.begin(), which.end()));
    CHECK(std::adjacent_find(which.begin(), which.end()) == which.end());
    CHECK(which.size() > 25);
    CHECK(which.size() < 50);
    const auto found = plain_k_means(plane, 2, 3);
    std::vector<double> best(3);
    for (std::uint32_t c = 0; c < 3; ++c)
      for (std::uint32_t f = 0; f < 3; ++f) {
        double both = 0, either = 0;
        for (std::size_t i = 0; i < which.size(); ++i) {
          both += of.labels[which[i]] == c && found[i] == f;
          either += of.labels[which[i]] == c || found[i] == f;
        }
        best[c] = std::max(best[c], both / either);
      }
    expected.push_back(best);
    return found;
  };
  const auto found = stability(x, 3, of.labels, method, {.n_bootstraps = 25, .seed = 4});
  REQUIRE(found.jaccards.size() == 75);
  for (std::size_t b = 0; b < 25; ++b)
    for (std::size_t c = 0; c < 3; ++c) CHECK(found.jaccards[b * 3 + c] == doctest::Approx(expected[b][c]));
  for (std::size_t c = 0; c < 3; ++c) {
    double mean = 0;
    for (const auto& each : expected) mean += each[c] / 25;
    CHECK(found.clusters[c].jaccard == doctest::Approx(mean));
    CHECK(found.clusters[c].samples == 25);
  }
}

TEST_CASE("clouds apart are stable, cuts through a cloud are not") {
  const auto method = [](std::span<const double> x, std::size_t d) { return plain_k_means(x, d, 3); };
  const auto apart = drawn_clouds({{0, 0}, {20, 0}, {0, 20}}, 40, 1);
  const auto good = stability(apart.x, 2, apart.labels, method, {.n_bootstraps = 20});
  for (const auto& cluster : good.clusters) {
    CHECK(cluster.jaccard == 1);
    CHECK(cluster.recovered == 20);
    CHECK(cluster.dissolved == 0);
    CHECK(cluster.verdict == stability_verdict::highly_stable);
  }
  CHECK(good.rand == doctest::Approx(1));
  CHECK(good.clusters[1].sentence ==
        "Cluster 1 is highly stable: it came back in 20 of 20 samples and dissolved in 0 (mean Jaccard 1.00).");
  const std::vector<std::string> names{"Loyal", "New", "Lost"};
  CHECK(stability(apart.x, 2, apart.labels, method, {.n_bootstraps = 3}, {}, names)
            .clusters[2]
            .sentence.starts_with("Lost is highly"));

  auto cloud = drawn_clouds({{0, 0}}, 120, 1);
  core::random_stream random(1);
  for (auto& label : cloud.labels) label = static_cast<std::uint32_t>(random.below(3));
  const auto bad = stability(cloud.x, 2, cloud.labels, method, {.n_bootstraps = 20});
  for (const auto& cluster : bad.clusters) CHECK(cluster.verdict == stability_verdict::dissolved);
  CHECK(std::abs(bad.rand) < 0.1);
}

TEST_CASE("samples depend on the seed alone, and hostile input is answered") {
  const auto of = drawn_clouds({{0, 0}, {3, 0}}, 30, 1);
  const auto method = [](std::span<const double> x, std::size_t d) { return plain_k_means(x, d, 2); };
  const auto one = stability(of.x, 2, of.labels, method, {.n_bootstraps = 5, .seed = 9}, {.threads = 1});
  const auto two = stability(of.x, 2, of.labels, method, {.n_bootstraps = 5, .seed = 9}, {.threads = 4});
  CHECK(one.jaccards == two.jaccards);
  CHECK(one.jaccards != stability(of.x, 2, of.labels, method, {.n_bootstraps = 5, .seed = 10}).jaccards);

  const std::vector<double> same(20, 3.0);
  const auto whole =
      stability(same, 2, labels(10, 4), [](std::span<const double> x, std::size_t d) { return labels(x.size() / d); });
  REQUIRE(whole.clusters.size() == 1);
  CHECK(whole.clusters[0].cluster == 4);
  CHECK(whole.clusters[0].jaccard == 1);
  CHECK(whole.rand == doctest::Approx(1));

  CHECK_THROWS_AS(stability(same, 2, labels{0}, method), std::invalid_argument);
  CHECK_THROWS_AS(stability(std::vector<double>{1, 2}, 2, labels{0}, method), std::invalid_argument);
  CHECK_THROWS_AS(stability(same, 2, labels(10), method, {.n_bootstraps = 0}), std::invalid_argument);
  CHECK_THROWS_AS(stability(same, 2, labels(10), [](auto, std::size_t) { return labels{0}; }), std::invalid_argument);
  auto bad = same;
  bad[5] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(stability(bad, 2, labels(10), method), doctest::Contains("column 1"), std::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(stability(of.x, 2, of.labels, method, {}, {.cancel = stop.get_token()}), cancelled);
}
