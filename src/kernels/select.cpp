#include "kernels/select.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/select.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

// The bar is found by halving: floats that are not negative are ordered as their bits are, and what a half rules out is dropped.

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using numbers = hn::CappedTag<std::int32_t, 16>;
using number = hn::Vec<numbers>;
constexpr std::size_t select_width = hn::MaxLanes(numbers{});

HWY_INLINE number bits_at(const float* values, std::size_t i) {
  return hn::LoadU(numbers{}, reinterpret_cast<const std::int32_t*>(values) + i);
}

}  // namespace

std::size_t select_simd(const float* scores, std::size_t n, std::size_t k, float* work, std::uint32_t* positions) {
  const numbers d;
  std::int32_t low, high;
  const float* values = scores;
  std::size_t left = n;
  {
    number least = hn::Set(d, 0x7f800000), most = hn::Zero(d);
    for (std::size_t i = 0; i < n; i += select_width) {
      const auto real = hn::FirstN(d, n - i);
      const number v = bits_at(values, i);
      least = hn::Min(least, hn::IfThenElse(real, v, hn::Set(d, 0x7f800000)));
      most = hn::Max(most, hn::IfThenElseZero(real, v));
    }
    low = hn::GetLane(hn::MinOfLanes(d, least));
    high = hn::GetLane(hn::MaxOfLanes(d, most)) + 1;
  }
  while (k < left && high - low > 1) {
    const std::int32_t middle = low + (high - low) / 2;
    const number below = hn::Set(d, middle - 1);  // there is no comparison with >= of integers
    std::size_t above = 0, i = 0;
    for (; i + select_width <= left; i += select_width) above += hn::CountTrue(d, hn::Gt(bits_at(values, i), below));
    if (i < left) above += hn::CountTrue(d, hn::And(hn::FirstN(d, left - i), hn::Gt(bits_at(values, i), below)));
    const bool upper = above >= k;
    if (upper) {
      low = middle;
      if (above == k) break;
      if (above == left) continue;
    } else {
      high = middle;
      k -= above;
      if (above == 0) continue;
    }
    std::size_t kept = 0;
    for (i = 0; i < left; i += select_width) {
      const number v = bits_at(values, i);
      const auto over = hn::Gt(v, below);
      auto mask = upper ? over : hn::Not(over);
      if (i + select_width > left) mask = hn::And(mask, hn::FirstN(d, left - i));
      // Through a register: stores of selected lanes are slow on some processors.
      hn::StoreU(hn::Compress(v, mask), d, reinterpret_cast<std::int32_t*>(work) + kept);
      kept += hn::CountTrue(d, mask);
    }
    left = kept;
    values = work;
  }
  const number below = hn::Set(d, low - 1);
  std::size_t found = 0;
  for (std::size_t i = 0; i < n; i += select_width) {
    auto mask = hn::Gt(bits_at(scores, i), below);
    if (i + select_width > n) mask = hn::And(mask, hn::FirstN(d, n - i));
    hn::StoreU(hn::Compress(hn::Iota(d, static_cast<std::int32_t>(i)), mask), d,
               reinterpret_cast<std::int32_t*>(positions) + found);
    found += hn::CountTrue(d, mask);
  }
  return found;
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(select_simd);

static std::int32_t bits_of(float value) {
  std::int32_t out;
  std::memcpy(&out, &value, sizeof out);
  return out;
}

static std::size_t select_scalar(const float* scores, std::size_t n, std::size_t k, float* work, std::uint32_t* positions) {
  std::int32_t low = bits_of(scores[0]), high = low + 1;
  for (std::size_t i = 1; i < n; ++i) {
    const std::int32_t v = bits_of(scores[i]);
    low = v < low ? v : low;
    high = v >= high ? v + 1 : high;
  }
  const float* values = scores;
  std::size_t left = n;
  while (k < left && high - low > 1) {
    const std::int32_t middle = low + (high - low) / 2;
    std::size_t above = 0;
    for (std::size_t i = 0; i < left; ++i) above += bits_of(values[i]) >= middle;
    const bool upper = above >= k;
    if (upper) {
      low = middle;
      if (above == k) break;
      if (above == left) continue;
    } else {
      high = middle;
      k -= above;
      if (above == 0) continue;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < left; ++i) {
      work[kept] = values[i];
      kept += (bits_of(values[i]) >= middle) == upper;
    }
    left = kept;
    values = work;
  }
  std::size_t found = 0;
  for (std::size_t i = 0; i < n; ++i) {
    positions[found] = static_cast<std::uint32_t>(i);
    found += bits_of(scores[i]) >= low;
  }
  return found;
}

select choose_select(core::simd_level level) {
  if (level == core::simd_level::scalar) return &select_scalar;
  return HWY_DISPATCH_TABLE(select_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
