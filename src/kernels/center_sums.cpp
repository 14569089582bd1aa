#include "kernels/center_sums.hpp"

#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/center_sums.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef CLARION_KERNELS_CENTER_SUMS_LANES
#define CLARION_KERNELS_CENTER_SUMS_LANES
namespace clarion::kernels {
namespace {

// Squares are added up in so many sums whatever the width of a vector, column by column.
constexpr std::size_t square_lanes = 8;

inline double sum_of(const double* lane) {
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

}  // namespace
}  // namespace clarion::kernels
#endif

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
HWY_INLINE void move_rows(const T* points, std::size_t depth, const moves_in& moves, double* high, double* low) {
  const wide d;
  const std::size_t stride = sums_stride(depth), whole = depth / sum_width * sum_width;
  for (std::size_t i = 0; i < moves.count; ++i) {
    const T* x = points + std::size_t{moves.rows[i]} * depth;
    const std::size_t to = moves.to[i] * stride, from = moves.from == nullptr ? 0 : moves.from[i] * stride;
    const auto move = [&](hn::Vec<wide> v, std::size_t j) HWY_ATTR {
      if (moves.weight != nullptr) v = hn::Mul(hn::Set(d, moves.weight[i]), v);
      add(v, high + to + j, low + to + j);
      if (moves.from != nullptr) add(hn::Neg(v), high + from + j, low + from + j);
    };
    for (std::size_t j = 0; j < whole; j += sum_width) move(doubles_at(x + j), j);
    if (whole == depth) continue;
    T tail[sum_width] = {};
    for (std::size_t j = whole; j < depth; ++j) tail[j - whole] = x[j];
    move(doubles_at(tail), whole);
  }
}

template <class T>
HWY_INLINE double add_squares(const T* points, std::size_t n, std::size_t depth, const T* centers, const std::int32_t* label,
                              const double* weight) {
  const wide d;
  constexpr std::size_t vectors = square_lanes / sum_width;
  hn::Vec<wide> sum[vectors];
  for (auto& s : sum) s = hn::Zero(d);
  const std::size_t whole = depth / square_lanes * square_lanes;
  T x_tail[square_lanes] = {}, center_tail[square_lanes] = {};
  const auto add_lanes = [&](const T* x, const T* center, hn::Vec<wide> times) HWY_ATTR {
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto apart = hn::Sub(doubles_at(x + v * sum_width), doubles_at(center + v * sum_width));
      sum[v] = hn::Add(sum[v], hn::Mul(times, hn::Mul(apart, apart)));
    }
  };
  for (std::size_t r = 0; r < n; ++r) {
    const T *x = points + r * depth, *center = centers + static_cast<std::size_t>(label[r]) * depth;
    const auto times = hn::Set(d, weight == nullptr ? 1.0 : weight[r]);
    for (std::size_t j = 0; j < whole; j += square_lanes) add_lanes(x + j, center + j, times);
    if (whole == depth) continue;
    for (std::size_t j = whole; j < depth; ++j) {
      x_tail[j - whole] = x[j];
      center_tail[j - whole] = center[j];
    }
    add_lanes(x_tail, center_tail, times);
  }
  double lane[square_lanes];
  for (std::size_t v = 0; v < vectors; ++v) hn::StoreU(sum[v], d, lane + v * sum_width);
  return sum_of(lane);
}

}  // namespace

double squares_floats(const float* points, std::size_t n, std::size_t depth, const float* centers, const std::int32_t* label,
                      const double* weight) {
  return add_squares(points, n, depth, centers, label, weight);
}

double squares_doubles(const double* points, std::size_t n, std::size_t depth, const double* centers, const std::int32_t* label,
                       const double* weight) {
  return add_squares(points, n, depth, centers, label, weight);
}

void sum_floats(const float* points, std::size_t depth, const moves_in& moves, double* high, double* low) {
  move_rows(points, depth, moves, high, low);
}

void sum_doubles(const double* points, std::size_t depth, const moves_in& moves, double* high, double* low) {
  move_rows(points, depth, moves, high, low);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(sum_floats);
HWY_EXPORT(sum_doubles);
HWY_EXPORT(squares_floats);
HWY_EXPORT(squares_doubles);

template <class T>
static void sum_scalar(const T* points, std::size_t depth, const moves_in& moves, double* high, double* low) {
  const std::size_t stride = sums_stride(depth);
  for (std::size_t i = 0; i < moves.count; ++i) {
    const T* x = points + std::size_t{moves.rows[i]} * depth;
    const double weight = moves.weight == nullptr ? 1.0 : moves.weight[i];
    for (std::size_t j = 0; j < depth; ++j) {
      const double v = weight * static_cast<double>(x[j]);
      const std::size_t to = moves.to[i] * stride + j;
      add_exactly(v, high[to], low[to]);
      if (moves.from == nullptr) continue;
      const std::size_t from = moves.from[i] * stride + j;
      add_exactly(-v, high[from], low[from]);
    }
  }
}

template <class T>
static double squares_scalar(const T* points, std::size_t n, std::size_t depth, const T* centers, const std::int32_t* label,
                             const double* weight) {
  double lane[square_lanes] = {};
  for (std::size_t r = 0; r < n; ++r) {
    const T *x = points + r * depth, *center = centers + static_cast<std::size_t>(label[r]) * depth;
    const double times = weight == nullptr ? 1.0 : weight[r];
    for (std::size_t j = 0; j < depth; ++j) {
      const double apart = static_cast<double>(x[j]) - static_cast<double>(center[j]);
      lane[j % square_lanes] += times * (apart * apart);
    }
  }
  return sum_of(lane);
}

center_sums<float> choose_center_sums(core::simd_level level, float) {
  if (level == core::simd_level::scalar) return &sum_scalar<float>;
  return HWY_DISPATCH_TABLE(sum_floats)[version_at(level)];
}

center_sums<double> choose_center_sums(core::simd_level level, double) {
  if (level == core::simd_level::scalar) return &sum_scalar<double>;
  return HWY_DISPATCH_TABLE(sum_doubles)[version_at(level)];
}

center_squares<float> choose_center_squares(core::simd_level level, float) {
  if (level == core::simd_level::scalar) return &squares_scalar<float>;
  return HWY_DISPATCH_TABLE(squares_floats)[version_at(level)];
}

center_squares<double> choose_center_squares(core::simd_level level, double) {
  if (level == core::simd_level::scalar) return &squares_scalar<double>;
  return HWY_DISPATCH_TABLE(squares_doubles)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
