#pragma once

// Histories with equal rows collapsed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// The first of `rows` for which wrong(row); `rows` where there is none. Asks for all of them, in vectors, before it looks.
template <class F>
std::size_t first_wrong(std::size_t rows, F&& wrong) {
  double any = 0;
  for (std::size_t i = 0; i < rows; ++i) any = wrong(i) ? 1 : any;
  if (any == 0) return rows;
  std::size_t row = 0;
  while (!wrong(row)) ++row;
  return row;
}

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

/// Rows of weight 0 have no part, and ages may be left out: all 0. Throws std::invalid_argument for no rows or no weight. O(n +
/// distinct log distinct).
distinct_histories collapsed(const purchase_history& history, bool numbered, const run_options& run);

/// Ever larger samples that stand for all: of each run of neighbours with the same x one, with the weight of the run. None of few
/// rows, which need none.
std::vector<distinct_histories> thinned(const distinct_histories& rows);

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
