#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// Rows of a sparse matrix times a dense one: out[r] = sum over e in [offsets[r], offsets[r + 1]) of value[e] * x[index[e]], in
/// the order of e. Rows of x and out are `stride` floats apart; columns are a multiple of 16. `value` may be null: all 1.
using sparse_product = void (*)(const std::uint64_t* offsets, const std::uint32_t* index, const float* value, std::size_t rows,
                                const float* x, std::size_t x_stride, float* out, std::size_t out_stride, std::size_t columns);

/// The version for this CPU at the given level.
CLARION_API sparse_product choose_sparse_product(core::simd_level level);

}  // namespace clarion::kernels
