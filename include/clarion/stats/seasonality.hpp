#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/stats/random_effects.hpp"

namespace clarion::stats {

/// Observations of a rate (new customers per unit spent), and the parts that each falls into: a campaign that ran in two months
/// for two categories has four parts.
struct seasonal_data {
  std::span<const double> log_rate{};                 ///< n finite natural logarithms
  std::vector<std::span<const double>> covariates{};  ///< n each: what moves a log rate in a straight line (log of the spend)
  std::span<const std::uint32_t> observation{};       ///< a part: its observation; empty: part i is all of observation i
  std::span<const double> share{};                    ///< a part: > 0, those of an observation add up to 1; empty: 1 each
  std::span<const std::uint8_t> month{};              ///< a part: 0 (January) to 11
  /// What shifts a rate all year round (channel, kind of result): codes from 0, one a part, any number of them.
  std::vector<std::span<const std::uint32_t>> levels{};
  /// What may have a season of its own (category, objective, category x objective), coarse to fine: codes from 0, one a part.
  /// Every one of them has a level too, shrunk like its seasons.
  std::vector<std::span<const std::uint32_t>> seasons{};
};

struct seasonal_options {
  double coverage = 0.9;
  double prior_sd = 0.15;
  double huber = 2.0;
  std::uint32_t iterations = 60;

  static constexpr auto fields() {
    using o = seasonal_options;
    return std::tuple{
        core::option("coverage", &o::coverage, "coverage of the intervals", {0.01, 0.999}),
        core::option("prior_sd", &o::prior_sd, "what a month moves a log rate by before the data speak", {0.001, 10}),
        core::option("huber", &o::huber, "residuals beyond this many standard deviations lose weight; 0: none does", {0, 100}),
        core::option("iterations", &o::iterations, "most steps of the search for the variances", {1, 100000})};
  }
};

/// A month against the same group's average month: 1.2 is a rate one fifth higher.
struct seasonal_index {
  double index = 1;
  double low = 1;
  double high = 1;
  double weight = 0;  ///< observations of this very cell, in parts; the rest of what the index rests on is borrowed
};

/// A group of one of the seasons, with its share in a mixture.
struct seasonal_share {
  std::uint32_t season = 0, code = 0;
  double share = 1;
};

/// A fitted seasonality: monthly indices, each shrunk toward that of the coarser group by how much the cells are seen to differ.
class CLARION_API seasonality {
public:
  /// Stands for any code of a season: the group is not asked about.
  static constexpr std::uint32_t any = 0xffffffff;

  /// Of everything together. Throws std::invalid_argument for a month above 11.
  seasonal_index overall(unsigned month) const;
  /// Of one code (or `any`) in each of the first codes.size() seasons. A code that was never seen has its term's variance.
  /// O(levels). Throws std::invalid_argument for a month above 11 or more codes than seasons.
  seasonal_index of(unsigned month, std::span<const std::uint32_t> codes) const;

  /// Of a mixture: one category with the shares that its objectives have. `weight` is that of the first group.
  seasonal_index of(unsigned month, std::span<const seasonal_share> groups) const;

  double noise_sd() const;  ///< of one observation, on the log scale
  std::size_t size() const { return size_; }

private:
  friend CLARION_API seasonality fit_seasonality(const seasonal_data&, const seasonal_options&);

  struct term {
    std::unordered_map<std::uint64_t, std::uint32_t> cell;  ///< group x 12 + month: level in the fit
    std::vector<double> weight;                             ///< observations, by level
  };
  std::size_t size_ = 0;
  double coverage_ = 0.9;
  random_effects fit_;
  std::vector<term> terms_;  ///< month, then the seasons
};

/// Fits log_rate = intercept + covariates + levels + month + season-by-month effects + noise: effects of a term are normal around
/// 0 with a variance of their own, so a cell with few observations is drawn toward its group, a group toward the whole. It is a
/// mixed model: fit_random_effects finds the variances, with a belief around prior_sd worth two cells; levels have a wide known
/// variance, and rows far off lose weight by Huber's function. Indices are relative to the group's average over the 12 months,
/// and intervals carry what is not known about the variances. Time and memory are those of fit_random_effects: meant for
/// hundreds. Throws std::invalid_argument for unequal lengths, a month above 11, a value that is not finite, a share that is not
/// positive, or an observation without a part. No observations, one, or equal ones: every index is 1, with the interval of the
/// prior.
CLARION_API seasonality fit_seasonality(const seasonal_data& data, const seasonal_options& options = {});

}  // namespace clarion::stats
