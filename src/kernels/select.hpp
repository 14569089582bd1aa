#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

inline constexpr std::size_t select_pad = 16;  ///< places that select may read and write behind the last

/// Positions, ascending, of the scores that are no lower than the k-th highest of n: k of them, or more where scores equal it.
/// Gives their number. Scores are at least +0 and not NaN, 1 <= k <= n. `scores`, `work` and `positions` have room for
/// n + select_pad; work is scratch. O(n).
using select = std::size_t (*)(const float* scores, std::size_t n, std::size_t k, float* work, std::uint32_t* positions);

/// The version for this CPU at the given level.
CLARION_API select choose_select(core::simd_level level);

}  // namespace clarion::kernels
