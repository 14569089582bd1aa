#include "kernels/center_sums.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;

namespace {

template <class T>
void check(std::size_t depth, bool weighted) {
  CAPTURE(depth);
  CAPTURE(weighted);
  core::random_stream random(depth);
  constexpr std::size_t n = 200, k = 5;
  std::vector<T> points(n * depth);
  for (auto& v : points) v = static_cast<T>(random.normal());
  for (std::size_t j = 0; j < depth; ++j) points[3 * depth + j] = static_cast<T>(1e12);  // comes to 0 and goes to 1
  std::vector<std::uint32_t> rows(n), to(n), next(n);
  std::vector<double> weight(n);
  std::vector<long double> expected(k * depth);
  for (std::uint32_t r = 0; r < n; ++r) {
    rows[r] = n - 1 - r;
    to[r] = rows[r] == 3 ? 0 : static_cast<std::uint32_t>(random.below(k));
    next[r] = rows[r] == 3 ? 1 : static_cast<std::uint32_t>(random.below(k));
    weight[r] = random.uniform();
    for (std::size_t j = 0; j < depth; ++j)
      expected[next[r] * depth + j] +=
          static_cast<long double>((weighted ? weight[r] : 1) * static_cast<double>(points[rows[r] * depth + j]));
  }
  const std::size_t stride = kernels::sums_stride(depth);
  std::vector<double> first_high, first_low;
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
    std::vector<double> high(k * stride), low(k * stride);
    const double* weights = weighted ? weight.data() : nullptr;
    const auto move = kernels::choose_center_sums(level, T{});
    move(points.data(), depth, {rows.data(), to.data(), nullptr, weights, n}, high.data(), low.data());
    move(points.data(), depth, {rows.data(), next.data(), to.data(), weights, n}, high.data(), low.data());
    for (std::size_t c = 0; c < k; ++c)
      for (std::size_t j = 0; j < stride; ++j) {
        const double sum = high[c * stride + j] + low[c * stride + j];
        if (j < depth)
          REQUIRE(sum == doctest::Approx(static_cast<double>(expected[c * depth + j])).epsilon(1e-15));
        else
          REQUIRE(sum == 0);
      }
    if (first_high.empty()) first_high = high, first_low = low;
    CHECK(high == first_high);
    CHECK(low == first_low);
  }
}

}  // namespace

TEST_CASE("sums in two doubles forget what is taken off again, with the same bits at every level") {
  for (const std::size_t depth : {1u, 2u, 7u, 8u, 9u, 16u, 23u, 64u}) {
    for (const bool weighted : {false, true}) {
      check<float>(depth, weighted);
      check<double>(depth, weighted);
    }
  }
}

namespace {

template <class T>
void check_squares(std::size_t n, std::size_t depth, bool weighted) {
  CAPTURE(n);
  CAPTURE(depth);
  core::random_stream random(n + depth);
  constexpr std::size_t k = 5;
  std::vector<T> points(n * depth), centers(k * depth);
  for (auto& v : points) v = static_cast<T>(random.normal());
  for (auto& v : centers) v = static_cast<T>(random.normal());
  std::vector<std::int32_t> label(n);
  std::vector<double> weight(n);
  long double expected = 0;
  for (std::size_t r = 0; r < n; ++r) {
    label[r] = static_cast<std::int32_t>(random.below(k));
    weight[r] = random.uniform();
    for (std::size_t j = 0; j < depth; ++j) {
      const long double apart = static_cast<long double>(points[r * depth + j]) -
                                static_cast<long double>(centers[static_cast<std::size_t>(label[r]) * depth + j]);
      expected += (weighted ? static_cast<long double>(weight[r]) : 1.0L) * apart * apart;
    }
  }
  const double* weights = weighted ? weight.data() : nullptr;
  const auto at = [&](simd_level level) {
    return kernels::choose_center_squares(level, T{})(points.data(), n, depth, centers.data(), label.data(), weights);
  };
  CHECK(at(simd_level::scalar) == doctest::Approx(static_cast<double>(expected)).epsilon(1e-13));
  CHECK(at(simd_level::avx2) == at(simd_level::scalar));
  CHECK(at(simd_level::avx512) == at(simd_level::scalar));
}

}  // namespace

TEST_CASE("squared distances to centers, with the same bits at every level") {
  for (const std::size_t depth : {1u, 2u, 7u, 8u, 9u, 16u, 23u, 64u})
    for (const std::size_t n : {0u, 1u, 200u})
      for (const bool weighted : {false, true}) {
        check_squares<float>(n, depth, weighted);
        check_squares<double>(n, depth, weighted);
      }
}
