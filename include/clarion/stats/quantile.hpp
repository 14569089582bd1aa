#pragma once

#include <span>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::stats {

/// Sample quantiles by linear interpolation of the order statistics (type 7 of Hyndman and Fan, The American Statistician 50,
/// 1996: the default of NumPy and R). NaN values are left out; with nothing left the answer is NaN.
/// Throws std::invalid_argument for a probability outside [0, 1]. O(n log n).
CLARION_API std::vector<double> quantiles(std::span<const double> values, std::span<const double> probabilities);
CLARION_API double quantile(std::span<const double> values, double probability);

/// The same for weighted values: type 7 on Kish's effective sample size (Akinshin, "Weighted quantile estimators", 2023), so
/// that equal weights give `quantiles`, a weight of 0 removes a value, and weights of any scale give the same answer.
/// Throws std::invalid_argument when the lengths differ or a weight is negative, NaN or infinite.
CLARION_API std::vector<double> weighted_quantiles(std::span<const double> values, std::span<const double> weights,
                                                   std::span<const double> probabilities);

/// Kish's effective sample size (sum w)^2 / sum w^2; 0 for no weight at all.
CLARION_API double effective_size(std::span<const double> weights);

/// 1.4826 times the median absolute deviation from the median: the standard deviation of normal data, undisturbed by outliers.
/// NaN values are left out; NaN for no values.
CLARION_API double robust_spread(std::span<const double> values);

}  // namespace clarion::stats
