#pragma once

// Which campaigns touch each other, why and how much: the rows that findings, the conflict graph and rescheduling start from.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::schema {
class audiences;
struct catalog;
}  // namespace clarion::schema

namespace clarion::conflict {

/// Bits of pair_table::reasons.
enum reason : std::uint8_t {
  shares_audience = 1,  ///< containment > 0
  shares_channel = 2,
  shares_products = 4,  ///< both name a common product or category
  estimated = 8,        ///< the audience numbers come from declared tags, not from memberships
};

struct pair_options {
  double cross_channel = 0.5;         ///< weight of a shared customer on two different channels, where the same channel is 1
  double product_weight = 0.5;        ///< added to that weight, as a share of it, when both sell a common product
  std::int32_t within_days = 0;       ///< also pairs that do not run together but at most this many days apart (weight 0)
  std::uint64_t max_pairs = 5000000;  ///< the heaviest are kept; pair_table::left_out says how many were not
  const schema::catalog* catalog = nullptr;  ///< when given, a product and its category, each named by a campaign, are common

  static constexpr auto fields() {
    return std::tuple{core::option("cross_channel", &pair_options::cross_channel,
                                   "weight of a shared customer on two different channels, where the same channel is 1", {0, 1}),
                      core::option("product_weight", &pair_options::product_weight,
                                   "added to that weight, as a share of it, when both sell a common product", {0, 10}),
                      core::option("within_days", &pair_options::within_days,
                                   "also pairs that do not run together but at most this many days apart", {0, 3660}),
                      core::option("max_pairs", &pair_options::max_pairs, "pairs to keep, heaviest first", {1, 1e9})};
  }
};

/// Columns of equal length, a row a pair a < b of portfolio rows, ascending by (a, b).
struct pair_table {
  std::vector<std::uint32_t> a, b;
  std::vector<std::int32_t> shared_days;  ///< days on which both run
  std::vector<std::int32_t> days_apart;   ///< 0 when they run together, 1 when one starts the day after the other ended, ...
  std::vector<double> shared;             ///< customers in both audiences; missing when estimated or not known
  std::vector<double> jaccard;            ///< exact or estimated; missing when an audience is not known
  std::vector<double> share_a, share_b;   ///< share of a's audience that is in b's, and of b's that is in a's; missing likewise
  std::vector<double> containment;        ///< the larger of the two: share of the smaller audience that is in the other
  std::vector<double> rate;    ///< conflict of one shared day: containment x channel weight x (1 + product weight if shared)
  std::vector<double> weight;  ///< rate x shared_days: weighted days that a customer of the smaller audience spends in both
  std::vector<std::uint8_t> reasons;
  std::uint64_t left_out = 0;

  std::size_t size() const { return a.size(); }
};

/// Pairs of campaigns that run together (or at most within_days apart) and share customers, or both channel and products.
///
/// Audiences are exact where both campaigns are in `audiences` (by campaign id), else estimated from declared tags
/// (declared_overlap.hpp). Because weight is linear in shared days, moving a campaign changes it by rate x days: rescheduling
/// builds the table with within_days as large as its moves.
/// Sweep by start over inverted indices of tags: O(n log n + pairs found), never n^2 for its own sake. The same for any number of
/// threads. `audiences` may be null. Throws std::invalid_argument for an option outside its range.
CLARION_API pair_table pairs(const schema::portfolio& portfolio, const schema::audiences* audiences,
                             const pair_options& options = {}, const run_options& run = {});

/// Row of `audiences` for each campaign of the portfolio, by id; no_audience where it has none, and for rows that repeat an id.
inline constexpr std::uint32_t no_audience = std::numeric_limits<std::uint32_t>::max();
CLARION_API std::vector<std::uint32_t> audience_rows(const schema::portfolio& portfolio, const schema::audiences& audiences);

}  // namespace clarion::conflict
