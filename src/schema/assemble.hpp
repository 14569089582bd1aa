#pragma once

// From the columns of a source to the columns of a portfolio.

#include <vector>

#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/schema/read.hpp"
#include "schema/cells.hpp"
#include "schema/checks.hpp"
#include "schema/raw_columns.hpp"
#include "schema/source_columns.hpp"

namespace clarion::schema::detail {

/// Every row of the source as a campaign, each column a task of its own. Uses `raw` up; words and criteria that are not known
/// are added to its issues.
portfolio assemble(const cell_table& source, const source_columns& columns, raw_columns& raw, const policy& rules,
                   const read_options& options, const run_options& run);

}  // namespace clarion::schema::detail
