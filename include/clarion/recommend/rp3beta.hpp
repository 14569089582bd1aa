#pragma once

#include <cstdint>
#include <tuple>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::recommend {

struct rp3beta_options {
  std::uint32_t k = 100;
  double alpha = 1;
  double beta = 0.3;
  bool normalize = false;

  static constexpr auto fields() {
    using self = rp3beta_options;
    return std::tuple{
        core::option("k", &self::k, "items kept for each item, at most", {1, 4294967295.0}),
        core::option("alpha", &self::alpha, "power of the probability of a step", {0, 10}),
        core::option("beta", &self::beta, "power of an item's count that its score is divided by; 0: P3alpha", {0, 10}),
        core::option("normalize", &self::normalize, "whether the weights of the items kept for an item add up to 1"),
    };
  }
};

/// Random walks of three steps, from a user over an item and another user to an item, with popular items held back (Paudel,
/// Christoffel, Newell, Bernstein, TiiS 2017): items x items, w[j, i] = sum over u of (x_uj / sum of item j)^alpha (x_ui / sum of
/// user u)^alpha / count_i^beta; the k highest of each row are kept, j itself left out, columns ascending. A user's score of an
/// item is the sum of the weights of their items times the entries. Equal weights are taken in the order of items.
///
/// `by_user` is users x items with values above 0 (none: all 1). Cost, memory, determinism and errors are those of item_knn.
CLARION_API core::sparse_rows rp3beta(const core::sparse_view& by_user, const rp3beta_options& options = {},
                                      const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included, estimated from above: what a fit requires of
/// memory before it begins.
CLARION_API double rp3beta_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                                  const rp3beta_options& options = {}, const run_options& run = {});

}  // namespace clarion::recommend
