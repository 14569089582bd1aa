#pragma once

// How much of the money hangs on how few things.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::conflict {

/// The Herfindahl-Hirschman index is the sum of squared shares, 1/n for n equal ones and 1 for a single one. The bands of the
/// US Horizontal Merger Guidelines (2010, section 5.3) are taken over: below .15 unconcentrated, above .25 highly
/// concentrated. Few keys cannot spread: the index is also asked to exceed what n keys allow by spread_slack (normalised
/// index (H - 1/n) / (1 - 1/n)).
struct concentration_options {
  double high_hhi = 0.25;           ///< a dimension above it is highly concentrated
  double spread_slack = 0.1;        ///< ... when its normalised index is above this, too
  double top_share = 0.5;           ///< and its largest key holds at least this share of the money
  double single_exposure = 0.25;    ///< share of all money that one campaign may hold
  std::uint32_t window_months = 3;  ///< consecutive months that are looked at together
  double window_share = 0.5;        ///< share of the money that they may hold, in a plan at least three times as long
  std::uint32_t min_campaigns = 8;  ///< portfolios with fewer budgets are described, not judged

  static constexpr auto fields() {
    return std::tuple{
        core::option("high_hhi", &concentration_options::high_hhi,
                     "Herfindahl index above which a dimension is highly concentrated", {0, 1}),
        core::option("spread_slack", &concentration_options::spread_slack,
                     "normalised Herfindahl index that a dimension may have all the same", {0, 1}),
        core::option("top_share", &concentration_options::top_share,
                     "share that the largest key of a concentrated dimension has at least", {0, 1}),
        core::option("single_exposure", &concentration_options::single_exposure, "share of all money that one campaign may hold",
                     {0, 1}),
        core::option("window_months", &concentration_options::window_months, "consecutive months that are looked at together",
                     {1, 120}),
        core::option("window_share", &concentration_options::window_share,
                     "share of the money that they may hold, in a plan at least three times as long", {0, 1}),
        core::option("min_campaigns", &concentration_options::min_campaigns, "budgets below which nothing is judged", {2, 1e9})};
  }
};

struct exposure {
  std::string key;  ///< channel, "2026-11", segment, product, owner
  double amount = 0;
  double share = 0;             ///< of the amount that has a key in this dimension
  std::uint32_t campaigns = 0;  ///< campaigns that put money on it
  std::uint32_t largest = 0;    ///< portfolio row of the one that puts most
  double largest_amount = 0;
};

struct dimension_concentration {
  std::string dimension;         ///< "channel", "month", "audience", "product", "owner"
  double hhi = 0;                ///< 0 without any amount
  double normalised_hhi = 0;     ///< 0 for equal shares, 1 when all is on one of several; 0 when there is one key
  double effective = 0;          ///< 1 / hhi: as many equal keys would be as concentrated
  double threshold = 0;          ///< high_hhi
  double assigned = 0;           ///< amount with a key
  double unassigned = 0;         ///< amount of campaigns that name none
  std::vector<exposure> shares;  ///< largest first, ties by key
};

struct concentration_result {
  std::string currency;  ///< the one that is judged: most of the campaigns with a budget use it, ties by name
  double total = 0;
  std::uint32_t campaigns = 0;  ///< with a budget in that currency
  std::uint32_t without_budget = 0;
  std::uint32_t other_currency = 0;
  std::vector<dimension_concentration> dimensions;  ///< channel, month, audience, product, owner
  std::vector<schema::finding> findings;            ///< C3xx
};

/// Amounts: the budget, on a month in proportion to the campaign's days in it, on several segments or products in equal parts.
/// Amounts of different currencies are never added. Campaigns that do not count() are left out.
/// O(campaigns x (months + entries)). Throws std::invalid_argument for an option outside its range.
CLARION_API concentration_result concentration(const schema::portfolio& portfolio, const concentration_options& options = {});

}  // namespace clarion::conflict
