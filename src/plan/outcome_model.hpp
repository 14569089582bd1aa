#pragma once

// What history says about an outcome, shared by the layers that expect and those that judge. Documented in
// docs/plan/strategies.md.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "clarion/plan/outcome.hpp"
#include "clarion/plan/similarity.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/stats/random_effects.hpp"
#include "clarion/stats/response.hpp"
#include "plan/outcome_coding.hpp"

namespace clarion::plan {

/// How one channel answers to money.
struct channel_shape {
  double estimate = 0;  ///< the shape; of families other than power its logarithm
  double variance = 0;  ///< of estimate
  std::uint64_t rows = 0;
  double min_spend = 0, max_spend = 0;
  double centre = 0;  ///< geometric mean of its spends
};

/// An expectation of the logarithm of an outcome: Student's t of one campaign, and of all that are like it.
struct forecast {
  double log_median = 0;
  double sd = 0, degrees = 0;              ///< of one campaign
  double level_sd = 0, level_degrees = 0;  ///< of log_median
  double scatter_sd = 0;                   ///< of single campaigns around their level
  double local = 0;                        ///< the part of log_median that the neighbours' residuals add
};

struct outcome_model {
  plan::outcome of = outcome::none;
  std::vector<std::uint32_t> rows;    ///< of history
  std::vector<double> result, money;  ///< per used row; a result of nothing counts half the smallest one (half of one for counts)
  stats::random_effects effects;      ///< the factors, then the slope of each channel and that of all
  stats::response_family family = stats::response_family::power;
  bool curved = false;                  ///< spends vary enough for a curve
  std::vector<channel_shape> channels;  ///< at the end what holds for a channel without history
  double reference = 0;                 ///< spend at which levels are compared
  double usual = 0;                     ///< logarithm of the typical outcome per money of campaigns that are held to it
  std::uint64_t usual_rows = 0;
  std::array<double, model_factors> average{};  ///< of the factor's effects over those campaigns
  double average_size = 0;                      ///< of the budget's effect
  double shared = 0;                            ///< share of the residual variance that similar campaigns have in common
  std::vector<std::int64_t> used;               ///< per row of history: its position in `rows`, or -1
  std::vector<double> deviation;                ///< per used row: log result less what the others expect of it
  std::vector<double> deviation_variance;       ///< from the uncertainty of that expectation

  /// Logarithm of the typical result of the channel at this spend over that at `reference`.
  double log_response(std::uint32_t channel, double spend) const;
  /// d log_response / d estimate.
  double turn(std::uint32_t channel, double spend) const;
  double shape_at(double estimate) const;  ///< within the bounds of the family
  const channel_shape& shape_of(std::uint32_t channel) const;
  double effect_of(const coded& portfolio, std::size_t row, model_factor factor) const;
  /// What a campaign and a spend weigh in `effects`.
  std::vector<stats::loading> loadings(const coded& portfolio, std::size_t row, double spend) const;
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
                                         double biweight, std::uint64_t& rows_found);

}  // namespace clarion::plan
