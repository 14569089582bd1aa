#include "kernels/distance_sums.hpp"

#include <cmath>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/distance_sums.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lanes = hn::CappedTag<double, 8>;
using doubles = hn::Vec<lanes>;
constexpr std::size_t width = hn::MaxLanes(lanes{});

template <std::size_t R>
HWY_INLINE void rows_of(const double* HWY_RESTRICT rows, const double* HWY_RESTRICT panels, std::size_t depth, std::size_t count,
                        double* HWY_RESTRICT sums) {
  const lanes d;
  constexpr std::size_t vectors = distance_panel / width < 2 ? 1 : 2;
  doubles total[R];
  for (std::size_t r = 0; r < R; ++r) total[r] = hn::Zero(d);
  for (std::size_t first = 0; first < count; first += distance_panel, panels += depth * distance_panel) {
    const std::size_t here = count - first < distance_panel ? count - first : distance_panel;
    for (std::size_t j = 0; j < here; j += vectors * width) {
      doubles square[R][vectors];
      for (std::size_t r = 0; r < R; ++r)
        for (std::size_t v = 0; v < vectors; ++v) square[r][v] = hn::Zero(d);
      for (std::size_t k = 0; k < depth; ++k) {
        doubles point[vectors];
        for (std::size_t v = 0; v < vectors; ++v) point[v] = hn::LoadU(d, panels + k * distance_panel + j + v * width);
        for (std::size_t r = 0; r < R; ++r) {
          const doubles own = hn::Set(d, rows[r * depth + k]);
          for (std::size_t v = 0; v < vectors; ++v) {
            const doubles apart = hn::Sub(own, point[v]);
            square[r][v] = hn::MulAdd(apart, apart, square[r][v]);
          }
        }
      }
      for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t at = j + v * width;
        if (at + width <= here) {
          for (std::size_t r = 0; r < R; ++r) total[r] = hn::Add(total[r], hn::Sqrt(square[r][v]));
        } else if (at < here) {
          const auto there = hn::FirstN(d, here - at);
          for (std::size_t r = 0; r < R; ++r) total[r] = hn::Add(total[r], hn::IfThenElseZero(there, hn::Sqrt(square[r][v])));
        }
      }
    }
  }
  for (std::size_t r = 0; r < R; ++r) sums[r] += hn::GetLane(hn::SumOfLanes(d, total[r]));
}

}  // namespace

void distance_sums_simd(const double* rows, std::size_t n_rows, const double* panels, std::size_t depth, std::size_t count,
                        double* sums) {
  std::size_t r = 0;
  for (; r + 4 <= n_rows; r += 4) rows_of<4>(rows + r * depth, panels, depth, count, sums + r);
  for (; r < n_rows; ++r) rows_of<1>(rows + r * depth, panels, depth, count, sums + r);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(distance_sums_simd);

static void distance_sums_scalar(const double* rows, std::size_t n_rows, const double* panels, std::size_t depth,
                                 std::size_t count, double* sums) {
  for (std::size_t r = 0; r < n_rows; ++r) {
    const double* own = rows + r * depth;
    double total = 0;
    for (std::size_t j = 0; j < count; ++j) {
      const double* point = panels + j / distance_panel * depth * distance_panel + j % distance_panel;
      double square = 0;
      for (std::size_t k = 0; k < depth; ++k) {
        const double apart = own[k] - point[k * distance_panel];
        square += apart * apart;
      }
      total += std::sqrt(square);
    }
    sums[r] += total;
  }
}

distance_sums choose_distance_sums(core::simd_level level) {
  if (level == core::simd_level::scalar) return &distance_sums_scalar;
  return HWY_DISPATCH_TABLE(distance_sums_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
