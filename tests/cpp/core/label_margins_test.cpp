#include "kernels/label_margins.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;

namespace {

template <class T>
using word = kernels::label_margin<T>;

template <class T>
T margin_in(word<T> w, std::size_t k) {
  return std::bit_cast<T>(static_cast<word<T>>(w & ~kernels::label_mask<T>(k)));
}

template <class T>
void check_open(std::size_t n, std::size_t k, core::random_stream& random) {
  CAPTURE(n);
  CAPTURE(k);
  const word<T> mask = kernels::label_mask<T>(k);
  std::vector<word<T>> words(n);
  std::vector<T> slack(k);
  for (auto& v : slack) v = static_cast<T>(random.below(4));
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto label = static_cast<std::size_t>(random.below(k));
    const auto margin = static_cast<T>(random.below(4));
    words[i] = (std::bit_cast<word<T>>(margin) & ~mask) | static_cast<word<T>>(label);
    if (margin_in<T>(words[i], k) <= slack[label]) expected.push_back(i);
  }
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
    std::vector<std::uint32_t> rows(n + kernels::label_margins_beyond);
    std::vector<word<T>> open(n + kernels::label_margins_beyond);
    rows.resize(kernels::choose_open_rows(level, T{})(words.data(), slack.data(), k, n, rows.data(), open.data()));
    REQUIRE(rows == expected);
    for (std::size_t i = 0; i < rows.size(); ++i) REQUIRE(open[i] == words[rows[i]]);
  }
}

template <class T>
void check_take(std::size_t n, std::size_t k, core::random_stream& random) {
  CAPTURE(n);
  CAPTURE(k);
  const word<T> mask = kernels::label_mask<T>(k);
  std::vector<T> slack(k), margin(n);
  for (auto& v : slack) v = static_cast<T>(random.uniform() * 3);
  std::vector<std::uint32_t> rows(n), label(n), expected;
  std::vector<word<T>> before(n), begin(3 * n + 1, word<T>{7});
  for (std::uint32_t i = 0; i < n; ++i) {
    rows[i] = 3 * i + 1;
    label[i] = static_cast<std::uint32_t>(random.below(k));
    before[i] = static_cast<word<T>>(random.below(k));
    margin[i] = i % 5 == 0 ? T{0} : static_cast<T>(std::pow(random.uniform(), 9.0));
    if (before[i] != label[i]) expected.push_back(i);
  }
  if (n > 0) margin[n / 2] = std::numeric_limits<T>::infinity();
  std::vector<word<T>> first;
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
    auto words = begin;
    std::vector<std::uint32_t> changed(n + kernels::label_margins_beyond);
    changed.resize(kernels::choose_take_labels(level, T{})(label.data(), margin.data(), rows.data(), n, slack.data(), k,
                                                           before.data(), words.data(), changed.data()));
    REQUIRE(changed == expected);
    for (std::size_t i = 0; i < n; ++i) {
      REQUIRE((words[rows[i]] & mask) == label[i]);
      const auto kept = static_cast<long double>(margin_in<T>(words[rows[i]], k));
      const long double whole = static_cast<long double>(margin[i]) + static_cast<long double>(slack[label[i]]);
      REQUIRE(kept <= whole);
      const int bits = std::numeric_limits<T>::digits - 1 - std::popcount(mask);
      if (!std::isinf(margin[i])) REQUIRE(kept >= whole * (1 - std::ldexp(1.0L, -bits) - 8 * std::numeric_limits<T>::epsilon()));
    }
    for (std::size_t i = 0; i < words.size(); i += 3) REQUIRE(words[i] == 7);
    if (first.empty()) first = words;
    CHECK(words == first);
  }
}

}  // namespace

TEST_CASE("rows are open whose margin is not above the slack of their label") {
  core::random_stream random(4);
  for (const std::size_t k : {1u, 2u, 3u, 8u, 9u, 16u, 17u, 100u, 5000u})
    for (const std::size_t n : {0u, 1u, 7u, 8u, 16u, 33u, 1000u}) {
      check_open<float>(n, k, random);
      check_open<double>(n, k, random);
    }
}

TEST_CASE("a label is kept beside the beginning of its margin, and changes are told in order") {
  core::random_stream random(5);
  for (const std::size_t k : {1u, 2u, 3u, 8u, 9u, 16u, 17u, 100u, 5000u})
    for (const std::size_t n : {0u, 1u, 7u, 8u, 16u, 33u, 1000u}) {
      check_take<float>(n, k, random);
      check_take<double>(n, k, random);
    }
}
