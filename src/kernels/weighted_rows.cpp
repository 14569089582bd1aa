#include "kernels/weighted_rows.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/weighted_rows.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lanes = hn::CappedTag<double, 8>;
using doubles = hn::Vec<lanes>;
constexpr std::size_t width = hn::MaxLanes(lanes{});
constexpr std::size_t tile_rows = 4;
// Sixteen accumulators where there are thirty-two registers, eight where there are sixteen.
constexpr std::size_t tile_vectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

// c[i][j..] += sum over rows of z[r][i] z[r][j..], for R columns from i and V vectors from j.
template <std::size_t R, std::size_t V>
HWY_INLINE void gram_tile(const double* HWY_RESTRICT left, const double* HWY_RESTRICT right, std::size_t stride, std::size_t rows,
                          double* HWY_RESTRICT c, std::size_t c_stride) {
  const lanes d;
  doubles sum[R][V];
  for (std::size_t i = 0; i < R; ++i)
    for (std::size_t v = 0; v < V; ++v) sum[i][v] = hn::LoadU(d, c + i * c_stride + v * width);
  for (std::size_t r = 0; r < rows; ++r) {
    doubles row[V];
    for (std::size_t v = 0; v < V; ++v) row[v] = hn::LoadU(d, right + r * stride + v * width);
    for (std::size_t i = 0; i < R; ++i) {
      const doubles factor = hn::Set(d, left[r * stride + i]);
      for (std::size_t v = 0; v < V; ++v) sum[i][v] = hn::MulAdd(factor, row[v], sum[i][v]);
    }
  }
  for (std::size_t i = 0; i < R; ++i)
    for (std::size_t v = 0; v < V; ++v) hn::StoreU(sum[i][v], d, c + i * c_stride + v * width);
}

template <std::size_t V>
HWY_INLINE void sum_columns(const double* HWY_RESTRICT z, std::size_t stride, std::size_t rows, const double* HWY_RESTRICT weight,
                            double* HWY_RESTRICT out) {
  const lanes d;
  doubles sum[V];
  for (std::size_t v = 0; v < V; ++v) sum[v] = hn::LoadU(d, out + v * width);
  for (std::size_t r = 0; r < rows; ++r) {
    const doubles factor = hn::Set(d, weight[r]);
    for (std::size_t v = 0; v < V; ++v) sum[v] = hn::MulAdd(factor, hn::LoadU(d, z + r * stride + v * width), sum[v]);
  }
  for (std::size_t v = 0; v < V; ++v) hn::StoreU(sum[v], d, out + v * width);
}

}  // namespace

void row_products_simd(const double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* b, double* out) {
  const lanes d;
  std::size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    doubles sum[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    for (std::size_t j = 0; j < columns; j += width) {
      const doubles right = hn::LoadU(d, b + j);
      for (std::size_t i = 0; i < 4; ++i) sum[i] = hn::MulAdd(hn::LoadU(d, z + (r + i) * stride + j), right, sum[i]);
    }
    for (std::size_t i = 0; i < 4; ++i) out[r + i] = hn::GetLane(hn::SumOfLanes(d, sum[i]));
  }
  for (; r < rows; ++r) {
    doubles sum = hn::Zero(d);
    for (std::size_t j = 0; j < columns; j += width) sum = hn::MulAdd(hn::LoadU(d, z + r * stride + j), hn::LoadU(d, b + j), sum);
    out[r] = hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

void row_sums_simd(const double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* weight,
                   double* out) {
  std::size_t j = 0;
  for (; j + 8 * width <= columns; j += 8 * width) sum_columns<8>(z + j, stride, rows, weight, out + j);
  for (; j + 4 * width <= columns; j += 4 * width) sum_columns<4>(z + j, stride, rows, weight, out + j);
  for (; j < columns; j += width) sum_columns<1>(z + j, stride, rows, weight, out + j);
}

void weighted_gram_simd(double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* root, double* c,
                        std::size_t c_stride) {
  const lanes d;
  for (std::size_t r = 0; r < rows; ++r) {
    const doubles factor = hn::Set(d, root[r]);
    for (std::size_t j = 0; j < columns; j += width)
      hn::StoreU(hn::Mul(factor, hn::LoadU(d, z + r * stride + j)), d, z + r * stride + j);
  }
  for (std::size_t i = 0; i < columns; i += tile_rows) {
    std::size_t j = i / width * width;
    for (; j + tile_vectors * width <= columns; j += tile_vectors * width)
      gram_tile<tile_rows, tile_vectors>(z + i, z + j, stride, rows, c + i * c_stride + j, c_stride);
    if constexpr (tile_vectors > 2)
      if (j + 2 * width <= columns) {
        gram_tile<tile_rows, 2>(z + i, z + j, stride, rows, c + i * c_stride + j, c_stride);
        j += 2 * width;
      }
    for (; j < columns; j += width) gram_tile<tile_rows, 1>(z + i, z + j, stride, rows, c + i * c_stride + j, c_stride);
  }
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(row_products_simd);
HWY_EXPORT(row_sums_simd);
HWY_EXPORT(weighted_gram_simd);

static void row_products_scalar(const double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* b,
                                double* out) {
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (std::size_t j = 0; j < columns; ++j) sum += z[r * stride + j] * b[j];
    out[r] = sum;
  }
}

static void row_sums_scalar(const double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* weight,
                            double* out) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < columns; ++j) out[j] += weight[r] * z[r * stride + j];
}

static void weighted_gram_scalar(double* z, std::size_t stride, std::size_t rows, std::size_t columns, const double* root,
                                 double* c, std::size_t c_stride) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t j = 0; j < columns; ++j) z[r * stride + j] *= root[r];
    for (std::size_t i = 0; i < columns; ++i)
      for (std::size_t j = i; j < columns; ++j) c[i * c_stride + j] += z[r * stride + i] * z[r * stride + j];
  }
}

row_products choose_row_products(core::simd_level level) {
  if (level == core::simd_level::scalar) return &row_products_scalar;
  return HWY_DISPATCH_TABLE(row_products_simd)[version_at(level)];
}

row_sums choose_row_sums(core::simd_level level) {
  if (level == core::simd_level::scalar) return &row_sums_scalar;
  return HWY_DISPATCH_TABLE(row_sums_simd)[version_at(level)];
}

weighted_gram choose_weighted_gram(core::simd_level level) {
  if (level == core::simd_level::scalar) return &weighted_gram_scalar;
  return HWY_DISPATCH_TABLE(weighted_gram_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
