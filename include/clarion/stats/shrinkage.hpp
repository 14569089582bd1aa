#pragma once

#include <cstddef>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"

namespace clarion::stats {

struct shrinkage_options {
  double level = 0.8;

  static constexpr auto fields() {
    return std::tuple{
        core::option("level", &shrinkage_options::level, "probability that an interval holds the truth", {0.01, 0.999})};
  }
};

/// Estimates of several groups, each pulled towards the common mean as far as its own noise calls for.
struct shrinkage_result {
  double mean = 0;                           ///< of the groups, weighted by 1 / (between + variance)
  double mean_sd = 0;                        ///< its standard error
  double between = 0;                        ///< variance of the true values between groups
  std::vector<double> value, sd, low, high;  ///< per group: posterior mean, standard deviation and interval
  std::vector<double> weight;                ///< share of its own estimate in the posterior mean, in [0, 1]
};

/// Normal-normal empirical Bayes: estimate[j] ~ N(truth[j], variance[j]), truth[j] ~ N(mean, between). The between-group variance
/// solves Paule and Mandel's equation (J. Res. NBS 87, 1982); the posterior variance carries the uncertainty of the mean and
/// Morris's term for that of `between` (JASA 78, 1983). An infinite variance or a NaN estimate is a group without data: it
/// gets the mean of the others. With one group with data its own estimate stands.
/// Throws std::invalid_argument for lengths that differ or a variance that is not positive. O(groups).
CLARION_API shrinkage_result shrink(std::span<const double> estimates, std::span<const double> variances,
                                    const shrinkage_options& options = {});

struct two_groups_options {
  double level = 0.8;
  double spread = 0;

  static constexpr auto fields() {
    using o = two_groups_options;
    return std::tuple{
        core::option("level", &o::level, "probability that an interval holds the truth", {0.01, 0.999}),
        core::option("spread", &o::spread, "standard deviation of the usual values where it is known; 0: estimated", {0, 1e300})};
  }
};

/// Which of many deviations from expectation are more than the usual scatter.
struct two_groups_result {
  double spread = 0;                         ///< standard deviation of the usual ones, their own noise not counted
  double share = 0;                          ///< of the values that are unusual
  double excess = 0;                         ///< standard deviation that the unusual ones have on top
  std::vector<double> value, sd, low, high;  ///< posterior of each true deviation
  std::vector<double> probability;           ///< that the value is one of the unusual
};

/// Efron's two-groups model (Statistical Science 23, 2008) with normal parts, fitted by expectation-maximisation from a robust
/// start: usual values are N(0, spread^2 + variance[j]), the unusual have a true deviation N(0, excess^2) added. With nothing
/// unusual every posterior is 0. NaN values come back as NaN. At least 8 values are needed to tell two groups apart; below that
/// `share` is 0. Throws std::invalid_argument for lengths that differ or a negative variance. O(values x iterations).
CLARION_API two_groups_result two_groups(std::span<const double> values, std::span<const double> variances,
                                         const two_groups_options& options = {});

}  // namespace clarion::stats
