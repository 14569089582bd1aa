#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"

namespace clarion::stats {

/// Observations of a rate (new customers per unit spent), one row each.
struct seasonal_data {
  std::span<const double> log_rate;     ///< n finite natural logarithms
  std::span<const std::uint8_t> month;  ///< n, 0 (January) to 11
  std::span<const double> weight;       ///< n, > 0; empty: 1 each. A row split over months carries its shares
  /// What shifts a rate all year round (channel, kind of result): codes from 0, n each, any number of them.
  std::vector<std::span<const std::uint32_t>> levels;
  /// What may have a season of its own (category, objective, category x objective), coarse to fine: codes from 0, n each.
  /// Every one of them is also a level.
  std::vector<std::span<const std::uint32_t>> seasons;
};

struct seasonal_options {
  double coverage = 0.9;         ///< of the intervals
  double prior_sd = 0.15;        ///< what a month moves a rate by before the data speak, on the log scale
  std::size_t iterations = 200;  ///< most sweeps

  static constexpr auto fields() {
    return std::tuple{core::option("coverage", &seasonal_options::coverage, "coverage of the intervals", {0.01, 0.999}),
                      core::option("prior_sd", &seasonal_options::prior_sd,
                                   "what a month moves a log rate by before the data speak", {0.001, 10}),
                      core::option("iterations", &seasonal_options::iterations, "most sweeps of the fit", {1, 100000})};
  }
};

/// A month against the same group's average month: 1.2 is a rate one fifth higher.
struct seasonal_index {
  double index = 1;
  double low = 1;
  double high = 1;
  double weight = 0;  ///< observations of this very cell; the rest of what the index rests on is borrowed
};

/// A fitted seasonality: monthly indices, each shrunk toward that of the coarser group by how much the cells are seen to differ.
class CLARION_API seasonality {
public:
  /// Of everything together.
  seasonal_index overall(unsigned month) const;
  /// Of one code in each of the first codes.size() seasons; a code that was never seen adds nothing.
  seasonal_index of(unsigned month, std::span<const std::uint32_t> codes) const;
  /// Mean log rate of a combination of level codes (levels first, then seasons), in an average month.
  double log_level(std::span<const std::uint32_t> codes) const;

  double noise_sd() const { return noise_sd_; }  ///< of one observation, on the log scale
  double total_weight() const { return total_weight_; }

private:
  friend CLARION_API seasonality fit_seasonality(const seasonal_data&, const seasonal_options&);

  struct term {
    std::vector<double> mean, variance, weight;  ///< 12 a group for seasons and months, 1 a group for levels
  };
  double intercept_ = 0;
  double noise_sd_ = 0;
  double total_weight_ = 0;
  double z_ = 0;
  std::vector<term> levels_;
  term month_;
  std::vector<term> seasons_;
};

/// Fits log_rate = intercept + levels + month + season-by-month effects, every effect normal around 0 with the variance that
/// its own term shows (a linear mixed model, fitted by mean-field variational Bayes: Ormerod and Wand, "Explaining variational
/// approximations", The American Statistician 64, 2010). A cell with few rows is therefore drawn toward its group, a group
/// toward the whole. Means and intervals of the indices are relative to the group's average over the 12 months.
/// O(iterations x n x terms). Throws std::invalid_argument for unequal lengths, a month above 11, a value that is not finite
/// or a weight that is not positive. No rows: every index is 1, with the interval of the prior.
CLARION_API seasonality fit_seasonality(const seasonal_data& data, const seasonal_options& options = {});

}  // namespace clarion::stats
