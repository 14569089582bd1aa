#pragma once

// How the same money would return more: the numbers.

#include <optional>
#include <vector>

#include "clarion/core/parallel.hpp"
#include "clarion/plan/strategies.hpp"
#include "plan/outcome_model.hpp"

namespace clarion::plan {

/// What the parts of the strategies layer look at.
struct strategy_context {
  const schema::portfolio& planned;
  const schema::portfolio& history;
  const strategies_options& options;
  const coding& codes;
  const neighbour_lists& neighbours;
};

/// A planned campaign with everything that is known about it.
struct plan_row {
  std::size_t row = 0;
  const outcome_model* model = nullptr;
  outcome wanted = outcome::none;
  forecast expectation;
  stats::response_curve curve;  ///< of the mean outcome
};

/// Whether a spend lies outside those of the channel in history.
inline bool beyond(const channel_shape& seen, double spend) {
  return spend < seen.min_spend * 0.999 || spend > seen.max_spend * 1.001;
}

/// The budgets of campaigns with one model, spread anew; nothing when fewer than two of them may change.
std::optional<reallocation> reallocate(const strategy_context& c, const std::vector<plan_row>& rows, const run_options& run);

}  // namespace clarion::plan
