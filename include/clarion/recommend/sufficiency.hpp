#pragma once

// Whether there is enough to learn from.

#include <cstdint>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"
#include "clarion/recommend/interactions.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::recommend {

struct sufficiency_options {
  std::uint64_t min_interactions = 1000;  ///< for methods that compare users
  double min_co_occurrences = 500;        ///< of the middle item, for methods that compare items

  static constexpr auto fields() {
    using o = sufficiency_options;
    return std::tuple{
        core::option("min_interactions", &o::min_interactions, "interactions that methods comparing users need", {0, 1e18}),
        core::option("min_co_occurrences", &o::min_co_occurrences,
                     "co-occurrences with other items that the middle item needs for methods comparing items", {0, 1e18})};
  }
};

/// How much the data holds, and findings (R001 to R004) where an answer is likely noise.
struct sufficiency_result {
  std::uint64_t interactions = 0, users = 0, items = 0;  ///< users and items with an entry
  /// Pairs (user, other item) in which an item occurs: the sum over its users of their other items. Half of the items with an
  /// entry have at most this many.
  double median_co_occurrences = 0;
  std::uint64_t items_below = 0;     ///< items with fewer than min_co_occurrences
  std::uint64_t users_with_one = 0;  ///< users with a single entry, which says nothing about what goes together
  bool enough_for_users = false;     ///< methods that compare users
  bool enough_for_items = false;     ///< methods that compare items
  std::vector<schema::finding> findings;
};

/// O(entries). Same result for any number of threads.
CLARION_API sufficiency_result sufficiency(const interactions& data, const sufficiency_options& options = {},
                                           const run_options& run = {});

/// The same for a matrix users x items; counts are exact whatever the values.
CLARION_API sufficiency_result sufficiency(const core::sparse_view& by_user, const sufficiency_options& options = {},
                                           const run_options& run = {});

}  // namespace clarion::recommend
