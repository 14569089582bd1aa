#include "clarion/segment/choose_k.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/segment/cluster_quality.hpp"
#include "clouds.hpp"

using namespace clarion;
using segment::choose_k;
using segment::elbow;
using ks = std::vector<std::uint32_t>;

namespace {

std::vector<std::uint32_t> method(std::span<const double> x, std::size_t columns, std::uint32_t k) {
  return plain_k_means(x, columns, k);
}
const ks two_to_six{2, 3, 4, 5, 6};

}  // namespace

TEST_CASE("clouds apart are counted, and every index agrees") {
  const auto of = drawn_clouds({{0, 0}, {20, 0}, {0, 20}, {20, 20}}, 50, 1);
  const auto found = choose_k(of.x, 2, two_to_six, method);
  CHECK(found.best == 4);
  CHECK(found.agreed);
  CHECK(found.by_silhouette == 4u);
  CHECK(found.by_calinski_harabasz == 4u);
  CHECK(found.by_davies_bouldin == 4u);
  CHECK(found.by_gap == 4u);
  CHECK(found.by_elbow == 4u);
  CHECK(found.reason.starts_with("4 clusters: the silhouette (0.9"));
  CHECK(found.reason.ends_with("name it (5 of 5 indices with an answer)."));
  CHECK(choose_k(of.x, 2, two_to_six, segment::by_kmeans()).best == 4);
  CHECK(segment::by_kmeans()(std::vector<double>{1, 2, 5}, 1, 9).size() == 3);
  REQUIRE(found.tried.size() == 5);
  const auto quality = segment::cluster_quality(of.x, 2, found.labels[2]);
  CHECK(found.tried[2].k == 4);
  CHECK(found.tried[2].silhouette == quality.silhouette);
  CHECK(found.tried[2].inertia == quality.inertia);
  CHECK(found.tried[2].smallest == 50);
  CHECK(found.tried[2].gap > found.gap_of_one);
}

TEST_CASE("one cloud is said to be one") {
  core::random_stream random(8);
  std::vector<double> x;
  for (int i = 0; i < 600; ++i) x.push_back(random.uniform());
  const auto found = choose_k(x, 3, two_to_six, method, {.n_references = 20});
  CHECK(found.by_gap == 1u);
  CHECK_FALSE(found.agreed);
  CHECK(found.reason.find("no clusters at all") != std::string::npos);
  CHECK(choose_k(x, 3, two_to_six, method, {.n_references = 0}).by_gap == std::nullopt);
}

TEST_CASE("disagreement and the end of the range are said") {
  const auto of = drawn_clouds({{0, 0}, {3, 0}, {30, 0}, {33, 0}}, 60, 0.4);
  const auto found = choose_k(of.x, 2, ks{4, 2, 3}, method);
  CHECK(found.tried[0].k == 2);
  CHECK_FALSE(found.agreed);
  CHECK(found.by_silhouette == 2u);
  CHECK(found.reason.find("name") != std::string::npos);
  const auto end = choose_k(drawn_clouds({{0, 0}, {20, 0}, {0, 20}, {20, 20}}, 30, 1).x, 2, ks{2, 3, 4}, method);
  CHECK(end.reason.find("the most that was tried") != std::string::npos);
}

TEST_CASE("knees of curves") {
  const std::vector<double> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  std::vector<double> y;
  for (const double v : x) y.push_back(1 / v);
  CHECK(elbow(x, y) == 2u);  // 1/x over 1 to 10: the distance to the diagonal is greatest near sqrt(10)
  CHECK(elbow(x, std::vector<double>{100, 60, 20, 19, 18, 17, 16, 15, 14, 13}) == 2u);
  std::vector<double> line;
  for (const double v : x) line.push_back(-v);
  CHECK(elbow(x, line) == std::nullopt);
  CHECK(elbow(x, std::vector<double>(10, 4)) == std::nullopt);
  CHECK(elbow(std::vector<double>{1, 2}, std::vector<double>{2, 1}) == std::nullopt);
  CHECK_THROWS_AS(elbow(x, std::vector<double>{1}), std::invalid_argument);
  CHECK_THROWS_AS(elbow(std::vector<double>{1, 1, 2}, std::vector<double>{3, 2, 1}), std::invalid_argument);
}

TEST_CASE("more rows than the sample are sampled, the same for any number of threads") {
  const auto of = drawn_clouds({{0, 0}, {12, 0}, {0, 12}}, 1000, 1);
  std::size_t largest = 0;
  const auto counted = [&](std::span<const double> x, std::size_t columns, std::uint32_t k) {
    largest = std::max(largest, x.size());
    return plain_k_means(x, columns, k);
  };
  const auto one = choose_k(of.x, 2, ks{2, 3, 4}, counted, {.n_references = 4, .sample = 300}, {.threads = 1});
  const auto four = choose_k(of.x, 2, ks{2, 3, 4}, counted, {.n_references = 4, .sample = 300}, {.threads = 4});
  CHECK(largest == of.x.size());
  CHECK(one.best == 3);
  CHECK(one.tried[1].silhouette_se > 0);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(one.tried[i].silhouette == four.tried[i].silhouette);
    CHECK(one.tried[i].gap == four.tried[i].gap);
    CHECK(one.tried[i].gap_se == four.tried[i].gap_se);
  }
  CHECK(one.reason == four.reason);
}

TEST_CASE("equal rows and hostile input") {
  const std::vector<double> same(20, 1e12);
  const auto one = [](std::span<const double> x, std::size_t columns, std::uint32_t) {
    return std::vector<std::uint32_t>(x.size() / columns);
  };
  const auto found = choose_k(same, 2, ks{2, 3}, one);
  CHECK(found.best == 1);
  CHECK(found.tried[0].clusters == 1);
  CHECK(found.reason.starts_with("No number of clusters"));
  // Labels apart where rows are not.
  const auto cut = choose_k(same, 2, ks{2, 3}, [](std::span<const double> x, std::size_t columns, std::uint32_t k) {
    std::vector<std::uint32_t> out(x.size() / columns);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint32_t>(i % k);
    return out;
  });
  CHECK(std::isnan(cut.tried[0].calinski_harabasz));
  // As many clusters as rows.
  const auto alone = choose_k(std::vector<double>{1, 2, 3, 9}, 1, ks{2, 3, 4}, method);
  CHECK(alone.tried[2].silhouette == 0);

  const std::vector<double> x{1, 2, 3, 4};
  CHECK_THROWS_AS(choose_k(x, 1, {}, method), std::invalid_argument);
  CHECK_THROWS_AS(choose_k(x, 1, ks{1, 2}, method), std::invalid_argument);
  CHECK_THROWS_WITH_AS(choose_k(x, 1, ks{2, 5}, method), doctest::Contains("the number of rows, 4"), std::invalid_argument);
  CHECK_THROWS_AS(choose_k(x, 1, ks{2, 2}, method), std::invalid_argument);
  CHECK_THROWS_AS(choose_k({}, 1, ks{2}, method), std::invalid_argument);
  CHECK_THROWS_AS(choose_k(x, 1, ks{2}, [](auto, std::size_t, std::uint32_t) { return std::vector<std::uint32_t>{0}; }),
                  std::invalid_argument);
  CHECK_THROWS_WITH_AS(choose_k(std::vector<double>{1, 2, NAN, 4}, 2, ks{2}, method), doctest::Contains("column 0"),
                       std::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(choose_k(x, 1, ks{2}, method, {}, {.cancel = stop.get_token()}), cancelled);
}
