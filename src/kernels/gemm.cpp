#include "kernels/gemm.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {

void gemm_simd(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride, float* c, std::size_t c_stride,
               std::size_t rows, std::size_t depth, std::size_t columns) {
  const lanes d;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; j += width) hn::StoreU(hn::Zero(d), d, c + i * c_stride + j);
  std::size_t i = 0;
  for (; i + tile_rows <= rows; i += tile_rows)
    strip<tile_rows, false>(a + i * a_stride, a_stride, 1, b, b_stride, depth, c + i * c_stride, c_stride, 0, columns);
  for (; i < rows; ++i)
    strip<1, false>(a + i * a_stride, a_stride, 1, b, b_stride, depth, c + i * c_stride, c_stride, 0, columns);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(gemm_simd);

static void gemm_scalar(const float* a, std::size_t a_stride, const float* b, std::size_t b_stride, float* c,
                        std::size_t c_stride, std::size_t rows, std::size_t depth, std::size_t columns) {
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) c[i * c_stride + j] = 0;
    for (std::size_t k = 0; k < depth; ++k)
      for (std::size_t j = 0; j < columns; ++j) c[i * c_stride + j] += a[i * a_stride + k] * b[k * b_stride + j];
  }
}

gemm choose_gemm(core::simd_level level) {
  if (level == core::simd_level::scalar) return &gemm_scalar;
  return HWY_DISPATCH_TABLE(gemm_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
