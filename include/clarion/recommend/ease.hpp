#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::recommend {

struct ease_options {
  double regularization = 10;
  double user_scaling = 0.5;
  double item_scaling = 0.5;
  std::uint32_t max_neighbors = 0;

  static constexpr auto fields() {
    using self = ease_options;
    return std::tuple{
        core::option("regularization", &self::regularization, "weight of the squared weights", {1e-9, 1e9}),
        core::option("user_scaling", &self::user_scaling, "power of a user's count that divides the weight of the user", {0, 2}),
        core::option("item_scaling", &self::item_scaling, "power of an item's count that multiplies its regularization", {0, 2}),
        core::option("max_neighbors", &self::max_neighbors, "items that may have a weight in the score of an item; 0: all"),
    };
  }
};

/// A user's score of item i is the sum over the user's items j, each times its value, of weight (j, i).
struct ease_model {
  std::size_t n_items = 0;
  ease_options options{};
  std::vector<float> weights;   ///< n_items x n_items, row j of what item j gives, where max_neighbors is 0; empty otherwise
  core::sparse_rows neighbors;  ///< the same rows where max_neighbors is not 0: the weights of neighbours alone
};

/// Embarrassingly shallow autoencoder (Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019): each item is
/// predicted from the others by ridge regression, over all users at once. For the matrix X of users x items it finds the weights
/// B, 0 on the diagonal, that minimise
///     sum over users u of n_u^-user_scaling |row u of (X - X B)|^2 + regularization * sum over items j of c_j^item_scaling |row
///     j of B|^2,
/// n_u the number of items of a user, and c_j the sum over users of n_u^-user_scaling X(u, j)^2: the count of the item where
/// user_scaling is 0 and all values are 1. With both scalings 0 this is the method as published.
///
/// With max_neighbors = 0 all weights are found at once from the inverse of X'X plus the diagonal, in the place of the result:
/// O(sum over users of squared counts + n^3) for n items, and n^2 floats in all. Otherwise item i has weights of its
/// max_neighbors neighbours alone: of the items that share a user with it those of the highest cosine, and among equal ones the
/// first. Each regression is solved by itself (as in Steck, "Markov random fields for collaborative filtering", NeurIPS 2019,
/// for the exact neighbourhood of each item): O(n m^3) for m neighbours, and 16 n m bytes.
///
/// `by_user` is users x items with values above 0 (none: all 1). The same bits for any number of threads. Throws
/// std::invalid_argument for options and values that are not allowed, clarion::error where memory cannot hold the weights or
/// single precision a solution, clarion::cancelled.
CLARION_API ease_model ease(const core::sparse_view& by_user, const ease_options& options = {}, const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included, estimated from above: what a fit requires of
/// memory before it begins.
CLARION_API double ease_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                               const ease_options& options = {}, const run_options& run = {});

}  // namespace clarion::recommend
