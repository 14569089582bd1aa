#include "clarion/segment/cluster_quality.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/error.hpp"
#include "clouds.hpp"

using namespace clarion;
using segment::cluster_quality;
using labels = std::vector<std::uint32_t>;

namespace {

// As the papers say it, pair by pair.
std::vector<double> plain_silhouettes(const std::vector<double>& x, std::size_t d, const labels& of) {
  const std::size_t n = of.size(), k = *std::max_element(of.begin(), of.end()) + 1;
  std::vector<double> out(n), size(k);
  for (const auto c : of) ++size[c];
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> sum(k);
    for (std::size_t j = 0; j < n; ++j) {
      double square = 0;
      for (std::size_t c = 0; c < d; ++c) square += (x[i * d + c] - x[j * d + c]) * (x[i * d + c] - x[j * d + c]);
      sum[of[j]] += std::sqrt(square);
    }
    double b = std::numeric_limits<double>::infinity();
    for (std::size_t c = 0; c < k; ++c)
      if (c != of[i] && size[c] > 0) b = std::min(b, sum[c] / size[c]);
    if (size[of[i]] == 1) continue;
    const double a = sum[of[i]] / (size[of[i]] - 1);
    out[i] = std::max(a, b) > 0 ? (b - a) / std::max(a, b) : 0;
  }
  return out;
}

}  // namespace

TEST_CASE("silhouettes are those of every pair") {
  for (const std::size_t d : {1u, 3u, 20u}) {
    std::vector<std::vector<double>> centers;
    for (int c = 0; c < 5; ++c) centers.push_back(std::vector<double>(d, 1.5 * c));
    auto of = drawn_clouds(centers, 61, 1);
    of.labels[7] = 9;  // alone, and clusters 5 to 8 have no rows
    const auto expected = plain_silhouettes(of.x, d, of.labels);
    for (const char* level : {"scalar", "avx2", "avx512"}) {
      ::setenv("CLARION_SIMD", level, 1);
      const auto found = segment::silhouettes(of.x, d, of.labels);
      ::unsetenv("CLARION_SIMD");
      REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-11));
    }
    const auto quality = cluster_quality(of.x, d, of.labels);
    double mean = 0;
    for (const double s : expected) mean += s / static_cast<double>(expected.size());
    CHECK(quality.silhouette == doctest::Approx(mean));
    CHECK(quality.silhouette_se == 0);
    CHECK(quality.clusters == 6);
    CHECK(quality.size[9] == 1);
    CHECK(quality.cluster_silhouette[9] == 0);
    CHECK(std::isnan(quality.cluster_silhouette[6]));
    CHECK(std::isnan(quality.mean_distance[6]));
  }
}

TEST_CASE("indices by hand") {
  // Two clusters of two points on a line: means 1 and 11.
  const std::vector<double> x{0, 2, 10, 12};
  const labels of{0, 0, 1, 1};
  const auto found = cluster_quality(x, 1, of);
  CHECK(found.inertia == 4);
  CHECK(found.calinski_harabasz == doctest::Approx(100.0 / 1 / (4.0 / 2)));
  CHECK(found.davies_bouldin == doctest::Approx(0.2));
  CHECK(found.silhouette == doctest::Approx(((11.0 - 2) / 11 + (9.0 - 2) / 9) / 2));
}

TEST_CASE("drawn rows give a mean and how sure it is") {
  const auto of = drawn_clouds({{0, 0}, {3, 0}, {0, 3}}, 400, 1);
  const double truth = cluster_quality(of.x, 2, of.labels).silhouette;
  double within = 0, mean = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto found = cluster_quality(of.x, 2, of.labels, {.sample = 150, .seed = seed});
    CHECK(found.silhouette_rows == 150);
    CHECK(found.silhouette_se > 0);
    within += std::abs(found.silhouette - truth) < 2 * found.silhouette_se;
    mean += found.silhouette / 40;
  }
  CHECK(within >= 34);  // of 40, at 95 %
  CHECK(mean == doctest::Approx(truth).epsilon(0.02));
  CHECK(cluster_quality(of.x, 2, of.labels, {.sample = 5000}).silhouette == truth);
}

TEST_CASE("the same bits for any number of threads") {
  const auto of = drawn_clouds({{0, 0, 1}, {3, 0, 1}, {0, 3, 1}}, 7000, 1);
  const auto one = cluster_quality(of.x, 3, of.labels, {.sample = 700}, {.threads = 1});
  const auto four = cluster_quality(of.x, 3, of.labels, {.sample = 700}, {.threads = 4});
  CHECK(one.silhouette == four.silhouette);
  CHECK(one.calinski_harabasz == four.calinski_harabasz);
  CHECK(one.davies_bouldin == four.davies_bouldin);
  CHECK(one.cluster_silhouette_se == four.cluster_silhouette_se);
}

TEST_CASE("what is not defined says so") {
  const std::vector<double> same(12, 1e12);
  auto found = cluster_quality(same, 2, labels{0, 0, 0, 1, 1, 1});
  CHECK(found.silhouette == 0);
  CHECK(found.davies_bouldin == 0);
  CHECK(found.inertia == 0);
  CHECK(std::isnan(found.calinski_harabasz));
  found = cluster_quality(std::vector<double>{1, 1, 5, 5}, 1, labels{0, 0, 1, 1});
  CHECK(std::isinf(found.calinski_harabasz));
  CHECK(found.silhouette == 1);
  found = cluster_quality(std::vector<double>{1, 2, 3}, 1, labels{0, 1, 2});  // each alone
  CHECK(found.silhouette == 0);
  CHECK(std::isnan(found.calinski_harabasz));
  // Equal means, apart rows.
  CHECK(std::isinf(cluster_quality(std::vector<double>{-1, 1, -2, 2}, 1, labels{0, 0, 1, 1}).davies_bouldin));
}

TEST_CASE("what is not allowed") {
  const std::vector<double> x{1, 2, 3, 4};
  const auto refused = [](auto&& call, const char* part) {
    try {
      call();
    } catch (const std::invalid_argument& e) {
      CHECK(std::string(e.what()).find(part) != std::string::npos);
      return;
    }
    FAIL("nothing was refused: ", part);
  };
  refused([&] { cluster_quality({}, 2, {}); }, "no row");
  refused([&] { cluster_quality(x, 0, {}); }, "no column");
  refused([&] { cluster_quality(x, 3, labels{0}); }, "whole rows");
  refused([&] { cluster_quality(x, 1, labels{0, 1}); }, "labels");
  refused([&] { cluster_quality(x, 1, labels{0, 0, 0, 0}); }, "at least 2");
  refused([&] { cluster_quality(x, 1, labels{3, 3, 3, 3}); }, "at least 2");
  refused([&] { cluster_quality(x, 1, labels{0, 0, 4000000000u, 1}); }, "number the clusters");
  auto bad = x;
  bad[3] = std::nan("");
  refused([&] { cluster_quality(bad, 2, labels{0, 1}); }, "NaN of column 1, row 1");
  bad[3] = std::numeric_limits<double>::infinity();
  refused([&] { segment::silhouettes(bad, 2, labels{0, 1}); }, "infinity of column 1");
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(cluster_quality(x, 1, labels{0, 0, 1, 1}, {}, {.cancel = stop.get_token()}), cancelled);
}
