#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// Points that stand together in a panel: panels[(p * depth + k) * distance_panel + j] is coordinate k of point j of panel p.
inline constexpr std::size_t distance_panel = 16;

/// sums[r] += the Euclidean distances of row r to the first `count` points of the panels, for n_rows rows `depth` apart. What
/// lies behind the last point in its panel must be finite.
using distance_sums = void (*)(const double* rows, std::size_t n_rows, const double* panels, std::size_t depth, std::size_t count,
                               double* sums);

/// The version for this CPU at the given level.
CLARION_API distance_sums choose_distance_sums(core::simd_level level);

}  // namespace clarion::kernels
