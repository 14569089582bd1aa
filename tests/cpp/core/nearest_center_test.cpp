#include "kernels/nearest_center.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;

namespace {

template <class T>
void check(std::size_t count, std::size_t depth, std::size_t k, bool products) {
  CAPTURE(count);
  CAPTURE(depth);
  CAPTURE(k);
  core::random_stream random(count + depth * 100 + k);
  const std::size_t n = count + 7;
  std::vector<T> points(n * depth), centers(k * depth), shift(depth), moved(k * depth), half(k),
      work(kernels::nearest_work(depth));
  for (auto& v : points) v = static_cast<T>(10 + random.normal());
  for (auto& v : centers) v = static_cast<T>(10 + random.normal());
  for (auto& v : shift) v = static_cast<T>(10 + random.uniform());
  double reach = 0;
  for (std::size_t c = 0; c < k; ++c) {
    double square = 0;
    for (std::size_t j = 0; j < depth; ++j) {
      moved[c * depth + j] = centers[c * depth + j] - shift[j];
      square += std::pow(static_cast<double>(moved[c * depth + j]), 2);
    }
    half[c] = static_cast<T>(square / 2);
    reach = std::max(reach, std::sqrt(square));
  }
  kernels::centers_in<T> in{centers.data(), k, depth, nullptr, nullptr, 0};
  if (products) in = {moved.data(), k, depth, half.data(), shift.data(), static_cast<T>(reach * 1.001)};
  std::vector<std::uint32_t> rows(count + count / 2), label(count + 1, 99);  // some are only known
  for (auto& r : rows) r = static_cast<std::uint32_t>(random.below(n));
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
    std::vector<T> margin(count + 1, T{-7});
    const std::size_t open = kernels::choose_nearest_center(level, T{})(points.data(), rows.data(), count, rows.size(), in,
                                                                        work.data(), label.data(), margin.data());
    CHECK(open == static_cast<std::size_t>(std::count_if(margin.begin(), margin.end() - 1, [](T m) { return !(m > 0); })));
    CHECK(label[count] == 99);
    CHECK(margin[count] == T{-7});
    for (std::size_t i = 0; i < count; ++i) {
      double best = std::numeric_limits<double>::infinity(), second = best;
      std::uint32_t nearest = 0;
      for (std::uint32_t c = 0; c < k; ++c) {
        double sum = 0;
        for (std::size_t j = 0; j < depth; ++j)
          sum += std::pow(static_cast<double>(points[rows[i] * depth + j]) - static_cast<double>(centers[c * depth + j]), 2);
        if (sum < best) {
          second = best;
          best = sum;
          nearest = c;
        } else {
          second = std::min(second, sum);
        }
      }
      const double gap = std::sqrt(second) - std::sqrt(best);
      if (margin[i] > 0) REQUIRE(label[i] == nearest);
      if (k == 1)
        REQUIRE(margin[i] == std::numeric_limits<T>::infinity());
      else
        REQUIRE(static_cast<double>(margin[i]) <= gap);
      // No more is given away than the rounding of a float.
      if (k > 1) REQUIRE(static_cast<double>(margin[i]) > gap - (sizeof(T) == 4 ? 1e-2 : 1e-10));
    }
  }
}

}  // namespace

TEST_CASE("the nearest center and a margin that is never too wide, at every level") {
  for (const std::size_t depth : {1u, 2u, 3u, 4u, 5u, 8u, 17u, 40u})
    for (const std::size_t k : {1u, 2u, 5u, 6u, 7u, 13u, 16u, 33u})
      for (const std::size_t count : {1u, 15u, 64u, 150u})
        for (const bool products : {false, true}) {
          check<float>(count, depth, k, products);
          check<double>(count, depth, k, products);
        }
}

TEST_CASE("equal centers leave a label open") {
  const std::vector<float> points{1, 2, 3, 4}, centers{0, 0, 0, 0};
  const std::vector<std::uint32_t> rows{0, 1};
  std::vector<float> work(kernels::nearest_work(2)), margin(2);
  std::vector<std::uint32_t> label(2);
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
    CHECK(kernels::choose_nearest_center(level, 0.0f)(points.data(), rows.data(), 2, 2,
                                                      {centers.data(), 2, 2, nullptr, nullptr, 0}, work.data(), label.data(),
                                                      margin.data()) == 2);
    CHECK(label == std::vector<std::uint32_t>{0, 0});
    for (const float m : margin) CHECK(m <= 0);
  }
}
