#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

inline constexpr std::size_t candidate_panel = 64;  ///< items of a panel

/// Which items of a panel may score above a bar, in numbers of 8 bits: a bit in hits[r] for each item i with
///     sum over k of rows[r][k] * panel[k / 4][i][k % 4] > bar[r].
/// Rows are `depth` bytes apart, from -127 to 127; the panel is depth / 4 x candidate_panel x 4, from 0 to 255; depth is a
/// multiple of 4 and at most 2^16.
using candidates = void (*)(const std::int8_t* rows, std::size_t n_rows, const std::uint8_t* panel, std::size_t depth,
                            const std::int32_t* bar, std::uint64_t* hits);

/// out[i] = sum over k of row[k] * items[index[i]][k], in the order of k and fused, with the bits of `score` where there are
/// candidates.
using dots = void (*)(const float* row, const float* items, std::size_t depth, const std::uint32_t* index, std::size_t n,
                      float* out);

/// The versions for this CPU at the given level; null where it has no instruction for products of bytes, and single precision is
/// as fast.
CLARION_API candidates choose_candidates(core::simd_level level);
CLARION_API dots choose_dots(core::simd_level level);

}  // namespace clarion::kernels
