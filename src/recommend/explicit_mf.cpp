#include "clarion/recommend/explicit_mf.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "kernels/ridge.hpp"
#include "recommend/factor_rows.hpp"
#include "recommend/fit_memory.hpp"

namespace clarion::recommend {

namespace {

constexpr std::uint32_t random_room = 0x454d46;

// One side: rows (x, 1), and the biases beside them. For the other side the 1 is what its bias is multiplied by.
struct side {
  factor_rows vectors;
  std::vector<float> bias;

  side(std::size_t rows, std::size_t factors) : vectors(rows, factors + 1), bias(rows) {
    for (std::size_t r = 0; r < rows; ++r) vectors.row(r)[factors] = 1;
  }
};

double penalty(std::uint64_t n, const explicit_mf_options& options) {
  return options.regularization * std::pow(static_cast<double>(n), options.frequency_scaling);
}

// Solves one side for all its rows and gives the part of the objective in which these rows are.
double solve(const core::sparse_view& rows, const row_schedule& by_length, const side& fixed, double mean,
             const explicit_mf_options& options, side& out, const run_options& run) {
  const auto ridge = kernels::choose_ridge(core::permitted_simd());
  const std::size_t stride = fixed.vectors.stride, factors = options.factors;
  std::vector<double> least(by_length.blocks());
  core::parallel_blocks(by_length.blocks(), run, [&](std::size_t block) {
    const std::size_t first = by_length.edge[block], last = by_length.edge[block + 1];
    std::size_t size = 0;
    for (std::size_t i = first; i < last; ++i) size = std::max(size, kernels::ridge_work(rows.length(by_length.rows[i]), stride));
    std::vector<float> scale(stride, 1.0f), work(size), rest;
    for (std::size_t i = first; i < last; ++i) {
      const auto row = by_length.rows[i];
      const auto n = rows.length(row);
      float* x = out.vectors.row(row);
      if (n == 0) {
        std::fill_n(x, factors, 0.0f);
        out.bias[row] = 0;
        continue;
      }
      const auto index = rows.indices(row);
      const auto values = rows.values(row);
      rest.resize(n);
      for (std::size_t e = 0; e < n; ++e)
        rest[e] = static_cast<float>((values.empty() ? 1.0 : double{values[e]}) - mean - double{fixed.bias[index[e]]});
      std::fill_n(scale.begin(), factors + 1, static_cast<float>(1 / std::sqrt(penalty(n, options))));
      least[block] +=
          ridge(fixed.vectors.data.data(), stride, index.data(), nullptr, rest.data(), n, stride, scale.data(), x, work.data());
      out.bias[row] = x[factors];
      x[factors] = 1;
    }
  });
  const double sum = std::accumulate(least.begin(), least.end(), 0.0);
  if (!std::isfinite(sum))
    throw error(
        "the least squares of a row have no solution in single precision: give a larger regularization, or smaller ratings");
  return sum;
}

// The part of the objective that holds one side short.
double weight_of(const core::sparse_view& rows, const side& of, const explicit_mf_options& options) {
  double sum = 0;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    double square = double{of.bias[r]} * of.bias[r];
    for (std::size_t j = 0; j < options.factors; ++j) square += double{of.vectors.row(r)[j]} * of.vectors.row(r)[j];
    if (rows.length(r) > 0) sum += penalty(rows.length(r), options) * square;
  }
  return sum;
}

std::vector<float> packed_users(const side& users, double mean) {
  const std::size_t factors = users.vectors.factors - 1;
  std::vector<float> out(users.bias.size() * (factors + 2));
  for (std::size_t u = 0; u < users.bias.size(); ++u) {
    float* to = std::copy_n(users.vectors.row(u), factors, out.data() + u * (factors + 2));
    to[0] = static_cast<float>(mean + double{users.bias[u]});
    to[1] = 1;
  }
  return out;
}

std::vector<float> packed_items(const side& items) {
  const std::size_t factors = items.vectors.factors - 1;
  std::vector<float> out(items.bias.size() * (factors + 2));
  for (std::size_t i = 0; i < items.bias.size(); ++i) {
    float* to = std::copy_n(items.vectors.row(i), factors + 1, out.data() + i * (factors + 2));
    to[0] = items.bias[i];
  }
  return out;
}

// A side from what the model keeps of it: the bias in column `at` with `mean` in it.
side unpacked(const std::vector<float>& packed, std::size_t rows, const explicit_mf_options& options, std::size_t at,
              double mean) {
  const std::size_t factors = options.factors;
  const factor_rows all(packed, rows, factors + 2);
  side out(rows, factors);
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy_n(all.row(r), factors, out.vectors.row(r));
    out.bias[r] = static_cast<float>(double{all.row(r)[at]} - mean);
  }
  return out;
}

side folded(const core::sparse_view& rows, const side& fixed, const explicit_mf_model& model, const char* of,
            const run_options& run) {
  if (rows.columns != fixed.bias.size())
    reject("rows", std::to_string(rows.columns) + " columns",
           "give one for each of the " + std::to_string(fixed.bias.size()) + " " + of);
  core::check_sparse("rows", rows, part_of(run, 0, 0.1));
  side out(rows.rows, model.options.factors);
  solve(rows, row_schedule(rows, model.options.factors + 1), fixed, model.mean, model.options, out, part_of(run, 0.1, 1));
  return out;
}

}  // namespace

double explicit_mf_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                          const explicit_mf_options& options, const run_options& run) {
  const fit_size of(n_users, n_items, n_interactions);
  const auto d = static_cast<double>(padded(std::size_t{options.factors} + 1));
  // Vectors and biases, their copy in the result, and what the rows of a thread are solved in.
  return of.turned() + of.all() * (8 * d + 20) + most_threads(run) * (12 * d * d + 1200 * d + 8 * std::max(of.users, of.items));
}

explicit_mf_model explicit_mf(const core::sparse_view& by_user, const explicit_mf_options& options, const run_options& run) {
  core::check_options(options);
  const std::size_t n_users = by_user.rows, n_items = by_user.columns, factors = options.factors;
  core::require_memory("factors of " + std::to_string(n_users) + " users and " + std::to_string(n_items) + " items",
                       explicit_mf_memory(n_users, n_items, by_user.size(), options, run), "ask for fewer factors");
  core::check_sparse("ratings", by_user, part_of(run, 0, 0.02));
  const auto by_item = core::transposed(by_user, part_of(run, 0.02, 0.05));
  const row_schedule user_schedule(by_user, factors + 1), item_schedule(by_item, factors + 1);

  explicit_mf_model out{n_users, n_items, options, 0, {}, {}, {}};
  for (std::size_t u = 0; u < n_users; ++u)
    for (const float r : by_user.values(u)) out.mean += r;
  if (by_user.size() > 0) out.mean = by_user.value == nullptr ? 1 : out.mean / static_cast<double>(by_user.size());

  side users(n_users, factors), items(n_items, factors);
  items.vectors.draw(factors, options.seed, random_room, part_of(run, 0.05, 0.05));
  for (std::uint32_t round = 0; round < options.max_iter; ++round) {
    const auto part = [&](double from, double to) {
      const double at = 0.05 + 0.95 * round / options.max_iter, length = 0.95 / options.max_iter;
      return part_of(run, at + from * length, at + to * length);
    };
    solve(by_user, user_schedule, items, out.mean, options, users, part(0, 0.5));
    out.loss.push_back(weight_of(by_user, users, options) +
                       solve(by_item, item_schedule, users, out.mean, options, items, part(0.5, 1)));
  }
  out.user_factors = packed_users(users, out.mean);
  out.item_factors = packed_items(items);
  return out;
}

std::vector<float> explicit_mf_fold_in_users(const explicit_mf_model& model, const core::sparse_view& rows,
                                             const run_options& run) {
  const auto items = unpacked(model.item_factors, model.n_items, model.options, model.options.factors + 1, 0);
  return packed_users(folded(rows, items, model, "items", run), model.mean);
}

std::vector<float> explicit_mf_fold_in_items(const explicit_mf_model& model, const core::sparse_view& rows,
                                             const run_options& run) {
  const auto users = unpacked(model.user_factors, model.n_users, model.options, model.options.factors, model.mean);
  return packed_items(folded(rows, users, model, "users", run));
}

}  // namespace clarion::recommend
