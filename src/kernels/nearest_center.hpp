#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// Centers that points are compared with, k x depth.
template <class T>
struct centers_in {
  const T* center = nullptr;
  std::size_t k = 0;
  std::size_t depth = 0;
  /// Not null: distances come from |x - shift|^2 + 2 (half_square - (x - shift).center), with centers less the shift too:
  /// half the work, for a wider margin. Null: from the differences themselves.
  const T* half_square = nullptr;  ///< |center|^2 / 2
  const T* shift = nullptr;        ///< depth numbers
  T reach = 0;                     ///< the greatest |center|
};

/// Floats of work for a call with `depth` columns.
constexpr std::size_t nearest_work(std::size_t depth) { return 64 * depth; }

/// For each of `count` rows of `points` (rows[i] counts from its first) the nearest center, the first of equal ones, and a
/// margin: no other center is nearer, and the next is further by more than it. A margin that is not above 0 says that the label
/// is not certain: floating point cannot tell the best two apart. 1 center: infinity. Returns how many are not certain.
/// `known`, at least count: of so many rows the numbers are there; those behind count are asked for from memory.
template <class T>
using nearest_center = std::size_t (*)(const T* points, const std::uint32_t* rows, std::size_t count, std::size_t known,
                                       const centers_in<T>& centers, T* work, std::uint32_t* label, T* margin);

/// The versions for this CPU at the given level.
CLARION_API nearest_center<float> choose_nearest_center(core::simd_level level, float);
CLARION_API nearest_center<double> choose_nearest_center(core::simd_level level, double);

}  // namespace clarion::kernels
