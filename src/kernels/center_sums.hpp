#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// Sums of rows in two doubles, high + low, of about twice their precision: what is added and taken off again leaves nothing, in
/// whatever order. high and low are k x sums_stride(depth), zeros behind depth.
constexpr std::size_t sums_stride(std::size_t depth) { return (depth + 7) / 8 * 8; }

/// Rows that go from one center to another: for i in [0, count), row rows[i] of points, times weight[i], is added to the sums of
/// center to[i] and taken off those of from[i]. Where from is null they come from none; where weight is null, all are 1.
struct moves_in {
  const std::uint32_t* rows = nullptr;
  const std::uint32_t* to = nullptr;
  const std::uint32_t* from = nullptr;
  const double* weight = nullptr;
  std::size_t count = 0;
};
template <class T>
using center_sums = void (*)(const T* points, std::size_t depth, const moves_in& moves, double* high, double* low);

/// The sum over n rows of weight * |row - center[label]|^2, in double precision, in the same order at every level. weight may
/// be null: all 1.
template <class T>
using center_squares = double (*)(const T* points, std::size_t n, std::size_t depth, const T* centers, const std::int32_t* label,
                                  const double* weight);

/// The versions for this CPU at the given level.
CLARION_API center_sums<float> choose_center_sums(core::simd_level level, float);
CLARION_API center_sums<double> choose_center_sums(core::simd_level level, double);
CLARION_API center_squares<float> choose_center_squares(core::simd_level level, float);
CLARION_API center_squares<double> choose_center_squares(core::simd_level level, double);

/// high + low += x, without loss (Knuth). Static: a kernel's object shares no symbol with another's.
static inline void add_exactly(double x, double& high, double& low) {
  const double sum = high + x, part = sum - high;
  low += (high - (sum - part)) + (x - part);
  high = sum;
}

}  // namespace clarion::kernels
