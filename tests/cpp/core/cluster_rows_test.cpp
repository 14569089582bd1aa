#include "kernels/cluster_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
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
  for (auto& value : out) value = random.chance(0.1) ? far : static_cast<double>(random.below(1 + n / 3));
  return out;
}

}  // namespace

TEST_CASE("rows are added and raised") {
  core::random_stream random(6);
  for (std::size_t n = 0; n < 40; ++n) {
    const auto to = drawn(random, n), other = drawn(random, n);
    std::vector<double> sums = to, greater = to;
    for (std::size_t i = 0; i < n; ++i) {
      sums[i] += other[i];
      greater[i] = std::max(to[i], other[i]);
    }
    for (const auto level : levels) {
      auto row = to;
      kernels::choose_add_rows(level)(row.data(), other.data(), n);
      CHECK(row == sums);
      row = to;
      kernels::choose_max_rows(level)(row.data(), other.data(), n);
      CHECK(row == greater);
    }
  }
}

TEST_CASE("the first of the least weighted values") {
  core::random_stream random(7);
  for (std::size_t n = 1; n < 70; ++n) {
    const auto values = drawn(random, n);
    std::vector<double> weight(n), product(n);
    for (std::size_t i = 0; i < n; ++i) {
      weight[i] = 1 / static_cast<double>(1 + random.below(3));
      product[i] = values[i] * (0.3 * weight[i]);
    }
    const auto want = static_cast<std::size_t>(std::min_element(product.begin(), product.end()) - product.begin());
    for (const auto level : levels)
      CHECK(kernels::choose_first_least_weighted(level)(values.data(), weight.data(), 0.3, n) == want);
  }
}

TEST_CASE("a row is packed in place or elsewhere, and nothing behind it is touched") {
  core::random_stream random(8);
  for (std::size_t n = 0; n < 90; ++n)
    for (const double share : {0.0, 0.3, 0.9, 1.0}) {
      std::vector<double> row(n), want;
      std::vector<std::uint8_t> keep((n + 7) / 8);
      for (std::size_t i = 0; i < n; ++i) {
        row[i] = random.uniform();
        if (share == 0 || !random.chance(share)) continue;
        want.push_back(row[i]);
        keep[i / 8] = static_cast<std::uint8_t>(keep[i / 8] | 1u << i % 8);
      }
      for (const auto level : levels) {
        std::vector<double> to(want.size() + 8, -1), in_place = row;
        kernels::choose_pack_row(level)(row.data(), keep.data(), n, row.data(), to.data(), want.size());
        CHECK(std::equal(want.begin(), want.end(), to.begin()));
        CHECK(std::count(to.begin(), to.end(), -1.0) == 8);
        kernels::choose_pack_row(level)(in_place.data(), keep.data(), n, nullptr, in_place.data(), want.size());
        CHECK(std::equal(want.begin(), want.end(), in_place.begin()));
      }
    }
}

TEST_CASE("the nearest point of each query, of equals the first") {
  core::random_stream random(9);
  constexpr std::size_t some = kernels::nearest_queries;
  for (const std::size_t depth : {1u, 2u, 8u})
    for (std::size_t n = 0; n < 70; n += 1 + n / 8) {
      const std::size_t stride = n + 3;
      std::vector<double> columns(stride * depth), queries(some * depth);
      for (auto& value : columns) value = static_cast<double>(random.below(4));
      for (auto& value : queries) value = static_cast<double>(random.below(4));
      const std::vector<double> before{far, 3, 0, far};
      std::vector<double> want = before;
      std::vector<std::uint32_t> places(some, 5);
      for (std::size_t q = 0; q < some; ++q)
        for (std::size_t i = 0; i < n; ++i) {
          double sum = 0;
          for (std::size_t k = 0; k < depth; ++k) {
            const double apart = queries[q * depth + k] - columns[k * stride + i];
            sum += apart * apart;
          }
          if (sum >= want[q]) continue;
          want[q] = sum;
          places[q] = 100 + static_cast<std::uint32_t>(i);
        }
      for (const auto level : levels) {
        auto best = before;
        std::vector<std::uint32_t> at(some, 5);
        kernels::choose_nearest_points(level)(columns.data(), stride, n, depth, queries.data(), 100, best.data(), at.data());
        CHECK(best == want);
        CHECK(at == places);
      }
    }
}
