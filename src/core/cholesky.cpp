#include "clarion/core/cholesky.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/error.hpp"
#include "kernels/cholesky.hpp"
#include "kernels/panel_product.hpp"

namespace clarion::core {

namespace {

using kernels::panel_rows;
using kernels::product_into;

// Three tiles of this size fit into the cache of a core; a multiple of the 48 columns that a product takes at a time.
constexpr std::size_t block_rows = 240;
constexpr std::size_t chunk_rows = 48;
constexpr std::size_t panel_size = panel_rows * block_rows;
constexpr std::size_t block_size = block_rows * block_rows;

// Gauss-Jordan elimination of a symmetric matrix by blocks, on its lower triangle (the sweep operator). Once the rows of a set S
// of blocks are swept, the part S x S is the negative inverse of what was there, the rest x S its product with that inverse, and
// the rest x rest the Schur complement. A step takes the next diagonal block D = l l', subtracts v v' from all blocks of other
// rows, v = a l'^-1 for the column a of that block, and puts a D^-1 = v l^-1 into the column.
class sweep {
public:
  sweep(float* matrix, std::size_t n)
      : a_(matrix),
        n_(n),
        blocks_((n + block_rows - 1) / block_rows),
        v_(blocks_ * block_size),
        pivot_(block_size),
        inverse_(block_size),
        by_row_(block_size),
        by_column_(block_size),
        least_(n),
        product_(kernels::choose_panel_product(permitted_simd())),
        cholesky_(kernels::choose_cholesky(permitted_simd())),
        invert_(kernels::choose_invert_triangle(permitted_simd())) {
    // A pivot that is rounding error of its diagonal says nothing.
    for (std::size_t i = 0; i < n; ++i) least_[i] = std::max(0.0f, a_[i * n + i]) * std::numeric_limits<float>::epsilon();
  }

  void run(const run_options& run) {
    if (n_ == 0) return;
    factor(0);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> tiles;
    for (std::size_t k = 0; k < blocks_; ++k) {
      const auto part = [&](double from, double to) {
        const auto steps = static_cast<double>(blocks_), at = static_cast<double>(k);
        return part_of(run, 0.97 * (at + from) / steps, 0.97 * (at + to) / steps);
      };
      parallel_blocks(blocks_, part(0, 0.05), [&](std::size_t i) { i == k ? put_pivot(k) : put_column(k, i); });
      // The next diagonal block first: it is factorized while the other tiles are under way.
      tiles.clear();
      if (k + 1 < blocks_) tiles.emplace_back(k + 1, k + 1);
      for (std::size_t i = 0; i < blocks_; ++i)
        for (std::size_t j = 0; j <= i; ++j)
          if (i != k && j != k && !(i == k + 1 && j == k + 1)) tiles.emplace_back(i, j);
      parallel_blocks(tiles.size(), part(0.05, 1), [&](std::size_t t) {
        const auto [i, j] = tiles[t];
        product_(v(i), panel_size, v(j), panel_size, rows_of(k), at(i, j), n_, panel_rows, rows_of(i), rows_of(j),
                 product_into::subtract, i == j);
        if (t == 0 && k + 1 < blocks_) factor(k + 1);
      });
    }
    parallel_blocks(blocks_, part_of(run, 0.97, 1), [&](std::size_t i) { turn_sign(i); });
  }

private:
  std::size_t rows_of(std::size_t block) const { return std::min(block_rows, n_ - block * block_rows); }
  float* at(std::size_t i, std::size_t j) { return a_ + i * block_rows * n_ + j * block_rows; }
  float* v(std::size_t block) { return v_.data() + block * block_size; }

  // l^-1 of a diagonal block, packed by its rows and by its columns.
  void factor(std::size_t k) {
    const std::size_t rows = rows_of(k);
    const float* from = at(k, k);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j <= i; ++j) pivot_[j * block_rows + i] = from[i * n_ + j];
    const std::size_t done = cholesky_(pivot_.data(), rows, block_rows, rows, least_.data() + k * block_rows);
    if (done != rows)
      throw error("the matrix is not positive definite in single precision (row " + std::to_string(k * block_rows + done) +
                  "): add more to its diagonal");
    invert_(pivot_.data(), rows, block_rows, inverse_.data());
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < rows; ++j) {
        const float x = inverse_[i * block_rows + j];
        by_row_[i / panel_rows * panel_size + j * panel_rows + i % panel_rows] = x;
        by_column_[j / panel_rows * panel_size + i * panel_rows + j % panel_rows] = x;
      }
  }

  // -D^-1 = -l'^-1 l^-1
  void put_pivot(std::size_t k) {
    const std::size_t rows = rows_of(k);
    for (std::size_t i = 0; i < rows; ++i) std::fill_n(at(k, k) + i * n_, i + 1, 0.0f);
    for (std::size_t i = 0; i < rows; i += chunk_rows) {
      const float* from = by_column_.data() + i / panel_rows * panel_size + i * panel_rows;
      const std::size_t chunk = std::min(chunk_rows, rows - i);
      float* to = at(k, k) + i * n_;
      // Left of the diagonal, then on it.
      product_(from, panel_size, by_column_.data() + i * panel_rows, panel_size, rows - i, to, n_, panel_rows, chunk, i,
               product_into::subtract, false);
      product_(from, panel_size, from, panel_size, rows - i, to + i, n_, panel_rows, chunk, chunk, product_into::subtract, true);
    }
  }

  // v of one block of rows, and its part of the column.
  void put_column(std::size_t k, std::size_t i) {
    const std::size_t rows = rows_of(i), depth = rows_of(k);
    const auto column = std::make_unique<float[]>(block_size);
    if (i > k) {
      for (std::size_t r = 0; r < rows; ++r) {
        const float* from = at(i, k) + r * n_;
        float* to = column.get() + r / panel_rows * panel_size + r % panel_rows;
        for (std::size_t c = 0; c < depth; ++c) to[c * panel_rows] = from[c];
      }
    } else {
      for (std::size_t p = 0; p < rows / panel_rows; ++p)
        for (std::size_t c = 0; c < depth; ++c)
          std::copy_n(at(k, i) + c * n_ + p * panel_rows, panel_rows, column.get() + p * panel_size + c * panel_rows);
    }
    for (std::size_t c = 0; c < depth; c += chunk_rows) {
      const std::size_t chunk = std::min(chunk_rows, depth - c);
      product_(by_row_.data() + c / panel_rows * panel_size, panel_size, column.get(), panel_size, c + chunk,
               v(i) + c * panel_rows, panel_rows, panel_size, chunk, block_rows, product_into::assign, false);
    }
    for (std::size_t c = 0; c < depth; c += chunk_rows) {
      const std::size_t chunk = std::min(chunk_rows, depth - c);
      const float *left = v(i) + c * panel_rows, *right = by_column_.data() + c / panel_rows * panel_size + c * panel_rows;
      if (i > k)
        product_(left, panel_size, right, panel_size, depth - c, at(i, k) + c, n_, panel_rows, rows, chunk, product_into::assign,
                 false);
      else
        product_(right, panel_size, left, panel_size, depth - c, at(k, i) + c * n_, n_, panel_rows, chunk, rows,
                 product_into::assign, false);
    }
  }

  // The negative of the lower triangle, in both.
  void turn_sign(std::size_t i) {
    for (std::size_t j = 0; j <= i; ++j)
      for (std::size_t r = i * block_rows; r < i * block_rows + rows_of(i); ++r)
        for (std::size_t c = j * block_rows; c < std::min(r + 1, j * block_rows + rows_of(j)); ++c) {
          const float x = -a_[r * n_ + c];
          a_[r * n_ + c] = x;
          a_[c * n_ + r] = x;
        }
  }

  float* a_;
  std::size_t n_, blocks_;
  std::vector<float> v_;  // packed, block after block
  std::vector<float> pivot_, inverse_, by_row_, by_column_, least_;
  kernels::panel_product product_;
  kernels::cholesky cholesky_;
  kernels::invert_triangle invert_;
};

}  // namespace

void spd_inverse(std::span<float> matrix, std::size_t n, const run_options& run) {
  const thread_team team(run);
  if (n > std::numeric_limits<std::uint32_t>::max() || matrix.size() != n * n)
    reject("matrix", std::to_string(matrix.size()) + " numbers", "give " + std::to_string(n) + " rows of " + std::to_string(n));
  sweep(matrix.data(), n).run(team.run());
}

}  // namespace clarion::core
