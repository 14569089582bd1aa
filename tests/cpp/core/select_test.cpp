#include "kernels/select.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;

TEST_CASE("what is no lower than the k-th highest is selected at every level") {
  core::random_stream random(3);
  for (const std::size_t n : {1u, 2u, 7u, 15u, 16u, 17u, 31u, 33u, 64u, 100u, 1000u, 5003u})
    for (const std::uint64_t kinds : {1u, 2u, 5u, 1u << 20}) {  // how many values there are: ties
      std::vector<float> scores(n + kernels::select_pad, -1.0f), work(scores.size());
      for (std::size_t i = 0; i < n; ++i) {
        scores[i] = static_cast<float>(random.below(kinds)) / 7;
        if (random.chance(0.01)) scores[i] = random.chance(0.5) ? 1e30f : 1e-40f;
      }
      if (n > 40) scores[20] = std::numeric_limits<float>::infinity();
      auto sorted = std::vector<float>(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(n));
      std::sort(sorted.begin(), sorted.end(), std::greater<>());
      for (const std::size_t k : {std::size_t{1}, std::size_t{2}, n / 10, n / 2, n - 1, n}) {
        if (k < 1 || k > n) continue;
        std::vector<std::uint32_t> expected;
        for (std::uint32_t i = 0; i < n; ++i)
          if (scores[i] >= sorted[k - 1]) expected.push_back(i);
        for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
          std::vector<std::uint32_t> got(n + kernels::select_pad);
          got.resize(kernels::choose_select(level)(scores.data(), n, k, work.data(), got.data()));
          CHECK(got == expected);
        }
      }
    }
}
