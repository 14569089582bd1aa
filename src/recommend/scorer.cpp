#include "clarion/recommend/scorer.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/core/error.hpp"
#include "recommend/item_layout.hpp"
#include "recommend/walks.hpp"

namespace clarion::recommend {

namespace {

std::string shape(std::size_t rows, std::size_t columns) { return std::to_string(rows) + " x " + std::to_string(columns); }

void check_finite(const char* field, const factor_view& of, const run_options& run) {
  constexpr std::size_t block = 1 << 18;
  const std::size_t size = of.rows * of.factors;
  core::parallel_blocks((size + block - 1) / block, run, [&](std::size_t b) {
    const std::size_t last = std::min(size, (b + 1) * block);
    // A sum of products with 0 is 0 unless a factor is not finite; it says so for many at once.
    float sum = 0;
    for (std::size_t i = b * block; i < last; ++i) sum += of.data[i] * 0;
    if (sum == 0) return;
    for (std::size_t i = b * block; i < last; ++i)
      if (!std::isfinite(of.data[i])) reject(field, std::to_string(of.data[i]), "give finite numbers");
  });
}

double weight(const item_side& items, std::uint32_t j, std::uint32_t item) {
  if (items.is_dense()) return items.dense_weights.row(j)[item];
  const auto row = items.weights.indices(j);
  const auto at = std::lower_bound(row.begin(), row.end(), item);
  if (at == row.end() || *at != item) return 0;
  const auto values = items.weights.values(j);
  return values.empty() ? 1 : values[static_cast<std::size_t>(at - row.begin())];
}

void check_pair(const user_side& users, const item_side& items, std::uint32_t user, std::uint32_t item) {
  if (user >= users.size()) reject("user", std::to_string(user), "give a number below " + std::to_string(users.size()));
  if (item >= items.size()) reject("item", std::to_string(item), "give a number below " + std::to_string(items.size()));
}

// What walks give the pairs, a line of users at a time.
void add_walks(const item_index& index, const user_side& users, std::span<const std::uint32_t> user,
               std::span<const std::uint32_t> item, const run_options& run, std::vector<float>& out) {
  std::vector<std::uint32_t> pairs(user.size());  // by user
  std::iota(pairs.begin(), pairs.end(), 0u);
  std::stable_sort(pairs.begin(), pairs.end(), [&](std::uint32_t a, std::uint32_t b) { return user[a] < user[b]; });
  std::vector<std::uint32_t> asked;
  std::vector<std::size_t> first;  // pair of each
  for (std::size_t p = 0; p < pairs.size(); ++p)
    if (p == 0 || user[pairs[p]] != asked.back()) {
      asked.push_back(user[pairs[p]]);
      first.push_back(p);
    }
  first.push_back(pairs.size());
  const walk_view& walks = index.items().walks;
  const auto& by_item = index.laid_out().walks_by_item(walks, {});
  core::detail::scratch_pool<walker> pool;
  core::parallel_blocks((asked.size() + walk_line::size - 1) / walk_line::size, run, [&](std::size_t block) {
    auto walk = pool.take(walks.rows, by_item, walks.terms);
    const std::size_t start = block * walk_line::size, n = std::min(walk_line::size, asked.size() - start);
    const auto walked = walk->from(users.history, std::span(asked).subspan(start, n));
    for (std::size_t lane = 0; lane < n; ++lane)
      for (std::size_t p = first[start + lane]; p < first[start + lane + 1]; ++p) out[pairs[p]] = walked[item[pairs[p]]].of[lane];
    pool.give(std::move(walk));
  });
}

}  // namespace

void check_items(const item_side& items, const run_options& run) {
  const std::size_t n = items.size();
  if (int{items.is_dense()} + int{items.has_walks()} + int{items.weights.offsets != nullptr} > 1)
    reject("weights", "more than one kind", "give sparse ones, dense ones or walks");
  if (items.has_weights() && items.weight_columns() != n)
    reject("weights", shape(items.columns(), items.weight_columns()),
           "give a column for each of the " + std::to_string(n) + " items");
  if (items.has_walks() && items.walks.terms.empty()) reject("walks", "no term", "give the factor of R'R at least");
  for (const float term : items.walks.terms)
    if (!std::isfinite(term)) reject("terms", std::to_string(term), "give finite numbers");
  check_finite("item factors", items.factors, run);
  check_finite("weights", items.dense_weights, run);
  if (items.weights.offsets != nullptr) core::check_sparse("weights", items.weights, run);
  if (items.has_walks()) core::check_sparse("walks", items.walks.rows, run);
}

void check_users(const user_side& users, const item_side& items, const run_options& run) {
  if (users.factors.factors != items.factors.factors)
    reject("user factors", std::to_string(users.factors.factors) + " factors",
           "give " + std::to_string(items.factors.factors) + ", as items have");
  if (users.has_history() != items.has_weights())
    reject("history", users.has_history() ? "a history without weights" : "none", "give a history and weights, or neither");
  if (users.has_history() && users.factors.factors > 0 && users.factors.rows != users.history.rows)
    reject("history", std::to_string(users.history.rows) + " users", "give " + std::to_string(users.factors.rows));
  if (users.has_history() && users.history.columns != items.columns())
    reject("history", std::to_string(users.history.columns) + " columns",
           "give one for each of the " + std::to_string(items.columns()) + " rows of weights");
  check_finite("user factors", users.factors, run);
  if (users.has_history()) core::check_sparse("history", users.history, run);
}

std::vector<float> score_pairs(const item_index& index, const user_side& users, std::span<const std::uint32_t> user,
                               std::span<const std::uint32_t> item, const run_options& run) {
  const item_side& items = index.items();
  check_users(users, items, run);
  if (user.size() != item.size())
    reject("items", std::to_string(item.size()) + " entries",
           "give one for each of the " + std::to_string(user.size()) + " users");
  std::vector<float> out(user.size());
  for (std::size_t p = 0; p < user.size(); ++p) check_pair(users, items, user[p], item[p]);
  if (items.has_walks()) add_walks(index, users, user, item, part_of(run, 0, 0.9), out);
  constexpr std::size_t block = 256;
  core::parallel_blocks((user.size() + block - 1) / block, items.has_walks() ? part_of(run, 0.9, 1) : run, [&](std::size_t b) {
    for (std::size_t p = b * block; p < std::min(user.size(), (b + 1) * block); ++p) {
      double sum = out[p];
      for (std::size_t k = 0; k < items.factors.factors; ++k)
        sum += double{users.factors.row(user[p])[k]} * items.factors.row(item[p])[k];
      if (users.has_history() && !items.has_walks()) {
        const auto row = users.history.indices(user[p]);
        const auto values = users.history.values(user[p]);
        for (std::size_t e = 0; e < row.size(); ++e) sum += (values.empty() ? 1.0 : values[e]) * weight(items, row[e], item[p]);
      }
      out[p] = static_cast<float>(sum);
    }
  });
  return out;
}

std::vector<float> contributions(const item_index& index, const user_side& users, std::uint32_t user, std::uint32_t item) {
  const item_side& items = index.items();
  check_users(users, items);
  check_pair(users, items, user, item);
  if (!users.has_history()) return {};
  const auto row = users.history.indices(user);
  const auto values = users.history.values(user);
  std::vector<float> out(row.size());
  if (items.has_walks()) {
    // As many walks lead from an item to another as back.
    const std::uint64_t offsets[] = {0, 1};
    const std::uint32_t first = 0;
    walker walk(items.walks.rows, index.laid_out().walks_by_item(items.walks, {}), items.walks.terms);
    const auto walked = walk.from({1, items.size(), offsets, &item, nullptr}, {&first, 1});
    for (std::size_t e = 0; e < row.size(); ++e) out[e] = (values.empty() ? 1.0f : values[e]) * walked[row[e]].of[0];
    return out;
  }
  for (std::size_t e = 0; e < row.size(); ++e)
    out[e] = static_cast<float>((values.empty() ? 1.0 : values[e]) * weight(items, row[e], item));
  return out;
}

std::vector<float> projected_contributions(const factor_view& items, std::span<const float> user,
                                           std::span<const std::uint32_t> index, std::uint32_t item) {
  if (user.size() != items.factors)
    reject("user", std::to_string(user.size()) + " factors", "give " + std::to_string(items.factors) + ", as items have");
  const auto vector_of = [&](std::uint32_t i) -> Eigen::VectorXd {
    if (i >= items.rows) reject("item", std::to_string(i), "give a number below " + std::to_string(items.rows));
    return Eigen::Map<const Eigen::VectorXf>(items.row(i), static_cast<Eigen::Index>(items.factors)).cast<double>();
  };
  const auto d = static_cast<Eigen::Index>(items.factors);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(d, d);
  for (const auto i : index) {
    const auto v = vector_of(i);
    gram.noalias() += v * v.transpose();
  }
  const auto target = vector_of(item);
  // Enough to keep items that are alike from taking shares of opposite sign.
  constexpr double ridge = 1e-2;
  gram.diagonal().array() += ridge * gram.trace() / static_cast<double>(std::max<Eigen::Index>(d, 1)) + 1e-30;
  const Eigen::VectorXd fitted = gram.llt().solve(Eigen::Map<const Eigen::VectorXf>(user.data(), d).cast<double>());
  std::vector<float> out;
  for (const auto i : index) {
    const auto v = vector_of(i);
    out.push_back(static_cast<float>(v.dot(fitted) * v.dot(target)));
  }
  return out;
}

}  // namespace clarion::recommend
