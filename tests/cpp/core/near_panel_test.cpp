#include "kernels/near_panel.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "clarion/core/random.hpp"

using clarion::core::simd_level;
using clarion::kernels::near_panel_width;

namespace {

// Small whole numbers, so that no sum rounds and every level finds the same.
template <class T, class Choose>
void same_hits(Choose&& choose) {
  clarion::core::random_stream random(7);
  for (const std::size_t depth : {1u, 2u, 3u, 8u, 17u})
    for (const std::size_t n : {1u, 2u, 3u, 4u, 5u, 8u, 11u})
      for (const std::size_t shift : {0u, 1u}) {
        const auto drawn = [&](std::size_t size, std::uint64_t below) {
          std::vector<T> out(size + shift);
          for (auto& value : out) value = static_cast<T>(random.below(below)) / 4;
          return out;
        };
        const auto queries = drawn(n * depth, 20), panel = drawn(depth * near_panel_width, 20),
                   weight = drawn(near_panel_width, 5), base = drawn(n, 20 * depth), slope = drawn(n, 20);
        std::vector<std::uint32_t> want(n);
        std::uint32_t any = 0;
        for (std::size_t q = 0; q < n; ++q) {
          for (std::size_t i = 0; i < near_panel_width; ++i) {
            T sum = 0;
            for (std::size_t k = 0; k < depth; ++k) {
              const T apart = queries[shift + q * depth + k] - panel[shift + k * near_panel_width + i];
              sum += apart * apart;
            }
            want[q] |= static_cast<std::uint32_t>(sum <= base[shift + q] + slope[shift + q] * weight[shift + i]) << i;
          }
          any |= want[q];
        }
        for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
          std::vector<std::uint32_t> hits(n, 99);
          CHECK(choose(level)(queries.data() + shift, n, panel.data() + shift, weight.data() + shift, depth, base.data() + shift,
                              slope.data() + shift, hits.data()) == any);
          REQUIRE(hits == want);
        }
      }
}

template <class T, class Choose>
void same_floors(Choose&& choose) {
  using clarion::kernels::box_group;
  clarion::core::random_stream random(8);
  for (const std::size_t depth : {1u, 2u, 3u, 8u, 17u})
    for (const std::size_t shift : {0u, 1u}) {
      std::vector<T> low(depth + shift), high(depth + shift), boxes(2 * box_group * depth + shift), want(box_group);
      for (std::size_t k = 0; k < depth; ++k) {
        low[shift + k] = static_cast<T>(random.below(30)) / 4;
        high[shift + k] = low[shift + k] + static_cast<T>(random.below(10)) / 4;
        for (std::size_t i = 0; i < box_group; ++i) {
          const T least = static_cast<T>(random.below(40)) / 4, most = least + static_cast<T>(random.below(10)) / 4;
          boxes[shift + 2 * k * box_group + i] = least;
          boxes[shift + (2 * k + 1) * box_group + i] = most;
          const T gap = least > high[shift + k] ? least - high[shift + k] : low[shift + k] > most ? low[shift + k] - most : T{0};
          want[i] += gap * gap;
        }
      }
      for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
        std::vector<T> floor(box_group, -1);
        choose(level)(low.data() + shift, high.data() + shift, boxes.data() + shift, depth, floor.data());
        REQUIRE(floor == want);
      }
    }
}

}  // namespace

TEST_CASE("near_panel finds the same points at every level, in either precision") {
  same_hits<float>(&clarion::kernels::choose_near_panel_float);
  same_hits<double>(&clarion::kernels::choose_near_panel_double);
}

TEST_CASE("boxes are as far apart at every level, in either precision") {
  same_floors<float>(&clarion::kernels::choose_box_floors_float);
  same_floors<double>(&clarion::kernels::choose_box_floors_double);
}
