#pragma once

// Histories with equal rows collapsed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// Distinct rows by x, age, recency, ascending.
struct distinct_histories {
  std::vector<double> x, recency, age, weight;
  std::vector<std::size_t> group;     ///< rows [group[g], group[g + 1]) have the same x
  std::vector<double> group_weight;   ///< of each group
  std::vector<std::uint32_t> of_row;  ///< the distinct row of each given one, where that was asked for
  double customers = 0;

  std::size_t size() const { return x.size(); }
  std::size_t groups() const { return group_weight.size(); }
};

/// Throws std::invalid_argument for no rows or no weight. O(n + distinct log distinct).
distinct_histories collapsed(const purchase_history& history, bool numbered, const run_options& run);

/// About `most` rows that stand for all: of each run of neighbours with the same x one, with the weight of the run.
distinct_histories thinned(const distinct_histories& rows, std::size_t most);

/// Sum over customers of x, and of their ages.
double purchases_of(const distinct_histories& rows);
double time_of(const distinct_histories& rows);

/// The rows with ages and recencies divided by `unit`.
void rescale(distinct_histories& rows, double unit);

/// Checks a column: one value a row, finite and not negative.
void check_column(const std::string& name, std::span<const double> values, std::size_t rows);
/// "0.5 at row 3": how a value is named.
std::string at_row(double value, std::size_t row);
void check_whole(const std::string& name, std::span<const double> values);

}  // namespace clarion::segment
