#include "kernels/column_products.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;

TEST_CASE("products of columns are added at every level, whatever the shape") {
  core::random_stream random(5);
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512})
    for (const std::size_t rows : {1u, 5u, 300u})
      for (const std::size_t n : {1u, 3u, 4u, 9u, 33u})
        for (const std::size_t columns : {16u, 48u, 64u, 80u}) {
          const std::size_t a_stride = n + 2, b_stride = columns + 1;
          std::vector<float> a(rows * a_stride), b(rows * b_stride), c(n * columns, 1.0f);
          for (auto& v : a) v = static_cast<float>(random.normal());
          for (auto& v : b) v = static_cast<float>(random.normal());
          kernels::choose_column_products(level)(a.data(), a_stride, n, b.data(), b_stride, c.data(), columns, rows, columns);
          double apart = 0;
          for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < columns; ++j) {
              double sum = 1;
              for (std::size_t r = 0; r < rows; ++r) sum += double{a[r * a_stride + i]} * b[r * b_stride + j];
              apart = std::max(apart, std::abs(sum - c[i * columns + j]));
            }
          CHECK(apart < 1e-3);
        }
}
