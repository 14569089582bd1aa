#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

// Rows of a matrix of distances between clusters. No rounding depends on the level.

/// to[i] += other[i], or the greater of the two, i < n.
using join_rows = void (*)(double* to, const double* other, std::size_t n);

/// The first place of the least of values[i] * (factor * weight[i]), i < n; n is not 0, and no product is NaN.
using first_least_weighted = std::size_t (*)(const double* values, const double* weight, double factor, std::size_t n);

/// The values of a row that are kept, side by side: those whose bit i % 8 of keep[i / 8] is set, `kept` of the n. `to` is the
/// row, or overlaps it nowhere. Memory is asked for the `next` row, unless it is null.
using pack_row = void (*)(const double* row, const std::uint8_t* keep, std::size_t n, const double* next, double* to,
                          std::size_t kept);

inline constexpr std::size_t nearest_queries = 4;

/// For each of the queries, `depth` values apart: where the square of a point's distance is below best[q], it becomes best[q]
/// and at[q] is first + i; of equals the first point, i < n. Points are columns: value k of point i is columns[k * stride + i].
using nearest_points = void (*)(const double* columns, std::size_t stride, std::size_t n, std::size_t depth,
                                const double* queries, std::uint32_t first, double* best, std::uint32_t* at);

/// The versions for this CPU at the given level.
CLARION_API join_rows choose_add_rows(core::simd_level level);
CLARION_API join_rows choose_max_rows(core::simd_level level);
CLARION_API first_least_weighted choose_first_least_weighted(core::simd_level level);
CLARION_API pack_row choose_pack_row(core::simd_level level);
CLARION_API nearest_points choose_nearest_points(core::simd_level level);

}  // namespace clarion::kernels
