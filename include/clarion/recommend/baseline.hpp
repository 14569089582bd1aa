#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/recommend/interactions.hpp"

namespace clarion::recommend {

/// What a model must beat: scores as products of factors, like those of every model of vectors.
struct baseline_model {
  std::size_t n_users = 0, n_items = 0, factors = 0;
  std::vector<float> user_factors;  ///< n_users x factors
  std::vector<float> item_factors;  ///< n_items x factors
};

struct popular_options {
  double half_life = 0;

  static constexpr auto fields() {
    using self = popular_options;
    return std::tuple{core::option("half_life", &self::half_life,
                                   "days before the latest entry after which an entry counts half; 0: all count alike",
                                   {0, 1e6})};
  }
};

/// How much an item has been used: the score is the sum of its weights, for a user of segment s those of users of s. `segment`
/// has a number below 2^20 for each user, or is empty: all users are one. The first factor is of all users, and after it comes
/// one for each segment. O(entries + users x segments). Throws std::invalid_argument for options, segments of another count, or a
/// half-life without times.
CLARION_API baseline_model popular(const interactions& data, const popular_options& options = {},
                                   std::span<const std::uint32_t> segment = {}, const run_options& run = {});

/// Any item, as likely as any other: by symmetry, as vectors of items are drawn alike. The same for the same seed.
CLARION_API baseline_model random_scores(std::size_t n_users, std::size_t n_items, std::uint64_t seed = 0,
                                         const run_options& run = {});

/// Bytes that a fit takes at its peak beside the interactions, its result included: what it requires of memory before it begins.
CLARION_API double popular_memory(std::size_t n_users, std::size_t n_items, std::size_t n_segments = 0);
CLARION_API double random_scores_memory(std::size_t n_users, std::size_t n_items);

}  // namespace clarion::recommend
