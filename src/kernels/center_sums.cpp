#include "kernels/center_sums.hpp"

#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/center_sums.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using wide = hn::CappedTag<double, 8>;
using narrow = hn::Rebind<float, wide>;
constexpr std::size_t sum_width = hn::MaxLanes(wide{});

HWY_INLINE hn::Vec<wide> doubles_at(const float* x) { return hn::PromoteTo(wide{}, hn::LoadU(narrow{}, x)); }
HWY_INLINE hn::Vec<wide> doubles_at(const double* x) { return hn::LoadU(wide{}, x); }

HWY_INLINE void add(hn::Vec<wide> x, double* HWY_RESTRICT high, double* HWY_RESTRICT low) {
  const wide d;
  const auto before = hn::LoadU(d, high);
  const auto sum = hn::Add(before, x), part = hn::Sub(sum, before);
  const auto lost = hn::Add(hn::Sub(before, hn::Sub(sum, part)), hn::Sub(x, part));
  hn::StoreU(sum, d, high);
  hn::StoreU(hn::Add(hn::LoadU(d, low), lost), d, low);
}

template <class T>
HWY_INLINE void add_rows(const T* points, std::size_t depth, const std::uint32_t* rows, const std::uint32_t* center,
                         const double* factor, std::size_t count, double* high, double* low) {
  const wide d;
  const std::size_t stride = sums_stride(depth), whole = depth / sum_width * sum_width;
  for (std::size_t i = 0; i < count; ++i) {
    const T* x = points + std::size_t{rows[i]} * depth;
    double *to = high + center[i] * stride, *rest = low + center[i] * stride;
    const auto times = hn::Set(d, factor[i]);
    for (std::size_t j = 0; j < whole; j += sum_width) add(hn::Mul(times, doubles_at(x + j)), to + j, rest + j);
    if (whole < depth) {
      T tail[sum_width] = {};
      for (std::size_t j = whole; j < depth; ++j) tail[j - whole] = x[j];
      add(hn::Mul(times, doubles_at(tail)), to + whole, rest + whole);
    }
  }
}

}  // namespace

void sum_floats(const float* points, std::size_t depth, const std::uint32_t* rows, const std::uint32_t* center,
                const double* factor, std::size_t count, double* high, double* low) {
  add_rows(points, depth, rows, center, factor, count, high, low);
}

void sum_doubles(const double* points, std::size_t depth, const std::uint32_t* rows, const std::uint32_t* center,
                 const double* factor, std::size_t count, double* high, double* low) {
  add_rows(points, depth, rows, center, factor, count, high, low);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(sum_floats);
HWY_EXPORT(sum_doubles);

template <class T>
static void sum_scalar(const T* points, std::size_t depth, const std::uint32_t* rows, const std::uint32_t* center,
                       const double* factor, std::size_t count, double* high, double* low) {
  const std::size_t stride = sums_stride(depth);
  for (std::size_t i = 0; i < count; ++i) {
    const T* x = points + std::size_t{rows[i]} * depth;
    double *to = high + center[i] * stride, *rest = low + center[i] * stride;
    for (std::size_t j = 0; j < depth; ++j) {
      const double v = factor[i] * x[j], sum = to[j] + v, part = sum - to[j];
      rest[j] += (to[j] - (sum - part)) + (v - part);
      to[j] = sum;
    }
  }
}

center_sums<float> choose_center_sums(core::simd_level level, float) {
  if (level == core::simd_level::scalar) return &sum_scalar<float>;
  return HWY_DISPATCH_TABLE(sum_floats)[version_at(level)];
}

center_sums<double> choose_center_sums(core::simd_level level, double) {
  if (level == core::simd_level::scalar) return &sum_scalar<double>;
  return HWY_DISPATCH_TABLE(sum_doubles)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
