#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// c += a' b: a is rows x n, b rows x columns, c n x columns, rows of each by their strides. Columns are a multiple of 16,
/// alignment does not matter. Sums run over rows in order.
using column_products = void (*)(const float* a, std::size_t a_stride, std::size_t n, const float* b, std::size_t b_stride,
                                 float* c, std::size_t c_stride, std::size_t rows, std::size_t columns);

/// The version for this CPU at the given level.
CLARION_API column_products choose_column_products(core::simd_level level);

}  // namespace clarion::kernels
