#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// One pass over the problem of `ridge` from the given x, or from 0, a block of coordinates after the other, each solved exactly
/// with the others fixed (Rendle et al., "iALS++", 2021): O(n depth block). depth and block are multiples of 16. x has room for
/// depth floats, work for ridge_subspace_work(n, depth, block). Gives the objective at x.
using ridge_subspace = float (*)(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight,
                                 const float* target, std::size_t n, std::size_t depth, const float* scale, std::size_t block,
                                 bool from_zero, float* x, float* work);

/// Floats of scratch that a ridge_subspace takes.
CLARION_API std::size_t ridge_subspace_work(std::size_t n, std::size_t depth, std::size_t block);

/// The version for this CPU at the given level.
CLARION_API ridge_subspace choose_ridge_subspace(core::simd_level level);

}  // namespace clarion::kernels
