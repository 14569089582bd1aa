#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// Weighted least squares under a diagonal prior, on few rows of a matrix: the x that minimises
///     sum over e < n of weight[e] (target[e] - f[index[e]] . x)^2 + sum over j of (x[j] / scale[j])^2.
/// With the rows scaled by both, Z, and t = sqrt(weight) target, that is x = scale * (I + Z'Z)^-1 Z' t = scale * Z' (I + ZZ')^-1
/// t: solved in the smaller of the two forms by Cholesky, O(min(n, depth)^2 max(n, depth)). Rows of f are `stride` floats apart;
/// depth is a multiple of 16, and columns that are all 0 give 0. `weight` and `target` may be null: all 1. x has room for depth
/// floats, work for ridge_work(n, depth). Gives the minimum.
using ridge = float (*)(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight, const float* target,
                        std::size_t n, std::size_t depth, const float* scale, float* x, float* work);

/// Floats of scratch that a ridge takes.
CLARION_API std::size_t ridge_work(std::size_t n, std::size_t depth);

/// The version for this CPU at the given level.
CLARION_API ridge choose_ridge(core::simd_level level);

}  // namespace clarion::kernels
