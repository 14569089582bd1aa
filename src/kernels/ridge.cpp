#include "kernels/ridge.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ridge.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/rows-inl.hpp"
#include "kernels/tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

// Products of R rows from i with four rows from j.
template <std::size_t R>
HWY_INLINE void row_products_tile(const float* HWY_RESTRICT zi, const float* HWY_RESTRICT zj, std::size_t depth,
                                  float* HWY_RESTRICT c, std::size_t c_stride) {
  const lanes d;
  floats sum[R][4];
  for (std::size_t i = 0; i < R; ++i)
    for (std::size_t j = 0; j < 4; ++j) sum[i][j] = hn::Zero(d);
  for (std::size_t k = 0; k < depth; k += width) {
    floats right[4];
    for (std::size_t j = 0; j < 4; ++j) right[j] = hn::LoadU(d, zj + j * depth + k);
    for (std::size_t i = 0; i < R; ++i) {
      const floats left = hn::LoadU(d, zi + i * depth + k);
      for (std::size_t j = 0; j < 4; ++j) sum[i][j] = hn::MulAdd(left, right[j], sum[i][j]);
    }
  }
  for (std::size_t i = 0; i < R; ++i) store_sums(sum[i][0], sum[i][1], sum[i][2], sum[i][3], c + i * c_stride);
}

// Upper triangle of c = z z', for a number of rows that is a multiple of four.
HWY_INLINE void row_products(const float* HWY_RESTRICT z, std::size_t rows, std::size_t depth, float* HWY_RESTRICT c,
                             std::size_t c_stride) {
  constexpr std::size_t high = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
  for (std::size_t i = 0; i < rows; i += high)
    for (std::size_t j = i / 4 * 4; j < rows; j += 4)
      row_products_tile<high>(z + i * depth, z + j * depth, depth, c + i * c_stride + j, c_stride);
}

// x = scale * z' a
HWY_INLINE void combine(const float* HWY_RESTRICT z, std::size_t n, std::size_t depth, const float* HWY_RESTRICT a,
                        const float* HWY_RESTRICT scale, float* HWY_RESTRICT x) {
  const lanes d;
  for (std::size_t j = 0; j < depth; j += width) hn::StoreU(hn::Zero(d), d, x + j);
  strip<1, false>(a, 0, 1, z, depth, n, x, depth, 0, depth);
  for (std::size_t j = 0; j < depth; j += width) hn::StoreU(hn::Mul(hn::LoadU(d, x + j), hn::LoadU(d, scale + j)), d, x + j);
}

}  // namespace

float ridge_simd(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight, const float* target,
                 std::size_t n, std::size_t depth, const float* scale, float* x, float* work) {
  const lanes d;
  if (n <= depth) {
    const std::size_t rows = rounded(n, 4), c_stride = system_stride(rows);
    float *z = work, *c = z + rows * depth, *a = c + rows * c_stride;
    gather(f, stride, index, weight, n, depth, scale, z);
    clear(z + n * depth, (rows - n) * depth);
    clear(c, rows * c_stride);
    row_products(z, rows, depth, c, c_stride);
    for (std::size_t i = 0; i < n; ++i) {
      float* row = c + i * c_stride;
      row[i] += 1;
      row[n] = aim_of(weight, target, i);
    }
    factor(c, n, c_stride);
    substitute_back(c, n, c_stride, a);
    combine(z, n, depth, a, scale, x);
    float least = 0;
    for (std::size_t i = 0; i < n; ++i) least += aim_of(weight, target, i) * a[i];
    return least;
  }
  const std::size_t c_stride = system_stride(depth);
  float *z = work, *c = z + chunk_rows * depth, *a = c + depth * c_stride;
  clear(c, depth * c_stride);
  for (std::size_t j = 0; j < depth; j += width) hn::StoreU(hn::Zero(d), d, x + j);
  for (std::size_t from = 0; from < n; from += chunk_rows) {
    const std::size_t rows = n - from < chunk_rows ? n - from : chunk_rows;
    const float* weights = weight == nullptr ? nullptr : weight + from;
    const float* targets = target == nullptr ? nullptr : target + from;
    gather(f, stride, index + from, weights, rows, depth, scale, z);
    add_column_products(z, depth, rows, depth, c, c_stride);
    for (std::size_t e = 0; e < rows; ++e) {
      const floats aim = hn::Set(d, aim_of(weights, targets, e));
      for (std::size_t j = 0; j < depth; j += width)
        hn::StoreU(hn::MulAdd(aim, hn::LoadU(d, z + e * depth + j), hn::LoadU(d, x + j)), d, x + j);
    }
  }
  for (std::size_t i = 0; i < depth; ++i) {
    float* row = c + i * c_stride;
    for (std::size_t j = depth; j < c_stride; ++j) row[j] = 0;
    row[i] += 1;
    row[depth] = x[i];
  }
  factor(c, depth, c_stride);
  substitute_back(c, depth, c_stride, a);
  float least = 0;
  for (std::size_t e = 0; e < n; ++e) {
    const float aim = aim_of(weight, target, e);
    least += aim * aim;
  }
  floats explained = hn::Zero(d);
  for (std::size_t j = 0; j < depth; j += width) {
    const floats t = hn::LoadU(d, a + j);
    explained = hn::MulAdd(hn::LoadU(d, x + j), t, explained);
    hn::StoreU(hn::Mul(t, hn::LoadU(d, scale + j)), d, x + j);
  }
  return least - hn::GetLane(hn::SumOfLanes(d, explained));
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(ridge_simd);

std::size_t ridge_work(std::size_t n, std::size_t depth) {
  const std::size_t rows = rounded(n, 4);
  if (n <= depth) return rows * depth + (rows + 1) * system_stride(rows);
  return chunk_rows * depth + (depth + 1) * system_stride(depth);
}

static float ridge_scalar(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight,
                          const float* target, std::size_t n, std::size_t depth, const float* scale, float* x, float* work) {
  const auto root = [&](std::size_t e) { return root_of(weight, e); };
  const auto aim = [&](std::size_t e) { return aim_of(weight, target, e); };
  const auto scaled = [&](std::size_t e, std::size_t j) { return root(e) * scale[j] * f[index[e] * stride + j]; };
  const std::size_t size = n <= depth ? n : depth, c_stride = size + 1;
  float* c = work;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = i; k <= size; ++k) {
      float sum = i == k ? 1.0f : 0.0f;
      if (n <= depth && k < size)
        for (std::size_t j = 0; j < depth; ++j) sum += scaled(i, j) * scaled(k, j);
      else if (n <= depth)
        sum = aim(i);
      else
        for (std::size_t e = 0; e < n; ++e) sum += scaled(e, i) * (k < size ? scaled(e, k) : aim(e));
      c[i * c_stride + k] = sum;
    }
  }
  float least = 0;
  for (std::size_t e = 0; e < n; ++e) least += aim(e) * aim(e);
  solve_scalar(c, size, c_stride);
  for (std::size_t j = 0; j < depth; ++j) {
    float sum = 0;
    if (n <= depth)
      for (std::size_t e = 0; e < n; ++e) sum += scaled(e, j) * c[e * c_stride + size];
    else
      sum = c[j * c_stride + size];
    x[j] = scale[j] * sum;
  }
  for (std::size_t e = 0; e < n; ++e)
    for (std::size_t j = 0; j < depth; ++j) least -= root(e) * aim(e) * f[index[e] * stride + j] * x[j];
  return least;
}

ridge choose_ridge(core::simd_level level) {
  if (level == core::simd_level::scalar) return &ridge_scalar;
  return HWY_DISPATCH_TABLE(ridge_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
