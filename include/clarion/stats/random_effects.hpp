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

/// A grouping of the rows: codes[i] in [0, levels), or `no_level` where row i has none.
struct factor {
  std::span<const std::uint32_t> codes;
  std::size_t levels = 0;
  double prior_sd = 0;      ///< standard deviation between levels that is believed before the data,
  double prior_weight = 0;  ///< as much as this many levels would say it; 0: the data speak alone
};

inline constexpr std::uint32_t no_level = std::numeric_limits<std::uint32_t>::max();

struct random_effects_options {
  std::uint32_t iterations = 200;
  double tolerance = 1e-5;
  double huber = 1.345;
  double biweight = 4.685;

  static constexpr auto fields() {
    using o = random_effects_options;
    return std::tuple{
        core::option("iterations", &o::iterations, "most steps towards the variances", {1, 100000}),
        core::option("tolerance", &o::tolerance, "relative change of the variances that ends the steps", {0, 1}),
        core::option(
            "huber", &o::huber,
            "residuals beyond this many robust standard deviations lose weight, and all of it when far beyond; 0: none does",
            {0, 100})};
  }
};

struct level_prediction {
  double value = 0;
  double sd = 0;  ///< of the expectation; a level never seen contributes the variance of its factor
};

/// Effects of crossed groupings, each shrunk towards 0 by its own factor's variance.
struct CLARION_API random_effects {
  double mean = 0;
  std::vector<double> variance;  ///< per factor, between its levels
  double residual_variance = 0;
  std::vector<std::vector<double>> effect;  ///< per factor and level: posterior mean (best linear unbiased prediction)
  std::vector<double> covariance;  ///< (1 + all levels) squared, row-major, order: mean, then the factors' levels in turn
  std::vector<double> residual;    ///< y - fitted, per row
  std::vector<double> leverage;    ///< share of row i in its own fitted value
  std::vector<double> row_weight;  ///< given weight times the robustness weight, per row
  double degrees_of_freedom = 0;   ///< rows less the effective number of coefficients, at least 1

  /// The expectation for one level of each factor (`no_level`: unknown). Throws std::invalid_argument for a wrong count.
  level_prediction predict(std::span<const std::uint32_t> levels) const;
};

/// y[i] = mean + sum over factors of effect[factor][codes[i]] + noise, effects of a factor N(0, its variance), noise
/// N(0, residual variance / weight[i]). Henderson's mixed-model equations (Searle, Casella and McCulloch, Variance Components,
/// 1992, ch. 7) with variances of restricted maximum likelihood by Schall's fixed point (Biometrika 78, 1991), rows reweighted by
/// Huber's function, then by Tukey's biweight, so that a few wild ones do not move a small group. Needs 2 rows. Throws
/// std::invalid_argument for lengths that differ, a NaN, a negative weight or a code out of range. O(iterations x (rows x
/// factors^2 + k^3 + m x k^2)), m the levels of the largest factor and k those of the others.
CLARION_API random_effects fit_random_effects(std::span<const double> y, std::span<const double> weights,
                                              std::span<const factor> factors, const random_effects_options& options = {});

}  // namespace clarion::stats
