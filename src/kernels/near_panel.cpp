#include "kernels/near_panel.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/near_panel.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Sums of a panel stay in registers while its dimensions pass by; R queries share what is loaded of it.
template <std::size_t R, class T>
HWY_INLINE std::uint32_t near_of(const T* HWY_RESTRICT queries, const T* HWY_RESTRICT panel, const T* HWY_RESTRICT weight,
                                 std::size_t depth, const T* HWY_RESTRICT base, const T* HWY_RESTRICT slope,
                                 std::uint32_t* HWY_RESTRICT hits) {
  using D = hn::CappedTag<T, 64 / sizeof(T)>;
  const D d;
  constexpr std::size_t width = hn::MaxLanes(D{}), vectors = near_panel_width / width;
  using vector = hn::Vec<D>;
  vector sum[R][vectors];
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t v = 0; v < vectors; ++v) sum[r][v] = hn::Zero(d);
  for (std::size_t k = 0; k < depth; ++k) {
    vector query[R];
    for (std::size_t r = 0; r < R; ++r) query[r] = hn::Set(d, queries[r * depth + k]);
    for (std::size_t v = 0; v < vectors; ++v) {
      const vector point = hn::LoadU(d, panel + k * near_panel_width + v * width);
      for (std::size_t r = 0; r < R; ++r) {
        const vector apart = hn::Sub(query[r], point);
        sum[r][v] = hn::MulAdd(apart, apart, sum[r][v]);
      }
    }
  }
  std::uint32_t any = 0;
  for (std::size_t r = 0; r < R; ++r) {
    const vector b = hn::Set(d, base[r]), s = hn::Set(d, slope[r]);
    std::uint32_t found = 0;
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto near = hn::Le(sum[r][v], hn::MulAdd(s, hn::LoadU(d, weight + v * width), b));
      std::uint8_t bytes[8] = {};
      hn::StoreMaskBits(d, near, bytes);
      std::uint32_t bits;
      std::memcpy(&bits, bytes, sizeof bits);
      found |= bits << (v * width);
    }
    hits[r] = found;
    any |= found;
  }
  return any;
}

template <class T>
HWY_INLINE std::uint32_t near_all(const T* queries, std::size_t n, const T* panel, const T* weight, std::size_t depth,
                                  const T* base, const T* slope, std::uint32_t* hits) {
  std::uint32_t any = 0;
  std::size_t q = 0;
  constexpr std::size_t width = hn::MaxLanes(hn::CappedTag<T, 64 / sizeof(T)>{});
  constexpr std::size_t together = near_panel_width / width <= 2 ? 4 : near_panel_width / width <= 4 ? 2 : 1;
  for (; q + together <= n; q += together)
    any |= near_of<together>(queries + q * depth, panel, weight, depth, base + q, slope + q, hits + q);
  for (; q < n; ++q) any |= near_of<1>(queries + q * depth, panel, weight, depth, base + q, slope + q, hits + q);
  return any;
}

template <class T>
HWY_INLINE void floors_of(const T* HWY_RESTRICT low, const T* HWY_RESTRICT high, const T* HWY_RESTRICT boxes, std::size_t depth,
                          T* HWY_RESTRICT floor) {
  using D = hn::CappedTag<T, 64 / sizeof(T)>;
  const D d;
  constexpr std::size_t width = hn::MaxLanes(D{}), vectors = box_group / width;
  hn::Vec<D> sum[vectors];
  for (std::size_t v = 0; v < vectors; ++v) sum[v] = hn::Zero(d);
  for (std::size_t k = 0; k < depth; ++k) {
    const auto least = hn::Set(d, low[k]), most = hn::Set(d, high[k]);
    const T* at = boxes + k * 2 * box_group;
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto above = hn::Sub(hn::LoadU(d, at + v * width), most),
                 below = hn::Sub(least, hn::LoadU(d, at + box_group + v * width));
      const auto gap = hn::Max(hn::Zero(d), hn::Max(above, below));
      sum[v] = hn::MulAdd(gap, gap, sum[v]);
    }
  }
  for (std::size_t v = 0; v < vectors; ++v) hn::StoreU(sum[v], d, floor + v * width);
}

}  // namespace

void box_floors_float_simd(const float* low, const float* high, const float* boxes, std::size_t depth, float* floor) {
  floors_of(low, high, boxes, depth, floor);
}

void box_floors_double_simd(const double* low, const double* high, const double* boxes, std::size_t depth, double* floor) {
  floors_of(low, high, boxes, depth, floor);
}

std::uint32_t near_float_simd(const float* queries, std::size_t n, const float* panel, const float* weight, std::size_t depth,
                              const float* base, const float* slope, std::uint32_t* hits) {
  return near_all(queries, n, panel, weight, depth, base, slope, hits);
}

std::uint32_t near_double_simd(const double* queries, std::size_t n, const double* panel, const double* weight, std::size_t depth,
                               const double* base, const double* slope, std::uint32_t* hits) {
  return near_all(queries, n, panel, weight, depth, base, slope, hits);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(near_float_simd);
HWY_EXPORT(near_double_simd);
HWY_EXPORT(box_floors_float_simd);
HWY_EXPORT(box_floors_double_simd);

template <class T>
static std::uint32_t near_scalar(const T* queries, std::size_t n, const T* panel, const T* weight, std::size_t depth,
                                 const T* base, const T* slope, std::uint32_t* hits) {
  std::uint32_t any = 0;
  for (std::size_t q = 0; q < n; ++q) {
    T sum[near_panel_width] = {};
    for (std::size_t k = 0; k < depth; ++k)
      for (std::size_t i = 0; i < near_panel_width; ++i) {
        const T apart = queries[q * depth + k] - panel[k * near_panel_width + i];
        sum[i] += apart * apart;
      }
    hits[q] = 0;
    for (std::size_t i = 0; i < near_panel_width; ++i)
      hits[q] |= static_cast<std::uint32_t>(sum[i] <= base[q] + slope[q] * weight[i]) << i;
    any |= hits[q];
  }
  return any;
}

template <class T>
static void box_floors_scalar(const T* low, const T* high, const T* boxes, std::size_t depth, T* floor) {
  for (std::size_t i = 0; i < box_group; ++i) floor[i] = 0;
  for (std::size_t k = 0; k < depth; ++k)
    for (std::size_t i = 0; i < box_group; ++i) {
      const T above = boxes[(2 * k) * box_group + i] - high[k], below = low[k] - boxes[(2 * k + 1) * box_group + i];
      const T gap = above > below ? above : below;
      if (gap > T{0}) floor[i] += gap * gap;
    }
}

near_panel<float> choose_near_panel_float(core::simd_level level) {
  if (level == core::simd_level::scalar) return &near_scalar<float>;
  return HWY_DISPATCH_TABLE(near_float_simd)[version_at(level)];
}

near_panel<double> choose_near_panel_double(core::simd_level level) {
  if (level == core::simd_level::scalar) return &near_scalar<double>;
  return HWY_DISPATCH_TABLE(near_double_simd)[version_at(level)];
}

box_floors<float> choose_box_floors_float(core::simd_level level) {
  if (level == core::simd_level::scalar) return &box_floors_scalar<float>;
  return HWY_DISPATCH_TABLE(box_floors_float_simd)[version_at(level)];
}

box_floors<double> choose_box_floors_double(core::simd_level level) {
  if (level == core::simd_level::scalar) return &box_floors_scalar<double>;
  return HWY_DISPATCH_TABLE(box_floors_double_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
