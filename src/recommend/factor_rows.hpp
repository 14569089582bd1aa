#pragma once

// What the models with vectors of users and items share.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/random.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::recommend {

constexpr std::size_t padded(std::size_t factors) { return (factors + 15) / 16 * 16; }
constexpr std::size_t blocks_of(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

// Calls body(row) for each row, blocks of them at the same time.
template <class Body>
void parallel_rows(std::size_t rows, const run_options& run, Body&& body) {
  constexpr std::size_t block_rows = 1024;
  core::parallel_blocks(blocks_of(rows, block_rows), run, [&](std::size_t block) {
    for (std::size_t r = block * block_rows; r < std::min(rows, (block + 1) * block_rows); ++r) body(r);
  });
}

// Vectors of one side, padded with zeros to whole registers.
struct factor_rows {
  std::size_t rows = 0, factors = 0, stride = 0;
  std::vector<float> data;

  factor_rows() = default;
  factor_rows(std::size_t rows_, std::size_t factors_)
      : rows(rows_), factors(factors_), stride(padded(factors_)), data(rows_ * stride) {}
  factor_rows(const std::vector<float>& packed, std::size_t rows_, std::size_t factors_) : factor_rows(rows_, factors_) {
    if (packed.size() != rows * factors)
      reject("model", std::to_string(packed.size()) + " numbers",
             "give " + std::to_string(rows) + " vectors of " + std::to_string(factors));
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(packed.data() + r * factors, factors, row(r));
  }

  float* row(std::size_t r) { return data.data() + r * stride; }
  const float* row(std::size_t r) const { return data.data() + r * stride; }
  std::vector<float> packed() const {
    std::vector<float> out(rows * factors);
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(row(r), factors, out.data() + r * factors);
    return out;
  }

  // The first `count` of each row, uniform, of standard deviation 0.1 / sqrt(count).
  void draw(std::size_t count, std::uint64_t seed, std::uint32_t room, const run_options& run) {
    const double most = 0.1 * std::sqrt(3 / static_cast<double>(count));
    parallel_rows(rows, run, [&](std::size_t r) {
      core::random_stream random(seed, r, room);
      for (std::size_t j = 0; j < count; ++j) row(r)[j] = static_cast<float>(most * (0x1p-31 * random.bits() - 1));
    });
  }
};

// What a row of n entries costs to solve, in multiplications.
inline double work_of(std::uint64_t n, std::size_t factors) {
  const auto few = static_cast<double>(std::min<std::uint64_t>(n, factors)), d = static_cast<double>(factors);
  return few * few * std::max(static_cast<double>(n), d) + few * few * few / 3 + 2 * static_cast<double>(n) * d;
}

// Rows by length, longest first, cut into blocks of about equal work.
struct row_schedule {
  std::vector<std::uint32_t> rows;
  std::vector<std::size_t> edge{0};

  row_schedule(const core::sparse_view& of, std::size_t factors) : rows(of.rows) {
    constexpr double least_blocks = 512, most_work = 3e8;  // a block is done before a stop is noticed
    std::iota(rows.begin(), rows.end(), 0u);
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) { return of.length(a) > of.length(b); });
    double all = 0, here = 0;
    for (std::size_t r = 0; r < of.rows; ++r) all += work_of(of.length(r), factors);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      here += work_of(of.length(rows[i]), factors);
      if (here >= std::min(all / least_blocks, most_work) || i + 1 == rows.size()) {
        edge.push_back(i + 1);
        here = 0;
      }
    }
  }
  std::size_t blocks() const { return edge.size() - 1; }
};

}  // namespace clarion::recommend
