#include "kernels/ridge.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ridge.cpp"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

#ifndef CLARION_KERNELS_RIDGE_SHAPE
#define CLARION_KERNELS_RIDGE_SHAPE
namespace clarion::kernels {
namespace {

constexpr std::size_t chunk_rows = 256;  // of the primal form, scaled at once

// Of entry e: what its row and its target are multiplied by, and the product of that with the target.
inline float root_of(const float* weight, std::size_t e) { return weight == nullptr ? 1.0f : std::sqrt(weight[e]); }
inline float aim_of(const float* weight, const float* target, std::size_t e) {
  return target == nullptr ? root_of(weight, e) : root_of(weight, e) * target[e];
}

constexpr std::size_t rounded(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }
// Rows of the system and its right-hand side, which stands behind the last column.
constexpr std::size_t system_stride(std::size_t n) { return rounded(n + 1, 16); }

}  // namespace
}  // namespace clarion::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

// z = rows of f, scaled; returns nothing that f does not hold.
HWY_INLINE void gather(const float* HWY_RESTRICT f, std::size_t stride, const std::uint32_t* HWY_RESTRICT index,
                       const float* HWY_RESTRICT weight, std::size_t n, std::size_t depth, const float* HWY_RESTRICT scale,
                       float* HWY_RESTRICT z) {
  const lanes d;
  constexpr std::size_t ahead = 4;
  for (std::size_t e = 0; e < n; ++e) {
    if (e + ahead < n)
      for (std::size_t j = 0; j < depth; j += 16) hwy::Prefetch(f + index[e + ahead] * stride + j);
    const float* row = f + index[e] * stride;
    if (weight == nullptr) {
      for (std::size_t j = 0; j < depth; j += width)
        hn::StoreU(hn::Mul(hn::LoadU(d, row + j), hn::LoadU(d, scale + j)), d, z + e * depth + j);
    } else {
      const floats root = hn::Set(d, std::sqrt(weight[e]));
      for (std::size_t j = 0; j < depth; j += width)
        hn::StoreU(hn::Mul(root, hn::Mul(hn::LoadU(d, row + j), hn::LoadU(d, scale + j))), d, z + e * depth + j);
    }
  }
}

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void store_sums(floats a, floats b, floats c, floats e, float* to) {
  to[0] = hn::GetLane(a);
  to[1] = hn::GetLane(b);
  to[2] = hn::GetLane(c);
  to[3] = hn::GetLane(e);
}
#else
// Halves added until four lanes are left.
template <class D, class V>
HWY_INLINE auto fold(D d, V v) {
  if constexpr (hn::MaxLanes(D{}) > 4) {
    const hn::Half<D> half;
    return fold(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  } else {
    (void)d;
    return v;
  }
}

// Lanes of each of the four summed: (a, b, c, e).
HWY_INLINE void store_sums(floats a, floats b, floats c, floats e, float* to) {
  const lanes d;
  const hn::Repartition<std::uint64_t, lanes> pairs;
  const auto ab = hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
  const auto ce = hn::Add(hn::InterleaveLower(d, c, e), hn::InterleaveUpper(d, c, e));
  const auto ab2 = hn::BitCast(pairs, ab), ce2 = hn::BitCast(pairs, ce);
  const auto sum =
      hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, ab2, ce2)), hn::BitCast(d, hn::InterleaveUpper(pairs, ab2, ce2)));
  const auto folded = fold(d, sum);
  hn::StoreU(folded, hn::DFromV<decltype(folded)>{}, to);
}
#endif

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

// c = u' u in place, u upper triangular, and u'^-1 of the right-hand side in column n. Left-looking by rows: what rows above give
// is taken off in tiles, four rows at a time.
HWY_INLINE void factor(float* HWY_RESTRICT c, std::size_t n, std::size_t stride) {
  const lanes d;
  const std::size_t to = n + 1;
  const auto finish = [&](std::size_t first, std::size_t count) HWY_ATTR {
    for (std::size_t k = first; k < first + count; ++k) {
      float* row = c + k * stride;
      const floats inverse = hn::Set(d, 1.0f / std::sqrt(row[k]));
      for (std::size_t j = k / width * width; j < to; j += width) hn::StoreU(hn::Mul(inverse, hn::LoadU(d, row + j)), d, row + j);
      for (std::size_t below = k + 1; below < first + count; ++below) {
        const floats factor = hn::Set(d, row[below]);
        float* other = c + below * stride;
        for (std::size_t j = below / width * width; j < to; j += width)
          hn::StoreU(hn::NegMulAdd(factor, hn::LoadU(d, row + j), hn::LoadU(d, other + j)), d, other + j);
      }
    }
  };
  std::size_t k = 0;
  for (; k + tile_rows <= n; k += tile_rows) {
    strip<tile_rows, true>(c + k, 1, stride, c, stride, k, c + k * stride, stride, k / width * width, to);
    finish(k, tile_rows);
  }
  for (; k < n; ++k) {
    strip<1, true>(c + k, 1, stride, c, stride, k, c + k * stride, stride, k / width * width, to);
    finish(k, 1);
  }
}

// u a = the right-hand side in column n. `a` has room for `stride` floats.
HWY_INLINE void substitute_back(const float* HWY_RESTRICT u, std::size_t n, std::size_t stride, float* HWY_RESTRICT a) {
  const lanes d;
  for (std::size_t j = 0; j < stride; ++j) a[j] = 0;
  for (std::size_t k = n; k-- > 0;) {
    const float* row = u + k * stride;
    std::size_t j = (k + 1) / width * width;
    // Before column k + 1 the row holds what is not of the factor.
    floats sum = hn::Zero(d);
    if (j < n) {
      const auto right = hn::Not(hn::FirstN(d, k + 1 - j));
      sum = hn::Mul(hn::IfThenElseZero(right, hn::LoadU(d, row + j)), hn::LoadU(d, a + j));
      for (j += width; j < n; j += width) {
        const auto left = hn::LoadU(d, a + j);
        sum = hn::MulAdd(hn::LoadU(d, row + j), left, sum);
      }
    }
    a[k] = (row[n] - hn::GetLane(hn::SumOfLanes(d, sum))) / row[k];
  }
}

// x = scale * z' a
HWY_INLINE void combine(const float* HWY_RESTRICT z, std::size_t n, std::size_t depth, const float* HWY_RESTRICT a,
                        const float* HWY_RESTRICT scale, float* HWY_RESTRICT x) {
  const lanes d;
  for (std::size_t j = 0; j < depth; j += width) hn::StoreU(hn::Zero(d), d, x + j);
  strip<1, false>(a, 0, 1, z, depth, n, x, depth, 0, depth);
  for (std::size_t j = 0; j < depth; j += width) hn::StoreU(hn::Mul(hn::LoadU(d, x + j), hn::LoadU(d, scale + j)), d, x + j);
}

HWY_INLINE void clear(float* c, std::size_t size) {
  for (std::size_t j = 0; j < size; ++j) c[j] = 0;
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

// The system of n unknowns, its right-hand side in column n, solved into that column.
static void solve_scalar(float* c, std::size_t n, std::size_t stride) {
  for (std::size_t k = 0; k < n; ++k) {
    const float inverse = 1.0f / std::sqrt(c[k * stride + k]);
    for (std::size_t j = k; j <= n; ++j) c[k * stride + j] *= inverse;
    for (std::size_t i = k + 1; i < n; ++i)
      for (std::size_t j = i; j <= n; ++j) c[i * stride + j] -= c[k * stride + i] * c[k * stride + j];
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) c[k * stride + n] -= c[k * stride + j] * c[j * stride + n];
    c[k * stride + n] /= c[k * stride + k];
  }
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
