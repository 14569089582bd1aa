// Few rows of a matrix, gathered, and small systems: what the kernels of least squares are made of. Included once for each CPU
// level.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

#ifndef CLARION_KERNELS_ROWS_SHAPE
#define CLARION_KERNELS_ROWS_SHAPE
namespace clarion::kernels {
namespace {

constexpr std::size_t chunk_rows = 256;  // gathered at once, scaled

// Of entry e: what its row and its target are multiplied by, and the product of that with the target.
inline float root_of(const float* weight, std::size_t e) { return weight == nullptr ? 1.0f : std::sqrt(weight[e]); }
inline float aim_of(const float* weight, const float* target, std::size_t e) {
  return target == nullptr ? root_of(weight, e) : root_of(weight, e) * target[e];
}

constexpr std::size_t rounded(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }
// Rows of the system and its right-hand side, which stands behind the last column.
constexpr std::size_t system_stride(std::size_t n) { return rounded(n + 1, 16); }

// The system of n unknowns, its right-hand side in column n, solved into that column.
inline void solve_scalar(float* c, std::size_t n, std::size_t stride) {
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

}  // namespace
}  // namespace clarion::kernels
#endif

#if defined(CLARION_KERNELS_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CLARION_KERNELS_ROWS_INL
#undef CLARION_KERNELS_ROWS_INL
#else
#define CLARION_KERNELS_ROWS_INL
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

// q = z p, for a number of rows that is a multiple of four.
HWY_INLINE void row_dots(const float* HWY_RESTRICT z, std::size_t rows, std::size_t depth, const float* HWY_RESTRICT p,
                         float* HWY_RESTRICT q) {
  const lanes d;
  for (std::size_t e = 0; e < rows; e += 4) {
    floats sum[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    for (std::size_t j = 0; j < depth; j += width) {
      const floats right = hn::LoadU(d, p + j);
      for (std::size_t i = 0; i < 4; ++i) sum[i] = hn::MulAdd(hn::LoadU(d, z + (e + i) * depth + j), right, sum[i]);
    }
    store_sums(sum[0], sum[1], sum[2], sum[3], q + e);
  }
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

HWY_INLINE void clear(float* c, std::size_t size) {
  for (std::size_t j = 0; j < size; ++j) c[j] = 0;
}

}  // namespace
}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
