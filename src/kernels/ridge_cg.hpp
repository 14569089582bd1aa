#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// The problem of `ridge` by at most `steps` conjugate gradients from the given x, or from 0, preconditioned by
/// the prior: O(steps n depth). x has room for depth floats, work for ridge_cg_work(n, depth). Gives the objective at x.
using ridge_cg = float (*)(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight,
                           const float* target, std::size_t n, std::size_t depth, const float* scale, std::size_t steps,
                           bool from_zero, float* x, float* work);

/// Floats of scratch that a ridge_cg takes.
CLARION_API std::size_t ridge_cg_work(std::size_t n, std::size_t depth);

/// The version for this CPU at the given level.
CLARION_API ridge_cg choose_ridge_cg(core::simd_level level);

}  // namespace clarion::kernels
