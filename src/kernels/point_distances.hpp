#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

// Points are columns: value k of point i is columns[k * stride + i]. No rounding depends on the level.

/// out[i] = the distance of point i < n from `query`.
using point_distances = void (*)(const double* columns, std::size_t stride, std::size_t n, std::size_t depth, const double* query,
                                 double* out);

/// A step of Prim's: where the square of point i's distance from `query` is below best[i], it becomes best[i], and from[i] is
/// `name`. Gives the first place of the least best[i], i < n; n is not 0. stride is a multiple of 8, at least n, and best and
/// from are as long; points from n to the next multiple of 8 have infinite values and an infinite best.
using spanning_step = std::size_t (*)(const double* columns, std::size_t stride, std::size_t n, std::size_t depth,
                                      const double* query, std::uint64_t name, double* best, std::uint64_t* from);

/// The first place of the least of n values; n is not 0, and no value is NaN.
using first_least = std::size_t (*)(const double* values, std::size_t n);

/// The versions for this CPU at the given level.
CLARION_API point_distances choose_point_distances(core::simd_level level);
CLARION_API spanning_step choose_spanning_step(core::simd_level level);
CLARION_API first_least choose_first_least(core::simd_level level);

}  // namespace clarion::kernels
