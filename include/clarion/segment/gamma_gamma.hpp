#pragma once

#include <span>

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// Customers as columns: how many transactions a mean value is of, and the mean.
struct spend_history {
  std::span<const double> frequency;  ///< transactions, whole numbers; rows of 0 have no part in a fit
  std::span<const double> monetary;   ///< mean value of a transaction, above 0 where there is one
  std::span<const double> weight{};   ///< customers a row stands for; none: 1

  std::size_t size() const { return frequency.size(); }
};

/// Throws std::invalid_argument, naming column, row and value, for columns of different length, a frequency that is not whole, or
/// a value that is no finite number above 0 where there are transactions.
CLARION_API void check_spend(const spend_history& history);

/// Gamma-Gamma (Fader and Hardie, 2013): values of a customer's transactions are gamma(p, nu), and nu is gamma(q, v) distributed
/// over customers, independent of how often they buy. Parameters p, q, v (v a value). The mean value of a new customer is p v /
/// (q - 1), infinite for q <= 1, which a fit reports as a reason. Fit and errors are those of fit_beta_geo.
CLARION_API parameter_fit fit_gamma_gamma(const spend_history& history, const purchase_fit_options& options = {},
                                          const run_options& run = {});

/// Expected value of a transaction of each customer: p (v + x z) / (p x + q - 1) after x transactions of mean z, pulled towards
/// the mean of all customers the more, the fewer there are. Infinite for p x + q <= 1. O(n).
CLARION_API prediction expected_spend(const parameter_fit& fit, const spend_history& history, bool intervals = false,
                                      const run_options& run = {});

}  // namespace clarion::segment
