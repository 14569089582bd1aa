#pragma once

#include <cstdint>
#include <tuple>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::recommend {

struct slim_options {
  double l1_reg = 1;
  double l2_reg = 10;
  std::uint32_t candidates = 0;
  std::uint32_t max_iter = 100;
  double tol = 1e-3;

  static constexpr auto fields() {
    using self = slim_options;
    return std::tuple{
        core::option("l1_reg", &self::l1_reg, "weight of the sum of weights: more leaves fewer above 0", {0, 1e9}),
        core::option("l2_reg", &self::l2_reg, "weight of half the sum of their squares", {1e-6, 1e9}),
        core::option("candidates", &self::candidates,
                     "items of the highest cosine that may have weight for an item; 0: all that share a user with it",
                     {0, 4294967295.0}),
        core::option("max_iter", &self::max_iter, "rounds over the weights of an item, at most", {1, 1e6}),
        core::option("tol", &self::tol, "change of a weight below which a solution is taken to stand", {0, 1}),
    };
  }
};

/// Sparse linear model (Ning and Karypis, ICDM 2011): for each item i the weights w >= 0 of other items that minimise
///     |x_i - X w|^2 / 2 + l2_reg |w|^2 / 2 + l1_reg sum(w),   w_i = 0,
/// X the matrix `by_user`, users x items with values above 0 (none: all 1). Gives items x items, w[j, i] the weight of item j for
/// item i. A user's score of an item is the sum of the weights of their items times the entries.
///
/// Coordinate descent on the Gram matrix, each item by itself: only items whose product with x_i is above l1_reg can have weight,
/// those that have are found a few at a time, and their rows of the Gram matrix are summed up when they are needed.
/// O(sum over items of the work of the rows of those with weight); memory is that of the result and, a thread, of candidates x
/// those with weight. The same bits for any number of threads. Throws std::invalid_argument for options or values that are not
/// allowed, clarion::error where memory cannot hold the interactions, clarion::cancelled.
CLARION_API core::sparse_rows slim(const core::sparse_view& by_user, const slim_options& options = {},
                                   const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included, estimated from above: what a fit requires of
/// memory before it begins. With `candidates` 0 it is the data that say how many weights an item gets; 512 are
/// counted.
CLARION_API double slim_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                               const slim_options& options = {}, const run_options& run = {});

}  // namespace clarion::recommend
