#pragma once

#include <cstdint>
#include <tuple>

#include "clarion/segment/gamma_gamma.hpp"
#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

struct lifetime_value_options {
  std::uint32_t horizon = 12;
  double period = 1;
  double discount = 0.01;
  double level = 0.95;
  bool intervals = true;

  static constexpr auto fields() {
    using o = lifetime_value_options;
    return std::tuple{
        core::option("horizon", &o::horizon, "periods that are valued", {1, 100000}),
        core::option("period", &o::period, "length of a period in the unit of the history", {1e-9, 1e12}),
        core::option("discount", &o::discount, "rate by which value is discounted a period", {-0.999, 1e6}),
        core::option("level", &o::level, "probability that an interval holds the truth", {0.01, 0.9999}),
        core::option("intervals", &o::intervals, "whether values have intervals"),
    };
  }
};

struct lifetime_values {
  prediction customer;                                            ///< value of each
  double total = 0, total_sd = 0, total_low = 0, total_high = 0;  ///< of all, each as often as its weight says
};

/// Expected value of each customer's purchases in the horizon: purchases expected in period k x expected value of one /
/// (1 + discount)^k, added up. Intervals come from the uncertainty of the parameters of both models, taken as independent, by
/// the delta method on logarithms. Rows of `history` and of `spend` are the same customers. O(n x horizon), less where
/// frequencies and ages repeat. Throws std::invalid_argument for what check_history, check_spend or the options refuse, and for
/// columns of different length.
CLARION_API lifetime_values lifetime_value(const purchase_model& model, const purchase_history& history,
                                           const parameter_fit& spend_fit, const spend_history& spend,
                                           const lifetime_value_options& options = {}, const run_options& run = {});

}  // namespace clarion::segment
