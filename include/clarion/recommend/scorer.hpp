#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

// What the scores of every model are made of:
//     score(u, i) = factors of u . factors of i + sum over j of history(u, j) * weights(j, i)
// A model has factors, or a history with the weights that it multiplies, or both; what it lacks stays empty. j is an item in
// models of items, and another user in models of users, whose weights are the interactions themselves. Weights are written out,
// or are those of walks over users.

namespace clarion::recommend {

/// Vectors, row after row, that live elsewhere.
struct factor_view {
  const float* data = nullptr;
  std::size_t rows = 0, factors = 0;

  const float* row(std::size_t r) const { return data + r * factors; }
};

/// What scores take from users: a row each.
struct user_side {
  factor_view factors{};
  core::sparse_view history{};  ///< users x m

  bool has_history() const { return history.offsets != nullptr; }
  std::size_t size() const { return has_history() ? history.rows : factors.rows; }
};

/// Weights of items x items that are not written out, for there are too many: a polynomial in walks from items over users to
/// items, sum over n of terms[n] (R'R)^(n + 1).
struct walk_view {
  core::sparse_view rows{};        ///< R, users x items: those that items are linked by, not those that are scored
  std::span<const float> terms{};  ///< at least one
};

/// What scores take from items.
struct item_side {
  factor_view factors{};        ///< items x factors
  core::sparse_view weights{};  ///< m x items
  factor_view dense_weights{};  ///< m x items, in place of weights
  walk_view walks{};            ///< in place of weights

  bool is_dense() const { return dense_weights.rows > 0; }
  bool has_walks() const { return walks.rows.offsets != nullptr; }
  bool has_weights() const { return is_dense() || has_walks() || weights.offsets != nullptr; }
  std::size_t size() const { return factors.rows > 0 ? factors.rows : weight_columns(); }
  /// Of the history.
  std::size_t columns() const { return is_dense() ? dense_weights.rows : has_walks() ? walks.rows.columns : weights.rows; }
  std::size_t weight_columns() const {
    return is_dense() ? dense_weights.factors : has_walks() ? walks.rows.columns : weights.columns;
  }
};

/// Throw std::invalid_argument where parts do not fit each other, or a number is not finite. O(size of the parts).
CLARION_API void check_items(const item_side& items, const run_options& run = {});
CLARION_API void check_users(const user_side& users, const item_side& items, const run_options& run = {});

/// The side of items, checked and laid out once for many calls. The views that it was made of must outlive it; copies share what
/// was laid out.
class CLARION_API item_index {
public:
  struct layout;

  /// Throws what check_items does. O(size of the parts); memory items x factors floats and the entries of walks beside them.
  explicit item_index(const item_side& items, const run_options& run = {});

  const item_side& items() const { return items_; }
  std::size_t size() const { return items_.size(); }
  const layout& laid_out() const { return *layout_; }

private:
  item_side items_;
  std::shared_ptr<const layout> layout_;
};

/// Scores of the pairs (user[p], item[p]), summed in double. O(factors + entries of the history times the logarithm of entries of
/// a row of weights) each; walks are in single precision, once for each user. Throws std::invalid_argument for parts that do not
/// fit and numbers that are out of range.
CLARION_API std::vector<float> score_pairs(const item_index& items, const user_side& users, std::span<const std::uint32_t> user,
                                           std::span<const std::uint32_t> item, const run_options& run = {});

/// What each entry of a user's history contributes to the score of an item, in the order of history.indices(user): with the
/// product of the factors, if there are any, they sum to the score.
CLARION_API std::vector<float> contributions(const item_index& items, const user_side& users, std::uint32_t user,
                                             std::uint32_t item);

/// What each of a user's items accounts for in the product of the user's vector with an item's, where vectors were learned by
/// steps and not as a sum over the items: the vector is fitted by ridge regression on those of the items `index`, and what the
/// fit leaves is no item's. O(entries d^2 + d^3) for d factors. Throws std::invalid_argument for numbers that are out of range.
CLARION_API std::vector<float> projected_contributions(const factor_view& items, std::span<const float> user,
                                                       std::span<const std::uint32_t> index, std::uint32_t item);

}  // namespace clarion::recommend
