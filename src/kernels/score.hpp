#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

inline constexpr std::size_t score_panel = 32;  ///< items of a panel

/// Products of rows with a panel of items: scores[r][i] = start[r][i] + sum over k of rows[r][k] * panel[k][i], in the order of
/// k, and in hits[r] a bit for each item whose score is above least[r]. Rows are `stride` floats apart; the panel is depth x
/// score_panel; rows of start are `start_stride` floats apart, and null is 0.
using score = void (*)(const float* rows, std::size_t stride, std::size_t n_rows, const float* panel, std::size_t depth,
                       const float* start, std::size_t start_stride, const float* least, float* scores, std::uint32_t* hits);

/// The version for this CPU at the given level.
CLARION_API score choose_score(core::simd_level level);

}  // namespace clarion::kernels
