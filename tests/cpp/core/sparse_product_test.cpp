#include "kernels/sparse_product.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using core::simd_level;

TEST_CASE("rows of a sparse matrix times a dense one at every level") {
  core::random_stream random(3);
  const std::size_t rows = 40, inner = 70;
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> index;
  std::vector<float> value;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < inner; ++c)
      if (r % 7 != 2 && random.chance(0.3)) index.push_back(c), value.push_back(static_cast<float>(random.normal()));
    offsets.push_back(index.size());
  }
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512})
    for (const std::size_t columns : {16u, 32u, 48u, 64u, 112u, 128u, 208u})
      for (const bool weighted : {true, false}) {
        const std::size_t x_stride = columns + 3, out_stride = columns + 5;
        std::vector<float> x(inner * x_stride), out(rows * out_stride, 7.0f);
        for (auto& v : x) v = static_cast<float>(random.normal());
        // The rows after the first, whose offsets begin elsewhere than at 0.
        kernels::choose_sparse_product(level)(offsets.data() + 1, index.data(), weighted ? value.data() : nullptr, rows - 1,
                                              x.data(), x_stride, out.data(), out_stride, columns);
        double apart = 0;
        for (std::size_t r = 0; r + 1 < rows; ++r) {
          for (std::size_t j = 0; j < columns; ++j) {
            double sum = 0;
            for (std::uint64_t e = offsets[r + 1]; e < offsets[r + 2]; ++e)
              sum += (weighted ? double{value[e]} : 1.0) * x[index[e] * x_stride + j];
            apart = std::max(apart, std::abs(sum - out[r * out_stride + j]));
          }
          CHECK(out[r * out_stride + columns] == 7.0f);
        }
        CHECK(apart < 1e-4);
      }
}
