#pragma once

// What the models of repeat purchases share: the data, what a fit says of itself, and predictions.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment {

/// Customers as columns, all in one unit of time. The first purchase starts the clock and is not counted. Of a beta-geometric /
/// beta-binomial model: occasions with a purchase, the last of them, and occasions there were.
struct purchase_history {
  std::span<const double> frequency;  ///< repeat purchases (times at which there was one), whole numbers
  std::span<const double> recency;    ///< time of the last one; 0 without one
  std::span<const double> age;        ///< T: time from the first purchase to the end of the observation
  std::span<const double> weight{};   ///< customers a row stands for; none: 1

  std::size_t size() const { return frequency.size(); }
};

struct purchase_fit_options {
  double penalizer = 0;
  double level = 0.95;
  std::uint32_t starts = 3;
  std::uint32_t iterations = 200;

  static constexpr auto fields() {
    using o = purchase_fit_options;
    return std::tuple{
        core::option("penalizer", &o::penalizer,
                     "weight of the sum of the squared parameters against the mean log-likelihood of a customer", {0, 1e9}),
        core::option("level", &o::level, "probability that an interval holds the truth", {0.01, 0.9999}),
        core::option("starts", &o::starts, "points from which the likelihood is climbed", {1, 64}),
        core::option("iterations", &o::iterations, "most steps of one climb", {1, 100000}),
    };
  }
};

/// Parameters by maximum likelihood. Where `converged` is false `reason` says what is not identified, and why; parameters of
/// which the data say nothing are NaN.
struct parameter_fit {
  std::vector<std::string> name;
  std::vector<double> value, sd;  ///< sd by the delta method
  std::vector<double> low, high;  ///< interval, normal on the scale of logarithms
  std::vector<double>
      covariance;  ///< of the logarithms, row-major: the inverse of the observed information; empty where there is none
  double log_likelihood = 0;   ///< without the penalty
  double customers = 0;        ///< sum of the weights
  std::uint64_t distinct = 0;  ///< rows that differ: what the likelihood is summed over
  double level = 0.95;
  std::uint32_t evaluations = 0;  ///< of the likelihood over all rows
  bool converged = false;
  std::string reason;  ///< empty where it converged
};

enum class purchase_family : std::uint8_t { beta_geo, modified_beta_geo, pareto_nbd, beta_binomial };

CLARION_API std::string_view to_string(purchase_family family);

/// A fitted model: a value. Its parameters may also be set by hand, without a covariance.
struct purchase_model {
  purchase_family family = purchase_family::beta_geo;
  parameter_fit fit;
};

/// Values with intervals from the uncertainty of the parameters, by the delta method on logarithms; NaN where the model has no
/// covariance.
struct prediction {
  std::vector<double> value, sd, low, high;
};

/// Throws std::invalid_argument, naming column, row and value, for what is no history: columns of different length, NaN,
/// infinities, negative numbers, a frequency that is not whole, a recency above the age, one of 0 with repeat purchases or one
/// above 0 without; with `occasions`, what is not whole and more purchases than the recency has occasions.
CLARION_API void check_history(const purchase_history& history, bool occasions = false);

/// Log-likelihood of histories under the model, in the unit of the history; `gradient`, where it is given, takes the derivatives
/// by the 4 parameters. Of customers who were no part of a fit it compares models. The combinations of occasions with a purchase
/// are not counted in. O(n).
CLARION_API double log_likelihood(const purchase_model& model, const purchase_history& history, std::span<double> gradient = {},
                                  const run_options& run = {});

/// Probability that a customer with this history will ever buy again, for each row. O(n).
CLARION_API std::vector<double> alive_probability(const purchase_model& model, const purchase_history& history,
                                                  const run_options& run = {});

/// Expected repeat purchases of each customer in the `periods` after the end of their observation, in the unit of the history (of
/// occasions: a whole number). Without `intervals` sd, low and high are empty. O(n), and 1 + 2 x parameters times that with them.
CLARION_API prediction expected_purchases(const purchase_model& model, const purchase_history& history, double periods,
                                          bool intervals = false, const run_options& run = {});

/// Expected repeat purchases of a new customer in the `periods` after the first purchase.
CLARION_API double expected_purchases(const purchase_model& model, double periods);

/// Probability that a new customer makes 0, 1, ..., most repeat purchases in that many periods.
CLARION_API std::vector<double> purchase_probabilities(const purchase_model& model, double periods, std::uint32_t most);

/// Customers expected to have made 0, 1, ..., most repeat purchases by their age, and at last more: what is held against the
/// histogram of frequencies. Sums to the weights.
CLARION_API std::vector<double> expected_frequencies(const purchase_model& model, const purchase_history& history,
                                                     std::uint32_t most, const run_options& run = {});

/// Expected repeat purchases of all customers together by each of `times`, 0 being the first purchase of the oldest customer:
/// what is held against the tracked sum.
CLARION_API std::vector<double> expected_tracking(const purchase_model& model, const purchase_history& history,
                                                  std::span<const double> times, const run_options& run = {});

}  // namespace clarion::segment
