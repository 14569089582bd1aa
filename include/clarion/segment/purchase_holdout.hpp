#pragma once

// A forecast of purchases held against what came: learned until a day, judged on the days after it.

#include <cstdint>
#include <span>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/segment/purchases.hpp"
#include "clarion/segment/rfm.hpp"

namespace clarion::segment {

/// By customer who had bought by the cut.
struct purchase_holdout_result {
  purchases before;                 ///< until the cut, as purchases_until gives them
  purchase_summary_result learned;  ///< of these: what models take
  std::vector<double> frequency;    ///< purchases after the cut
  std::vector<double> monetary;     ///< mean of these; 0 without one, NaN without amounts
  double T = 0;                     ///< from the cut to the reference date, in units
};

/// Cuts histories at a day before the reference date: the calibration and the holdout period of Fader, Hardie and Lee,
/// "Counting your customers the easy way" (Marketing Science 24, 2005). O(purchases).
///
/// Throws std::invalid_argument for a cut that is not before `all.at()` and for data without its purchases.
CLARION_API purchase_holdout_result purchase_holdout(const purchases& all, date cut, const purchase_summary_options& options = {},
                                                     const run_options& run = {});

/// Forecast and truth, of all customers and of those who had made 0, 1, ..., most repeat purchases, and at last more.
struct holdout_quality_result {
  double seen = 0, expected = 0;                               ///< purchases of all customers
  double mean_absolute_error = 0, root_mean_square_error = 0;  ///< of a customer
  std::vector<std::uint64_t> customers;                        ///< by repeat purchases before, most + 2 of them
  std::vector<double> mean_seen, mean_expected;                ///< of these; NaN where there is nobody
};

/// O(customers). Throws std::invalid_argument for columns of different length, no customer, and numbers that are negative, NaN or
/// infinite, naming the row.
CLARION_API holdout_quality_result holdout_quality(std::span<const double> expected, std::span<const double> seen,
                                                   std::span<const double> frequency, std::uint32_t most = 6);

}  // namespace clarion::segment
