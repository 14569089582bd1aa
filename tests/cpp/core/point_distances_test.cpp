#include "kernels/point_distances.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;

namespace {

constexpr double far = std::numeric_limits<double>::infinity();
constexpr simd_level levels[] = {simd_level::scalar, simd_level::avx2, simd_level::avx512};

std::vector<double> drawn(core::random_stream& random, std::size_t n) {
  std::vector<double> out(n);
  for (auto& value : out) value = random.uniform() * 2 - 1;
  return out;
}

}  // namespace

TEST_CASE("distances of points have the same bits at every level") {
  core::random_stream random(3);
  for (const std::size_t depth : {1u, 3u, 8u})
    for (std::size_t n = 0; n < 40; n += 1 + n / 8) {
      const std::size_t stride = n + 3;
      const auto columns = drawn(random, stride * depth), query = drawn(random, depth);
      std::vector<double> want(n + 1, -1);
      for (std::size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < depth; ++k) {
          const double apart = query[k] - columns[k * stride + i];
          sum += apart * apart;
        }
        want[i] = std::sqrt(sum);
      }
      for (const auto level : levels) {
        std::vector<double> out(n + 1, -1);
        kernels::choose_point_distances(level)(columns.data(), stride, n, depth, query.data(), out.data());
        REQUIRE(out == want);
      }
    }
}

TEST_CASE("a step of the spanning tree lowers what is nearer and finds the first of the least") {
  core::random_stream random(4);
  for (const std::size_t depth : {1u, 2u, 8u})
    for (std::size_t n = 1; n < 70; n += 1 + n / 8) {
      const std::size_t stride = (n + 7) / 8 * 8;
      std::vector<double> columns(stride * depth, far), before(stride, far);
      // On a grid, so that there are ties.
      for (std::size_t k = 0; k < depth; ++k)
        for (std::size_t i = 0; i < n; ++i) columns[k * stride + i] = static_cast<double>(random.below(4));
      for (std::size_t i = 0; i < n; ++i)
        if (random.chance(0.7)) before[i] = static_cast<double>(random.below(6));
      const std::vector<double> query(depth, 1);
      std::vector<double> want = before;
      std::vector<std::uint64_t> named(stride, 5);
      for (std::size_t i = 0; i < n; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < depth; ++k) sum += (1 - columns[k * stride + i]) * (1 - columns[k * stride + i]);
        if (sum < want[i]) {
          want[i] = sum;
          named[i] = 77;
        }
      }
      const auto first =
          static_cast<std::size_t>(std::min_element(want.begin(), want.begin() + static_cast<std::ptrdiff_t>(n)) - want.begin());
      for (const auto level : levels) {
        auto best = before;
        std::vector<std::uint64_t> from(stride, 5);
        const auto found =
            kernels::choose_spanning_step(level)(columns.data(), stride, n, depth, query.data(), 77, best.data(), from.data());
        CHECK(found == first);
        REQUIRE(best == want);
        REQUIRE(from == named);
      }
    }
}

TEST_CASE("the first of the least values") {
  core::random_stream random(5);
  for (std::size_t n = 1; n < 70; ++n) {
    std::vector<double> values(n);
    for (auto& value : values) value = random.chance(0.2) ? far : static_cast<double>(random.below(1 + n / 3));
    const auto want = static_cast<std::size_t>(std::min_element(values.begin(), values.end()) - values.begin());
    for (const auto level : levels) CHECK(kernels::choose_first_least(level)(values.data(), n) == want);
  }
}
