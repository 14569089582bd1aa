#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "clarion/conflict/graph.hpp"
#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::conflict {

/// A campaign as the search sees it. Its length stays; only its start moves.
struct movable_campaign {
  std::string id;
  std::string name;  ///< what findings call it; the id where empty
  date start{};
  date end{};       ///< last day, included
  date earliest{};  ///< first and last day on which it may start; a plan outside of them has to move
  date latest{};
  bool fixed = false;                         ///< stays where it is
  bool over = false;                          ///< finished or cancelled: stays, and conflicts with nothing any more
  double weight = 1;                          ///< multiplies the cost of moving it
  std::vector<std::pair<date, date>> closed;  ///< spans in which a moved campaign must not run
};

struct reschedule_options {
  std::optional<double> limit;  ///< residual conflict allowed; without it keep_share of the present conflict
  double keep_share = 0.5;
  bool per_component = false;  ///< the limit holds for each connected part by itself instead of for the sum
  std::int32_t max_shift_days = 14;
  std::int32_t step_days = 1;
  double cost_per_day = 1;
  double cost_per_move = 1;
  std::uint64_t max_nodes = 500'000;
  double time_limit = 0;

  static constexpr auto fields() {
    using o = reschedule_options;
    return std::tuple{
        core::option("limit", &o::limit, "residual conflict allowed; none: keep_share of the present conflict", {0}),
        core::option("keep_share", &o::keep_share, "share of the present conflict allowed where no limit is given", {0, 1}),
        core::option("per_component", &o::per_component, "the limit holds for each connected part by itself, not for the sum"),
        core::option("max_shift_days", &o::max_shift_days, "days a campaign may move where its window is not given", {0, 3650}),
        core::option("step_days", &o::step_days, "campaigns move by multiples of this (7 keeps the weekday)", {1, 365}),
        core::option("cost_per_day", &o::cost_per_day, "cost of a day moved, times the campaign's weight", {0, 1e9}),
        core::option("cost_per_move", &o::cost_per_move, "cost of moving at all, times the campaign's weight", {0, 1e9}),
        core::option("max_nodes", &o::max_nodes,
                     "work on a connected part: partial schedules examined, 8,192 entries of bounds counting as one", {1, 1e12}),
        core::option("time_limit", &o::time_limit, "seconds, 0 for none; a search cut by the clock may differ between runs",
                     {0, 1e9})};
  }
};

/// What one move does to one pair.
struct relieved_pair {
  std::uint32_t other = 0;
  std::int32_t days_before = 0, days_after = 0;  ///< shared days
  double before = 0, after = 0;                  ///< conflict; a pair of two moved campaigns shows in both
  std::string reason;
};

struct campaign_move {
  std::uint32_t campaign = 0;
  date from{}, to{};      ///< start
  std::int32_t days = 0;  ///< to - from
  double cost = 0;
  double removes = 0;                ///< conflict that would come back if this move alone were undone
  std::vector<relieved_pair> pairs;  ///< pairs that change, most relieved first
};

/// A connected part of the search: campaigns that can move and can come to conflict with each other.
struct reschedule_part {
  std::vector<std::uint32_t> campaigns;
  double conflict_before = 0, conflict_after = 0;  ///< among them and with campaigns that cannot move
  double cost = 0;
  bool proved = false;
  std::uint64_t nodes = 0;
};

struct reschedule_result {
  std::vector<date> start;           ///< a campaign: new first day
  std::vector<campaign_move> moves;  ///< those that remove most first
  std::vector<reschedule_part> parts;
  double limit = 0;  ///< on the total; per component, the sum of the limits of the parts
  double conflict_before = 0, conflict_after = 0;
  double cost = 0;
  double bound = 0;       ///< no schedule within the limit costs less
  double gap = 0;         ///< cost - bound; 0 when proved
  bool feasible = false;  ///< the limit is met
  bool proved = false;    ///< the cost is the least possible; where not feasible, no schedule has less conflict
  /// Where the limit is out of reach: no schedule has less conflict. When proved this one reaches it. Per component, parts that
  /// meet their limit count with what they keep.
  std::optional<double> least_conflict;
  /// Of conflict_after: between campaigns that cannot move, which no schedule changes.
  double conflict_held = 0;
  std::uint64_t nodes = 0;
};

/// The cheapest set of shifts after which the conflict is at most the limit: minimises the sum of
/// weight * (cost_per_day * |days moved| + cost_per_move), where the conflict is the sum over pairs of edge weight * shared days.
/// `rates` holds conflict per shared day for every pair that may come to share days, not only those that do now.
///
/// Campaigns that can move and can meet form connected parts; each is searched by branch and bound, with bounds from the linear
/// program over pairs and triples of campaigns (docs/conflict/reschedule.md), and the parts' cost-conflict frontiers are merged
/// exactly under a common limit. The budget is nodes, so that the answer is the same on every machine and for any number of
/// threads. When it runs out `proved` is false and `bound` holds what is known. When no schedule meets the limit, `feasible` is
/// false and the moves are the cheapest ones found to the least conflict. Worst case exponential in the size of a part. Throws
/// std::invalid_argument for bad options, edges or windows.
CLARION_API reschedule_result reschedule(std::span<const movable_campaign> campaigns, std::span<const conflict_edge> rates,
                                         const reschedule_options& options = {}, const run_options& run = {});

/// Windows of a portfolio's campaigns: earliest_start and latest_end where given, else max_shift_days around the plan. Fixed
/// dates stay, and so does what runs or has begun by policy.today; nothing moves to a start before that day or into a blackout of
/// its channel. Finished and cancelled campaigns, and those that ended before policy.today, are over. Without policy.today the
/// status alone decides.
CLARION_API std::vector<movable_campaign> movable_campaigns(const schema::portfolio& portfolio, const schema::policy& policy = {},
                                                            const reschedule_options& options = {});

/// Pairs of a portfolio that conflict, or would if its campaigns moved within their windows, with the conflict of a shared day
/// (pairs.hpp). `audiences` may be null.
CLARION_API std::vector<conflict_edge> conflict_rates(const schema::portfolio& portfolio, const schema::audiences* audiences,
                                                      std::span<const movable_campaign> campaigns,
                                                      const pair_options& options = {}, const run_options& run = {});

/// The portfolio with its campaigns at their new dates.
CLARION_API schema::portfolio apply(const schema::portfolio& portfolio, const reschedule_result& result);

/// C511 to C514: the moves with their effect, a limit out of reach, an optimum not proved, conflict that fixed dates hold.
CLARION_API std::vector<schema::finding> reschedule_findings(const reschedule_result& result,
                                                             std::span<const movable_campaign> campaigns);

}  // namespace clarion::conflict
