#include "kernels/syrk.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/syrk.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {

void syrk_simd(const float* z, std::size_t z_stride, float* c, std::size_t c_stride, std::size_t rows, std::size_t columns) {
  add_column_products(z, z_stride, rows, columns, c, c_stride);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(syrk_simd);

static void syrk_scalar(const float* z, std::size_t z_stride, float* c, std::size_t c_stride, std::size_t rows,
                        std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < columns; ++i)
      for (std::size_t j = i; j < columns; ++j) c[i * c_stride + j] += z[r * z_stride + i] * z[r * z_stride + j];
}

syrk choose_syrk(core::simd_level level) {
  if (level == core::simd_level::scalar) return &syrk_scalar;
  return HWY_DISPATCH_TABLE(syrk_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
