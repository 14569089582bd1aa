#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::recommend {

class early_stopping;

struct implicit_als_options {
  std::uint32_t factors = 64;
  double regularization = 0.003;
  double unobserved_weight = 0.1;
  std::uint32_t max_iter = 16;
  /// "cholesky" solves each row exactly; "cg" takes three conjugate gradients from the last round's vector, and "subspace" one
  /// pass over blocks of 64 coordinates (iALS++), where either is cheaper; "auto": cg from 32 factors on, else cholesky.
  std::string solver = "auto";
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = implicit_als_options;
    return std::tuple{
        core::option("factors", &self::factors, "length of the vector of each user and item", {1, 4096}),
        core::option("regularization", &self::regularization, "weight of the squared length of a vector, times its count",
                     {1e-9, 1e9}),
        core::option("unobserved_weight", &self::unobserved_weight, "weight of each pair of a user and an item, seen or not",
                     {0, 1e6}),
        core::option("max_iter", &self::max_iter, "rounds; each solves for all users, then for all items", {1, 1e6}),
        core::option("solver", &self::solver, "auto, cholesky, cg or subspace"),
        core::option("seed", &self::seed, "of the vectors that items begin with"),
    };
  }
};

/// Vectors of users and items, row after row; a user's score of an item is the product of their vectors.
struct implicit_als_model {
  std::size_t n_users = 0, n_items = 0;
  implicit_als_options options{};
  std::vector<float> user_factors;  ///< n_users x factors
  std::vector<float> item_factors;  ///< n_items x factors
  std::vector<double> loss;         ///< what is minimised, after each round
};

/// Matrix factorization of implicit feedback by alternating least squares (Hu, Koren, Volinsky, ICDM 2008), with the objective
/// and the frequency-scaled regularization of Rendle et al., "Revisiting the performance of iALS on item recommendation
/// benchmarks", RecSys 2022: over users u and items i it minimises
///     sum over observed (u, i) of w (1 - x_u . y_i)^2 + unobserved_weight * sum over all (u, i) of (x_u . y_i)^2
///       + regularization * (sum over u of (n_u + unobserved_weight * n_items) |x_u|^2 + the same of items),
/// n_u the number of items that u has, w the value of the entry. In the eigenbasis of the Gram matrix of the fixed side the prior
/// of a row is diagonal: a row with n entries is solved as n x n or as factors x factors, whichever is smaller, or by the
/// approximate solver, where no dense product of factors x factors is left in a step.
///
/// `by_user` is users x items with values above 0 (none: all 1). O(rounds (sum of min(n, d)^2 max(n, d) + (users + items) d^2 +
/// d^3)) for d factors; memory (users + items) d floats beside the interactions by item. `start`: item vectors to begin with,
/// instead of random ones of standard deviation 0.1 / sqrt(factors). `stopping` judges each round, and the model is that of the
/// best one. The same bits for any number of threads. Throws std::invalid_argument for options, values or a start that are not
/// allowed, clarion::error where memory cannot hold the factors or single precision a solution, clarion::cancelled.
CLARION_API implicit_als_model implicit_als(const core::sparse_view& by_user, const implicit_als_options& options = {},
                                            const run_options& run = {}, const implicit_als_model* start = nullptr,
                                            early_stopping* stopping = nullptr);

/// Vectors of users that the model has not seen, from their items: rows x factors, one exact half of a round.
/// Throws std::invalid_argument unless rows has a column for each item of the model.
CLARION_API std::vector<float> fold_in_users(const implicit_als_model& model, const core::sparse_view& rows,
                                             const run_options& run = {});

/// Vectors of items that the model has not seen, from their users.
CLARION_API std::vector<float> fold_in_items(const implicit_als_model& model, const core::sparse_view& rows,
                                             const run_options& run = {});

/// What each entry of a user contributes to the score of an item, in the order of `index` (items of the user, ascending; `value`:
/// their weights, empty: 1): they sum to the score that the user's folded-in vector gives (Hu, Koren, Volinsky, section 5).
/// O(items d^2 + entries d^2 + d^3).
CLARION_API std::vector<float> implicit_als_contributions(const implicit_als_model& model, std::span<const std::uint32_t> index,
                                                          std::span<const float> value, std::uint32_t item,
                                                          const run_options& run = {});

/// What the model's vectors make of the objective on these interactions. O(entries d + (users + items) d^2).
CLARION_API double implicit_als_loss(const implicit_als_model& model, const core::sparse_view& by_user,
                                     const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included, estimated from above: what a fit requires of
/// memory before it begins.
CLARION_API double implicit_als_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                                       const implicit_als_options& options = {}, const run_options& run = {});

}  // namespace clarion::recommend
