#pragma once

// What history says about an outcome, shared by the layers that expect and those that judge. Documented in
// docs/plan/strategies.md.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clarion/core/parallel.hpp"
#include "clarion/plan/outcome.hpp"
#include "clarion/plan/similarity.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/stats/random_effects.hpp"
#include "clarion/stats/response.hpp"

namespace clarion::plan {

enum model_factor : std::size_t { by_channel, by_objective, by_category, by_month, by_category_season, model_factors };

/// A portfolio in the codes of the model; stats::no_level where a campaign does not say.
struct coded {
  std::array<std::vector<std::uint32_t>, model_factors> code;
  std::vector<double> money;  ///< spend, else budget; NaN where neither is positive
};

struct coding {
  coded planned, history;
  std::array<std::size_t, model_factors> levels{};
  std::vector<std::string> channels, categories;
  std::string currency;  ///< of most planned campaigns, else of most finished ones; other currencies take no part
  std::vector<bool> planned_in_currency, history_in_currency;
};

/// Codes both portfolios alike. Channels are told apart ignoring case. The category of a campaign is that of its first product;
/// beyond the 24 most frequent in history a category is not told.
coding encode(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog);

/// How one channel answers to money.
struct channel_shape {
  double shape = 1;
  double variance = 0;  ///< of the shape (of its logarithm for families other than power)
  std::uint64_t rows = 0;
  double min_spend = 0, max_spend = 0;
  double centre = 0;  ///< geometric mean of its spends: where the level of its curve is known best
};

/// An expectation of the logarithm of an outcome, in parts.
struct forecast {
  double log_median = 0;
  double level_sd = 0;    ///< of log_median
  double scatter_sd = 0;  ///< of a single campaign around it
  double local = 0;       ///< the part of log_median that the neighbours' residuals add
};

struct outcome_model {
  plan::outcome of = outcome::none;
  std::vector<std::uint32_t> rows;    ///< of history
  std::vector<double> result, money;  ///< per used row; a result of nothing counts half the smallest one (half of one for counts)
  stats::random_effects effects;
  stats::response_family family = stats::response_family::power;
  bool curved = false;  ///< spends vary enough for a curve
  std::vector<channel_shape> channels;
  double reference = 0;  ///< spend at which levels are compared
  double usual = 0;      ///< logarithm of the typical outcome per money of campaigns that are held to it
  std::uint64_t usual_rows = 0;
  std::array<double, model_factors> average{};  ///< of the factor's effects over those campaigns
  double average_size = 0;                      ///< of the budget's effect
  double shared = 0;                            ///< variance of what similar campaigns' residuals share
  double calibration = 1;                       ///< standard deviations are multiplied by this: what cross-validation showed
  std::vector<std::int64_t> used;               ///< per row of history: its position in `rows`, or -1
  std::vector<double> deviation;                ///< per used row: log result less what the others expect of it
  std::vector<double> deviation_variance;       ///< from the uncertainty of that expectation

  /// Logarithm of the typical result of the channel at this spend over that at `reference`; an other shape may be tried.
  double log_response(std::uint32_t channel, double spend) const;
  double log_response(std::uint32_t channel, double spend, double shape) const;
  /// d log_response / d shape estimate, as the shape turns around the channel's centre.
  double turn(std::uint32_t channel, double spend) const;
  double shape_at(double estimate) const;  ///< back from the scale of `variance`, within bounds
  double estimate_of(double shape) const;
  const channel_shape& shape_of(std::uint32_t channel) const;
  /// Expects the outcome of row i of `of` for `spend`; neighbours may be empty.
  forecast expect(const coded& portfolio, std::size_t row, double spend, std::span<const similar> neighbours,
                  double similar_enough) const;
};

/// Nothing when fewer than min_rows finished campaigns have this outcome and a positive spend; `rows_found` says how many.
/// `history_neighbours` are those of the history among itself (for what similar campaigns share); may be empty.
/// `biweight`: stats::random_effects_options; a small one keeps outliers out of the yardstick, a large one keeps intervals
/// honest.
std::optional<outcome_model> fit_outcome(const coding& codes, const schema::portfolio& history, outcome of,
                                         std::uint32_t min_rows, const neighbour_lists& history_neighbours, double similar_enough,
                                         double biweight, bool validated, std::uint64_t& rows_found);

}  // namespace clarion::plan
