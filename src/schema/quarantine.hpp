#pragma once

// Rows that were not accepted, as a table of their own.

#include <cstdint>
#include <functional>
#include <vector>

#include "clarion/schema/portfolio.hpp"
#include "clarion/schema/read.hpp"
#include "schema/cells.hpp"
#include "schema/checks.hpp"

namespace clarion::schema::detail {

/// The rows that are `out_of` the portfolio, with their cells. `issues` is ascending by row, `place[i]` the finding of issue i;
/// `is_reason` tells the issues for which a row is set aside from the others that it has. `named`: ids were read.
quarantined_rows set_aside(const cell_table& source, const portfolio& all, bool named, const std::vector<bool>& out_of,
                           const std::vector<issue>& issues, const std::vector<std::uint32_t>& place,
                           const std::function<bool(const issue&)>& is_reason);

/// Puts the lines that could not be cut into cells where they stand among the rows; `findings[i]` is the finding of line i.
void insert_lines(quarantined_rows& rows, const std::vector<unreadable_line>& lines, const std::vector<std::uint32_t>& findings);

}  // namespace clarion::schema::detail
