#include "kernels/cholesky.hpp"

#include <cmath>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cholesky.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

constexpr std::size_t group_rows = HWY_TARGET <= HWY_AVX3 ? 8 : 4;
constexpr std::size_t group_vectors = HWY_TARGET <= HWY_AVX3 ? 3 : 2;

// Rows of c from column `from` to `to` less a' b: what the rows above give.
template <std::size_t R>
HWY_INLINE void take_off(const float* a, const float* b, std::size_t stride, std::size_t depth, float* c, std::size_t from,
                         std::size_t to) {
  std::size_t j = from;
  for (; j + group_vectors * width <= to; j += group_vectors * width)
    tile<R, group_vectors, true>(a, 1, stride, b + j, stride, depth, c + j, stride);
  for (; j < to; j += width) tile<R, 1, true>(a, 1, stride, b + j, stride, depth, c + j, stride);
}

// Row `from` times `factor` taken off row `to`, columns [first, last).
HWY_INLINE void take_row_off(float factor, const float* row, float* to, std::size_t first, std::size_t last) {
  const lanes d;
  const floats times = hn::Set(d, factor);
  for (std::size_t j = first; j < last; j += width)
    hn::StoreU(hn::NegMulAdd(times, hn::LoadU(d, row + j), hn::LoadU(d, to + j)), d, to + j);
}

HWY_INLINE void scale_row(float factor, float* row, std::size_t first, std::size_t last) {
  const lanes d;
  const floats times = hn::Set(d, factor);
  for (std::size_t j = first; j < last; j += width) hn::StoreU(hn::Mul(times, hn::LoadU(d, row + j)), d, row + j);
}

}  // namespace

std::size_t cholesky_simd(float* c, std::size_t n, std::size_t stride, std::size_t to, const float* least) {
  for (std::size_t first = 0; first < n; first += group_rows) {
    const std::size_t last = first + group_rows < n ? first + group_rows : n, begin = first / width * width;
    float* rows = c + first * stride;
    if (last - first == group_rows)
      take_off<group_rows>(c + first, c, stride, first, rows, begin, to);
    else
      for (std::size_t k = first; k < last; ++k) take_off<1>(c + k, c, stride, first, c + k * stride, begin, to);
    for (std::size_t k = first; k < last; ++k) {
      float* row = c + k * stride;
      if (!(row[k] > least[k])) return k;
      scale_row(1.0f / std::sqrt(row[k]), row, k / width * width, to);
      for (std::size_t below = k + 1; below < last; ++below)
        take_row_off(row[below], row, c + below * stride, below / width * width, to);
    }
  }
  return n;
}

void invert_triangle_simd(const float* u, std::size_t n, std::size_t stride, float* out) {
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t j = 0; j < stride; ++j) out[k * stride + j] = 0;
    out[k * stride + k] = 1;
  }
  for (std::size_t first = 0; first < n; first += group_rows) {
    const std::size_t last = first + group_rows < n ? first + group_rows : n;
    if (last - first == group_rows)
      take_off<group_rows>(u + first, out, stride, first, out + first * stride, 0, first);
    else
      for (std::size_t k = first; k < last; ++k) take_off<1>(u + k, out, stride, first, out + k * stride, 0, first);
    for (std::size_t k = first; k < last; ++k) {
      float* row = out + k * stride;
      scale_row(1.0f / u[k * stride + k], row, 0, k + 1);
      for (std::size_t below = k + 1; below < last; ++below)
        take_row_off(u[k * stride + below], row, out + below * stride, 0, k + 1);
    }
  }
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(cholesky_simd);
HWY_EXPORT(invert_triangle_simd);

static std::size_t cholesky_scalar(float* c, std::size_t n, std::size_t stride, std::size_t to, const float* least) {
  for (std::size_t k = 0; k < n; ++k) {
    float* row = c + k * stride;
    if (!(row[k] > least[k])) return k;
    const float factor = 1.0f / std::sqrt(row[k]);
    for (std::size_t j = k; j < to; ++j) row[j] *= factor;
    for (std::size_t i = k + 1; i < n; ++i)
      for (std::size_t j = i; j < to; ++j) c[i * stride + j] -= row[i] * row[j];
  }
  return n;
}

static void invert_triangle_scalar(const float* u, std::size_t n, std::size_t stride, float* out) {
  for (std::size_t k = 0; k < n; ++k) {
    float* row = out + k * stride;
    for (std::size_t j = 0; j < stride; ++j) row[j] = j == k ? 1.0f : 0.0f;
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j <= i; ++j) row[j] -= u[i * stride + k] * out[i * stride + j];
    for (std::size_t j = 0; j <= k; ++j) row[j] /= u[k * stride + k];
  }
}

cholesky choose_cholesky(core::simd_level level) {
  if (level == core::simd_level::scalar) return &cholesky_scalar;
  return HWY_DISPATCH_TABLE(cholesky_simd)[version_at(level)];
}

invert_triangle choose_invert_triangle(core::simd_level level) {
  if (level == core::simd_level::scalar) return &invert_triangle_scalar;
  return HWY_DISPATCH_TABLE(invert_triangle_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
