#include "kernels/sparse_product.hpp"

#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/sparse_product.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

template <std::size_t V>
HWY_INLINE void gather_columns(const std::uint64_t* HWY_RESTRICT offsets, const std::uint32_t* HWY_RESTRICT index,
                               const float* HWY_RESTRICT value, std::size_t rows, const float* HWY_RESTRICT x,
                               std::size_t x_stride, float* HWY_RESTRICT out, std::size_t out_stride) {
  const lanes d;
  for (std::size_t r = 0; r < rows; ++r) {
    floats sum[V];
    for (std::size_t v = 0; v < V; ++v) sum[v] = hn::Zero(d);
    for (std::uint64_t e = offsets[r]; e < offsets[r + 1]; ++e) {
      const floats factor = hn::Set(d, value == nullptr ? 1.0f : value[e]);
      const float* from = x + index[e] * x_stride;
      for (std::size_t v = 0; v < V; ++v) sum[v] = hn::MulAdd(factor, hn::LoadU(d, from + v * width), sum[v]);
    }
    for (std::size_t v = 0; v < V; ++v) hn::StoreU(sum[v], d, out + r * out_stride + v * width);
  }
}

}  // namespace

void sparse_product_simd(const std::uint64_t* offsets, const std::uint32_t* index, const float* value, std::size_t rows,
                         const float* x, std::size_t x_stride, float* out, std::size_t out_stride, std::size_t columns) {
  std::size_t j = 0;
  for (; j + 8 * width <= columns; j += 8 * width)
    gather_columns<8>(offsets, index, value, rows, x + j, x_stride, out + j, out_stride);
  for (; j + 4 * width <= columns; j += 4 * width)
    gather_columns<4>(offsets, index, value, rows, x + j, x_stride, out + j, out_stride);
  for (; j + 2 * width <= columns; j += 2 * width)
    gather_columns<2>(offsets, index, value, rows, x + j, x_stride, out + j, out_stride);
  for (; j < columns; j += width) gather_columns<1>(offsets, index, value, rows, x + j, x_stride, out + j, out_stride);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(sparse_product_simd);

static void sparse_product_scalar(const std::uint64_t* offsets, const std::uint32_t* index, const float* value, std::size_t rows,
                                  const float* x, std::size_t x_stride, float* out, std::size_t out_stride, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r) {
    float* to = out + r * out_stride;
    for (std::size_t j = 0; j < columns; ++j) to[j] = 0;
    for (std::uint64_t e = offsets[r]; e < offsets[r + 1]; ++e) {
      const float factor = value == nullptr ? 1.0f : value[e];
      for (std::size_t j = 0; j < columns; ++j) to[j] += factor * x[index[e] * x_stride + j];
    }
  }
}

sparse_product choose_sparse_product(core::simd_level level) {
  if (level == core::simd_level::scalar) return &sparse_product_scalar;
  return HWY_DISPATCH_TABLE(sparse_product_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
