#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"

namespace clarion::stats {

/// A non-decreasing function of a score, linear between its points and level beyond them.
struct CLARION_API isotonic_curve {
  std::vector<double> score, value;  ///< scores ascending

  double operator()(double at) const;
  std::vector<double> operator()(std::span<const double> at) const;
};

/// The non-decreasing function of the score with the least squared distance from y, by pooling adjacent violators (Ayer et al.,
/// Annals of Mathematical Statistics 26, 1955; Zadrozny and Elkan, KDD 2002). Equal scores get one value. y is a label of 0 or 1,
/// or any number. Rows without weight count for nothing. Throws std::invalid_argument for lengths that differ, no row with a
/// weight, NaN, infinity or a negative weight. O(n log n).
CLARION_API isotonic_curve isotonic(std::span<const double> scores, std::span<const double> y,
                                    std::span<const double> weights = {});

/// 1 / (1 + exp(slope score + intercept)), as Platt writes it: a slope below 0 means that higher scores say yes.
struct CLARION_API platt_curve {
  double slope = 0, intercept = 0;
  bool converged = false;

  double operator()(double at) const;
  std::vector<double> operator()(std::span<const double> at) const;
};

/// Platt scaling ("Probabilistic outputs for support vector machines", 1999): the sigmoid of a score that makes the labels
/// likely, with targets (positives + 1) / (positives + 2) and 1 / (negatives + 2) instead of 1 and 0, counted in weight. Newton's
/// method with halved steps on stable formulas (Lin, Lin and Weng, Machine Learning 68, 2007). Scores are best log-odds. Throws
/// as isotonic does, and for labels that are not 0 or 1. O(n) a step.
CLARION_API platt_curve platt(std::span<const double> scores, std::span<const double> labels,
                              std::span<const double> weights = {});

struct reliability_options {
  std::uint32_t bins = 10;
  std::string by = "quantile";
  double level = 0.95;

  static constexpr auto fields() {
    using self = reliability_options;
    return std::tuple{
        core::option("bins", &self::bins, "groups of rows, at most", {1, 1e6}),
        core::option("by", &self::by, "quantile: groups of equal weight; width: of equal width from 0 to 1"),
        core::option("level", &self::level, "probability that an interval holds the truth", {0.01, 0.999}),
    };
  }
};

/// A group of rows with probabilities from `from` to `to`.
struct reliability_bin {
  double from = 0, to = 0;
  std::uint64_t n = 0;
  double weight = 0;
  double predicted = 0;                    ///< mean probability
  double observed = 0, low = 0, high = 0;  ///< share of ones, and its Wilson interval on Kish's effective number of rows
};

struct reliability_result {
  std::vector<reliability_bin> bins;  ///< those that have weight
  double brier = 0;                   ///< mean squared distance of probability and label
  /// brier = miscalibration - resolution + uncertainty + within (Murphy, J. Applied Meteorology 12, 1973); `within` is what
  /// probabilities differ inside bins (Stephenson, Coelho and Jolliffe, Weather and Forecasting 23, 2008).
  double miscalibration = 0, resolution = 0, uncertainty = 0, within = 0;
  double expected_error = 0;  ///< mean over rows of |predicted - observed| of their bin (ECE)
  double largest_error = 0;   ///< the greatest of them (MCE)
};

/// Whether probabilities come true. Equal probabilities are in one bin, so that bins by quantile may be fewer than asked for.
/// Throws std::invalid_argument for lengths that differ, no rows, probabilities outside [0, 1], labels that are not 0 or 1 and
/// negative weights. O(n log n).
CLARION_API reliability_result reliability(std::span<const double> probabilities, std::span<const double> labels,
                                           std::span<const double> weights = {}, const reliability_options& options = {});

}  // namespace clarion::stats
