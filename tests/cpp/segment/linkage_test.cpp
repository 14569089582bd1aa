#include "clarion/segment/linkage.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using segment::linkage;
using segment::linkage_tree;

namespace {

const std::vector<std::string> methods{"ward", "average", "complete", "single"};

// Clouds of points, some of them twice.
std::vector<double> drawn(std::size_t n, std::size_t columns, std::uint64_t seed, bool grid = false) {
  core::random_stream random(seed);
  std::vector<double> out;
  for (std::size_t i = 0; i < n; ++i) {
    const bool again = i > 0 && random.chance(0.1);
    const auto cloud = static_cast<double>(random.below(5));
    const std::size_t like = again ? random.below(i) : 0;
    for (std::size_t k = 0; k < columns; ++k)
      out.push_back(again  ? out[like * columns + k]
                    : grid ? static_cast<double>(random.below(6))
                           : cloud * static_cast<double>(k % 3) + random.normal());
  }
  return out;
}

// The nearest pair again and again, by the formula of Lance and Williams over all distances.
std::vector<double> plain_heights(const std::vector<double>& points, std::size_t columns, const std::string& method) {
  const std::size_t n = points.size() / columns;
  std::vector<std::vector<double>> d(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < columns; ++k) sum += std::pow(points[i * columns + k] - points[j * columns + k], 2);
      d[i][j] = method == "ward" ? sum : std::sqrt(sum);
    }
  std::vector<double> size(n, 1), out;
  std::vector<bool> gone(n);
  for (std::size_t merge = 0; merge + 1 < n; ++merge) {
    std::size_t a = 0, b = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 1; j < n; ++j)
        if (!gone[i] && !gone[j] && d[i][j] < least) {
          least = d[i][j];
          a = i;
          b = j;
        }
    out.push_back(method == "ward" ? std::sqrt(least) : least);
    for (std::size_t k = 0; k < n; ++k) {
      if (gone[k] || k == a || k == b) continue;
      const double x = d[a][k], y = d[b][k];
      const double all = size[a] + size[b] + size[k];
      d[a][k] = d[k][a] = method == "single"     ? std::min(x, y)
                          : method == "complete" ? std::max(x, y)
                          : method == "average"  ? (size[a] * x + size[b] * y) / (size[a] + size[b])
                                                 : ((size[a] + size[k]) * x + (size[b] + size[k]) * y - size[k] * least) / all;
    }
    size[a] += size[b];
    gone[b] = true;
  }
  std::sort(out.begin(), out.end());
  return out;
}

void is_a_tree(const linkage_tree& tree) {
  REQUIRE(tree.merges.size() == 4 * (tree.n - 1));
  std::vector<double> size(2 * tree.n - 1, 1);
  std::vector<bool> used(2 * tree.n - 1);
  for (std::size_t i = 0; i + 1 < tree.n; ++i) {
    const auto left = static_cast<std::size_t>(tree.merges[4 * i]), right = static_cast<std::size_t>(tree.merges[4 * i + 1]);
    REQUIRE(left < right);
    REQUIRE(right < tree.n + i);
    REQUIRE_FALSE(used[left]);
    REQUIRE_FALSE(used[right]);
    used[left] = used[right] = true;
    size[tree.n + i] = size[left] + size[right];
    REQUIRE(tree.merges[4 * i + 3] == size[tree.n + i]);
    if (i > 0) REQUIRE(tree.height(i) >= tree.height(i - 1));
  }
}

struct forced_level {
  explicit forced_level(const char* value) { ::setenv("CLARION_SIMD", value, 1); }
  ~forced_level() { ::unsetenv("CLARION_SIMD"); }
};

}  // namespace

TEST_CASE("heights are those of merging the nearest pair again and again") {
  for (const auto& method : methods)
    for (const std::size_t columns : {1u, 2u, 8u, 19u})
      for (const std::size_t n : {2u, 3u, 33u, 150u}) {
        CAPTURE(method);
        CAPTURE(columns);
        CAPTURE(n);
        const auto points = drawn(n, columns, n + columns);
        const auto tree = linkage(points, columns, {.method = method});
        is_a_tree(tree);
        const auto want = plain_heights(points, columns, method);
        // Ward's of the formula are sums of up to n terms that cancel.
        for (std::size_t i = 0; i + 1 < n; ++i) REQUIRE(tree.height(i) == doctest::Approx(want[i]).epsilon(1e-9));
      }
}

TEST_CASE("ties on a grid make a tree all the same") {
  // Which of equal pairs merges first changes what comes after; of single linkage it does not.
  for (const auto& method : methods)
    for (const std::size_t columns : {1u, 2u, 3u}) {
      const auto points = drawn(400, columns, 9, true);
      const auto tree = linkage(points, columns, {.method = method});
      is_a_tree(tree);
      if (method != "single") continue;
      const auto want = plain_heights(points, columns, method);
      for (std::size_t i = 0; i + 1 < tree.n; ++i) CHECK(tree.height(i) == doctest::Approx(want[i]));
    }
}

TEST_CASE("the same bits for any number of threads and at every level") {
  for (const auto& method : methods) {
    const auto points = drawn(method == "ward" || method == "single" ? 12000 : 1500, 5, 2);
    const auto want = linkage(points, 5, {.method = method}, {.threads = 1}).merges;
    CHECK(linkage(points, 5, {.method = method}, {.threads = 2}).merges == want);
    CHECK(linkage(points, 5, {.method = method}, {.threads = 5}).merges == want);
    for (const char* level : {"scalar", "avx2"}) {
      const forced_level forced(level);
      CHECK(linkage(points, 5, {.method = method}).merges == want);
    }
  }
}

TEST_CASE("points in single precision are what they are in double") {
  const auto points = drawn(300, 3, 5);
  const std::vector<float> narrow(points.begin(), points.end());
  const std::vector<double> wide(narrow.begin(), narrow.end());
  for (const auto& method : methods)
    CHECK(linkage(narrow, 3, {.method = method}).merges == linkage(wide, 3, {.method = method}).merges);
}

TEST_CASE("hostile values: far from zero, tiny beside a giant, amounts of 1e12, at the ends of doubles") {
  for (const auto& method : methods) {
    CAPTURE(method);
    const auto check = [&](std::vector<double> points, double tolerance) {
      const auto tree = linkage(points, 2, {.method = method});
      is_a_tree(tree);
      const auto want = plain_heights(points, 2, method);
      for (std::size_t i = 0; i + 1 < tree.n; ++i) REQUIRE(tree.height(i) == doctest::Approx(want[i]).epsilon(tolerance));
    };
    auto far = drawn(200, 2, 6);
    for (auto& value : far) value = std::round(value * 1e3) / 1024 + (1 << 20);  // the formula cancels no worse than the means
    check(far, 1e-6);
    auto amounts = drawn(200, 2, 7);
    for (auto& value : amounts) value *= 1e12;
    check(amounts, 1e-9);
    auto tiny = drawn(2000, 2, 8);
    for (auto& value : tiny) value *= 1e-9;
    tiny[17] = 1e9;  // single precision sees all others in one place
    const auto tree = linkage(tiny, 2, {.method = method});
    is_a_tree(tree);
    tiny.erase(tiny.begin() + 16, tiny.begin() + 18);
    const auto without = linkage(tiny, 2, {.method = method});
    for (std::size_t i = 0; i + 1 < without.n; ++i) REQUIRE(tree.height(i) == doctest::Approx(without.height(i)).epsilon(1e-9));
    auto ends = drawn(50, 2, 9);
    for (auto& value : ends) value *= 1e300;
    CHECK(std::isfinite(linkage(ends, 2, {.method = method}).height(48)));
  }
}

TEST_CASE("few points, duplicates alone, constant columns, rows at growing gaps") {
  for (const auto& method : methods) {
    CAPTURE(method);
    CHECK(linkage(std::span<const double>{}, 3, {.method = method}).n == 0);
    const std::vector<double> one{1, 2, 3};
    CHECK(linkage(one, 3, {.method = method}).merges.empty());
    CHECK(linkage(one, 3, {.method = method}).n == 1);
    const std::vector<double> same(300, -4.5);
    const auto tree = linkage(same, 3, {.method = method});
    is_a_tree(tree);
    CHECK(tree.height(98) == 0);
    std::vector<double> gaps;
    for (int i = 0; i < 200; ++i) gaps.insert(gaps.end(), {static_cast<double>(i) * i, 7.0});
    const auto row = linkage(gaps, 2, {.method = method});
    is_a_tree(row);
    const auto want = plain_heights(gaps, 2, method);
    for (std::size_t i = 0; i + 1 < row.n; ++i) REQUIRE(row.height(i) == doctest::Approx(want[i]).epsilon(1e-9));
    const std::vector<double> zeros{0.0, -0.0};
    CHECK(linkage(zeros, 1, {.method = method}).height(0) == 0);
  }
}

TEST_CASE("cuts, leaves and what the tree tells of distances") {
  const std::vector<double> points{0, 10, 1, 11, 30};
  const auto tree = linkage(points, 1, {.method = "single"});
  CHECK(tree.merges == std::vector<double>{0, 2, 1, 2, 1, 3, 1, 2, 5, 6, 9, 4, 4, 7, 19, 5});
  CHECK(segment::cut_into(tree, 1) == std::vector<std::uint32_t>{0, 0, 0, 0, 0});
  CHECK(segment::cut_into(tree, 3) == std::vector<std::uint32_t>{0, 1, 0, 1, 2});
  CHECK(segment::cut_into(tree, 5) == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  CHECK(segment::cut_at(tree, 9) == std::vector<std::uint32_t>{0, 0, 0, 0, 1});
  CHECK(segment::cut_at(tree, 8.9) == std::vector<std::uint32_t>{0, 1, 0, 1, 2});
  CHECK(segment::cut_at(tree, -1) == segment::cut_into(tree, 5));
  CHECK(segment::leaf_order(tree) == std::vector<std::uint32_t>{4, 0, 2, 1, 3});
  CHECK_THROWS_AS(segment::cut_into(tree, 0), std::invalid_argument);
  CHECK_THROWS_AS(segment::cut_into(tree, 6), std::invalid_argument);
  CHECK_THROWS_AS(segment::cut_at(tree, std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS(segment::cut_into({3, {0, 1, 1, 2, 2, 4, 1, 3}}, 2), std::invalid_argument);

  // All pairs: (distance, height).
  const std::vector<double> x{10, 1, 11, 30, 9, 1, 20, 10, 29, 19}, y{9, 1, 9, 19, 9, 1, 19, 9, 19, 19};
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    mx += x[i] / 10;
    my += y[i] / 10;
  }
  for (std::size_t i = 0; i < 10; ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  CHECK(segment::cophenetic_correlation(tree, points, 1) == doctest::Approx(xy / std::sqrt(xx * yy)).epsilon(1e-12));
  const std::vector<double> same(5, 3);
  CHECK(std::isnan(segment::cophenetic_correlation(linkage(same, 1), same, 1)));
  CHECK_THROWS_AS(segment::cophenetic_correlation(tree, std::vector<double>(4), 1), std::invalid_argument);
}

TEST_CASE("what is not allowed is refused by name, and a run can be stopped") {
  std::vector<double> points(12, 1);
  CHECK_THROWS_AS(linkage(points, 5), std::invalid_argument);
  CHECK_THROWS_AS(linkage(points, 0), std::invalid_argument);
  CHECK_THROWS_WITH_AS(linkage(points, 3, {.method = "centroid"}), doctest::Contains("method"), std::invalid_argument);
  points[7] = std::nan("");
  CHECK_THROWS_WITH_AS(linkage(points, 3), doctest::Contains("row 2, column 1"), std::invalid_argument);
  points[7] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH_AS(linkage(points, 3), doctest::Contains("infinity"), std::invalid_argument);
  CHECK(segment::linkage_memory(1'000'000, 8, {.method = "average"}) > 4e12);
  CHECK(segment::linkage_memory(1'000'000, 8, {.method = "ward"}) < 1e9);

  for (const auto& method : methods) {
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(linkage(drawn(500, 3, 1), 3, {.method = method}, {.cancel = stop.get_token()}), clarion::cancelled);
  }
}
