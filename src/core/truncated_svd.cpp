#include "clarion/core/truncated_svd.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/core/random.hpp"
#include "kernels/column_products.hpp"
#include "kernels/gemm.hpp"
#include "kernels/sparse_product.hpp"

namespace clarion::core {

namespace {

constexpr std::uint32_t random_room = 0x535644;
constexpr std::size_t block_rows = 256;

constexpr std::size_t blocks_of(std::size_t n, std::size_t size) { return (n + size - 1) / size; }
constexpr std::size_t padded(std::size_t n) { return blocks_of(n, 16) * 16; }

// Dense columns, row after row, padded with zeros to whole registers.
struct columns {
  std::size_t rows = 0, count = 0, stride = 0;
  std::vector<float> data;

  columns(std::size_t rows_, std::size_t count_) : rows(rows_), count(count_), stride(padded(count_)), data(rows_ * stride) {}
  float* row(std::size_t r) { return data.data() + r * stride; }
  const float* row(std::size_t r) const { return data.data() + r * stride; }
};

using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr auto at(std::size_t i) { return static_cast<Eigen::Index>(i); }

class krylov {
public:
  krylov(const run_options& run)
      : run_(run),
        sparse_(kernels::choose_sparse_product(permitted_simd())),
        across_(kernels::choose_column_products(permitted_simd())),
        gemm_(kernels::choose_gemm(permitted_simd())) {}

  // out = a x, and the first columns of x alone.
  void multiply(const sparse_view& a, const columns& x, columns& out) const {
    parallel_blocks(blocks_of(a.rows, block_rows), run_, [&](std::size_t block) {
      const std::size_t first = block * block_rows, n = std::min(block_rows, a.rows - first);
      sparse_(a.offsets + first, a.index, a.value, n, x.data.data(), x.stride, out.row(first), out.stride, x.stride);
    });
  }

  // a' b for the first n columns of a: single precision within a block of rows, double between them.
  matrix products(const columns& a, std::size_t n, const columns& b) const {
    constexpr std::size_t most_parts = 16;
    const std::size_t blocks = blocks_of(a.rows, block_rows), parts = std::clamp<std::size_t>(blocks / 4, 1, most_parts);
    std::vector<matrix> sums(parts);
    parallel_blocks(parts, run_, [&](std::size_t part) {
      Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> here(at(n), at(b.stride));
      sums[part].setZero(at(n), at(b.stride));
      for (std::size_t block = blocks * part / parts; block < blocks * (part + 1) / parts; ++block) {
        const std::size_t first = block * block_rows;
        here.setZero();
        across_(a.row(first), a.stride, n, b.row(first), b.stride, here.data(), b.stride, std::min(block_rows, a.rows - first),
                b.stride);
        sums[part] += here.cast<double>();
      }
    });
    for (std::size_t part = 1; part < parts; ++part) sums[0] += sums[part];
    return sums[0].leftCols(at(b.count));
  }

  // The first columns of `of` times a small matrix: handed block by block to body(first row, rows, product, its stride).
  template <class Body>
  void turned(const columns& of, const matrix& by, Body&& body) const {
    const auto n = static_cast<std::size_t>(by.rows()), wide = padded(static_cast<std::size_t>(by.cols()));
    std::vector<float> factor(n * wide);
    for (std::size_t i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < by.cols(); ++j)
        factor[i * wide + static_cast<std::size_t>(j)] = static_cast<float>(by(at(i), j));
    parallel_blocks(blocks_of(of.rows, block_rows), run_, [&](std::size_t block) {
      const std::size_t first = block * block_rows, rows = std::min(block_rows, of.rows - first);
      std::vector<float> out(rows * wide);
      gemm_(of.row(first), of.stride, factor.data(), wide, out.data(), wide, rows, n, wide);
      body(first, rows, out.data(), wide);
    });
  }

  // Takes what lies along the first n columns of the basis out of w.
  void remove(const columns& basis, std::size_t n, const matrix& along, columns& w) const {
    turned(basis, along.topRows(at(n)), [&](std::size_t first, std::size_t rows, const float* part, std::size_t stride) {
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t j = 0; j < w.count; ++j) w.row(first + r)[j] -= part[r * stride + j];
    });
  }

  // Makes the columns of w orthonormal by the eigenvectors of their Gram matrix (Stathopoulos and Wu, 2002); directions whose
  // squared length is at most `least` or lost in rounding are dropped.
  columns orthonormal(const columns& w, double least) const {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(products(w, w.count, w));
    const double greatest = solver.eigenvalues().maxCoeff();
    if (!std::isfinite(greatest)) throw error("the matrix overflows single precision: give smaller values");
    const double bar = std::max({least, 1e-7 * greatest, 1e-60});
    std::size_t kept = 0;
    for (const double value : solver.eigenvalues()) kept += value > bar;
    const std::size_t skipped = w.count - kept;
    matrix by = solver.eigenvectors().rightCols(at(kept));
    for (std::size_t j = 0; j < kept; ++j) by.col(at(j)) /= std::sqrt(solver.eigenvalues()[at(skipped + j)]);
    columns out(w.rows, kept);
    if (kept > 0)
      turned(w, by, [&](std::size_t first, std::size_t rows, const float* part, std::size_t stride) {
        std::copy_n(part, rows * stride, out.row(first));
      });
    return out;
  }

private:
  const run_options& run_;
  kernels::sparse_product sparse_;
  kernels::column_products across_;
  kernels::gemm gemm_;
};

columns drawn(std::size_t rows, std::size_t count, std::uint64_t seed, const run_options& run) {
  columns out(rows, count);
  parallel_blocks(blocks_of(rows, block_rows), run, [&](std::size_t block) {
    for (std::size_t r = block * block_rows; r < std::min(rows, (block + 1) * block_rows); ++r) {
      random_stream random(seed, r, random_room);
      for (std::size_t j = 0; j < count; ++j) out.row(r)[j] = static_cast<float>(random.normal());
    }
  });
  return out;
}

// Columns to length 1, their lengths beside them.
std::vector<float> scaled(std::vector<float>& of, std::size_t rows, std::size_t rank) {
  std::vector<double> square(rank);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < rank; ++j) square[j] += double{of[r * rank + j]} * of[r * rank + j];
  std::vector<float> length(rank), factor(rank);
  for (std::size_t j = 0; j < rank; ++j) {
    length[j] = static_cast<float>(std::sqrt(square[j]));
    factor[j] = length[j] > 0 ? static_cast<float>(1 / std::sqrt(square[j])) : 0.0f;
  }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < rank; ++j) of[r * rank + j] *= factor[j];
  return length;
}

// How many values there are, columns of a block, and dimensions of all blocks.
struct extent {
  std::size_t wanted, width, most;
};

extent extent_of(std::size_t short_side, const truncated_svd_options& options) {
  const std::size_t wanted = std::min<std::size_t>(options.rank, short_side);
  const auto dimensions = static_cast<std::size_t>(std::ceil(options.oversampling * static_cast<double>(wanted)));
  const std::size_t width = std::min(padded(blocks_of(dimensions, options.passes)), padded(short_side));
  return {wanted, width, std::min(width * options.passes, short_side)};
}

}  // namespace

double truncated_svd_memory(std::size_t rows, std::size_t columns, std::uint64_t entries, const truncated_svd_options& options) {
  const auto [wanted, width, most] = extent_of(std::min(rows, columns), options);
  const auto near = static_cast<double>(std::min(rows, columns)), far = static_cast<double>(std::max(rows, columns));
  const auto rank = static_cast<double>(padded(wanted)), all = static_cast<double>(padded(most)),
             block = static_cast<double>(width);
  const double turned = 8 * static_cast<double>(entries) + 16 * static_cast<double>(columns);
  // While blocks are added to the basis, or when the leading vectors are cut from it; small matrices; sums of products.
  const double during = 4 * block * (4 * near + far), after = 4 * rank * 2 * (near + far);
  return turned + 4 * near * all + std::max(during, after) + 8 * all * (5 * all + 20 * block);
}

truncated_svd_result truncated_svd(const sparse_view& input, const truncated_svd_options& options, const run_options& caller) {
  const thread_team team(caller);
  const run_options& run = team.run();
  check_options(options);
  require_memory("the leading " + std::to_string(options.rank) + " singular vectors of " + std::to_string(input.rows) + " x " +
                     std::to_string(input.columns),
                 truncated_svd_memory(input.rows, input.columns, input.size(), options), "ask for a lower rank");
  check_sparse("matrix", input, part_of(run, 0, 0.01));
  const std::size_t short_side = std::min(input.rows, input.columns), long_side = std::max(input.rows, input.columns);
  const auto [wanted, width, most] = extent_of(short_side, options);
  if (wanted == 0 || input.size() == 0) return {};

  const auto turned = transposed(input, part_of(run, 0.01, 0.03));
  const bool tall = input.rows >= input.columns;
  const sparse_view along = tall ? input : sparse_view(turned), back = tall ? sparse_view(turned) : input;

  // The basis is of the shorter side; image = basis' (back along) basis.
  columns basis(short_side, most);
  matrix image = matrix::Zero(at(most), at(most));
  std::size_t size = 0;
  columns w(short_side, width);
  {
    const auto start = part_of(run, 0.03, 0.03);
    krylov(start).multiply(back, drawn(long_side, width, options.seed, start), w);
  }
  double greatest = 0;
  for (std::uint32_t pass = 0; pass < options.passes; ++pass) {
    const auto part = part_of(run, 0.03 + 0.92 * pass / options.passes, 0.03 + 0.92 * (pass + 1) / options.passes);
    const krylov step(part);
    columns block = step.orthonormal(w, 1e-12 * greatest * greatest);
    if (block.count == 0) break;
    // Once more: what shrinks to half was within the basis already.
    if (size > 0) step.remove(basis, size, step.products(basis, size, block), block);
    block = step.orthonormal(block, 0.25);
    if (block.count == 0) break;
    const std::size_t kept = std::min(block.count, most - size);
    for (std::size_t r = 0; r < short_side; ++r) std::copy_n(block.row(r) + (block.count - kept), kept, basis.row(r) + size);
    columns next(short_side, kept), middle(long_side, kept);
    for (std::size_t r = 0; r < short_side; ++r) std::copy_n(basis.row(r) + size, kept, next.row(r));
    size += kept;
    w = columns(short_side, kept);
    step.multiply(along, next, middle);
    step.multiply(back, middle, w);
    const auto products = step.products(basis, size, w);
    image.block(0, at(size - kept), at(size), at(kept)) = products;
    greatest = std::max(greatest, products.bottomRows(at(kept)).diagonal().maxCoeff());
    if (size == most) break;
    step.remove(basis, size, products, w);
  }
  if (size == 0) return {};

  const Eigen::MatrixXd whole = image.topLeftCorner(at(size), at(size)).selfadjointView<Eigen::Upper>();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(whole);
  const double top = solver.eigenvalues()[at(size - 1)];
  truncated_svd_result out;
  while (out.rank < std::min(wanted, size) && solver.eigenvalues()[at(size - 1 - out.rank)] > 1e-7 * top) ++out.rank;
  const std::size_t rank = out.rank;
  matrix leading(at(size), at(rank));
  for (std::size_t j = 0; j < rank; ++j) leading.col(at(j)) = solver.eigenvectors().col(at(size - 1 - j));

  const auto rest = part_of(run, 0.95, 1);
  const krylov last(rest);
  columns near(short_side, rank);
  last.turned(basis, leading, [&](std::size_t r, std::size_t rows, const float* part, std::size_t stride) {
    std::copy_n(part, rows * stride, near.row(r));
  });
  columns far(long_side, rank);
  last.multiply(along, near, far);
  const auto packed = [&](const columns& of) {
    std::vector<float> to(of.rows * rank);
    for (std::size_t r = 0; r < of.rows; ++r) std::copy_n(of.row(r), rank, to.data() + r * rank);
    return to;
  };
  auto ours = packed(near), theirs = packed(far);
  out.values = scaled(theirs, long_side, rank);
  scaled(ours, short_side, rank);
  out.left = std::move(tall ? theirs : ours);
  out.right = std::move(tall ? ours : theirs);
  std::vector<float> greatest_entry(rank);
  for (std::size_t c = 0; c < input.columns; ++c)
    for (std::size_t j = 0; j < rank; ++j)
      if (const float v = out.right[c * rank + j]; std::abs(v) > std::abs(greatest_entry[j])) greatest_entry[j] = v;
  for (auto* side : {&out.left, &out.right})
    for (std::size_t i = 0; i < side->size(); ++i)
      if (greatest_entry[i % rank] < 0) (*side)[i] = -(*side)[i];
  return out;
}

}  // namespace clarion::core
