#pragma once

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/stats/response.hpp"

namespace clarion::plan {

struct allocation_options {
  double unit = 0.01;

  static constexpr auto fields() {
    return std::tuple{core::option("unit", &allocation_options::unit, "smallest amount of money that can be moved", {1e-6, 1e9})};
  }
};

struct allocation {
  std::vector<double> amount;    ///< per curve, whole units; they sum to the total, to the unit
  std::vector<double> marginal;  ///< slope of each curve at its amount
  double value = 0;              ///< sum of the curves at their amounts
  double price = 0;              ///< the common marginal return of the curves that are at neither bound
};

/// Spreads `total` over curves so that the sum of their values is as large as it can be, low[i] <= amount[i] <= high[i]: raises
/// every amount to where its slope falls to one common price (the Karush-Kuhn-Tucker condition of a separable concave problem:
/// "water-filling"), found by bisection; what rounding leaves goes to the steepest curves.
/// Throws std::invalid_argument for lengths that differ, a bound that is negative or above its partner, and a total outside the
/// sum of the bounds (the message says by how much). O(curves x 200).
CLARION_API allocation allocate(std::span<const stats::response_curve> curves, std::span<const double> low,
                                std::span<const double> high, double total, const allocation_options& options = {});

}  // namespace clarion::plan
