#include "kernels/nearest_center.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/nearest_center.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/points-inl.hpp"

// Squared distances are off by no more than a share of themselves (differences), or of (|x| + |c|)^2 (products): a rounding for
// each column and a few more, twice as much to be sure.

#ifndef CLARION_KERNELS_NEAREST_LIMITS
#define CLARION_KERNELS_NEAREST_LIMITS
namespace clarion::kernels {
namespace {

template <class T>
struct limits_of;
template <>
struct limits_of<float> {
  static constexpr float epsilon = 0x1p-23f, least = 0x1p-126f, most = 0x1.fffffep127f, infinity = __builtin_huge_valf();
};
template <>
struct limits_of<double> {
  static constexpr double epsilon = 0x1p-52, least = 0x1p-1022, most = 0x1.fffffffffffffp1023, infinity = __builtin_huge_val();
};

}  // namespace
}  // namespace clarion::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

template <class T>
struct best_two {
  T best[tile_points<T>], second[tile_points<T>], label[tile_points<T>];
};

// Meanwhile `next`, rows that are about to be looked at, come from memory: some before each tile of centers, for not all at once
// have a place to wait in.
template <class T, bool Direct>
HWY_INLINE void nearest_two(const T* turned, const centers_in<T>& in, const T* const* next, best_two<T>& found) {
  const lanes_of<T> d;
  for (std::size_t v = 0; v < tile_points<T>; v += width_of<T>) {
    hn::StoreU(hn::Set(d, limits_of<T>::infinity), d, found.best + v);
    hn::StoreU(hn::Set(d, limits_of<T>::infinity), d, found.second + v);
    hn::StoreU(hn::Zero(d), d, found.label + v);
  }
  const std::size_t each = (tile_points<T> + center_tiles(in.k) - 1) / center_tiles(in.k);
  std::size_t asked = next == nullptr ? tile_points<T> : 0;
  compare_all<T, Direct>(
      turned, in.depth, in.center, in.half_square, in.k,
      [&](std::size_t first, std::size_t v, const auto& sums) HWY_ATTR {
        const std::size_t at = v * width_of<T>;
        const auto before = hn::LoadU(d, found.best + at);
        auto best = before, second = hn::LoadU(d, found.second + at), label = hn::Zero(d);
        constexpr std::size_t count = sizeof(sums) / sizeof(sums[0]);
        for (std::size_t c = 0; c < count; ++c) {
          label = hn::IfThenElse(hn::Lt(sums[c], best), hn::Set(d, static_cast<T>(c)), label);
          second = hn::Min(second, hn::Max(best, sums[c]));
          best = hn::Min(best, sums[c]);
        }
        label = hn::IfThenElse(hn::Lt(best, before), hn::Add(label, hn::Set(d, static_cast<T>(first))),
                               hn::LoadU(d, found.label + at));
        hn::StoreU(best, d, found.best + at);
        hn::StoreU(second, d, found.second + at);
        hn::StoreU(label, d, found.label + at);
      },
      [&] {
        const std::size_t now = tile_points<T> - asked < each ? tile_points<T> - asked : each;
        fetch_rows(next + asked, now, in.depth);
        asked += now;
      });
}

// Squares of the rows, after the shift is taken off them.
template <class T>
HWY_INLINE void shift_rows(T* HWY_RESTRICT turned, const centers_in<T>& in, T* square) {
  const lanes_of<T> d;
  vector_of<T> sum[tile_vectors];
  for (std::size_t v = 0; v < tile_vectors; ++v) sum[v] = hn::Zero(d);
  for (std::size_t j = 0; j < in.depth; ++j) {
    const auto shift = hn::Set(d, in.shift[j]);
    for (std::size_t v = 0; v < tile_vectors; ++v) {
      T* at = turned + j * tile_points<T> + v * width_of<T>;
      const auto x = hn::Sub(hn::LoadU(d, at), shift);
      hn::StoreU(x, d, at);
      sum[v] = hn::MulAdd(x, x, sum[v]);
    }
  }
  for (std::size_t v = 0; v < tile_vectors; ++v) hn::StoreU(sum[v], d, square + v * width_of<T>);
}

HWY_INLINE void store_numbers(vector_of<float> values, std::uint32_t* to) {
  const hn::RebindToSigned<lanes_of<float>> numbers;
  hn::StoreU(hn::ConvertTo(numbers, values), numbers, reinterpret_cast<std::int32_t*>(to));
}

HWY_INLINE void store_numbers(vector_of<double> values, std::uint32_t* to) {
  const hn::Rebind<std::int32_t, lanes_of<double>> numbers;
  hn::StoreU(hn::DemoteTo(numbers, values), numbers, reinterpret_cast<std::int32_t*>(to));
}

template <class T>
std::size_t nearest_rows(const T* points, const std::uint32_t* rows, std::size_t count, std::size_t known,
                         const centers_in<T>& in, T* work, std::uint32_t* label, T* margin) {
  const lanes_of<T> d;
  constexpr std::size_t n = tile_points<T>;
  const bool direct = in.half_square == nullptr;
  const T epsilon = limits_of<T>::epsilon;
  const T share = static_cast<T>(in.depth + 8) * epsilon;
  // What is lost below the smallest normal number.
  const auto least = hn::Set(d, static_cast<T>(in.depth + 8) * limits_of<T>::least);
  best_two<T> found;
  T square[n], margins[n];
  std::uint32_t labels[n];
  // Rows are asked for two tiles ahead.
  const T* ring[3][n];
  std::size_t open = 0;
  for (std::size_t t = 0; t < 2 && t * n < count; ++t) {
    find_rows(points, rows + t * n, known - t * n, in.depth, ring[t]);
    fetch_rows(ring[t], n, in.depth);
  }
  for (std::size_t first = 0, tile = 0; first < count; first += n, ++tile) {
    const std::size_t some = count - first < n ? count - first : n;
    const T* const* row = ring[tile % 3];
    const T** next = first + 2 * n < known ? ring[(tile + 2) % 3] : nullptr;
    if (next != nullptr) find_rows(points, rows + first + 2 * n, known - first - 2 * n, in.depth, next);
    turn(row, in.depth, work);
    if (direct) {
      nearest_two<T, true>(work, in, next, found);
    } else {
      shift_rows(work, in, square);
      nearest_two<T, false>(work, in, next, found);
    }
    for (std::size_t at = 0; at < n; at += width_of<T>) {
      auto best = hn::LoadU(d, found.best + at), second = hn::LoadU(d, found.second + at);
      vector_of<T> off_best, off_second;
      if (direct) {
        off_best = hn::MulAdd(best, hn::Set(d, share), least);
        off_second = hn::Add(hn::Mul(second, hn::Set(d, share)), least);
        // Infinity stands for no second.
        off_second = hn::IfThenElse(hn::Lt(second, hn::Set(d, limits_of<T>::most)), off_second, hn::Zero(d));
      } else {
        const auto x = hn::LoadU(d, square + at);
        best = hn::MulAdd(hn::Set(d, T{2}), best, x);
        second = hn::MulAdd(hn::Set(d, T{2}), second, x);
        const auto span = hn::Add(hn::Sqrt(x), hn::Set(d, in.reach));
        off_best = off_second = hn::MulAdd(hn::Mul(span, span), hn::Set(d, share), least);
      }
      const auto near = hn::Sqrt(hn::Add(hn::Max(best, hn::Zero(d)), off_best));
      const auto far = hn::Sqrt(hn::Max(hn::Sub(second, off_second), hn::Zero(d)));
      const auto apart = hn::Sub(hn::Mul(far, hn::Set(d, 1 - 4 * epsilon)), hn::Mul(near, hn::Set(d, 1 + 4 * epsilon)));
      hn::StoreU(apart, d, (some == n ? margin + first : margins) + at);
      if (some == n) open += width_of<T> - hn::CountTrue(d, hn::Gt(apart, hn::Zero(d)));
      store_numbers(hn::LoadU(d, found.label + at), (some == n ? label + first : labels) + at);
    }
    for (std::size_t i = 0; some < n && i < some; ++i) {
      label[first + i] = labels[i];
      margin[first + i] = margins[i];
      open += !(margins[i] > 0);
    }
  }
  return open;
}

}  // namespace

std::size_t nearest_floats(const float* points, const std::uint32_t* rows, std::size_t count, std::size_t known,
                           const centers_in<float>& in, float* work, std::uint32_t* label, float* margin) {
  return nearest_rows(points, rows, count, known, in, work, label, margin);
}

std::size_t nearest_doubles(const double* points, const std::uint32_t* rows, std::size_t count, std::size_t known,
                            const centers_in<double>& in, double* work, std::uint32_t* label, double* margin) {
  return nearest_rows(points, rows, count, known, in, work, label, margin);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(nearest_floats);
HWY_EXPORT(nearest_doubles);

// Always from differences: products are the faster way of vectors alone.
template <class T>
static std::size_t nearest_scalar(const T* points, const std::uint32_t* rows, std::size_t count, std::size_t,
                                  const centers_in<T>& in, T* work, std::uint32_t* label, T* margin) {
  const T epsilon = limits_of<T>::epsilon, share = static_cast<T>(in.depth + 8) * epsilon,
          least = static_cast<T>(in.depth + 8) * limits_of<T>::least, none = limits_of<T>::infinity;
  std::size_t open = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const T* x = points + std::size_t{rows[i]} * in.depth;
    for (std::size_t j = 0; j < in.depth; ++j) work[j] = in.half_square == nullptr ? x[j] : x[j] - in.shift[j];
    T best = none, second = none, square = 0;
    for (std::size_t j = 0; j < in.depth; ++j) square += work[j] * work[j];
    for (std::size_t c = 0; c < in.k; ++c) {
      T sum = 0;
      for (std::size_t j = 0; j < in.depth; ++j) {
        const T apart = work[j] - in.center[c * in.depth + j];
        sum += apart * apart;
      }
      if (sum < best) {
        second = best;
        best = sum;
        label[i] = static_cast<std::uint32_t>(c);
      } else if (sum < second) {
        second = sum;
      }
    }
    T off_best = best * share + least, off_second = second < none ? second * share + least : 0;
    if (in.half_square != nullptr) {
      const T span = std::sqrt(square) + in.reach;
      off_best = off_second = span * span * share + least;
    }
    const T far = std::sqrt(second > off_second ? second - off_second : 0), near = std::sqrt(best + off_best);
    margin[i] = far * (1 - 4 * epsilon) - near * (1 + 4 * epsilon);
    open += !(margin[i] > 0);
  }
  return open;
}

nearest_center<float> choose_nearest_center(core::simd_level level, float) {
  if (level == core::simd_level::scalar) return &nearest_scalar<float>;
  return HWY_DISPATCH_TABLE(nearest_floats)[version_at(level)];
}

nearest_center<double> choose_nearest_center(core::simd_level level, double) {
  if (level == core::simd_level::scalar) return &nearest_scalar<double>;
  return HWY_DISPATCH_TABLE(nearest_doubles)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
