#pragma once

// Maximum likelihood over positive parameters: what the models of the room have in common.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// The log-likelihood at these parameters; writes its slopes (minimize.hpp).
using likelihood = std::function<double(std::span<const double> parameters, std::span<double> slopes, const run_options& run)>;

struct fit_problem {
  std::vector<std::string> name;
  std::vector<double> start;       ///< in the units of the likelihood
  std::vector<double> unit;        ///< a parameter is this times what the likelihood sees
  std::vector<likelihood> levels;  ///< of ever larger samples of the rows, at last of all
  double shift = 0;                ///< what the units add to the log-likelihood
  double customers = 0;
  std::uint64_t distinct = 0;
};

/// Climbs from several points over the logarithms of the parameters on the first level, then from the best on each of the others.
parameter_fit fit_parameters(const fit_problem& problem, const purchase_fit_options& options, const run_options& run);

/// A fit that says why there is none: parameters NaN.
parameter_fit no_fit(const fit_problem& problem, const purchase_fit_options& options, std::string reason);

/// Adds log-likelihoods and slopes of blocks of rows: of(first, last, slopes) gives the part of [first, last). In the order of
/// blocks of `block` rows; by one thread where there are fewer than `alone` blocks, which are not worth a team.
double sum_of_blocks(std::size_t rows, std::size_t block, std::size_t alone, std::span<double> slopes, const run_options& run,
                     const std::function<double(std::size_t first, std::size_t last, std::span<double> slopes)>& of);

/// sd of a quantity whose logarithm has this gradient by the logarithms of the parameters; NaN without a covariance.
double log_sd(std::span<const double> covariance, std::span<const double> gradient);

/// Turns values and the sd of their logarithms into a prediction with intervals.
void widen(prediction& out, std::span<const double> log_sds, double level);

/// Values that of(parameters) gives, with intervals by differences where they are asked for.
prediction predicted(const parameter_fit& fit, bool intervals,
                     const std::function<std::vector<double>(std::span<const double> parameters)>& of);

/// Step in the logarithm of a parameter by which predictions are differenced.
inline constexpr double log_step = 1e-4;

}  // namespace clarion::segment
