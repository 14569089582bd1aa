#pragma once

// The fourth layer: what to launch when, which overlaps to move apart, and what the calendar leaves unused.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/conflict/graph.hpp"
#include "clarion/conflict/reschedule.hpp"
#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan {

struct roadmap_options {
  double coverage = 0.95;             ///< of the intervals of seasonal indices
  double strong_index = 1.15;         ///< least index that is worth a campaign: a smaller one is no reason to plan one
  std::uint32_t min_history = 12;     ///< usable finished campaigns below which no season is read
  std::uint32_t most_history = 300;   ///< finished campaigns that seasons are read from, the latest
  std::uint32_t min_campaigns = 2;    ///< campaigns that an objective or channel must have in the plan for its gaps to be judged
  std::uint32_t horizon_months = 12;  ///< least months, from that of the first start, that count as the plan's calendar
  std::uint32_t max_windows = 5;      ///< underused windows to report, strongest first

  static constexpr auto fields() {
    using o = roadmap_options;
    return std::tuple{
        core::option("coverage", &o::coverage, "coverage of the intervals of seasonal indices", {0.01, 0.999}),
        core::option("strong_index", &o::strong_index, "least seasonal index that is worth a campaign", {1, 100}),
        core::option("min_history", &o::min_history, "usable finished campaigns below which no season is read", {2, 1e6}),
        core::option("most_history", &o::most_history, "finished campaigns that seasons are read from, the latest", {2, 2000}),
        core::option("min_campaigns", &o::min_campaigns,
                     "campaigns that an objective or channel must have in the plan for its gaps to be judged", {1, 1e6}),
        core::option("horizon_months", &o::horizon_months, "least months that count as the plan's calendar", {1, 120}),
        core::option("max_windows", &o::max_windows, "underused windows to report, strongest first", {0, 1e6})};
  }
};

/// What history says of a category and objective in a month of the year.
struct seasonal_row {
  std::string category;
  schema::objective objective = schema::objective::unspecified;
  std::uint8_t month = 0;  ///< 0 (January) to 11
  double index = 1;        ///< results per unit of money against the average month of that category and objective
  double low = 1, high = 1;
  double campaigns = 0;  ///< finished campaigns that this cell itself rests on; one that spans months counts in parts
};

/// Days on which nothing of an objective, or nothing on a channel, runs; at least one whole month of them.
struct calendar_gap {
  schema::objective objective = schema::objective::unspecified;  ///< unspecified: the gap is of a channel
  std::string channel;                                           ///< empty: the gap is of an objective
  date from{};
  date to{};                       ///< included
  std::string category;            ///< the category that history says does best then; empty: none known
  double index = schema::missing;  ///< of that category, mean of `months`
  double low = schema::missing, high = schema::missing;
  bool strong = false;                 ///< history says that money earns more then
  double campaigns = schema::missing;  ///< finished campaigns behind the index
  std::vector<std::int32_t> months;    ///< core::month_number of the months that the index is about
};

/// A month in which a category does well and the plan does little.
struct underused_window {
  std::string category;    ///< empty: everything together
  std::int32_t month = 0;  ///< core::month_number
  double index = 1, low = 1, high = 1, campaigns = 0;
  double share = 0;       ///< of the plan's budget (of its campaign days where budgets are not known) that falls there
  double even_share = 0;  ///< what an even spread would give
};

struct launch_wave {
  std::uint32_t wave = 1;
  date first{}, last{};                  ///< starts of its first and last launch
  std::vector<std::uint32_t> campaigns;  ///< portfolio rows by start
};

struct roadmap_plan {
  std::vector<schema::finding> findings;  ///< strong gaps, moves, windows, then what is for information
  std::vector<launch_wave> waves;
  std::vector<std::uint32_t> wave_of;     ///< by portfolio row, 0 for a campaign that does not count
  std::vector<seasonal_row> seasons;      ///< by category, objective, month; those that history has seen
  std::vector<calendar_gap> gaps;         ///< strongest first
  std::vector<underused_window> windows;  ///< strongest first
  std::vector<missing_input> missing;
};

/// What the layer reads; pointers may be null.
struct roadmap_input {
  const schema::portfolio* history = nullptr;
  const schema::catalog* catalog = nullptr;               ///< categories of products
  const conflict::conflict_graph* graph = nullptr;        ///< waves
  const conflict::reschedule_result* moves = nullptr;     ///< overlaps and the moves that end them ...
  std::span<const conflict::movable_campaign> movable{};  ///< ... of these campaigns, as given to reschedule
  std::optional<date> today{};                            ///< gaps and windows before it are not reported
};

/// Waves are those of the conflict graph: the campaigns of one touch none of the others in it. Overlaps come with the moves that
/// reschedule proposes (C51x).
///
/// Seasons: each finished campaign gives its result per unit of money (plan::outcome_of its objective; spend, or budget where
/// no spend is given), spread over the months in which it ran and the categories it promoted, to stats::fit_seasonality with
/// kind of result by category as a level, the logarithm of the spend as a covariate, and category, objective, channel, and
/// category with objective as seasons. A gap or window is strong when its index is at least strong_index and the lower end of its
/// interval is above 1. O(n log n + edges) and a fit of O(history^3), history at most most_history. Throws std::invalid_argument
/// for an option outside its range or a graph of another number of campaigns.
CLARION_API roadmap_plan roadmap(const schema::portfolio& portfolio, const roadmap_input& input = {},
                                 const roadmap_options& options = {});

/// P4xx, ascending.
CLARION_API std::span<const schema::rule> roadmap_rules();

}  // namespace clarion::plan
