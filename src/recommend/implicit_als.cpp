#include "clarion/recommend/implicit_als.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/recommend/early_stopping.hpp"
#include "kernels/gemm.hpp"
#include "kernels/ridge.hpp"
#include "kernels/ridge_cg.hpp"
#include "kernels/ridge_subspace.hpp"
#include "kernels/syrk.hpp"
#include "recommend/check_interactions.hpp"
#include "recommend/factor_rows.hpp"
#include "recommend/fit_memory.hpp"

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

// rows = rows * basis, padded as they are.
void multiply(factor_rows& rows, const std::vector<float>& basis, const run_options& run) {
  constexpr std::size_t block_rows = 128;
  const auto gemm = kernels::choose_gemm(core::permitted_simd());
  core::parallel_blocks(blocks_of(rows.rows, block_rows), run, [&](std::size_t block) {
    const std::size_t first = block * block_rows, count = std::min(block_rows, rows.rows - first);
    const std::vector<float> before(rows.row(first), rows.row(first) + count * rows.stride);
    gemm(before.data(), rows.stride, basis.data(), rows.stride, rows.row(first), rows.stride, count, rows.stride, rows.stride);
  });
}

// Turns vectors into the eigenbasis of their Gram matrix, and with them those of the other side, if they are to keep the
// products.
eigenbasis turn(factor_rows& of, factor_rows* other, const run_options& run) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram(of, part_of(run, 0, 0.3)));
  std::vector<float> basis(of.stride * of.stride);
  for (std::size_t i = 0; i < of.factors; ++i)
    for (std::size_t j = 0; j < of.factors; ++j)
      basis[i * of.stride + j] =
          static_cast<float>(solver.eigenvectors()(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)));
  multiply(of, basis, part_of(run, 0.3, 0.7));
  if (other != nullptr) multiply(*other, basis, part_of(run, 0.7, 1));
  eigenbasis out{{}, solver.eigenvectors()};
  for (const double value : solver.eigenvalues()) out.values.push_back(std::max(value, 0.0));
  return out;
}

enum class solver : std::uint8_t { cholesky, cg, subspace };

solver solver_of(const implicit_als_options& options) {
  if (options.solver == "cholesky") return solver::cholesky;
  if (options.solver == "cg") return solver::cg;
  if (options.solver == "subspace") return solver::subspace;
  if (options.solver != "auto") reject("solver", options.solver, "give auto, cholesky, cg or subspace");
  return options.factors < 32 ? solver::cholesky : solver::cg;
}

// Few steps leave little to gain, as the next round moves the other side anyway.
constexpr std::size_t cg_steps = 3, subspace_block = 64;

// Whether a row of n entries is cheaper by the approximate solver than exactly.
bool is_approximate(solver by, std::uint64_t n, std::size_t factors) {
  if (by == solver::cg) return n > 8;
  return by == solver::subspace && factors > subspace_block && n > 2 * subspace_block;
}

// Solves one side for all its rows, the other fixed and turned, and gives the part of the objective in which these rows are.
// `out` holds what the approximate solvers begin with; `from_zero`: nothing yet.
double solve(const core::sparse_view& rows, const row_schedule& by_length, const factor_rows& fixed,
             const std::vector<double>& eigenvalues, const implicit_als_options& options, solver by, bool from_zero,
             factor_rows& out, const run_options& run) {
  const auto level = core::permitted_simd();
  const auto ridge = kernels::choose_ridge(level);
  const auto ridge_cg = kernels::choose_ridge_cg(level);
  const auto ridge_subspace = kernels::choose_ridge_subspace(level);
  const std::size_t depth = fixed.stride;
  std::vector<double> least(by_length.blocks());
  core::parallel_blocks(by_length.blocks(), run, [&](std::size_t block) {
    const std::size_t first = by_length.edge[block], last = by_length.edge[block + 1];
    std::size_t size = 0;
    for (std::size_t i = first; i < last; ++i) {
      const auto n = rows.length(by_length.rows[i]);
      size = std::max(size, !is_approximate(by, n, fixed.factors) ? kernels::ridge_work(n, depth)
                            : by == solver::cg                    ? kernels::ridge_cg_work(n, depth)
                                                                  : kernels::ridge_subspace_work(n, depth, subspace_block));
    }
    std::vector<float> scale(depth, 1.0f), work(size);
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
      const float* f = fixed.data.data();
      const auto* index = rows.indices(row).data();
      const auto values = rows.values(row);
      const float* weight = values.empty() ? nullptr : values.data();
      float* x = out.row(row);
      if (!is_approximate(by, n, fixed.factors))
        least[block] += ridge(f, depth, index, weight, nullptr, n, depth, scale.data(), x, work.data());
      else if (by == solver::cg)
        least[block] += ridge_cg(f, depth, index, weight, nullptr, n, depth, scale.data(), cg_steps, from_zero, x, work.data());
      else
        least[block] +=
            ridge_subspace(f, depth, index, weight, nullptr, n, depth, scale.data(), subspace_block, from_zero, x, work.data());
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

std::vector<float> fold_in(const std::vector<float>& packed, std::size_t fixed_rows, const implicit_als_options& options,
                           const core::sparse_view& rows, const char* of, const run_options& run) {
  if (rows.columns != fixed_rows)
    reject("rows", std::to_string(rows.columns) + " columns",
           "give one for each of the " + std::to_string(fixed_rows) + " " + of);
  check_interactions("interactions", rows, part_of(run, 0, 0.1));
  factor_rows fixed(packed, fixed_rows, options.factors), out(rows.rows, options.factors);
  const auto basis = turn(fixed, nullptr, part_of(run, 0.1, 0.2));
  solve(rows, row_schedule(rows, options.factors), fixed, basis.values, options, solver::cholesky, true, out,
        part_of(run, 0.2, 1));
  // Back into the basis of the model.
  const Eigen::MatrixXf back = basis.vectors.transpose().cast<float>();
  std::vector<float> result(rows.rows * options.factors);
  for (std::size_t r = 0; r < rows.rows; ++r)
    Eigen::Map<Eigen::RowVectorXf>(result.data() + r * options.factors, back.cols()) =
        Eigen::Map<const Eigen::RowVectorXf>(out.row(r), back.rows()) * back;
  return result;
}

}  // namespace

double implicit_als_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                           const implicit_als_options& options, const run_options& run) {
  const fit_size of(n_users, n_items, n_interactions);
  const auto d = static_cast<double>(padded(options.factors));
  const double longest = std::max(of.users, of.items), threads = most_threads(run);
  const double parts = std::clamp(longest / 2048, 1.0, 16.0);  // of a Gram matrix
  // Vectors and their copy in the result, what the rows of a thread are solved in, and the Gram matrix with its eigenvectors.
  return of.turned() + of.all() * (8 * d + 8) + threads * (12 * d * d + 1200 * d + 8 * longest) + (8 * parts + 60) * d * d;
}

implicit_als_model implicit_als(const core::sparse_view& by_user, const implicit_als_options& options, const run_options& run,
                                const implicit_als_model* start, early_stopping* stopping) {
  core::check_options(options);
  const solver by = solver_of(options);
  const bool goes_on = by != solver::cholesky;  // from the vectors of the round before
  const std::size_t n_users = by_user.rows, n_items = by_user.columns;
  // The best vectors so far.
  const double beside = stopping == nullptr ? 0 : 4 * fit_size(n_users, n_items, 0).all() * options.factors;
  core::require_memory("factors of " + std::to_string(n_users) + " users and " + std::to_string(n_items) + " items",
                       implicit_als_memory(n_users, n_items, by_user.size(), options, run) + beside, "ask for fewer factors");
  if (start != nullptr && (start->n_items != n_items || start->options.factors != options.factors))
    reject("start", std::to_string(start->n_items) + " items of " + std::to_string(start->options.factors) + " factors",
           "give " + std::to_string(n_items) + " items of " + std::to_string(options.factors) + " factors");
  check_interactions("interactions", by_user, part_of(run, 0, 0.02));
  const auto by_item = core::transposed(by_user, part_of(run, 0.02, 0.05));
  const row_schedule user_schedule(by_user, options.factors), item_schedule(by_item, options.factors);

  implicit_als_model out{n_users, n_items, options, {}, {}, {}};
  factor_rows users(n_users, options.factors);
  factor_rows items(n_items, options.factors);
  if (start != nullptr)
    items = factor_rows(start->item_factors, n_items, options.factors);
  else
    items.draw(options.factors, options.seed, random_room, part_of(run, 0.05, 0.05));
  for (std::uint32_t round = 0; round < options.max_iter; ++round) {
    const auto part = [&](double from, double to) {
      const double at = 0.05 + 0.95 * round / options.max_iter, length = 0.95 / options.max_iter;
      return part_of(run, at + from * length, at + to * length);
    };
    const auto of_items = turn(items, goes_on ? &users : nullptr, part(0, 0.1));
    solve(by_user, user_schedule, items, of_items.values, options, by, round == 0, users, part(0.1, 0.5));
    const auto of_users = turn(users, goes_on ? &items : nullptr, part(0.5, 0.6));
    const double rest = weight_of(by_user, users, options, part(0.6, 0.6));
    out.loss.push_back(rest + solve(by_item, item_schedule, users, of_users.values, options, by, false, items, part(0.6, 1)));
    if (stopping == nullptr) continue;
    const auto x = users.packed(), y = items.packed();
    if (!stopping->goes_on({x.data(), n_users, options.factors}, {y.data(), n_items, options.factors}, part(1, 1))) break;
  }
  if (stopping != nullptr) {
    out.user_factors = stopping->user_factors();
    out.item_factors = stopping->item_factors();
    return out;
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

std::vector<float> implicit_als_contributions(const implicit_als_model& model, std::span<const std::uint32_t> index,
                                              std::span<const float> value, std::uint32_t item, const run_options& run) {
  const auto& options = model.options;
  const core::sparse_rows row{1, model.n_items, {0, index.size()}, {index.begin(), index.end()}, {value.begin(), value.end()}};
  if (!value.empty() && value.size() != index.size())
    reject("value", std::to_string(value.size()) + " entries",
           "give one for each of the " + std::to_string(index.size()) + " items");
  check_interactions("interactions", row, run);
  if (item >= model.n_items) reject("item", std::to_string(item), "give a number below " + std::to_string(model.n_items));
  const factor_rows items(model.item_factors, model.n_items, options.factors);
  const auto vector_of = [&](std::uint32_t i) -> Eigen::VectorXd {
    return Eigen::Map<const Eigen::VectorXf>(items.row(i), static_cast<Eigen::Index>(options.factors)).cast<double>();
  };
  Eigen::MatrixXd system = options.unobserved_weight * gram(items, run);
  system.diagonal().array() += options.regularization * (static_cast<double>(index.size()) +
                                                         options.unobserved_weight * static_cast<double>(model.n_items));
  for (std::size_t e = 0; e < index.size(); ++e) {
    const auto v = vector_of(index[e]);
    system.noalias() += (value.empty() ? 1.0 : value[e]) * v * v.transpose();
  }
  // The score of the item is its product with the solution, a sum over the entries.
  const Eigen::VectorXd reach = system.llt().solve(vector_of(item));
  std::vector<float> out;
  for (std::size_t e = 0; e < index.size(); ++e)
    out.push_back(static_cast<float>((value.empty() ? 1.0 : value[e]) * reach.dot(vector_of(index[e]))));
  return out;
}

double implicit_als_loss(const implicit_als_model& model, const core::sparse_view& by_user, const run_options& run) {
  const auto& options = model.options;
  if (by_user.rows != model.n_users || by_user.columns != model.n_items)
    reject("interactions", std::to_string(by_user.rows) + " x " + std::to_string(by_user.columns),
           "give " + std::to_string(model.n_users) + " users x " + std::to_string(model.n_items) + " items");
  check_interactions("interactions", by_user, run);
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
