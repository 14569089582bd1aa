#include "kernels/start_potential.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/start_potential.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/points-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

using sums = hn::CappedTag<double, 8>;
constexpr std::size_t sums_width = hn::MaxLanes(sums{});

HWY_INLINE hn::Vec<sums> doubles_of(const float* x) { return hn::PromoteTo(sums{}, hn::LoadU(hn::Rebind<float, sums>{}, x)); }
HWY_INLINE hn::Vec<sums> doubles_of(const double* x) { return hn::LoadU(sums{}, x); }

// The sum of weight * value over a tile.
template <class T>
HWY_INLINE double weighted(const T* value, const double* weight) {
  const sums d;
  auto total = hn::Zero(d);
  for (std::size_t i = 0; i < tile_points<T>; i += sums_width)
    total = hn::MulAdd(doubles_of(value + i), hn::LoadU(d, weight + i), total);
  return hn::GetLane(hn::SumOfLanes(d, total));
}

template <class T>
HWY_INLINE void pass(const T* points, std::size_t depth, std::size_t count, const T* centers, std::size_t trials,
                     const double* weight, T* closest, double* potential, T* work) {
  const lanes_of<T> d;
  constexpr std::size_t n = tile_points<T>, most = 16;
  for (std::size_t t = 0; t < trials; ++t) potential[t] = 0;
  T near[n], least[most * n];
  double factor[n];
  const T* row[n];
  for (std::size_t first = 0; first < count; first += n) {
    const std::size_t some = count - first < n ? count - first : n;
    for (std::size_t i = 0; i < n; ++i) {
      row[i] = points + (first + (i < some ? i : some - 1)) * depth;
      near[i] = i < some ? closest[first + i] : T{0};
      factor[i] = i >= some ? 0.0 : weight == nullptr ? 1.0 : weight[first + i];
    }
    turn(row, depth, work);
    compare<T, true, 1>(work, depth, centers, nullptr, [&](std::size_t v, const auto& apart) HWY_ATTR {
      T* at = near + v * width_of<T>;
      hn::StoreU(hn::Min(hn::LoadU(d, at), apart[0]), d, at);
    });
    for (std::size_t i = 0; i < some; ++i) closest[first + i] = near[i];
    for (std::size_t t = 0; t < trials; t += most) {
      const std::size_t now = trials - t < most ? trials - t : most;
      compare_all<T, true>(
          work, depth, centers + (1 + t) * depth, nullptr, now,
          [&](std::size_t from, std::size_t v, const auto& near_by) HWY_ATTR {
            const auto so_far = hn::LoadU(d, near + v * width_of<T>);
            std::size_t c = from;
            for (const auto& apart : near_by) hn::StoreU(hn::Min(so_far, apart), d, least + c++ * n + v * width_of<T>);
          },
          [] {});
      for (std::size_t c = 0; c < now; ++c) potential[t + c] += weighted(least + c * n, factor);
    }
  }
}

}  // namespace

void pass_floats(const float* points, std::size_t depth, std::size_t count, const float* centers, std::size_t trials,
                 const double* weight, float* closest, double* potential, float* work) {
  pass(points, depth, count, centers, trials, weight, closest, potential, work);
}

void pass_doubles(const double* points, std::size_t depth, std::size_t count, const double* centers, std::size_t trials,
                  const double* weight, double* closest, double* potential, double* work) {
  pass(points, depth, count, centers, trials, weight, closest, potential, work);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(pass_floats);
HWY_EXPORT(pass_doubles);

template <class T>
static void pass_scalar(const T* points, std::size_t depth, std::size_t count, const T* centers, std::size_t trials,
                        const double* weight, T* closest, double* potential, T*) {
  const auto squared = [&](const T* x, std::size_t c) {
    T sum = 0;
    for (std::size_t j = 0; j < depth; ++j) {
      const T apart = x[j] - centers[c * depth + j];
      sum += apart * apart;
    }
    return sum;
  };
  for (std::size_t t = 0; t < trials; ++t) potential[t] = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const T* x = points + i * depth;
    const T here = squared(x, 0);
    if (here < closest[i]) closest[i] = here;
    for (std::size_t t = 0; t < trials; ++t) {
      const T apart = squared(x, 1 + t), least = apart < closest[i] ? apart : closest[i];
      potential[t] += (weight == nullptr ? 1.0 : weight[i]) * static_cast<double>(least);
    }
  }
}

start_potential<float> choose_start_potential(core::simd_level level, float) {
  if (level == core::simd_level::scalar) return &pass_scalar<float>;
  return HWY_DISPATCH_TABLE(pass_floats)[version_at(level)];
}

start_potential<double> choose_start_potential(core::simd_level level, double) {
  if (level == core::simd_level::scalar) return &pass_scalar<double>;
  return HWY_DISPATCH_TABLE(pass_doubles)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
