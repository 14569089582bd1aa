// Products of row-major float matrices by tiles that stay in registers: what gemm, syrk and ridge are made of. Included once for
// each CPU level.

#include <cstddef>

#include "hwy/highway.h"

#if defined(CLARION_KERNELS_TILES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CLARION_KERNELS_TILES_INL
#undef CLARION_KERNELS_TILES_INL
#else
#define CLARION_KERNELS_TILES_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lanes = hn::CappedTag<float, 16>;
using floats = hn::Vec<lanes>;
constexpr std::size_t width = hn::MaxLanes(lanes{});
constexpr std::size_t tile_rows = 4;
// Sixteen accumulators where there are thirty-two registers, eight where there are sixteen.
constexpr std::size_t tile_vectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// c[i][j..] = sign * sum over k < depth of a(i, k) * b[k][j..] + c[i][j..], for R rows and V vectors at column j. a(i, k) lies
/// at a[i * row_step + k * depth_step].
template <std::size_t R, std::size_t V, bool Subtract>
HWY_INLINE void tile(const float* HWY_RESTRICT a, std::size_t row_step, std::size_t depth_step, const float* HWY_RESTRICT b,
                     std::size_t b_stride, std::size_t depth, float* HWY_RESTRICT c, std::size_t c_stride) {
  const lanes d;
  floats sum[R][V];
  for (std::size_t i = 0; i < R; ++i)
    for (std::size_t v = 0; v < V; ++v) sum[i][v] = hn::LoadU(d, c + i * c_stride + v * width);
  for (std::size_t k = 0; k < depth; ++k) {
    floats row[V];
    for (std::size_t v = 0; v < V; ++v) row[v] = hn::LoadU(d, b + k * b_stride + v * width);
    for (std::size_t i = 0; i < R; ++i) {
      const floats factor = hn::Set(d, a[i * row_step + k * depth_step]);
      for (std::size_t v = 0; v < V; ++v)
        sum[i][v] = Subtract ? hn::NegMulAdd(factor, row[v], sum[i][v]) : hn::MulAdd(factor, row[v], sum[i][v]);
    }
  }
  for (std::size_t i = 0; i < R; ++i)
    for (std::size_t v = 0; v < V; ++v) hn::StoreU(sum[i][v], d, c + i * c_stride + v * width);
}

/// The same for columns [from, to), `from` a multiple of a vector; what lies behind `to` in its vector is computed as well.
template <std::size_t R, bool Subtract>
HWY_INLINE void strip(const float* HWY_RESTRICT a, std::size_t row_step, std::size_t depth_step, const float* HWY_RESTRICT b,
                      std::size_t b_stride, std::size_t depth, float* HWY_RESTRICT c, std::size_t c_stride, std::size_t from,
                      std::size_t to) {
  std::size_t j = from;
  for (; j + tile_vectors * width <= to; j += tile_vectors * width)
    tile<R, tile_vectors, Subtract>(a, row_step, depth_step, b + j, b_stride, depth, c + j, c_stride);
  if constexpr (tile_vectors > 2)
    if (j + 2 * width <= to) {
      tile<R, 2, Subtract>(a, row_step, depth_step, b + j, b_stride, depth, c + j, c_stride);
      j += 2 * width;
    }
  for (; j < to; j += width) tile<R, 1, Subtract>(a, row_step, depth_step, b + j, b_stride, depth, c + j, c_stride);
}

/// Upper triangle of c += z' z, for `rows` rows of z with `columns` columns.
HWY_INLINE void add_column_products(const float* HWY_RESTRICT z, std::size_t stride, std::size_t rows, std::size_t columns,
                                    float* HWY_RESTRICT c, std::size_t c_stride) {
  std::size_t i = 0;
  for (; i + tile_rows <= columns; i += tile_rows)
    strip<tile_rows, false>(z + i, 1, stride, z, stride, rows, c + i * c_stride, c_stride, i / width * width, columns);
  for (; i < columns; ++i)
    strip<1, false>(z + i, 1, stride, z, stride, rows, c + i * c_stride, c_stride, i / width * width, columns);
}

}  // namespace
}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
