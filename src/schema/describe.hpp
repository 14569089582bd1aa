#pragma once

// From issues to findings: what a person reads.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "clarion/schema/finding.hpp"
#include "schema/checks.hpp"

namespace clarion::schema::detail {

/// Gives name of the column and text of a field in a row.
using cell_source = std::function<std::pair<std::string, std::string>(std::uint64_t row, std::size_t field)>;

/// Column name and text of a portfolio's own fields.
cell_source own_cells(const portfolio& campaigns);

inline constexpr std::size_t longest_value = 1000;  ///< bytes of a cell or a line that a finding repeats

/// The finding of an issue.
finding describe(const issue& found, const check_context& context, const cell_source& cell);

/// How many issues there are of each code.
std::array<std::uint64_t, rule_count> count_by_code(const std::vector<issue>& issues);

/// Findings of the issues, at most `most` a code (0: all); where more are left out, one finding of the code says how many.
/// `place[i]` is the finding of issue i, or none().
struct reported {
  std::vector<finding> findings;
  std::vector<std::uint32_t> place;
  static constexpr std::uint32_t none() { return UINT32_MAX; }
};
reported report(const std::vector<issue>& issues, const check_context& context, const cell_source& cell, std::size_t most);

}  // namespace clarion::schema::detail
