#pragma once

// Columns on one scale, so that none decides a distance by its unit alone.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::segment {

struct scaling_options {
  /// "standard": less the mean, over the standard deviation. "robust": less the median, over the interquartile range. "minmax":
  /// from 0 to 1. "log1p": sign(x) log(1 + |x|), then standard. "yeo_johnson": the power transform of Yeo and Johnson with the
  /// power of greatest likelihood, then standard.
  std::string method = "standard";

  static constexpr auto fields() {
    return std::tuple{core::option("method", &scaling_options::method, "standard, robust, minmax, log1p or yeo_johnson")};
  }
};

/// A fitted scaling: column c of a row becomes (t(x) - center[c]) / scale[c], t the transform of the method. A value: copy it,
/// keep it, apply it to other rows.
struct scaling {
  std::string method;
  std::vector<double> center, scale;
  std::vector<double> power;            ///< of yeo_johnson, for each column; empty otherwise
  std::vector<std::uint32_t> constant;  ///< columns that do not vary beyond rounding: their scale is 1
  std::vector<std::uint32_t>
      collapsed;  ///< "robust": columns whose quartiles are equal though they vary: scaled by the standard deviation

  std::size_t columns() const { return center.size(); }
};

/// Learns a scaling of the columns of x, row after row. Standard deviations are those of the population, quantiles type 7.
/// Powers are searched for between -5 and 5 (Yeo and Johnson, Biometrika 87, 2000), less far where values would overflow or lose
/// their differences. A column is constant that takes one value, varies by less than 16 roundings of its largest value, or whose
/// deviation is too small for a number.
///
/// O(rows columns), yeo_johnson about 25 passes. The same bits for any number of threads. Throws std::invalid_argument for x that
/// is empty, not whole or not finite (naming the column), an unknown method, values whose squares overflow; clarion::cancelled.
CLARION_API scaling fit_scaling(std::span<const double> x, std::size_t columns, const scaling_options& options = {},
                                const run_options& run = {});

/// Rows of x scaled, and scaled rows as they were. unscaled(scaled(x)) is x but for rounding; what no row can become under
/// yeo_johnson is NaN. Throws std::invalid_argument for rows that are not whole or not finite.
CLARION_API std::vector<double> scaled(const scaling& by, std::span<const double> x, const run_options& run = {});
CLARION_API std::vector<double> unscaled(const scaling& by, std::span<const double> x, const run_options& run = {});

/// What of the columns was not as a scaling wants it (G301, G302). `names` has a name for each column, or is empty.
CLARION_API std::vector<schema::finding> scaling_findings(const scaling& of, std::span<const std::string> names = {});

}  // namespace clarion::segment
