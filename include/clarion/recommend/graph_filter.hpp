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

struct graph_filter_options {
  std::uint32_t rank = 448;
  double ideal_weight = 0.2;
  double sharpening = 2;
  double user_exponent = 0.3;
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = graph_filter_options;
    return std::tuple{
        core::option("rank", &self::rank, "singular vectors of the ideal filter", {1, 4096}),
        core::option("ideal_weight", &self::ideal_weight, "weight of the ideal filter beside the linear one", {0, 1e6}),
        core::option("sharpening", &self::sharpening, "length of the step that takes blur out again", {0, 2.75}),
        core::option("user_exponent", &self::user_exponent, "power of a user's count that divides their entries", {0, 2}),
        core::option("seed", &self::seed, "of the random vectors that the singular vectors are found from"),
    };
  }
};

/// Scores of a user are the product of their factors with an item's, plus what walks over users give from their items to it:
/// item_side{.factors = item_factors, .walks = {normalized, terms}}.
struct graph_filter_model {
  std::size_t n_users = 0, n_items = 0;
  std::size_t factors = 0;  ///< of a vector: those of the ideal filter, then those of the linear one's leading part
  graph_filter_options options{};
  std::vector<float> user_factors;  ///< n_users x factors
  std::vector<float> item_factors;  ///< n_items x factors
  std::vector<float> basis;         ///< n_items x factors: a user's factors are the sum of those of their items
  core::sparse_rows normalized;     ///< R, n_users x n_items
  std::vector<float> terms;         ///< of the linear filter, as a polynomial in R'R
};

/// A graph filter, which trains nothing. With R = D_u^-user_exponent X D_i^-1/2 scaled to a greatest singular value of 1, V its
/// leading right singular vectors and P = R'R, a user's row x is scored
///     (x P + ideal_weight x D_i^-1/2 V V' D_i^1/2) q(P),   q(P) = the first five terms of exp(-sharpening P),
/// D holding the sums of rows and of columns of X: blurred by the linear and the ideal low-pass filter of Shen et al., "How
/// powerful is graph convolution for recommendation?", CIKM 2021, then sharpened by one Runge-Kutta step of Choi et al.,
/// "Blurring-sharpening process models for collaborative filtering", SIGIR 2023, whose user_exponent is
/// 1/2 and whose sharpening is 2.5. In x P q(P), q is
/// exact on the 128 leading vectors and, on what lies beyond, a quadratic within .002 of it on interactions of people.
///
/// `by_user` is users x items with values above 0 (none: all 1). O(interactions x rank + what truncated_svd takes); memory (users
/// + items) x factors floats. Scores cost O(terms x interactions) for every 32 users beside their factors. The same bits for any
/// number of threads. Throws std::invalid_argument for options or values that are not allowed, clarion::error for what memory
/// cannot hold, clarion::cancelled.
CLARION_API graph_filter_model graph_filter(const core::sparse_view& by_user, const graph_filter_options& options = {},
                                            const run_options& run = {});

/// Factors of other users, from their items: rows x factors. Exact: a user of the fit gets their own. `basis` is the model's,
/// n_items x factors. Throws std::invalid_argument unless it has a row for each column of rows.
CLARION_API std::vector<float> graph_filter_factors(const std::vector<float>& basis, std::size_t factors,
                                                    const core::sparse_view& rows, const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included, estimated from above: what a fit requires of
/// memory before it begins.
CLARION_API double graph_filter_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                                       const graph_filter_options& options = {}, const run_options& run = {});

}  // namespace clarion::recommend
