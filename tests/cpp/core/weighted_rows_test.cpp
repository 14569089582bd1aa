#include "kernels/weighted_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;

TEST_CASE("products, sums and Gram matrices of rows are right at every level, whatever the shape") {
  core::random_stream random(7);
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512})
    for (const std::size_t rows : {1u, 3u, 4u, 64u, 101u})
      for (const std::size_t columns : {8u, 16u, 24u, 40u, 56u, 72u, 104u}) {
        const std::size_t stride = columns + 3;
        std::vector<double> z(rows * stride), b(columns), weight(rows), root(rows), product(rows), sum(columns, 1),
            gram(columns * stride, 2);
        for (auto& v : z) v = random.normal();
        for (auto& v : b) v = random.normal();
        for (auto& v : weight) v = random.normal();
        for (auto& v : root) v = random.uniform();
        const auto before = z;
        kernels::choose_row_products(level)(z.data(), stride, rows, columns, b.data(), product.data());
        kernels::choose_row_sums(level)(z.data(), stride, rows, columns, weight.data(), sum.data());
        kernels::choose_weighted_gram(level)(z.data(), stride, rows, columns, root.data(), gram.data(), stride);
        double apart = 0;
        for (std::size_t r = 0; r < rows; ++r) {
          double wanted = 0;
          for (std::size_t j = 0; j < columns; ++j) wanted += before[r * stride + j] * b[j];
          apart = std::max(apart, std::abs(wanted - product[r]));
        }
        for (std::size_t i = 0; i < columns; ++i) {
          double wanted = 1;
          for (std::size_t r = 0; r < rows; ++r) wanted += before[r * stride + i] * weight[r];
          apart = std::max(apart, std::abs(wanted - sum[i]));
          for (std::size_t j = i; j < columns; ++j) {
            double square = 2;
            for (std::size_t r = 0; r < rows; ++r) square += root[r] * root[r] * before[r * stride + i] * before[r * stride + j];
            apart = std::max(apart, std::abs(square - gram[i * stride + j]));
          }
        }
        CHECK(apart < 1e-11);
      }
}
