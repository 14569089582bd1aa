#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// c = a b, row by row: a is rows x depth, b depth x columns, c rows x columns, each row `stride` floats after the one before.
/// Columns are a multiple of 16, alignment does not matter. Sums run over depth in order.
using gemm = void (*)(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride, float* c, std::size_t c_stride,
                      std::size_t rows, std::size_t depth, std::size_t columns);

/// The version for this CPU at the given level.
CLARION_API gemm choose_gemm(core::simd_level level);

}  // namespace clarion::kernels
