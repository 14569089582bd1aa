#include "kernels/point_distances.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/point_distances.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lanes = hn::CappedTag<double, 8>;
using values = hn::Vec<lanes>;
using names = hn::RebindToUnsigned<lanes>;
constexpr std::size_t width = hn::MaxLanes(lanes{});

// Squares of two vectors of points, in steps that round as a loop does.
HWY_INLINE void squares(const double* columns, std::size_t stride, std::size_t i, std::size_t depth, const double* query,
                        values& first, values& second) {
  const lanes d;
  first = second = hn::Zero(d);
  for (std::size_t k = 0; k < depth; ++k) {
    const values q = hn::Set(d, query[k]);
    const double* column = columns + k * stride + i;
    const values a = hn::Sub(q, hn::LoadU(d, column)), b = hn::Sub(q, hn::LoadU(d, column + width));
    first = hn::Add(first, hn::Mul(a, a));
    second = hn::Add(second, hn::Mul(b, b));
  }
}

HWY_INLINE values square(const double* columns, std::size_t stride, std::size_t i, std::size_t depth, const double* query) {
  const lanes d;
  values sum = hn::Zero(d);
  for (std::size_t k = 0; k < depth; ++k) {
    const values apart = hn::Sub(hn::Set(d, query[k]), hn::LoadU(d, columns + k * stride + i));
    sum = hn::Add(sum, hn::Mul(apart, apart));
  }
  return sum;
}

// The least of a number in each lane, and of equals the first place.
HWY_INLINE std::size_t first_of(values least, hn::Vec<names> place) {
  double value[width];
  std::uint64_t at[width];
  hn::StoreU(least, lanes{}, value);
  hn::StoreU(place, names{}, at);
  std::size_t best = 0;
  for (std::size_t l = 1; l < width; ++l)
    if (value[l] < value[best] || (value[l] == value[best] && at[l] < at[best])) best = l;
  return static_cast<std::size_t>(at[best]);
}

}  // namespace

void point_distances_simd(const double* columns, std::size_t stride, std::size_t n, std::size_t depth, const double* query,
                          double* out) {
  const lanes d;
  std::size_t i = 0;
  for (; i + 2 * width <= n; i += 2 * width) {
    values a, b;
    squares(columns, stride, i, depth, query, a, b);
    hn::StoreU(hn::Sqrt(a), d, out + i);
    hn::StoreU(hn::Sqrt(b), d, out + i + width);
  }
  for (; i < n; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      const double apart = query[k] - columns[k * stride + i];
      sum += apart * apart;
    }
    out[i] = std::sqrt(sum);
  }
}

std::size_t spanning_step_simd(const double* columns, std::size_t stride, std::size_t n, std::size_t depth, const double* query,
                               std::uint64_t name, double* best, std::uint64_t* from) {
  const lanes d;
  const names u;
  const auto named = hn::Set(u, name);
  values least = hn::LoadU(d, best);
  hn::Vec<names> place = hn::Iota(u, 0), at = place;
  const auto step = hn::Set(u, width);
  bool first = true;
  const auto take = [&](std::size_t i, values sum) HWY_ATTR {
    const values before = hn::LoadU(d, best + i);
    const auto closer = hn::Lt(sum, before);
    const values now = hn::IfThenElse(closer, sum, before);
    hn::StoreU(now, d, best + i);
    hn::StoreU(hn::IfThenElse(hn::RebindMask(u, closer), named, hn::LoadU(u, from + i)), u, from + i);
    const auto lower = hn::Lt(now, least);
    if (first) {
      least = now;
      first = false;
    } else {
      least = hn::IfThenElse(lower, now, least);
      place = hn::IfThenElse(hn::RebindMask(u, lower), at, place);
    }
    at = hn::Add(at, step);
  };
  std::size_t i = 0;
  for (; i + 2 * width <= n; i += 2 * width) {
    values a, b;
    squares(columns, stride, i, depth, query, a, b);
    take(i, a);
    take(i + width, b);
  }
  for (; i < n; i += width) take(i, square(columns, stride, i, depth, query));
  return first_of(least, place);
}

std::size_t first_least_simd(const double* v, std::size_t n) {
  const lanes d;
  const names u;
  std::size_t i = 0, best = 0;
  if (n >= width) {
    values least = hn::LoadU(d, v);
    hn::Vec<names> place = hn::Iota(u, 0), at = place;
    const auto step = hn::Set(u, width);
    for (i = width; i + width <= n; i += width) {
      at = hn::Add(at, step);
      const values now = hn::LoadU(d, v + i);
      const auto lower = hn::Lt(now, least);
      least = hn::IfThenElse(lower, now, least);
      place = hn::IfThenElse(hn::RebindMask(u, lower), at, place);
    }
    best = first_of(least, place);
  }
  for (; i < n; ++i)
    if (v[i] < v[best]) best = i;
  return best;
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(point_distances_simd);
HWY_EXPORT(spanning_step_simd);
HWY_EXPORT(first_least_simd);

static double square_scalar(const double* columns, std::size_t stride, std::size_t i, std::size_t depth, const double* query) {
  double sum = 0;
  for (std::size_t k = 0; k < depth; ++k) {
    const double apart = query[k] - columns[k * stride + i];
    sum += apart * apart;
  }
  return sum;
}

static void point_distances_scalar(const double* columns, std::size_t stride, std::size_t n, std::size_t depth,
                                   const double* query, double* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = std::sqrt(square_scalar(columns, stride, i, depth, query));
}

static std::size_t spanning_step_scalar(const double* columns, std::size_t stride, std::size_t n, std::size_t depth,
                                        const double* query, std::uint64_t name, double* best, std::uint64_t* from) {
  std::size_t least = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double sum = square_scalar(columns, stride, i, depth, query);
    if (sum < best[i]) {
      best[i] = sum;
      from[i] = name;
    }
    if (best[i] < best[least]) least = i;
  }
  return least;
}

static std::size_t first_least_scalar(const double* values, std::size_t n) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < n; ++i)
    if (values[i] < values[best]) best = i;
  return best;
}

point_distances choose_point_distances(core::simd_level level) {
  if (level == core::simd_level::scalar) return &point_distances_scalar;
  return HWY_DISPATCH_TABLE(point_distances_simd)[version_at(level)];
}

spanning_step choose_spanning_step(core::simd_level level) {
  if (level == core::simd_level::scalar) return &spanning_step_scalar;
  return HWY_DISPATCH_TABLE(spanning_step_simd)[version_at(level)];
}

first_least choose_first_least(core::simd_level level) {
  if (level == core::simd_level::scalar) return &first_least_scalar;
  return HWY_DISPATCH_TABLE(first_least_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
