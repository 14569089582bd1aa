#pragma once

// Dates that clash: runs at the same time that share customers or products, runs without rest between them, runs on days that
// are taken.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/conflict/pairs.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::conflict {

struct timing_options {
  std::int32_t rest_days = 7;       ///< days of rest that an audience is left by a channel between two campaigns
  double rest_containment = 0.5;    ///< share of the smaller audience that two campaigns must share to need that rest
  double min_containment = 0.5;     ///< share of the smaller audience from which running together is reported
  std::uint32_t max_findings = 50;  ///< of one code; the worst are kept, and a finding says how many more there are

  static constexpr auto fields() {
    return std::tuple{
        core::option("rest_days", &timing_options::rest_days,
                     "days of rest that an audience is left by a channel between two campaigns", {0, 365}),
        core::option("rest_containment", &timing_options::rest_containment,
                     "share of the smaller audience that two campaigns must share to need that rest", {0, 1}),
        core::option("min_containment", &timing_options::min_containment,
                     "share of the smaller audience from which running together is reported", {0, 1}),
        core::option("max_findings", &timing_options::max_findings, "findings of one code to keep, worst first", {1, 1e9})};
  }
};

/// One row a campaign and blackout or holiday that it meets, by campaign, then day.
struct taken_days_table {
  std::vector<std::uint32_t> campaign;
  std::vector<std::uint32_t> days;  ///< of the campaign that fall into it
  std::vector<date> first;          ///< first of them
  std::vector<std::string> name;
  std::vector<std::uint8_t> holiday;  ///< 1: a holiday on which the campaign starts; 0: a blackout that it runs into

  std::size_t size() const { return campaign.size(); }
};

struct timing_result {
  taken_days_table taken;
  std::vector<schema::finding> findings;  ///< C101, C102 and C4xx, worst first
};

/// Judges the pairs that pairs.hpp found (built with within_days >= rest_days to see missing rests), the policy's blackouts and
/// the holidays: named days, from any calendar, on which nothing should start. Campaigns that are over (load.hpp) have no
/// findings, though others may lack rest after them. Moves that findings propose keep to windows, and off blackouts and the days
/// before policy.today. O(pairs + campaigns x (blackouts + holidays)). Throws std::invalid_argument for an option outside its
/// range, for a pair beyond the portfolio, or a blackout or holiday that ends before it starts.
CLARION_API timing_result timing(const schema::portfolio& portfolio, const pair_table& pairs, const schema::policy& policy,
                                 std::span<const schema::blackout> holidays = {}, const timing_options& options = {},
                                 const run_options& run = {});

}  // namespace clarion::conflict
