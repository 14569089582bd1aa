#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"

namespace clarion::stats {

/// Families of diminishing returns, all concave, increasing and 0 at 0.
enum class response_family : std::uint8_t {
  automatic,    ///< the family that fits best; the power family when another is no better than chance would make it
  power,        ///< scale x^shape, shape in (0, 1]: constant elasticity
  logarithmic,  ///< scale log(1 + x / shape)
  hill          ///< scale x / (shape + x): saturates at scale, half of it at x = shape (Michaelis-Menten)
};

CLARION_API std::string_view to_string(response_family family);

/// Expected result as a function of money spent. Spend is not negative.
struct CLARION_API response_curve {
  response_family family = response_family::power;
  double scale = 0;
  double shape = 1;

  double value(double spend) const;
  double slope(double spend) const;     ///< marginal result of the next unit of money; infinite at 0 for a power below 1
  double spend_at(double slope) const;  ///< the spend at which the slope falls to this; 0 when it is lower everywhere
};

struct response_options {
  response_family family = response_family::automatic;
  double level = 0.8;
  double huber = 1.345;

  static constexpr auto fields() {
    using o = response_options;
    return std::tuple{core::option("level", &o::level, "probability that an interval holds the truth", {0.01, 0.999}),
                      core::option("huber", &o::huber,
                                   "residuals beyond this many robust standard deviations lose weight; 0: none does", {0, 100})};
  }
};

struct response_fit {
  response_curve curve;                  ///< of the median result
  double shape_low = 0, shape_high = 0;  ///< interval of the shape, within its bounds
  double shape_estimate = 0;  ///< the shape (of the other families: its logarithm) before bounds, for shrinkage across fits
  double shape_variance = 0;  ///< of shape_estimate; infinite when the spends do not tell it
  double residual_sd = 0;     ///< of log result around the curve; mean result = median * exp(residual_sd^2 / 2)
  double loss = 0;            ///< Huber loss at the optimum, in squared residual_sd of the best power curve
  std::uint64_t rows = 0;     ///< with a positive spend and result
  double min_spend = 0, max_spend = 0;
  bool identified = false;  ///< false: too few rows or spends all alike; the curve is then a line through their median
};

/// Robust bounded least squares of log(result) on log(curve(spend)): marketing results scatter in proportion. The shape is
/// searched by a grid and golden section over its bounds (power: [0.02, 1]; the others: [min spend / 100, 100 x max spend]),
/// the scale is profiled out, weights are Huber's. Rows with a spend or result that is NaN, zero or negative are left out.
/// Throws std::invalid_argument for lengths that differ or a negative or NaN weight. O(rows x 100).
CLARION_API response_fit fit_response(std::span<const double> spend, std::span<const double> result,
                                      std::span<const double> weights = {}, const response_options& options = {});

/// The curve of this shape that fits best: the scale alone is estimated, same loss.
CLARION_API response_curve scale_response(response_family family, double shape, std::span<const double> spend,
                                          std::span<const double> result, std::span<const double> weights = {});

}  // namespace clarion::stats
