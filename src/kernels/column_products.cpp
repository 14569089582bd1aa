#include "kernels/column_products.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/column_products.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {

void column_products_simd(const float* a, std::size_t a_stride, std::size_t n, const float* b, std::size_t b_stride, float* c,
                          std::size_t c_stride, std::size_t rows, std::size_t columns) {
  std::size_t i = 0;
  for (; i + tile_rows <= n; i += tile_rows)
    strip<tile_rows, false>(a + i, 1, a_stride, b, b_stride, rows, c + i * c_stride, c_stride, 0, columns);
  for (; i < n; ++i) strip<1, false>(a + i, 1, a_stride, b, b_stride, rows, c + i * c_stride, c_stride, 0, columns);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(column_products_simd);

static void column_products_scalar(const float* a, std::size_t a_stride, std::size_t n, const float* b, std::size_t b_stride,
                                   float* c, std::size_t c_stride, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < columns; ++j) c[i * c_stride + j] += a[r * a_stride + i] * b[r * b_stride + j];
}

column_products choose_column_products(core::simd_level level) {
  if (level == core::simd_level::scalar) return &column_products_scalar;
  return HWY_DISPATCH_TABLE(column_products_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
