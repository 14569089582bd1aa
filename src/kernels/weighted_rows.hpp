#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// What a step of Newton's method takes of rows of doubles: z is rows x columns, row by row with `stride`, columns a multiple of
/// 8. Alignment does not matter, nothing overlaps.

/// out[r] = the product of row r and b.
using row_products = void (*)(const double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* b,
                              double* out);
/// out[j] += the sum over rows of weight[r] z[r, j], rows in order.
using row_sums = void (*)(const double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* weight,
                          double* out);
/// The upper triangle of c += z' diag(root)^2 z, rows in order; z is left multiplied by root. What lies below the diagonal of c
/// is scratch.
using weighted_gram = void (*)(double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* root,
                               double* c, std::size_t c_stride);

/// The versions for this CPU at the given level.
CLARION_API row_products choose_row_products(core::simd_level level);
CLARION_API row_sums choose_row_sums(core::simd_level level);
CLARION_API weighted_gram choose_weighted_gram(core::simd_level level);

}  // namespace clarion::kernels
