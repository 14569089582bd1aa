#pragma once

#include <cstdint>
#include <string>
#include <tuple>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::recommend {

struct knn_options {
  std::uint32_t k = 100;
  /// Of two rows x and y with n_x and n_y entries, c of them in common, among N columns:
  /// "cosine": x.y / (|x| |y|). "adjusted_cosine", "pearson": the same of what is left of entries after the mean of their
  /// column, or of their row. "jaccard": c / (n_x + n_y - c). "dot": x.y. "tfidf": cosine of sqrt(x) * idf, with
  /// idf = log(rows) - log(1 + entries of the column). "bm25": x.y of x (k1 + 1) / (k1 (1 - b + b sum(x) / mean sum) + x) * idf.
  /// "conditional_probability": c / (n_x n_y^popularity_damping), of y given x. "lift": c N / (n_x n_y). "log_likelihood":
  /// Dunning's ratio where c is above what chance gives, else 0.
  std::string similarity = "cosine";
  double shrinkage = 0;
  std::uint32_t min_support = 1;
  bool normalize = false;
  bool by_target = false;
  double popularity_damping = 0;
  double bm25_k1 = 1.2;
  double bm25_b = 0.75;

  static constexpr auto fields() {
    using self = knn_options;
    return std::tuple{
        core::option("k", &self::k, "neighbours of each row, at most", {1, 4294967295.0}),
        core::option("similarity", &self::similarity,
                     "cosine, adjusted_cosine, pearson, jaccard, dot, bm25, tfidf, conditional_probability, lift or "
                     "log_likelihood"),
        core::option("shrinkage", &self::shrinkage,
                     "pulls similarities of little support towards 0: times c / (c + shrinkage), c the entries in common",
                     {0, 1e9}),
        core::option("min_support", &self::min_support, "entries that two rows have in common at least", {1, 4294967295.0}),
        core::option("normalize", &self::normalize, "whether the weights of the neighbours of a row add up to 1"),
        core::option("by_target", &self::by_target,
                     "item_knn: whether the k nearest of the item that is scored count, instead of the k nearest of the item "
                     "in a history"),
        core::option("popularity_damping", &self::popularity_damping,
                     "power of the neighbour's count that divides a conditional probability", {0, 1}),
        core::option("bm25_k1", &self::bm25_k1, "how soon a weight saturates", {0, 1e6}),
        core::option("bm25_b", &self::bm25_b, "how much of a row's length is held against it", {0, 1}),
    };
  }
};

/// Nearest neighbours of items by the users that they share (Sarwar et al., WWW 2001; Deshpande and Karypis, TOIS 2004): items x
/// items, row j holding the weights of the k items most similar to j, itself and what is not above 0 left out, columns ascending;
/// with by_target column i holds those of the k items most similar to i.
/// A user's score of an item is the sum of the weights of their items times the entries. Equal similarities are taken in the
/// order of items.
///
/// `by_user` is users x items with values above 0 (none: all 1). O(sum over users of n_u^2): each row of the product of the
/// matrix and its transpose is summed up, cut to its best and let go. Memory is that of the result and of a row a thread. The
/// same bits for any number of threads. Throws std::invalid_argument for options or values that are not allowed, clarion::error
/// where memory cannot hold the result, clarion::cancelled.
CLARION_API core::sparse_rows item_knn(const core::sparse_view& by_user, const knn_options& options = {},
                                       const run_options& run = {});

/// The same of users by the items that they share (Resnick et al., CSCW 1994): users x users, by_target having no part in it. A
/// user's score of an item is the sum over neighbours of their weight times their entry.
CLARION_API core::sparse_rows user_knn(const core::sparse_view& by_user, const knn_options& options = {},
                                       const run_options& run = {});

/// The neighbours among the users of `by_user` of users who are not: rows x users. Throws std::invalid_argument unless rows has a
/// column for each item.
CLARION_API core::sparse_rows fold_in_user_knn(const core::sparse_view& by_user, const core::sparse_view& rows,
                                               const knn_options& options = {}, const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included, estimated from above: what a fit requires of
/// memory before it begins.
CLARION_API double item_knn_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                                   const knn_options& options = {}, const run_options& run = {});
CLARION_API double user_knn_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                                   const knn_options& options = {}, const run_options& run = {});

}  // namespace clarion::recommend
