#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// A row's label and margin in a word as wide as a T: the label in the low bits, above them the beginning of a T that is not
/// greater than the margin. A row keeps its label as long as its margin is above the slack of that label.
template <class T>
using label_margin = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// The bits that hold one of k labels, at most 2^24.
template <class T>
constexpr label_margin<T> label_mask(std::size_t k) {
  return (label_margin<T>{1} << std::bit_width(k - 1)) - 1;
}

/// Rows past the last that are written at most.
constexpr std::size_t label_margins_beyond = 16;

/// The rows of n words that are open: their margin is not above slack[label], of k. In order, with their words.
template <class T>
using open_rows = std::size_t (*)(const label_margin<T>* words, const T* slack, std::size_t k, std::size_t n, std::uint32_t* rows,
                                  label_margin<T>* open);

/// Writes words[rows[i]] for i in [0, count): label[i], and margin[i], which is at least 0, with the slack of that label so far.
/// Finds which differ in label from before[i], their words so far: `changed` gets those i, in order. Returns how many.
template <class T>
using take_labels = std::size_t (*)(const std::uint32_t* label, const T* margin, const std::uint32_t* rows, std::size_t count,
                                    const T* slack, std::size_t k, const label_margin<T>* before, label_margin<T>* words,
                                    std::uint32_t* changed);

/// The versions for this CPU at the given level.
CLARION_API open_rows<float> choose_open_rows(core::simd_level level, float);
CLARION_API open_rows<double> choose_open_rows(core::simd_level level, double);
CLARION_API take_labels<float> choose_take_labels(core::simd_level level, float);
CLARION_API take_labels<double> choose_take_labels(core::simd_level level, double);

}  // namespace clarion::kernels
