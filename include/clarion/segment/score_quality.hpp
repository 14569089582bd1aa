#pragma once

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"

namespace clarion::segment {

struct score_quality_options {
  std::uint32_t groups = 10;
  double level = 0.95;
  std::uint32_t curve_points = 1000;

  static constexpr auto fields() {
    using self = score_quality_options;
    return std::tuple{
        core::option("groups", &self::groups, "groups of equal weight from the highest scores down, 10: deciles", {1, 1e6}),
        core::option("level", &self::level, "probability that an interval holds the truth", {0.01, 0.999}),
        core::option("curve_points", &self::curve_points, "thresholds of a curve, about; figures are of all", {2, 1e9}),
    };
  }
};

/// One group of rows; the first has the highest scores. Where equal scores are on both sides of a border, each side gets its
/// share of their rows and of their positives: what a random order gives on average.
struct score_group {
  double weight = 0;
  double depth = 0;  ///< share of all rows down to here
  double mean_score = 0, least_score = 0;
  double positives = 0;        ///< their weight
  double rate = 0;             ///< share of positives
  double lift = 0;             ///< rate over that of all rows
  double gain = 0;             ///< share of all positives found down to here
  double cumulative_lift = 0;  ///< gain over depth
};

/// What a threshold does: rows with at least this score are chosen.
struct score_threshold {
  double score = 0;
  double depth = 0;                ///< share of rows that are chosen
  double true_positive_rate = 0;   ///< of positives chosen: recall, gain
  double false_positive_rate = 0;  ///< of negatives chosen
  double precision = 0;            ///< of chosen that are positive
};

struct score_quality_result {
  std::uint64_t n = 0, positives = 0;            ///< rows that have weight
  double weight = 0, base_rate = 0;              ///< base_rate: share of positives by weight
  double auc = 0;                                ///< chance that a positive scores above a negative, ties half
  double auc_sd = 0, auc_low = 0, auc_high = 0;  ///< DeLong; NaN where no pair, or every pair, is out of order
  double average_precision = 0;                  ///< mean precision at the positives; thresholds are distinct scores
  double ks = 0, ks_score = 0;                   ///< the greatest true less false positive rate, and where it is
  double brier = 0, log_loss = 0;                ///< NaN unless scores are probabilities; log_loss: a 0 counts as 2.2e-16
  std::vector<score_group> groups;
  std::vector<score_threshold> curve;  ///< from the highest score down, after a point that chooses nobody
};

/// How well scores tell labels (0 or 1) apart: area under the ROC curve with its interval on the logit scale by DeLong, DeLong
/// and Clarke-Pearson (Biometrics 44, 1988) from ranks (Sun and Xu, IEEE Signal Processing Letters 21, 2014), average precision,
/// Kolmogorov-Smirnov, lift and gain. A weight is a number of rows in every figure; the interval counts Kish's effective number
/// of rows. Throws std::invalid_argument for lengths that differ, labels of one class alone, NaN, infinity and negative weights.
/// O(n log n).
CLARION_API score_quality_result score_quality(std::span<const double> scores, std::span<const double> labels,
                                               std::span<const double> weights = {}, const score_quality_options& options = {});

}  // namespace clarion::segment
