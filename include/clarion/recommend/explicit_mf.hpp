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

struct explicit_mf_options {
  std::uint32_t factors = 32;
  double regularization = 1;
  double frequency_scaling = 0.5;
  std::uint32_t max_iter = 15;
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = explicit_mf_options;
    return std::tuple{
        core::option("factors", &self::factors, "length of the vector of each user and item, beside its bias", {1, 4094}),
        core::option("regularization", &self::regularization, "weight of the squared length of a vector and of its bias",
                     {1e-9, 1e9}),
        core::option("frequency_scaling", &self::frequency_scaling,
                     "power of the count of a row's ratings that regularization is multiplied by", {0, 1}),
        core::option("max_iter", &self::max_iter, "rounds; each solves for all users, then for all items", {1, 1e6}),
        core::option("seed", &self::seed, "of the vectors that items begin with"),
    };
  }
};

/// Vectors of users and items, row after row, whose product is the rating that is expected: mean + bias of the user + bias of
/// the item + x . y. A user's vector is (x, mean + its bias, 1), an item's (y, 1, its bias).
struct explicit_mf_model {
  std::size_t n_users = 0, n_items = 0;
  explicit_mf_options options{};
  double mean = 0;                  ///< of all ratings
  std::vector<float> user_factors;  ///< n_users x (factors + 2)
  std::vector<float> item_factors;  ///< n_items x (factors + 2)
  std::vector<double> loss;         ///< what is minimised, after each round
};

/// Biased matrix factorization of ratings (Koren, Bell, Volinsky, "Matrix factorization techniques for recommender systems",
/// Computer 2009) by alternating least squares: over vectors and biases b of users u and items i it minimises
///     sum over ratings r of (r - mean - b_u - b_i - x_u . y_i)^2
///       + regularization * (sum over u of n_u^frequency_scaling (|x_u|^2 + b_u^2) + the same of items),
/// n_u the number of ratings of u. frequency_scaling 0 is the objective of the paper, 1 the weighted one of Zhou et al.,
/// "Large-scale parallel collaborative filtering for the Netflix prize", AAIM 2008 (ALS-WR). Each half of a round is solved
/// exactly, the bias of a row with its vector, as n x n or as factors x factors, whichever is smaller.
///
/// The values of `by_user`, users x items, are the ratings, any finite numbers (none: all 1). A row without ratings has the
/// vector 0 and the bias 0. O(rounds (sum of min(n, d)^2 max(n, d) + (users + items) d)) for d factors; memory (users + items) d
/// floats beside the ratings by item. The same bits for any number of threads. Throws std::invalid_argument for options or values
/// that are not allowed, clarion::error where memory cannot hold the factors or single precision a solution, clarion::cancelled.
CLARION_API explicit_mf_model explicit_mf(const core::sparse_view& by_user, const explicit_mf_options& options = {},
                                          const run_options& run = {});

/// Vectors of users that the model has not seen, from their ratings: rows x (factors + 2), one exact half of a round.
/// Throws std::invalid_argument unless rows has a column for each item of the model.
CLARION_API std::vector<float> explicit_mf_fold_in_users(const explicit_mf_model& model, const core::sparse_view& rows,
                                                         const run_options& run = {});

/// Vectors of items that the model has not seen, from their ratings by the users of the model.
CLARION_API std::vector<float> explicit_mf_fold_in_items(const explicit_mf_model& model, const core::sparse_view& rows,
                                                         const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included, estimated from above: what a fit requires of
/// memory before it begins.
CLARION_API double explicit_mf_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                                      const explicit_mf_options& options = {}, const run_options& run = {});

}  // namespace clarion::recommend
