#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

inline constexpr std::size_t near_panel_width = 32;  ///< points of a panel

/// Which points of a panel are near: a bit in hits[q] for each point i with
///     sum over k of (queries[q][k] - panel[k][i])^2 <= base[q] + slope[q] * weight[i],
/// and all hits together. Queries are `depth` values apart, the panel is depth x near_panel_width. Rounding may differ by level.
template <class T>
using near_panel = std::uint32_t (*)(const T* queries, std::size_t n_queries, const T* panel, const T* weight, std::size_t depth,
                                     const T* base, const T* slope, std::uint32_t* hits);

inline constexpr std::size_t box_group = 16;  ///< boxes side by side

/// floor[i] = the square of the distance between a box, from low to high, and box i of a group:
///     sum over k of max(0, boxes[k][0][i] - high[k], low[k] - boxes[k][1][i])^2.
/// The group is depth x 2 x box_group. Rounding may differ by level.
template <class T>
using box_floors = void (*)(const T* low, const T* high, const T* boxes, std::size_t depth, T* floor);

/// The versions for this CPU at the given level.
CLARION_API box_floors<float> choose_box_floors_float(core::simd_level level);
CLARION_API box_floors<double> choose_box_floors_double(core::simd_level level);
CLARION_API near_panel<float> choose_near_panel_float(core::simd_level level);
CLARION_API near_panel<double> choose_near_panel_double(core::simd_level level);

}  // namespace clarion::kernels
