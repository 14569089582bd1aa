#include "clarion/segment/mini_batch_kmeans.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using segment::mini_batch_kmeans;
using segment::points_view;

namespace {

template <class T>
std::vector<T> drawn(std::size_t rows, std::size_t columns, std::size_t groups, double spread) {
  std::vector<T> out;
  for (std::size_t r = 0; r < rows; ++r) {
    core::random_stream random(5, r);
    core::random_stream center(6, random.below(groups));
    for (std::size_t j = 0; j < columns; ++j) out.push_back(static_cast<T>(5 * center.normal() + spread * random.normal()));
  }
  return out;
}

}  // namespace

TEST_CASE("batches find about what all rows find, with the same bits for any number of threads") {
  const auto check = [&]<class T>(T) {
    const auto values = drawn<T>(20000, 6, 5, 1);
    const points_view<T> x{values.data(), 20000, 6};
    const auto whole = segment::kmeans(x, {.n_clusters = 5, .n_init = 5});
    const auto found = mini_batch_kmeans(x, {.n_clusters = 5, .n_init = 5}, {}, {.threads = 1});
    CHECK(found.clusters.inertia < 1.03 * whole.inertia);
    CHECK(found.n_steps > 1);
    CHECK(found.clusters.n_found == 5);
    const auto again = mini_batch_kmeans(x, {.n_clusters = 5, .n_init = 5}, {}, {.threads = 4});
    CHECK(found.clusters.centers == again.clusters.centers);
    CHECK(found.clusters.labels == again.clusters.labels);
    CHECK(found.counts == again.counts);
    // Labels are of the centers that are given back.
    CHECK(segment::kmeans_predict(x, {found.clusters.centers.data(), 5, 6}).labels == found.clusters.labels);
  };
  check(0.0f);
  check(0.0);
}

TEST_CASE("a step moves centers to the mean of all that they were given") {
  std::vector<double> centers{0, 100}, counts{0, 0};
  const std::vector<double> first{1, 3, 90}, second{2, 8}, weight{1, 3};
  CHECK(segment::mini_batch_step({first.data(), 3, 1}, centers, counts) == doctest::Approx(1 + 9 + 100));
  CHECK(centers == std::vector<double>{2, 90});
  CHECK(counts == std::vector<double>{2, 1});
  segment::mini_batch_step({second.data(), 2, 1}, centers, counts, weight.data());
  CHECK(centers == std::vector<double>{(2 * 2 + 2 + 3 * 8) / 6.0, 90});
  CHECK(counts == std::vector<double>{6, 1});
  CHECK_THROWS_AS(segment::mini_batch_step(points_view<double>{first.data(), 1, 3}, centers, counts), std::invalid_argument);
}

TEST_CASE("a center that gets nothing begins anew") {
  const auto values = drawn<float>(5000, 3, 4, 0.5);
  const points_view<float> x{values.data(), 5000, 3};
  std::vector<float> start(values.begin(), values.begin() + 12);
  for (std::size_t j = 9; j < 12; ++j) start[j] = 1e6f;
  CHECK(mini_batch_kmeans(x, {.n_clusters = 4}, {.centers = start.data()}).clusters.n_found == 4);
  CHECK(mini_batch_kmeans(x, {.n_clusters = 4, .reassignment_ratio = 0}, {.centers = start.data()}).clusters.n_found == 3);
}

TEST_CASE("small, equal and forbidden input") {
  const std::vector<float> same(60, 1.5f);
  const auto flat = mini_batch_kmeans(points_view<float>{same.data(), 20, 3}, {.n_clusters = 3});
  CHECK(flat.clusters.inertia == 0);
  CHECK(flat.clusters.n_found == 1);
  const std::vector<double> one{1, 2};
  CHECK(mini_batch_kmeans(points_view<double>{one.data(), 1, 2}, {.n_clusters = 1}).clusters.centers == one);
  CHECK_THROWS_AS(mini_batch_kmeans(points_view<double>{one.data(), 1, 2}, {.n_clusters = 2}), std::invalid_argument);
  CHECK_THROWS_AS(mini_batch_kmeans(points_view<double>{one.data(), 2, 1}, {.n_clusters = 1, .batch_size = 0}),
                  std::invalid_argument);
  CHECK_THROWS_AS(mini_batch_kmeans(points_view<double>{one.data(), 2, 1}, {.n_clusters = 1, .init = "x"}),
                  std::invalid_argument);
  const std::vector<double> bad{1, std::nan("")};
  CHECK_THROWS_AS(mini_batch_kmeans(points_view<double>{bad.data(), 2, 1}, {.n_clusters = 1}), std::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(mini_batch_kmeans(points_view<double>{one.data(), 2, 1}, {.n_clusters = 1}, {}, {.cancel = stop.get_token()}),
                  cancelled);
}
