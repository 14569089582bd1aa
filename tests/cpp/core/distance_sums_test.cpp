#include "kernels/distance_sums.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;
using kernels::distance_panel;

TEST_CASE("sums of distances are those of every pair, at every level") {
  for (const simd_level level : {simd_level::scalar, simd_level::avx2, simd_level::avx512})
    for (const std::size_t depth : {1u, 2u, 7u, 64u})
      for (const std::size_t count : {0u, 1u, 3u, 8u, 15u, 16u, 17u, 40u})
        for (const std::size_t rows : {1u, 3u, 4u, 9u}) {
          core::random_stream random(7, depth * 1000 + count);
          std::vector<double> x(rows * depth + 1);
          for (double& v : x) v = random.normal();
          // One element off what a vector would be aligned to.
          const double* at = x.data() + 1;
          std::vector<double> panels((count + distance_panel - 1) / distance_panel * distance_panel * depth, 1e6);
          std::vector<double> sums(rows, 0.5), expected(rows, 0.5);
          for (std::size_t j = 0; j < count; ++j) {
            std::vector<double> square(rows);
            for (std::size_t k = 0; k < depth; ++k) {
              const double v = random.normal();
              panels[(j / distance_panel * depth + k) * distance_panel + j % distance_panel] = v;
              for (std::size_t r = 0; r < rows; ++r) square[r] += (at[r * depth + k] - v) * (at[r * depth + k] - v);
            }
            for (std::size_t r = 0; r < rows; ++r) expected[r] += std::sqrt(square[r]);
          }
          kernels::choose_distance_sums(level)(at, rows, panels.data(), depth, count, sums.data());
          for (std::size_t r = 0; r < rows; ++r) CHECK(sums[r] == doctest::Approx(expected[r]).epsilon(1e-13));
        }
}
