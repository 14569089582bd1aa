#include "clarion/recommend/early_stopping.hpp"

#include <algorithm>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/recommend/evaluate.hpp"
#include "clarion/recommend/top_k.hpp"

namespace clarion::recommend {

namespace {

core::sparse_rows rows_of(const core::sparse_view& matrix, const std::vector<std::uint32_t>& rows) {
  core::sparse_rows out{rows.size(), matrix.columns, {0}, {}, {}};
  for (const auto row : rows) {
    const auto columns = matrix.indices(row);
    out.index.insert(out.index.end(), columns.begin(), columns.end());
    out.offsets.push_back(out.index.size());
  }
  return out;
}

}  // namespace

early_stopping::early_stopping(const core::sparse_view& train, const core::sparse_view& validation,
                               const early_stopping_options& options)
    : options_(options) {
  core::check_options(options);
  if (validation.rows != train.rows || validation.columns != train.columns)
    reject("validation", std::to_string(validation.rows) + " x " + std::to_string(validation.columns),
           "give " + std::to_string(train.rows) + " users x " + std::to_string(train.columns) + " items, as for training");
  core::check_sparse("validation", validation);
  for (std::uint32_t u = 0; u < validation.rows; ++u)
    if (validation.length(u) > 0) rows_.push_back(u);
  if (rows_.empty()) reject("validation", "no entry", "hold out some");
  seen_ = rows_of(train, rows_);
  held_out_ = rows_of(validation, rows_);
}

bool early_stopping::goes_on(const factor_view& users, const factor_view& items, const run_options& run) {
  std::vector<float> asked(rows_.size() * users.factors);
  for (std::size_t r = 0; r < rows_.size(); ++r)
    std::copy_n(users.row(rows_[r]), users.factors, asked.data() + r * users.factors);
  const core::sparse_view seen = seen_;
  const auto lists = top_k({asked.data(), rows_.size(), users.factors}, items, {.k = options_.k}, {.exclude = &seen}, run);
  const auto found = evaluate(lists, held_out_, {.k = {options_.k}, .metrics = {"ndcg"}}, {}, run);
  ndcg_.push_back(found.metrics.at(0).mean);
  if (ndcg_.size() == 1 || ndcg_.back() > ndcg_[best_]) {
    best_ = ndcg_.size() - 1;
    users_.assign(users.data, users.data + users.rows * users.factors);
    items_.assign(items.data, items.data + items.rows * items.factors);
  }
  return ndcg_.size() - 1 - best_ < options_.patience;
}

}  // namespace clarion::recommend
