#include "clarion/recommend/implicit_als.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "kernels/gemm.hpp"
#include "kernels/ridge.hpp"
#include "kernels/syrk.hpp"
#include "recommend/factor_rows.hpp"

namespace clarion::recommend {

namespace {

constexpr std::uint32_t random_room = 0x414c53;

// Its upper triangle in double: single precision within a chunk of rows, double between them.
Eigen::MatrixXd gram(const factor_rows& of, const run_options& run) {
  constexpr std::size_t chunk = 256, most_parts = 16;
  const auto syrk = kernels::choose_syrk(core::permitted_simd());
  const std::size_t chunks = blocks_of(of.rows, chunk), parts = std::clamp<std::size_t>(chunks / 8, 1, most_parts);
  const auto size = static_cast<Eigen::Index>(of.stride);
  std::vector<Eigen::MatrixXd> sums(parts);
  core::parallel_blocks(parts, run, [&](std::size_t part) {
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> here(size, size);
    sums[part].setZero(size, size);
    for (std::size_t c = chunks * part / parts; c < chunks * (part + 1) / parts; ++c) {
      here.setZero();
      const std::size_t first = c * chunk;
      syrk(of.row(first), of.stride, here.data(), of.stride, std::min(chunk, of.rows - first), of.stride);
      sums[part] += here.cast<double>();
    }
  });
  for (std::size_t part = 1; part < parts; ++part) sums[0] += sums[part];
  const auto factors = static_cast<Eigen::Index>(of.factors);
  Eigen::MatrixXd out = sums[0].topLeftCorner(factors, factors).selfadjointView<Eigen::Upper>();
  return out;
}

struct eigenbasis {
  std::vector<double> values;
  Eigen::MatrixXd vectors;  // a column each
};

// Turns vectors into the eigenbasis of their Gram matrix.
eigenbasis turn(factor_rows& of, const run_options& run) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram(of, run));
  std::vector<float> basis(of.stride * of.stride);
  for (std::size_t i = 0; i < of.factors; ++i)
    for (std::size_t j = 0; j < of.factors; ++j)
      basis[i * of.stride + j] =
          static_cast<float>(solver.eigenvectors()(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)));
  constexpr std::size_t block_rows = 128;
  const auto gemm = kernels::choose_gemm(core::permitted_simd());
  core::parallel_blocks(blocks_of(of.rows, block_rows), run, [&](std::size_t block) {
    const std::size_t first = block * block_rows, rows = std::min(block_rows, of.rows - first);
    const std::vector<float> before(of.row(first), of.row(first) + rows * of.stride);
    gemm(before.data(), of.stride, basis.data(), of.stride, of.row(first), of.stride, rows, of.stride, of.stride);
  });
  eigenbasis out{{}, solver.eigenvectors()};
  for (const double value : solver.eigenvalues()) out.values.push_back(std::max(value, 0.0));
  return out;
}

// Solves one side for all its rows, the other fixed and turned, and gives the part of the objective in which these rows are.
double solve(const core::sparse_view& rows, const row_schedule& by_length, const factor_rows& fixed,
             const std::vector<double>& eigenvalues, const implicit_als_options& options, factor_rows& out,
             const run_options& run) {
  const auto ridge = kernels::choose_ridge(core::permitted_simd());
  std::vector<double> least(by_length.blocks());
  core::parallel_blocks(by_length.blocks(), run, [&](std::size_t block) {
    const std::size_t first = by_length.edge[block], last = by_length.edge[block + 1];
    std::size_t size = 0;
    for (std::size_t i = first; i < last; ++i)
      size = std::max(size, kernels::ridge_work(rows.length(by_length.rows[i]), fixed.stride));
    std::vector<float> scale(fixed.stride, 1.0f), work(size);
    std::uint64_t scaled_for = ~std::uint64_t{0};
    for (std::size_t i = first; i < last; ++i) {
      const auto row = by_length.rows[i];
      const auto n = rows.length(row);
      if (n == 0) {
        std::fill_n(out.row(row), out.stride, 0.0f);
        continue;
      }
      if (n != scaled_for) {
        const double own =
            options.regularization * (static_cast<double>(n) + options.unobserved_weight * static_cast<double>(fixed.rows));
        for (std::size_t j = 0; j < fixed.factors; ++j)
          scale[j] = static_cast<float>(1 / std::sqrt(options.unobserved_weight * eigenvalues[j] + own));
        scaled_for = n;
      }
      const auto values = rows.values(row);
      least[block] += ridge(fixed.data.data(), fixed.stride, rows.indices(row).data(), values.empty() ? nullptr : values.data(),
                            nullptr, n, fixed.stride, scale.data(), out.row(row), work.data());
    }
  });
  const double sum = std::accumulate(least.begin(), least.end(), 0.0);
  if (!std::isfinite(sum))
    throw error(
        "the least squares of a row have no solution in single precision: give a larger regularization, or smaller weights");
  return sum;
}

// The part of the objective that holds the vectors of one side short.
double weight_of(const core::sparse_view& rows, const factor_rows& of, const implicit_als_options& options,
                 const run_options& run) {
  constexpr std::size_t block_rows = 1024;
  std::vector<double> sums(blocks_of(of.rows, block_rows));
  core::parallel_blocks(sums.size(), run, [&](std::size_t block) {
    for (std::size_t r = block * block_rows; r < std::min(of.rows, (block + 1) * block_rows); ++r) {
      double square = 0;
      for (std::size_t j = 0; j < of.factors; ++j) square += double{of.row(r)[j]} * of.row(r)[j];
      sums[block] +=
          square * (static_cast<double>(rows.length(r)) + options.unobserved_weight * static_cast<double>(rows.columns));
    }
  });
  return options.regularization * std::accumulate(sums.begin(), sums.end(), 0.0);
}

void check_interactions(const core::sparse_view& rows, const run_options& run) {
  core::check_sparse("interactions", rows, run);
  if (rows.value != nullptr)
    for (std::uint64_t e = rows.offsets[0]; e < rows.offsets[rows.rows]; ++e)
      if (!(rows.value[e] > 0)) reject("interactions", std::to_string(rows.value[e]), "give values above 0");
}

std::vector<float> fold_in(const std::vector<float>& packed, std::size_t fixed_rows, const implicit_als_options& options,
                           const core::sparse_view& rows, const char* of, const run_options& run) {
  if (rows.columns != fixed_rows)
    reject("rows", std::to_string(rows.columns) + " columns",
           "give one for each of the " + std::to_string(fixed_rows) + " " + of);
  check_interactions(rows, part_of(run, 0, 0.1));
  factor_rows fixed(packed, fixed_rows, options.factors), out(rows.rows, options.factors);
  const auto basis = turn(fixed, part_of(run, 0.1, 0.2));
  solve(rows, row_schedule(rows, options.factors), fixed, basis.values, options, out, part_of(run, 0.2, 1));
  // Back into the basis of the model.
  const Eigen::MatrixXf back = basis.vectors.transpose().cast<float>();
  std::vector<float> result(rows.rows * options.factors);
  for (std::size_t r = 0; r < rows.rows; ++r)
    Eigen::Map<Eigen::RowVectorXf>(result.data() + r * options.factors, back.cols()) =
        Eigen::Map<const Eigen::RowVectorXf>(out.row(r), back.rows()) * back;
  return result;
}

}  // namespace

implicit_als_model implicit_als(const core::sparse_view& by_user, const implicit_als_options& options, const run_options& run,
                                const implicit_als_model* start) {
  core::check_options(options);
  const std::size_t n_users = by_user.rows, n_items = by_user.columns;
  const auto all = static_cast<double>(n_users) + static_cast<double>(n_items);
  core::require_memory("factors of " + std::to_string(n_users) + " users and " + std::to_string(n_items) + " items",
                       2 * all * static_cast<double>(padded(options.factors)) * sizeof(float) +
                           static_cast<double>(by_user.size()) * (by_user.value == nullptr ? 4 : 8),
                       "ask for fewer factors");
  if (start != nullptr && (start->n_items != n_items || start->options.factors != options.factors))
    reject("start", std::to_string(start->n_items) + " items of " + std::to_string(start->options.factors) + " factors",
           "give " + std::to_string(n_items) + " items of " + std::to_string(options.factors) + " factors");
  check_interactions(by_user, part_of(run, 0, 0.02));
  const auto by_item = core::transposed(by_user, part_of(run, 0.02, 0.05));
  const row_schedule user_schedule(by_user, options.factors), item_schedule(by_item, options.factors);

  implicit_als_model out{n_users, n_items, options, {}, {}, {}};
  factor_rows users(n_users, options.factors);
  factor_rows items(n_items, options.factors);
  if (start != nullptr)
    items = factor_rows(start->item_factors, n_items, options.factors);
  else
    items.draw(options.factors, options.seed, random_room, run);
  for (std::uint32_t round = 0; round < options.max_iter; ++round) {
    const auto part = [&](double from, double to) {
      const double at = 0.05 + 0.95 * round / options.max_iter, length = 0.95 / options.max_iter;
      return part_of(run, at + from * length, at + to * length);
    };
    const auto of_items = turn(items, part(0, 0.1));
    solve(by_user, user_schedule, items, of_items.values, options, users, part(0.1, 0.5));
    const auto of_users = turn(users, part(0.5, 0.6));
    const double rest = weight_of(by_user, users, options, part(0.6, 0.6));
    out.loss.push_back(rest + solve(by_item, item_schedule, users, of_users.values, options, items, part(0.6, 1)));
  }
  out.user_factors = users.packed();
  out.item_factors = items.packed();
  return out;
}

std::vector<float> fold_in_users(const implicit_als_model& model, const core::sparse_view& rows, const run_options& run) {
  return fold_in(model.item_factors, model.n_items, model.options, rows, "items", run);
}

std::vector<float> fold_in_items(const implicit_als_model& model, const core::sparse_view& rows, const run_options& run) {
  return fold_in(model.user_factors, model.n_users, model.options, rows, "users", run);
}

double implicit_als_loss(const implicit_als_model& model, const core::sparse_view& by_user, const run_options& run) {
  const auto& options = model.options;
  if (by_user.rows != model.n_users || by_user.columns != model.n_items)
    reject("interactions", std::to_string(by_user.rows) + " x " + std::to_string(by_user.columns),
           "give " + std::to_string(model.n_users) + " users x " + std::to_string(model.n_items) + " items");
  check_interactions(by_user, run);
  const factor_rows users(model.user_factors, model.n_users, options.factors),
      items(model.item_factors, model.n_items, options.factors);
  constexpr std::size_t block_rows = 1024;
  std::vector<double> sums(blocks_of(users.rows, block_rows));
  core::parallel_blocks(sums.size(), run, [&](std::size_t block) {
    for (std::size_t u = block * block_rows; u < std::min(users.rows, (block + 1) * block_rows); ++u)
      for (std::size_t e = 0; e < by_user.length(u); ++e) {
        const float* item = items.row(by_user.indices(u)[e]);
        double score = 0;
        for (std::size_t j = 0; j < users.factors; ++j) score += double{users.row(u)[j]} * item[j];
        sums[block] += (by_user.value == nullptr ? 1.0 : by_user.values(u)[e]) * (1 - score) * (1 - score);
      }
  });
  const double everywhere = gram(users, run).cwiseProduct(gram(items, run)).sum();
  const auto by_item = core::transposed(by_user, run);
  return std::accumulate(sums.begin(), sums.end(), 0.0) + options.unobserved_weight * everywhere +
         weight_of(by_user, users, options, run) + weight_of(by_item, items, options, run);
}

}  // namespace clarion::recommend
