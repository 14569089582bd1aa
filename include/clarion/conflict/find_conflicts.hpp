#pragma once

// Every detector of the room over one portfolio.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/conflict/concentration.hpp"
#include "clarion/conflict/load.hpp"
#include "clarion/conflict/pairs.hpp"
#include "clarion/conflict/saturation.hpp"
#include "clarion/conflict/timing.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::conflict {

struct conflict_options {
  std::uint32_t max_findings = 50;        ///< of one code; the worst are kept, and a finding says how many more there are
  double over_cap_share = 0.1;            ///< share of the customers with a frequency cap who may be above it in a week
  std::uint32_t pile_up = 3;              ///< campaigns on the same customers on one day that make a pile-up
  double pile_up_share = 0.25;            ///< ... when they share this much of the smallest of their audiences
  std::uint64_t pile_up_customers = 100;  ///< ... and this many customers
  load_options load;
  pair_options pairs;
  saturation_options saturation;
  concentration_options concentration;
  timing_options timing;

  static constexpr auto fields() {
    return std::tuple{
        core::option("max_findings", &conflict_options::max_findings, "findings of one code to keep, worst first", {1, 1e9}),
        core::option("over_cap_share", &conflict_options::over_cap_share,
                     "share of the customers with a frequency cap who may be above it in a week", {0, 1}),
        core::option("pile_up", &conflict_options::pile_up, "campaigns on the same customers on one day that make a pile-up",
                     {2, 1000}),
        core::option("pile_up_share", &conflict_options::pile_up_share,
                     "share of the smallest of their audiences that a pile-up has at least", {0, 1}),
        core::option("pile_up_customers", &conflict_options::pile_up_customers, "customers that a pile-up has at least",
                     {1, 4294967295.0})};
  }
};

enum class audience_source : std::uint8_t { none, tags, membership };
CLARION_API std::string_view to_string(audience_source source);

struct conflicts {
  std::vector<schema::finding> findings;  ///< errors, then warnings, then infos; by expected loss within each
  pair_table pairs;                       ///< those that run together or follow each other within the days of rest
  weekly_load load;
  saturation_result saturation;        ///< its findings have moved to `findings`
  concentration_result concentration;  ///< likewise
  taken_days_table taken;
  audience_source source = audience_source::none;  ///< membership when any campaign that counts has members
  std::uint32_t campaigns = 0;                     ///< that were looked at
};

/// Runs load, pairs, saturation, concentration and timing, and adds the findings on shared audiences (C1xx).
///
/// The findings are raw: schema::judge applies the policy's select, ignore, severities and acceptances. Expected losses are
/// money of the campaigns named, in the main currency of the portfolio (0 for the budgets in others), by the formula in each
/// finding's `why`; they overlap between findings and must not be added up. Campaigns that are over (load.hpp) are what came
/// before, and have no findings of their own.
/// `audiences` may be null. 10,000 campaigns over two years take well under a second on two threads; same for any number of
/// threads. Throws std::invalid_argument for an option outside its range.
CLARION_API conflicts find_conflicts(const schema::portfolio& portfolio, const schema::audiences* audiences = nullptr,
                                     const schema::policy& policy = {}, std::span<const schema::blackout> holidays = {},
                                     const conflict_options& options = {}, const run_options& run = {});

}  // namespace clarion::conflict
