#pragma once

#include <span>
#include <vector>

#include "segment/distinct_histories.hpp"

namespace clarion::segment {

/// Of distinct rows, the sum over k of factor[k] x the purchases expected between times[k - 1] and times[k] (times[-1] = 0).
struct distinct_prediction {
  std::vector<double> value;
  std::vector<double> slope;  ///< of its logarithm by those of the parameters, rows x parameters; empty where none was asked for
};

distinct_prediction predicted_purchases(const purchase_model& model, const distinct_histories& rows,
                                        std::span<const double> times, std::span<const double> factors, bool slopes,
                                        const run_options& run);

/// Throws std::invalid_argument for a model whose parameters are not 4 numbers above 0 (or NaN), or a covariance of another size.
void check_model(const purchase_model& model);
/// For a time that is negative or no number, and for occasions one that is not whole.
void check_time(const std::string& name, double time, purchase_family family);

}  // namespace clarion::segment
