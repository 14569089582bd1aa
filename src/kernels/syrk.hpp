#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// The upper triangle of c += z' z: z is rows x columns, c columns x columns, rows of both by their strides; columns are a
/// multiple of 16. What lies below the diagonal of c is scratch. Sums run over rows in order.
using syrk = void (*)(const float* z, std::size_t z_stride, float* c, std::size_t c_stride, std::size_t rows,
                      std::size_t columns);

/// The version for this CPU at the given level.
CLARION_API syrk choose_syrk(core::simd_level level);

}  // namespace clarion::kernels
