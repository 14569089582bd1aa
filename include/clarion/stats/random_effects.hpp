#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"

namespace clarion::stats {

inline constexpr std::uint32_t no_level = std::numeric_limits<std::uint32_t>::max();

/// A grouping of the rows.
struct factor {
  std::span<const std::uint32_t> codes{};  ///< in [0, levels), or `no_level`
  std::size_t levels = 0;
  double prior_sd = 0;               ///< standard deviation between levels that is believed before the data,
  double prior_weight = 0;           ///< as much as this many levels would say it; 0: the data speak alone; infinite: it is known
  std::span<const double> values{};  ///< what the effect of a code is multiplied by (a slope, a share); empty: 1
  std::span<const std::uint32_t> rows{};  ///< the row of each code, where a row has several; empty: code i is that of row i
};

struct random_effects_options {
  std::uint32_t iterations = 200;
  double tolerance = 1e-5;
  double huber = 1.345;
  double biweight = 7;
  double interior = 1;
  double noise_sd = 0;
  double noise_weight = 0;

  static constexpr auto fields() {
    using o = random_effects_options;
    return std::tuple{
        core::option("iterations", &o::iterations, "most steps towards the variances", {1, 100000}),
        core::option("tolerance", &o::tolerance, "relative change of the variances that ends the steps", {0, 1}),
        core::option("huber", &o::huber, "residuals beyond this many robust standard deviations lose weight; 0: none does",
                     {0, 100}),
        core::option("biweight", &o::biweight,
                     "residuals beyond this many robust standard deviations have none; 0: Huber's weights stand", {0, 100}),
        core::option("interior", &o::interior,
                     "how strongly variances are kept from 0, which few levels often suggest; 0: restricted maximum likelihood",
                     {0, 10}),
        core::option("noise_sd", &o::noise_sd, "standard deviation of the noise that is believed before the data", {0, 1e300}),
        core::option("noise_weight", &o::noise_weight, "rows that the belief about the noise is worth; 0: the data speak alone",
                     {0, 1e9})};
  }
};

/// A level of a factor and what its effect is multiplied by. A level of `no_level`, or one without a row, adds the variance of
/// its factor.
struct loading {
  std::uint32_t factor = 0, level = no_level;
  double value = 1;
};

struct level_prediction {
  double value = 0;
  double sd = 0;                  ///< of the truth around `value`, also for what is not known about the variances
  double degrees_of_freedom = 0;  ///< value +- student_quantile(p, degrees_of_freedom) x sd is an interval
};

/// Effects of crossed groupings, each shrunk towards 0 by its own factor's variance.
struct CLARION_API random_effects {
  double mean = 0;
  std::vector<double> slope;     ///< per covariate
  std::vector<double> variance;  ///< per factor, between its levels
  double residual_variance = 0;
  std::vector<std::vector<double>> effect;  ///< per factor and level: posterior mean (best linear unbiased prediction)
  /// Squared, row-major, of estimate - truth given the variances; order: mean, covariates, the factors' levels in turn.
  std::vector<double> covariance;
  /// Squared, row-major, of the logarithms of the variances; order: the factors, the residual. 0 for one that is known.
  std::vector<double> log_variance_covariance;
  std::vector<double> residual;    ///< y - fitted, per row
  std::vector<double> leverage;    ///< share of row i in its own fitted value
  std::vector<double> row_weight;  ///< given weight times the robustness weight, per row
  double degrees_of_freedom = 0;   ///< rows less the effective number of coefficients, at least 1
  bool converged = false;          ///< the steps came to rest before there were too many

  /// The expectation for one level of each factor (`no_level`: unknown). Throws std::invalid_argument for a wrong count, or where
  /// there are covariates.
  level_prediction predict(std::span<const std::uint32_t> levels) const;
  /// The same for any levels with any weights. `noise`: how much of the variance of a row of weight 1 to add; 1 predicts a new
  /// row. `intercept`: weight of the mean; 0 for a difference.
  level_prediction combine(std::span<const loading> levels, std::span<const double> covariates = {}, double noise = 0,
                           double intercept = 1) const;
};

/// y[i] = mean + covariates + sum over factors of value x effect[factor][code] + noise, effects of a factor N(0, its variance),
/// noise N(0, residual variance / weight[i]): a mixed model (Searle, Casella and McCulloch, Variance Components, 1992, ch. 7).
///
/// Variances maximise the restricted likelihood by average-information steps on their logarithms (Gilmour, Thompson and Cullis,
/// Biometrics 51, 1995), with `interior` times the logarithm of each standard deviation added, which keeps a factor of few levels
/// from a variance of 0 (Chung, Rabe-Hesketh, Dorie, Gelman and Liu, Psychometrika 78, 2013), and the belief of the factor as
/// that many levels. Predictions carry what is not known about the variances: Kackar and Harville's term (JASA 79, 1984) in the
/// standard deviation, and degrees of freedom by Satterthwaite's rule on the scale of logarithms.
///
/// Rows are reweighted by Huber's function, then by Tukey's biweight, so that a few wild ones do not move a small group. The
/// equations are solved for the coefficients or for the observations, whichever are fewer. Needs 2 rows. Throws
/// std::invalid_argument for lengths that differ, a NaN, a negative weight or a code out of range. O(steps x min(rows^3, k^3 +
/// m x k^2)), m the levels of the largest factor that no row is in twice and k those of the others.
CLARION_API random_effects fit_random_effects(std::span<const double> y, std::span<const double> weights,
                                              std::span<const factor> factors, const random_effects_options& options = {},
                                              std::span<const std::span<const double>> covariates = {});

}  // namespace clarion::stats
