#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// Cholesky of a symmetric matrix that fits into cache, by rows: the upper triangle of c becomes u with c = u' u, and the columns
/// from n to `to` become u'^-1 times what they held. Rows are `stride` floats apart, a multiple of 16 and at least `to`; what
/// lies below the diagonal, and behind `to`, is scratch. least[k] is the smallest pivot that row k may have. Gives n, or
/// the first row whose pivot is no more than that, or no number. O(n^2 (n / 3 + to - n)).
using cholesky = std::size_t (*)(float* c, std::size_t n, std::size_t stride, std::size_t to, const float* least);

/// out = u'^-1, a lower triangle, rows `stride` floats apart in both; what lies above the diagonal of out becomes 0. O(n^3 / 3).
using invert_triangle = void (*)(const float* u, std::size_t n, std::size_t stride, float* out);

/// The versions for this CPU at the given level.
CLARION_API cholesky choose_cholesky(core::simd_level level);
CLARION_API invert_triangle choose_invert_triangle(core::simd_level level);

}  // namespace clarion::kernels
