#include "kernels/label_margins.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/label_margins.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/points-inl.hpp"

#ifndef CLARION_KERNELS_LABEL_MARGINS_ROUNDED
#define CLARION_KERNELS_LABEL_MARGINS_ROUNDED
namespace clarion::kernels {
namespace {

// Two roundings to the nearest go up by no more than this takes off.
template <class T>
constexpr T lowered = 1 - 2 * std::numeric_limits<T>::epsilon();

template <class T>
inline std::size_t label_of(label_margin<T> word, label_margin<T> mask) {
  return static_cast<std::size_t>(word & mask);
}

template <class T>
inline bool is_open(label_margin<T> word, const T* slack, label_margin<T> mask) {
  const label_margin<T> bits = word & ~mask;
  T margin;
  std::memcpy(&margin, &bits, sizeof margin);
  return !(margin > slack[label_of<T>(word, mask)]);
}

template <class T>
inline label_margin<T> word_of(std::uint32_t label, T margin, const T* slack, label_margin<T> mask) {
  const T sum = (margin + slack[label]) * lowered<T>;
  label_margin<T> bits;
  std::memcpy(&bits, &sum, sizeof bits);
  return (bits & ~mask) | label;
}

}  // namespace
}  // namespace clarion::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

template <class T>
using words_of = hn::RebindToUnsigned<lanes_of<T>>;

// slack[label] of each lane; `table`: the slacks where they are few enough for a register.
template <class T>
HWY_INLINE hn::Vec<lanes_of<T>> slack_of(hn::Vec<words_of<T>> label, hn::Vec<lanes_of<T>> table, const T* slack, std::size_t k) {
  const lanes_of<T> d;
  const hn::RebindToSigned<decltype(d)> numbers;
  if (k <= width_of<T>) return hn::TableLookupLanes(table, hn::IndicesFromVec(d, label));
  return hn::GatherIndex(d, slack, hn::BitCast(numbers, label));
}

template <class T>
HWY_INLINE hn::Vec<lanes_of<T>> few_slacks(const T* slack, std::size_t k) {
  T few[width_of<T>] = {};
  for (std::size_t c = 0; c < k && c < width_of<T>; ++c) few[c] = slack[c];
  return hn::LoadU(lanes_of<T>{}, few);
}

HWY_INLINE void store_places(hn::Vec<words_of<float>> v, std::uint32_t* to) { hn::StoreU(v, words_of<float>{}, to); }
HWY_INLINE void store_places(hn::Vec<words_of<double>> v, std::uint32_t* to) {
  const hn::Rebind<std::uint32_t, words_of<double>> narrow;
  hn::StoreU(hn::TruncateTo(narrow, v), narrow, to);
}

HWY_INLINE hn::Vec<words_of<float>> labels_at(const std::uint32_t* label, float) { return hn::LoadU(words_of<float>{}, label); }
HWY_INLINE hn::Vec<words_of<double>> labels_at(const std::uint32_t* label, double) {
  const words_of<double> wide;
  return hn::PromoteTo(wide, hn::LoadU(hn::Rebind<std::uint32_t, decltype(wide)>{}, label));
}

// Adds to `to` the places first, first + 1, ... of the lanes that are set.
template <class T, class Mask>
HWY_INLINE std::size_t add_places(Mask set, std::size_t first, std::uint32_t* to) {
  const words_of<T> w;
  if constexpr (HWY_TARGET <= HWY_AVX3) {
    const auto places = hn::Add(hn::Iota(w, 0), hn::Set(w, static_cast<label_margin<T>>(first)));
    store_places(hn::Compress(places, hn::RebindMask(w, set)), to);
    return hn::CountTrue(w, hn::RebindMask(w, set));
  } else {
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(lanes_of<T>{}, set, bits);
    std::size_t count = 0;
    for (std::size_t l = 0; l < width_of<T>; ++l) {
      to[count] = static_cast<std::uint32_t>(first + l);
      count += bits[0] >> l & 1u;
    }
    return count;
  }
}

template <class T>
HWY_INLINE std::size_t open_of(const label_margin<T>* words, const T* slack, std::size_t k, std::size_t n, std::uint32_t* rows,
                               label_margin<T>* open) {
  const lanes_of<T> d;
  const words_of<T> w;
  const label_margin<T> mask = label_mask<T>(k);
  const auto low = hn::Set(w, mask);
  const auto table = few_slacks(slack, k);
  std::size_t count = 0, i = 0;
  for (; i + width_of<T> <= n; i += width_of<T>) {
    const auto word = hn::LoadU(w, words + i);
    hwy::Prefetch(words + i + 1024);
    const auto bar = slack_of<T>(hn::And(word, low), table, slack, k);
    const auto set = hn::Le(hn::BitCast(d, hn::AndNot(low, word)), bar);
    if (hn::AllFalse(d, set)) continue;
    const std::size_t found = add_places<T>(set, i, rows + count);
    if constexpr (HWY_TARGET <= HWY_AVX3) {
      hn::StoreU(hn::Compress(word, hn::RebindMask(w, set)), w, open + count);
    } else {
      for (std::size_t f = count; f < count + found; ++f) open[f] = words[rows[f]];
    }
    count += found;
  }
  for (; i < n; ++i) {
    if (!is_open<T>(words[i], slack, mask)) continue;
    rows[count] = static_cast<std::uint32_t>(i);
    open[count++] = words[i];
  }
  return count;
}

template <class T>
HWY_INLINE std::size_t take(const std::uint32_t* label, const T* margin, const std::uint32_t* rows, std::size_t count,
                            const T* slack, std::size_t k, const label_margin<T>* before, label_margin<T>* words,
                            std::uint32_t* changed) {
  const lanes_of<T> d;
  const words_of<T> w;
  const label_margin<T> mask = label_mask<T>(k);
  const auto low = hn::Set(w, mask);
  const auto table = few_slacks(slack, k);
  std::size_t found = 0, i = 0;
  for (; i + width_of<T> <= count; i += width_of<T>) {
    const auto to = labels_at(label + i, T{});
    const auto sum = hn::Mul(hn::Add(hn::LoadU(d, margin + i), slack_of<T>(to, table, slack, k)), hn::Set(d, lowered<T>));
    label_margin<T> word[width_of<T>];
    hn::StoreU(hn::Or(hn::AndNot(low, hn::BitCast(w, sum)), to), w, word);
    for (std::size_t l = 0; l < width_of<T>; ++l) words[rows[i + l]] = word[l];
    const auto other = hn::Ne(hn::And(hn::LoadU(w, before + i), low), to);
    if (!hn::AllFalse(w, other)) found += add_places<T>(hn::RebindMask(d, other), i, changed + found);
  }
  for (; i < count; ++i) {
    words[rows[i]] = word_of<T>(label[i], margin[i], slack, mask);
    if (label_of<T>(before[i], mask) != label[i]) changed[found++] = static_cast<std::uint32_t>(i);
  }
  return found;
}

}  // namespace

std::size_t open_floats(const std::uint32_t* words, const float* slack, std::size_t k, std::size_t n, std::uint32_t* rows,
                        std::uint32_t* open) {
  return open_of(words, slack, k, n, rows, open);
}

std::size_t open_doubles(const std::uint64_t* words, const double* slack, std::size_t k, std::size_t n, std::uint32_t* rows,
                         std::uint64_t* open) {
  return open_of(words, slack, k, n, rows, open);
}

std::size_t take_floats(const std::uint32_t* label, const float* margin, const std::uint32_t* rows, std::size_t count,
                        const float* slack, std::size_t k, const std::uint32_t* before, std::uint32_t* words,
                        std::uint32_t* changed) {
  return take(label, margin, rows, count, slack, k, before, words, changed);
}

std::size_t take_doubles(const std::uint32_t* label, const double* margin, const std::uint32_t* rows, std::size_t count,
                         const double* slack, std::size_t k, const std::uint64_t* before, std::uint64_t* words,
                         std::uint32_t* changed) {
  return take(label, margin, rows, count, slack, k, before, words, changed);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(open_floats);
HWY_EXPORT(open_doubles);
HWY_EXPORT(take_floats);
HWY_EXPORT(take_doubles);

template <class T>
static std::size_t open_scalar(const label_margin<T>* words, const T* slack, std::size_t k, std::size_t n, std::uint32_t* rows,
                               label_margin<T>* open) {
  const label_margin<T> mask = label_mask<T>(k);
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    rows[count] = static_cast<std::uint32_t>(i);
    open[count] = words[i];
    count += is_open<T>(words[i], slack, mask);
  }
  return count;
}

template <class T>
static std::size_t take_scalar(const std::uint32_t* label, const T* margin, const std::uint32_t* rows, std::size_t count,
                               const T* slack, std::size_t k, const label_margin<T>* before, label_margin<T>* words,
                               std::uint32_t* changed) {
  const label_margin<T> mask = label_mask<T>(k);
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    words[rows[i]] = word_of<T>(label[i], margin[i], slack, mask);
    changed[found] = static_cast<std::uint32_t>(i);
    found += label_of<T>(before[i], mask) != label[i];
  }
  return found;
}

open_rows<float> choose_open_rows(core::simd_level level, float) {
  if (level == core::simd_level::scalar) return &open_scalar<float>;
  return HWY_DISPATCH_TABLE(open_floats)[version_at(level)];
}

open_rows<double> choose_open_rows(core::simd_level level, double) {
  if (level == core::simd_level::scalar) return &open_scalar<double>;
  return HWY_DISPATCH_TABLE(open_doubles)[version_at(level)];
}

take_labels<float> choose_take_labels(core::simd_level level, float) {
  if (level == core::simd_level::scalar) return &take_scalar<float>;
  return HWY_DISPATCH_TABLE(take_floats)[version_at(level)];
}

take_labels<double> choose_take_labels(core::simd_level level, double) {
  if (level == core::simd_level::scalar) return &take_scalar<double>;
  return HWY_DISPATCH_TABLE(take_doubles)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
