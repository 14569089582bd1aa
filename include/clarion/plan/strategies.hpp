#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/plan/outcome.hpp"
#include "clarion/plan/similarity.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/stats/response.hpp"

namespace clarion::plan {

struct strategies_options {
  std::uint32_t neighbours = 5;
  double level = 0.8;
  double margin = 0.1;
  double certainty = 0.9;
  std::uint32_t min_history = 8;
  double similar_enough = 0.5;
  double largest_cut = 0.5;
  double largest_raise = 0.5;
  std::vector<std::string> keep{};
  double unit = 0.01;
  std::uint64_t seed = 1;
  similarity_options similarity{};  ///< weights; its own `neighbours` is not used

  static constexpr auto fields() {
    using o = strategies_options;
    return std::tuple{
        core::option("neighbours", &o::neighbours, "most similar finished campaigns that each one is held against", {1, 1000}),
        core::option("level", &o::level, "probability that an interval holds the outcome", {0.01, 0.999}),
        core::option("margin", &o::margin, "share above or below the usual that still counts as usual", {0, 10}),
        core::option("certainty", &o::certainty, "probability from which a campaign is called an under- or overperformer",
                     {0.5, 0.9999}),
        core::option("min_history", &o::min_history, "finished campaigns with an outcome below which nothing is expected",
                     {3, 1e6}),
        core::option("similar_enough", &o::similar_enough, "similarity below which no finished campaign counts as a precedent",
                     {0, 1}),
        core::option("largest_cut", &o::largest_cut, "largest share of a budget that a reallocation may take away", {0, 1}),
        core::option("largest_raise", &o::largest_raise, "largest share by which a reallocation may raise a budget", {0, 100}),
        core::option("keep", &o::keep, "ids of campaigns whose budget may not change"),
        core::option("unit", &o::unit, "smallest amount of money that can be moved", {1e-6, 1e9}),
        core::option("seed", &o::seed, "seed of the draws behind the interval of a reallocation")};
  }
};

/// How a campaign stands against what history makes of the same money.
enum class standing : std::uint8_t { unknown, under, usual, over };
CLARION_API std::string_view to_string(standing value);

/// What history lets one expect of one planned campaign. Numbers that cannot be told are NaN.
struct expected_outcome {
  std::string campaign;
  plan::outcome outcome = outcome::none;
  double budget = schema::missing;
  double expected = schema::missing, low = schema::missing,
         high = schema::missing;  ///< mean and prediction interval of the outcome
  double per_money =
      schema::missing;  ///< expected / budget: ROAS for revenue, 1 / CPA for conversions, 1 / CAC for new customers
  double usual_per_money = schema::missing;  ///< typical (geometric mean) of history for the same outcome
  double index = schema::missing, index_low = schema::missing, index_high = schema::missing;  ///< typical / usual, 1 = usual
  plan::standing standing = standing::unknown;
  /// Factors whose product with usual_per_money gives the typical (median) outcome per money; each is shrunk towards 1.
  double channel_factor = 1, objective_factor = 1, category_factor = 1, season_factor = 1, budget_factor = 1,
         neighbours_factor = 1;
  std::uint64_t history_rows = 0;  ///< finished campaigns that the expectation rests on
  bool extrapolated = false;       ///< the budget lies outside the range of spends of its channel in history
};

/// The diminishing-return curve of one channel for one outcome.
struct channel_curve {
  std::string channel;
  plan::outcome outcome = outcome::none;
  stats::response_curve curve;  ///< typical outcome of one campaign at average season, category and objective
  double shape_low = 0, shape_high = 0;
  std::uint64_t rows = 0;  ///< campaigns of the channel behind it; 0: the shape is that of all channels
  double min_spend = 0, max_spend = 0;
};

/// Budget of one campaign before and after.
struct reallocation_row {
  std::string campaign;
  std::string channel;
  double before = 0, after = 0;
  double expected_before = 0, expected_after = 0;
  double marginal_before = 0, marginal_after = 0;  ///< outcome per further unit of money
  double floor = 0, ceiling = 0;
  bool kept = false;          ///< not allowed to change
  bool extrapolated = false;  ///< `after` lies beyond the spends of its channel in history
};

/// Money moves only between campaigns that are held to the same outcome, in one currency.
struct reallocation {
  plan::outcome outcome = outcome::none;
  std::string currency;
  std::vector<reallocation_row> rows;
  double budget = 0;                               ///< the same before and after, to the unit
  double expected_before = 0, expected_after = 0;  ///< mean outcome of all rows together
  double change = 0, low = 0, high = 0;            ///< of the expectation, with its interval
};

struct strategies_result {
  std::vector<schema::finding> findings;    ///< what the plan can still change, what it can count on, then the past
  std::vector<expected_outcome> expected;   ///< one per planned campaign, in order
  neighbour_lists neighbours;               ///< rows of `history`
  std::vector<reallocation> reallocations;  ///< largest budget first
  std::vector<channel_curve> curves;
  std::vector<missing_input> missing;
};

/// The strategies layer: holds each planned campaign against its most similar finished ones, says what to expect of it, who falls
/// short and who stands out, among the finished as well, and how the same money would return more.
///
/// Model, per outcome: log outcome = usual + curve of its channel at its budget + channel + objective + category + month of the
/// year + season of the category, effects and slopes of the curves in one mixed model (stats::fit_random_effects) that shrinks
/// them as far as history is short; the residuals of the neighbours add what they share, as far as similar campaigns were seen to
/// share residuals. The interval carries the scatter of history, the uncertainty of every part and that of the variances. Budgets
/// are re-spread by plan::allocate on the campaigns' own curves.
///
/// Without history, or with fewer than min_history usable rows, `missing` says what could not be done and what to supply, and the
/// numbers stay NaN. O(planned x history) similarities in parallel plus a fit per outcome.
/// Throws std::invalid_argument for options out of range or an id in `keep` that is not planned.
CLARION_API strategies_result strategies(const schema::portfolio& planned, const schema::portfolio& history,
                                         const schema::catalog* catalog = nullptr, const strategies_options& options = {},
                                         const run_options& run = {});

/// P101 to P106.
CLARION_API std::span<const schema::rule> strategies_rules();

}  // namespace clarion::plan
