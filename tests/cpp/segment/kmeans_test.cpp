#include "clarion/segment/kmeans.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using segment::kmeans;
using segment::kmeans_result;
using segment::points_view;

namespace {

template <class T>
struct cloud {
  std::size_t rows, columns;
  std::vector<T> values;
  points_view<T> view() const { return {values.data(), rows, columns}; }
};

// Groups around centers that overlap a little.
template <class T>
cloud<T> drawn(std::size_t rows, std::size_t columns, std::size_t groups, std::uint64_t seed, double spread = 1, double offset = 0) {
  cloud<T> out{rows, columns, std::vector<T>(rows * columns)};
  for (std::size_t r = 0; r < rows; ++r) {
    core::random_stream random(seed, r);
    const std::size_t group = random.below(groups);
    core::random_stream center(seed + 1, group);
    for (std::size_t j = 0; j < columns; ++j)
      out.values[r * columns + j] = static_cast<T>(offset + 3 * center.normal() + spread * random.normal());
  }
  return out;
}

template <class T>
std::int32_t nearest(const T* x, const std::vector<T>& centers, std::size_t columns) {
  double least = std::numeric_limits<double>::infinity();
  std::int32_t best = 0;
  for (std::size_t c = 0; c < centers.size() / columns; ++c) {
    double sum = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      const double apart = double{x[j]} - double{centers[c * columns + j]};
      sum += apart * apart;
    }
    if (sum < least) {
      least = sum;
      best = static_cast<std::int32_t>(c);
    }
  }
  return best;
}

// As the contract says it, row by row; long double takes the place of sums in two doubles.
template <class T>
kmeans_result<T> plain_lloyd(const cloud<T>& x, std::vector<T> centers, std::uint32_t max_iter, double least,
                             const std::vector<double>& weight) {
  const std::size_t d = x.columns, k = centers.size() / d;
  kmeans_result<T> out{d, centers, std::vector<std::int32_t>(x.rows, -1), 0, 0};
  bool settled = false;
  const auto label = [&] {
    bool changed = false;
    for (std::size_t r = 0; r < x.rows; ++r) {
      const auto now = nearest(x.values.data() + r * d, out.centers, d);
      changed |= now != out.labels[r];
      out.labels[r] = now;
    }
    return changed;
  };
  for (std::uint32_t i = 0; i < max_iter; ++i) {
    settled = !label();
    std::vector<long double> sum(k * d), mass(k);
    for (std::size_t r = 0; r < x.rows; ++r) {
      const auto c = static_cast<std::size_t>(out.labels[r]);
      mass[c] += weight[r];
      for (std::size_t j = 0; j < d; ++j) sum[c * d + j] += static_cast<long double>(weight[r] * double{x.values[r * d + j]});
    }
    double moved = 0;
    for (std::size_t c = 0; c < k; ++c)
      for (std::size_t j = 0; j < d && mass[c] > 0; ++j) {
        const T now = static_cast<T>(static_cast<double>(sum[c * d + j]) / static_cast<double>(mass[c]));
        moved += std::pow(double{now} - double{out.centers[c * d + j]}, 2);
        out.centers[c * d + j] = now;
      }
    out.n_iter = i + 1;
    if (settled || moved <= least) break;
  }
  if (!settled) label();
  return out;
}

template <class T>
void same(const kmeans_result<T>& a, const kmeans_result<T>& b) {
  CHECK(a.centers == b.centers);
  CHECK(a.labels == b.labels);
  CHECK(a.inertia == b.inertia);
  CHECK(a.n_iter == b.n_iter);
}

template <class T>
std::vector<T> first_rows(const cloud<T>& x, std::size_t k) {
  return {x.values.begin(), x.values.begin() + static_cast<std::ptrdiff_t>(k * x.columns)};
}

template <class T>
void check_against_plain(std::size_t rows, std::size_t columns, std::size_t k, bool weighted, double offset = 0) {
  CAPTURE(rows);
  CAPTURE(columns);
  CAPTURE(k);
  const auto x = drawn<T>(rows, columns, k + 2, rows + columns, 1.5, offset);
  std::vector<double> weight(rows, 1.0);
  if (weighted)
    for (std::size_t r = 0; r < rows; ++r) weight[r] = static_cast<double>(r % 4);
  const auto start = first_rows(x, k);
  const auto got = kmeans(x.view(), {.n_clusters = static_cast<std::uint32_t>(k), .max_iter = 40, .tol = 0},
                          {.weight = weighted ? weight.data() : nullptr, .centers = start.data()});
  const auto want = plain_lloyd(x, start, 40, 0, weight);
  CHECK(got.n_iter == want.n_iter);
  CHECK(got.labels == want.labels);
  REQUIRE(got.centers.size() == want.centers.size());
  for (std::size_t i = 0; i < got.centers.size(); ++i) CHECK(got.centers[i] == doctest::Approx(want.centers[i]).epsilon(1e-6));
}

struct forced_level {
  std::string before;
  explicit forced_level(const char* value) {
    if (const char* now = std::getenv("CLARION_SIMD")) before = now;
    ::setenv("CLARION_SIMD", value, 1);
  }
  ~forced_level() {
    if (before.empty())
      ::unsetenv("CLARION_SIMD");
    else
      ::setenv("CLARION_SIMD", before.c_str(), 1);
  }
};

}  // namespace

TEST_CASE("labels, centers and iterations are those of Lloyd's algorithm row by row") {
  for (const std::size_t columns : {1u, 2u, 3u, 5u, 8u, 15u, 16u, 33u, 70u})
    for (const bool weighted : {false, true}) {
      check_against_plain<float>(3000, columns, 7, weighted);
      check_against_plain<double>(2000, columns, 13, weighted);
    }
  check_against_plain<float>(130, 4, 100, false);
  check_against_plain<float>(5000, 24, 61, false);
  // Far from the origin products lose all digits of a float; labels are exact all the same.
  check_against_plain<float>(2000, 20, 5, false, 1e4);
}

TEST_CASE("the same bits at every level and for any number of threads") {
  const auto x = drawn<float>(30000, 8, 9, 3);
  const auto wide = drawn<double>(9000, 40, 9, 4);
  const auto start = first_rows(x, 8);
  const auto wide_start = first_rows(wide, 8);
  const auto one = kmeans(x.view(), {}, {.centers = start.data()}, {.threads = 1});
  const auto wide_one = kmeans(wide.view(), {}, {.centers = wide_start.data()}, {.threads = 1});
  for (const char* level : {"scalar", "avx2", "avx512"}) {
    const forced_level forced(level);
    same(one, kmeans(x.view(), {}, {.centers = start.data()}, {.threads = 3}));
    same(wide_one, kmeans(wide.view(), {}, {.centers = wide_start.data()}, {.threads = 3}));
  }
  same(kmeans(x.view(), {.n_init = 3, .seed = 5}, {}, {.threads = 1}), kmeans(x.view(), {.n_init = 3, .seed = 5}, {}, {.threads = 4}));
}

TEST_CASE("an outlier that comes and goes leaves no trace in the means") {
  auto x = drawn<double>(4000, 3, 4, 8);
  for (std::size_t j = 0; j < 3; ++j) x.values[j] = 1e12;
  const auto start = std::vector<double>(x.values.begin() + 3, x.values.begin() + 12);
  std::vector<double> weight(4000, 1.0);
  const auto got = kmeans(x.view(), {.n_clusters = 3, .tol = 0}, {.centers = start.data()});
  const auto want = plain_lloyd(x, start, 300, 0, weight);
  CHECK(got.labels == want.labels);
  for (std::size_t i = 0; i < 9; ++i) CHECK(got.centers[i] == doctest::Approx(want.centers[i]).epsilon(1e-14));
}

TEST_CASE("iris") {
  // In tests/python/segment/test_kmeans.py, where the data are at hand; here ten points whose groups are plain to see.
  const cloud<double> x{10, 1, {1, 2, 3, 11, 12, 13, 14, 101, 102, 103}};
  const auto found = kmeans(x.view(), {.n_clusters = 3, .n_init = 5});
  CHECK(found.inertia == doctest::Approx(2 + 5 + 2));
  auto sorted = found.centers;
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == std::vector<double>{2, 12.5, 102});
}

TEST_CASE("an empty cluster gets the farthest row") {
  const cloud<double> x{6, 1, {0, 1, 2, 10, 11, 40}};
  // The second center is far from all; the row farthest from its center is 40.
  const std::vector<double> start{1, 1000};
  const auto found = kmeans(x.view(), {.n_clusters = 2, .tol = 0}, {.centers = start.data()});
  CHECK(found.labels == std::vector<std::int32_t>{0, 0, 0, 0, 0, 1});
  CHECK(found.centers == std::vector<double>{24.0 / 5, 40});
  // Fewer distinct rows than clusters: nothing to give.
  const cloud<float> same_rows{50, 3, std::vector<float>(150, 2.5f)};
  const auto flat = kmeans(same_rows.view(), {.n_clusters = 4});
  CHECK(flat.labels == std::vector<std::int32_t>(50, 0));
  CHECK(flat.inertia == 0);
  CHECK(flat.n_found == 1);
  CHECK(flat.centers == std::vector<float>(12, 2.5f));
}

TEST_CASE("a start takes rows that are far apart, by weight") {
  const auto x = drawn<float>(20000, 6, 5, 6, 0.01);
  const auto rows = segment::kmeans_plusplus(x.view(), 5, 1);
  std::vector<float> centers;
  for (const auto r : rows) centers.insert(centers.end(), x.view().row(r), x.view().row(r) + 6);
  CHECK(segment::kmeans_predict(x.view(), {centers.data(), 5, 6}).inertia < 20000 * 6 * 0.01 * 0.01 * 3);
  CHECK(rows == segment::kmeans_plusplus(x.view(), 5, 1, nullptr, {.threads = 1}));
  CHECK(rows != segment::kmeans_plusplus(x.view(), 5, 2));
  std::vector<double> weight(20000);
  for (const std::size_t r : {17u, 400u, 19999u}) weight[r] = 1;
  for (const auto r : segment::kmeans_plusplus(x.view(), 3, 9, weight.data())) CHECK(weight[r] == 1);
  for (const auto& found : {kmeans(x.view(), {.n_clusters = 3, .init = "random"}, {.weight = weight.data()})}) CHECK(found.inertia < 1e-9);
  // All rows in one place, and more clusters than places.
  const cloud<double> few{6, 2, {1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2}};
  CHECK(segment::kmeans_plusplus(few.view(), 6).size() == 6);
}

TEST_CASE("weights count as repeated rows do") {
  const auto x = drawn<double>(300, 4, 4, 12);
  cloud<double> repeated{0, 4, {}};
  std::vector<double> weight;
  for (std::size_t r = 0; r < 300; ++r) {
    weight.push_back(static_cast<double>(r % 3));
    for (std::size_t i = 0; i < r % 3; ++i, ++repeated.rows)
      repeated.values.insert(repeated.values.end(), x.view().row(r), x.view().row(r) + 4);
  }
  const auto start = first_rows(x, 5);
  const auto by_weight = kmeans(x.view(), {.n_clusters = 5, .tol = 0}, {.weight = weight.data(), .centers = start.data()});
  const auto by_rows = kmeans(repeated.view(), {.n_clusters = 5, .tol = 0}, {.centers = start.data()});
  CHECK(by_weight.centers == by_rows.centers);
  CHECK(by_weight.inertia == doctest::Approx(by_rows.inertia));
}

TEST_CASE("labels and distances of other rows") {
  const auto x = drawn<float>(2500, 20, 6, 2);
  const auto fit = kmeans(x.view(), {.n_clusters = 6});
  const points_view<float> centers{fit.centers.data(), 6, 20};
  const auto found = segment::kmeans_predict(x.view(), centers);
  CHECK(found.labels == fit.labels);
  CHECK(found.inertia == fit.inertia);
  const auto distances = segment::kmeans_distances(x.view(), centers);
  for (std::size_t r = 0; r < 2500; ++r) {
    const auto* row = distances.data() + r * 6;
    CHECK(std::min_element(row, row + 6) - row == found.labels[r]);
  }
  CHECK_THROWS_AS(segment::kmeans_predict(x.view(), {fit.centers.data(), 12, 10}), std::invalid_argument);
}

TEST_CASE("what is not allowed") {
  cloud<float> x{3, 2, {1, 2, 3, 4, 5, 6}};
  CHECK(kmeans(x.view(), {.n_clusters = 3}).inertia == 0);
  CHECK(kmeans(x.view(), {.n_clusters = 1}).centers == std::vector<float>{3, 4});
  CHECK_THROWS_WITH_AS(kmeans(x.view(), {.n_clusters = 4}), doctest::Contains("n_samples=3"), std::invalid_argument);
  CHECK_THROWS_AS(kmeans(x.view(), {.n_clusters = 0}), std::invalid_argument);
  CHECK_THROWS_AS(kmeans(x.view(), {.n_clusters = 2, .init = "magic"}), std::invalid_argument);
  CHECK_THROWS_AS(kmeans(points_view<float>{nullptr, 0, 2}, {.n_clusters = 1}), std::invalid_argument);
  CHECK_THROWS_AS(kmeans(points_view<float>{x.values.data(), 3, 0}, {.n_clusters = 1}), std::invalid_argument);
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(), 1e30f}) {
    x.values[3] = bad;
    CHECK_THROWS_WITH_AS(kmeans(x.view(), {.n_clusters = 2}), doctest::Contains("column 1"), std::invalid_argument);
  }
  x.values[3] = 4;
  for (const double bad : {-1.0, std::nan(""), 0.0}) {
    const std::vector<double> weight{0, bad, 0};
    CHECK_THROWS_AS(kmeans(x.view(), {.n_clusters = 1}, {.weight = weight.data()}), std::invalid_argument);
  }
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(kmeans(x.view(), {.n_clusters = 1}, {}, {.cancel = stop.get_token()}), cancelled);
}
