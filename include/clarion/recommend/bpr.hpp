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

struct bpr_options {
  std::uint32_t factors = 64;
  double learning_rate = 0.1;
  double user_regularization = 0.04;
  double positive_regularization = 0.02;
  double negative_regularization = 0.02;
  double bias_regularization = 0.01;
  std::uint32_t candidates = 8;
  std::uint32_t max_iter = 50;
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = bpr_options;
    return std::tuple{
        core::option("factors", &self::factors, "length of the vector of each user and item", {1, 4096}),
        core::option("learning_rate", &self::learning_rate, "length of the first steps", {1e-9, 10}),
        core::option("user_regularization", &self::user_regularization, "pulls a user's vector towards 0 at each step", {0, 1}),
        core::option("positive_regularization", &self::positive_regularization, "the same, of the item that the user has",
                     {0, 1}),
        core::option("negative_regularization", &self::negative_regularization, "the same, of the item that was drawn", {0, 1}),
        core::option("bias_regularization", &self::bias_regularization, "the same, of the biases of both items", {0, 1}),
        core::option("candidates", &self::candidates, "items drawn a step, the one with the highest score is taken", {1, 64}),
        core::option("max_iter", &self::max_iter, "epochs; each takes a step for each interaction", {1, 1e6}),
        core::option("seed", &self::seed, "of the first vectors, the order of items and the draws"),
    };
  }
};

/// Vectors of users and items, row after row; a user's score of an item is the product of their vectors. The last number of an
/// item's is its bias, that of a user's is 1.
struct bpr_model {
  std::size_t n_users = 0, n_items = 0;
  bpr_options options{};
  std::vector<float> user_factors;  ///< n_users x (factors + 1)
  std::vector<float> item_factors;  ///< n_items x (factors + 1)
  std::vector<double> loss;         ///< mean of - ln sigma over the steps of each epoch, before each step
};

/// Matrix factorization for the order of items, Bayesian personalized ranking (Rendle et al., UAI 2009): over vectors x of users
/// and y of items with biases b it minimises, for an item i that a user u has and an item j that it has not,
///     - ln sigma(x_u . y_i + b_i - x_u . y_j - b_j), and for each step (user_regularization |x_u|^2 + positive_regularization
///       |y_i|^2 + negative_regularization |y_j|^2 + bias_regularization (b_i^2 + b_j^2)) / 2,
/// by stochastic gradient steps, one for each interaction an epoch, their length falling in a line from learning_rate towards 0.
/// j is the one with the highest score of `candidates` drawn ones (Zhang et al., SIGIR 2013): the longer a model learns, the
/// fewer of the others teach it anything (Rendle and Freudenthaler, WSDM 2014).
///
/// Users and items are cut into blocks, items anew in each epoch. Pairs of blocks that share neither users nor items are worked
/// on at the same time (Gemulla et al., KDD 2011), and a negative is drawn from the block of its positive: the same bits for any
/// number of threads. Which pairs `by_user`, users x items, has counts, not their values, which
/// are above 0. A user without items has the vector
/// 0. O(epochs x interactions x candidates x d) for d factors; memory (users + items) d floats and 8 bytes an interaction.
/// Throws std::invalid_argument for options or values that are not allowed, clarion::error where memory cannot hold the factors
/// or the steps led out of single precision, clarion::cancelled.
CLARION_API bpr_model bpr(const core::sparse_view& by_user, const bpr_options& options = {}, const run_options& run = {});

/// Vectors of users that the model has not seen, from their items: rows x (factors + 1). Steps as in the fit, from the vector 0
/// and with items as they are; the same draws for every row, so that its vector depends on its items alone.
/// Throws std::invalid_argument unless rows has a column for each item of the model. O(epochs x entries x candidates x d).
CLARION_API std::vector<float> bpr_fold_in(const bpr_model& model, const core::sparse_view& rows, const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included, estimated from above: what a fit requires of
/// memory before it begins.
CLARION_API double bpr_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                              const bpr_options& options = {}, const run_options& run = {});

}  // namespace clarion::recommend
