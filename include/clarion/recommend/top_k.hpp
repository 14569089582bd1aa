#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"
#include "clarion/recommend/scorer.hpp"

namespace clarion::recommend {

/// What may be returned to whom. Empty members ask for nothing.
struct top_k_filter {
  const core::sparse_view* exclude = nullptr;  ///< users x items that are never returned to a user: seen, denied
  const core::sparse_view* allow = nullptr;    ///< users x items: a user with entries here gets none but these
  std::span<const std::uint8_t> available{};   ///< by item: 0 is returned to no one (out of stock, expired)
  std::span<const float> boost{};              ///< by item, >= 0: its scores are multiplied by this
  std::span<const std::uint32_t> group{};      ///< by item, what group_quota counts
  std::uint32_t group_quota = 0;               ///< most items of a group in one list; 0: any number
};

struct top_k_options {
  std::uint32_t k = 10;

  static constexpr auto fields() {
    using self = top_k_options;
    return std::tuple{core::option("k", &self::k, "items a list", {1, 65536})};
  }
};

/// Lists of items, best first. Of list r the first lengths[r] of k places are used: a short list is short.
struct top_k_result {
  static constexpr std::uint32_t none = 0xffffffff;

  std::size_t rows = 0;
  std::uint32_t k = 0;
  std::vector<std::uint32_t> items;    ///< rows x k; `none` in places that are not used
  std::vector<float> scores;           ///< rows x k; NaN there
  std::vector<std::uint32_t> lengths;  ///< by row
};

/// The items with the highest scores for each user among those that the filter leaves: exact, of all items. Equal scores are in
/// the order of items. Where scores are of sparse weights alone, an item that no entry of the user's history leads to has no
/// score and is not returned. Scores are float sums, first of the history in its order and then of factors in theirs. Blocks of
/// users are multiplied with panels of items, and what passes the least score of each list so far is kept: no array of users x
/// items. O(users x items x factors + products of histories and weights). The same bits for any number of threads. Throws
/// std::invalid_argument where shapes do not fit, a number is not finite or a boost negative; clarion::cancelled.
CLARION_API top_k_result top_k(const item_index& items, const user_side& users, const top_k_options& options = {},
                               const top_k_filter& filter = {}, const run_options& run = {});

/// The same of factors alone, laid out for this call.
CLARION_API top_k_result top_k(const factor_view& users, const factor_view& items, const top_k_options& options = {},
                               const top_k_filter& filter = {}, const run_options& run = {});

/// How many items come before each pair's item in the endless list of its user: those of a higher score, or of the same score and
/// a lower number, that `exclude` (null: none) does not hold. A pair of which `exclude` holds the item counts all the others.
/// Pairs are entries of `pairs`, users x items. O(as top_k).
CLARION_API std::vector<std::uint32_t> ranks(const item_index& items, const user_side& users, const core::sparse_view& pairs,
                                             const core::sparse_view* exclude = nullptr, const run_options& run = {});

}  // namespace clarion::recommend
