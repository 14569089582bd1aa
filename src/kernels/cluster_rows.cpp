#include "kernels/cluster_rows.hpp"

#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cluster_rows.cpp"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef CLARION_KERNELS_CLUSTER_ROWS_LANES
#define CLARION_KERNELS_CLUSTER_ROWS_LANES
namespace clarion::kernels {
namespace {

// Of eight bits, or the lower of them, the places of those that are set, side by side. Compress of this Highway copies its table
// to the stack at every call.
struct set_lanes {
  std::uint64_t of[256][8] = {};
  constexpr set_lanes() {
    for (unsigned bits = 0; bits < 256; ++bits)
      for (unsigned lane = 0, at = 0; lane < 8; ++lane)
        if (bits >> lane & 1) of[bits][at++] = lane;
  }
};
constexpr set_lanes lanes_set;

}  // namespace
}  // namespace clarion::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lanes = hn::CappedTag<double, 8>;
using values = hn::Vec<lanes>;
using names = hn::RebindToUnsigned<lanes>;
using places = hn::Vec<names>;
constexpr std::size_t width = hn::MaxLanes(lanes{});

// The least of a number in each lane of two vectors, and of equals the first place.
HWY_INLINE std::size_t first_of(values least, places place, values other_least, places other_place, double& value) {
  double v[2 * width];
  std::uint64_t at[2 * width];
  hn::StoreU(least, lanes{}, v);
  hn::StoreU(other_least, lanes{}, v + width);
  hn::StoreU(place, names{}, at);
  hn::StoreU(other_place, names{}, at + width);
  std::size_t best = 0;
  for (std::size_t l = 1; l < 2 * width; ++l)
    if (v[l] < v[best] || (v[l] == v[best] && at[l] < at[best])) best = l;
  value = v[best];
  return static_cast<std::size_t>(at[best]);
}

HWY_INLINE void keep_less(values now, places at, values& least, places& place) {
  const auto lower = hn::Lt(now, least);
  least = hn::IfThenElse(lower, now, least);
  place = hn::IfThenElse(hn::RebindMask(names{}, lower), at, place);
}

}  // namespace

void add_rows_simd(double* to, const double* other, std::size_t n) {
  const lanes d;
  std::size_t i = 0;
  for (; i + width <= n; i += width) hn::StoreU(hn::Add(hn::LoadU(d, to + i), hn::LoadU(d, other + i)), d, to + i);
  for (; i < n; ++i) to[i] += other[i];
}

void max_rows_simd(double* to, const double* other, std::size_t n) {
  const lanes d;
  std::size_t i = 0;
  for (; i + width <= n; i += width) hn::StoreU(hn::Max(hn::LoadU(d, to + i), hn::LoadU(d, other + i)), d, to + i);
  for (; i < n; ++i) to[i] = to[i] < other[i] ? other[i] : to[i];
}

std::size_t first_least_weighted_simd(const double* v, const double* weight, double factor, std::size_t n) {
  const lanes d;
  const names u;
  std::size_t i = 0, best = 0;
  double least = v[0] * (factor * weight[0]);
  if (n >= 2 * width) {
    const auto by = hn::Set(d, factor);
    const auto at = [&](std::size_t j) HWY_ATTR { return hn::Mul(hn::LoadU(d, v + j), hn::Mul(by, hn::LoadU(d, weight + j))); };
    values a = at(0), b = at(width);
    places of_a = hn::Iota(u, 0), of_b = hn::Iota(u, width), first = of_a, second = of_b;
    const auto step = hn::Set(u, 2 * width);
    for (i = 2 * width; i + 2 * width <= n; i += 2 * width) {
      first = hn::Add(first, step);
      second = hn::Add(second, step);
      keep_less(at(i), first, a, of_a);
      keep_less(at(i + width), second, b, of_b);
    }
    best = first_of(a, of_a, b, of_b, least);
  }
  for (; i < n; ++i)
    if (const double now = v[i] * (factor * weight[i]); now < least) {
      least = now;
      best = i;
    }
  return best;
}

void pack_row_simd(const double* row, const std::uint8_t* keep, std::size_t n, const double* next, double* to, std::size_t kept) {
  const lanes d;
  constexpr std::size_t line = 8;
  std::size_t i = 0, at = 0;
  // A whole vector is written: what is too much of it must be overwritten later.
  for (; i + line <= n && at + line <= kept; i += line) {
    if (next) hwy::Prefetch(next + i);
    for (std::size_t j = 0; j < line; j += width) {
      const unsigned bits = keep[i / line] >> j & ((1u << width) - 1);
      const auto order = hn::IndicesFromVec(d, hn::LoadU(names{}, lanes_set.of[bits]));
      hn::StoreU(hn::TableLookupLanes(hn::LoadU(d, row + i + j), order), d, to + at);
      at += static_cast<std::size_t>(__builtin_popcount(bits));
    }
  }
  for (; i < n; ++i)
    if (keep[i / line] >> i % line & 1) to[at++] = row[i];
}

void nearest_points_simd(const double* columns, std::size_t stride, std::size_t n, std::size_t depth, const double* queries,
                         std::uint32_t first, double* best, std::uint32_t* at) {
  const lanes d;
  const names u;
  static_assert(nearest_queries == 4);
  std::size_t i = 0;
  if (n >= 2 * width) {
    values least[4][2];
    places place[4][2];
    for (std::size_t q = 0; q < 4; ++q)
      for (std::size_t v = 0; v < 2; ++v) {
        least[q][v] = hn::Set(d, best[q]);
        place[q][v] = hn::Zero(u);
      }
    places here = hn::Iota(u, 1), there = hn::Iota(u, 1 + width);  // from 1: 0 is what was before
    const auto step = hn::Set(u, 2 * width);
    for (; i + 2 * width <= n; i += 2 * width) {
      values sum[4][2];
      for (std::size_t q = 0; q < 4; ++q) sum[q][0] = sum[q][1] = hn::Zero(d);
      for (std::size_t k = 0; k < depth; ++k) {
        const values x = hn::LoadU(d, columns + k * stride + i), y = hn::LoadU(d, columns + k * stride + i + width);
        for (std::size_t q = 0; q < 4; ++q) {
          const values of = hn::Set(d, queries[q * depth + k]), a = hn::Sub(of, x), b = hn::Sub(of, y);
          sum[q][0] = hn::Add(sum[q][0], hn::Mul(a, a));
          sum[q][1] = hn::Add(sum[q][1], hn::Mul(b, b));
        }
      }
      for (std::size_t q = 0; q < 4; ++q) {
        keep_less(sum[q][0], here, least[q][0], place[q][0]);
        keep_less(sum[q][1], there, least[q][1], place[q][1]);
      }
      here = hn::Add(here, step);
      there = hn::Add(there, step);
    }
    for (std::size_t q = 0; q < 4; ++q) {
      double now;
      const std::size_t found = first_of(least[q][0], place[q][0], least[q][1], place[q][1], now);
      if (now < best[q]) {
        best[q] = now;
        at[q] = first + static_cast<std::uint32_t>(found - 1);
      }
    }
  }
  for (; i < n; ++i)
    for (std::size_t q = 0; q < 4; ++q) {
      double sum = 0;
      for (std::size_t k = 0; k < depth; ++k) {
        const double apart = queries[q * depth + k] - columns[k * stride + i];
        sum += apart * apart;
      }
      if (sum < best[q]) {
        best[q] = sum;
        at[q] = first + static_cast<std::uint32_t>(i);
      }
    }
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(add_rows_simd);
HWY_EXPORT(max_rows_simd);
HWY_EXPORT(first_least_weighted_simd);
HWY_EXPORT(pack_row_simd);
HWY_EXPORT(nearest_points_simd);

static void add_rows_scalar(double* to, const double* other, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] += other[i];
}

static void max_rows_scalar(double* to, const double* other, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) to[i] = to[i] < other[i] ? other[i] : to[i];
}

static std::size_t first_least_weighted_scalar(const double* values, const double* weight, double factor, std::size_t n) {
  std::size_t best = 0;
  double least = values[0] * (factor * weight[0]);
  for (std::size_t i = 1; i < n; ++i)
    if (const double now = values[i] * (factor * weight[i]); now < least) {
      least = now;
      best = i;
    }
  return best;
}

static void pack_row_scalar(const double* row, const std::uint8_t* keep, std::size_t n, const double*, double* to, std::size_t) {
  for (std::size_t i = 0; i < n; ++i)
    if (keep[i / 8] >> i % 8 & 1) *to++ = row[i];
}

static void nearest_points_scalar(const double* columns, std::size_t stride, std::size_t n, std::size_t depth,
                                  const double* queries, std::uint32_t first, double* best, std::uint32_t* at) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t q = 0; q < nearest_queries; ++q) {
      double sum = 0;
      for (std::size_t k = 0; k < depth; ++k) {
        const double apart = queries[q * depth + k] - columns[k * stride + i];
        sum += apart * apart;
      }
      if (sum < best[q]) {
        best[q] = sum;
        at[q] = first + static_cast<std::uint32_t>(i);
      }
    }
}

join_rows choose_add_rows(core::simd_level level) {
  if (level == core::simd_level::scalar) return &add_rows_scalar;
  return HWY_DISPATCH_TABLE(add_rows_simd)[version_at(level)];
}

join_rows choose_max_rows(core::simd_level level) {
  if (level == core::simd_level::scalar) return &max_rows_scalar;
  return HWY_DISPATCH_TABLE(max_rows_simd)[version_at(level)];
}

first_least_weighted choose_first_least_weighted(core::simd_level level) {
  if (level == core::simd_level::scalar) return &first_least_weighted_scalar;
  return HWY_DISPATCH_TABLE(first_least_weighted_simd)[version_at(level)];
}

pack_row choose_pack_row(core::simd_level level) {
  if (level == core::simd_level::scalar) return &pack_row_scalar;
  return HWY_DISPATCH_TABLE(pack_row_simd)[version_at(level)];
}

nearest_points choose_nearest_points(core::simd_level level) {
  if (level == core::simd_level::scalar) return &nearest_points_scalar;
  return HWY_DISPATCH_TABLE(nearest_points_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
