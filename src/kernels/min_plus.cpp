#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/min_plus.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Vectors of at most `columns` values. A block of columns stays in registers while the rows of y pass by; the last block reaches
// back over columns already done.
template <class D>
HWY_INLINE void blocks(D d, const double* x, std::size_t rows, std::size_t inner, const double* y, std::size_t columns,
                       double* out) {
  const std::size_t lanes = hn::Lanes(d);
  using vector = decltype(hn::Zero(d));
  for (std::size_t c = 0;;) {
    std::size_t r = 0;
    for (; r + 4 <= rows; r += 4) {
      const double *x0 = x + r * inner, *x1 = x0 + inner, *x2 = x1 + inner, *x3 = x2 + inner;
      const vector first = hn::LoadU(d, y + c);
      vector a = hn::Add(hn::Set(d, x0[0]), first), b = hn::Add(hn::Set(d, x1[0]), first);
      vector e = hn::Add(hn::Set(d, x2[0]), first), f = hn::Add(hn::Set(d, x3[0]), first);
      for (std::size_t k = 1; k < inner; ++k) {
        const vector row = hn::LoadU(d, y + k * columns + c);
        a = hn::Min(a, hn::Add(hn::Set(d, x0[k]), row));
        b = hn::Min(b, hn::Add(hn::Set(d, x1[k]), row));
        e = hn::Min(e, hn::Add(hn::Set(d, x2[k]), row));
        f = hn::Min(f, hn::Add(hn::Set(d, x3[k]), row));
      }
      double* o = out + r * columns + c;
      hn::StoreU(a, d, o);
      hn::StoreU(b, d, o + columns);
      hn::StoreU(e, d, o + 2 * columns);
      hn::StoreU(f, d, o + 3 * columns);
    }
    for (; r < rows; ++r) {
      const double* at = x + r * inner;
      vector a = hn::Add(hn::Set(d, at[0]), hn::LoadU(d, y + c));
      for (std::size_t k = 1; k < inner; ++k) a = hn::Min(a, hn::Add(hn::Set(d, at[k]), hn::LoadU(d, y + k * columns + c)));
      hn::StoreU(a, d, out + r * columns + c);
    }
    if (c + lanes >= columns) return;
    c = c + 2 * lanes <= columns ? c + lanes : columns - lanes;
  }
}

void min_plus_simd(const double* x, std::size_t rows, std::size_t inner, const double* y, std::size_t columns, double* out) {
  const hn::CappedTag<double, 8> eight;
  const hn::CappedTag<double, 4> four;
  const hn::CappedTag<double, 2> two;
  if (columns >= hn::Lanes(eight))
    blocks(eight, x, rows, inner, y, columns, out);
  else if (columns >= hn::Lanes(four))
    blocks(four, x, rows, inner, y, columns, out);
  else if (columns >= hn::Lanes(two))
    blocks(two, x, rows, inner, y, columns, out);
  else
    blocks(hn::CappedTag<double, 1>(), x, rows, inner, y, columns, out);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(min_plus_simd);

static void min_plus_scalar(const double* x, std::size_t rows, std::size_t inner, const double* y, std::size_t columns,
                            double* out) {
  for (std::size_t r = 0; r < rows; ++r) {
    double* o = out + r * columns;
    for (std::size_t c = 0; c < columns; ++c) o[c] = x[r * inner] + y[c];
    for (std::size_t k = 1; k < inner; ++k) {
      const double add = x[r * inner + k];
      const double* row = y + k * columns;
      for (std::size_t c = 0; c < columns; ++c) {
        const double sum = add + row[c];
        o[c] = sum < o[c] ? sum : o[c];
      }
    }
  }
}

min_plus choose_min_plus(core::simd_level level) {
  if (level == core::simd_level::scalar) return &min_plus_scalar;
  return HWY_DISPATCH_TABLE(min_plus_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
