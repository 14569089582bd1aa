#pragma once

// The fifth layer: who should own each campaign, how much work it is, and when an owner has too much of it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/conflict/pairs.hpp"
#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan {

enum class ownership : std::uint8_t { one_owner, squad, cross_functional };
CLARION_API std::string_view to_string(ownership tier);  ///< "one owner", "squad", "cross-functional"

struct team_options {
  double small_budget = 5000;         ///< a budget of this or less adds no complexity
  double large_budget = 30000;        ///< a budget of this or more adds all of it
  double squad_from = 30;             ///< complexity from which one owner is too few
  double cross_functional_from = 55;  ///< complexity from which one team is too few
  double run_days_per_week = 1;       ///< person-days that the simplest running campaign takes a week
  double lead_weeks = 4;              ///< weeks before the start over which preparation spreads, if it is not longer
  double owner_capacity = 1;          ///< person-weeks that one owner has a week
  double touch_rate = 0.1;            ///< conflict of a shared day (conflict::pair_table::rate) from which two campaigns touch
  std::uint32_t overload_weeks = 2;   ///< weeks in a row over capacity from which it is reported: one busy week is borne
  double squad_owner_share = 0.5;     ///< of the work, what the owner carries in a squad
  double cross_functional_owner_share = 0.4;  ///< ... and in a cross-functional team

  static constexpr auto fields() {
    return std::tuple{
        core::option("small_budget", &team_options::small_budget, "budget up to which none is added for it", {1, 1e15}),
        core::option("large_budget", &team_options::large_budget, "budget from which all is added for it", {1, 1e15}),
        core::option("squad_from", &team_options::squad_from, "complexity from which one owner is too few", {0, 100}),
        core::option("cross_functional_from", &team_options::cross_functional_from, "complexity from which one team is too few",
                     {0, 100}),
        core::option("run_days_per_week", &team_options::run_days_per_week,
                     "person-days that the simplest running campaign takes a week", {0, 100}),
        core::option("lead_weeks", &team_options::lead_weeks, "weeks before the start over which preparation spreads", {1, 52}),
        core::option("owner_capacity", &team_options::owner_capacity, "person-weeks that one owner has a week", {0.01, 100}),
        core::option("touch_rate", &team_options::touch_rate, "conflict of a shared day from which two campaigns touch", {0, 10}),
        core::option("overload_weeks", &team_options::overload_weeks, "weeks in a row over capacity that are reported",
                     {1, 1000}),
        core::option("squad_owner_share", &team_options::squad_owner_share, "share of the work on the owner of a squad", {0, 1}),
        core::option("cross_functional_owner_share", &team_options::cross_functional_owner_share,
                     "share of the work on the owner of a cross-functional team", {0, 1})};
  }
};

/// One part of a complexity score.
struct complexity_part {
  std::string_view name;  ///< budget, duration, breadth, dependencies, novelty, fixed_dates, approval
  double points = 0;      ///< of `most`; missing where the data for it were not given
  double most = 0;
  std::string reason;  ///< what the points rest on
};

struct team_estimate {
  std::uint32_t row = 0;  ///< in the portfolio
  std::string campaign;   ///< id
  double complexity = 0;  ///< 0 to 100: points of the known parts as a share of what those parts can give
  std::vector<complexity_part> parts;
  ownership tier = ownership::one_owner;
  double effort_weeks = 0;  ///< person-weeks
  double effort_low = 0, effort_high = 0;
  double novelty = schema::missing;  ///< 0 (all of it was done before) to 1; missing without history
};

struct owner_week {
  std::string owner;
  date week{};      ///< its Monday
  double load = 0;  ///< person-weeks in that week
  double capacity = 0;
};

struct team_plan {
  std::vector<team_estimate> estimates;   ///< a row a campaign that is still to run or running, in portfolio order
  std::vector<owner_week> load;           ///< by owner, then week; weeks without work are left out
  std::vector<schema::finding> findings;  ///< P5xx: overload first, then by effort
  std::vector<missing_input> missing;
};

/// What the layer reads; pointers may be null.
struct team_input {
  const schema::portfolio* history = nullptr;   ///< novelty: what was run before
  const conflict::pair_table* pairs = nullptr;  ///< dependencies: campaigns that touch each other
  std::span<const schema::channel> channels{};  ///< registry; empty: the default one
  std::optional<date> today{};                  ///< lead times and overload are judged from here on; not given: all weeks
};

/// Complexity = sum of the parts' points, at most
///   budget 30        0 at small_budget, 30 at large_budget, linear in the logarithm between
///   duration 10      (weeks - 1) / 7, from one week to eight
///   breadth 20       8 x set-up days of the channel / 15; 2 for each audience and 2 for each product beyond the first, 6 each
///   dependencies 15  campaigns that run at the same time and touch (at least touch_rate): 3 each
///   novelty 10       share of channel, objective, audience, products and channel with objective that history never had
///   fixed_dates 10   when the dates cannot move
///   approval 5       3 when the budget approver is someone else than the owner, 2 when the channel manager is
/// and tiers by cut-offs: below squad_from one owner, from cross_functional_from cross-functional. A part whose data were not
/// given is left out of both the points and what they are measured against.
/// Effort = (set-up days of the channel x (0.5 + complexity / 50) + weeks x run_days_per_week x (1 + complexity / 10)) / 5, with
/// an interval of a factor 1.25 either way for work that was done before up to 2 for new work (cone of uncertainty: Boehm,
/// "Software Engineering Economics", 1981, concept and design stages). Preparation spreads over lead_weeks before the start, or
/// over as many weeks as it has person-weeks where those are more; the owner carries all of it alone, else a share.
/// O(campaigns x (entries + weeks) + history). Throws std::invalid_argument for an option outside its range, small_budget not
/// below large_budget, squad_from above cross_functional_from, or a pair beyond the portfolio.
CLARION_API team_plan team(const schema::portfolio& portfolio, const team_input& input = {}, const team_options& options = {});

/// P5xx, ascending.
CLARION_API std::span<const schema::rule> team_rules();

}  // namespace clarion::plan
