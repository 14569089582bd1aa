#pragma once

// A mapping bound to the columns of a source.

#include <string>
#include <utility>
#include <vector>

#include "clarion/core/arrow.hpp"
#include "clarion/schema/records.hpp"
#include "schema/record_block.hpp"
#include "schema/remarks.hpp"

namespace clarion::schema::detail {

/// Says what was assumed. Names are trimmed and made unique in place; `used` gets the (field, column) pairs. Throws as
/// read_records() does.
record_layout bind_columns(std::vector<std::string>& names, const std::vector<core::arrow_reader::field>& columns,
                           const mapping& map, const policy& rules, const record_options& options, remarks& about,
                           std::vector<std::pair<std::string, std::string>>& used);

/// Day first or month first, and the decimal mark, where the mapping leaves them open: by what the first blocks hold.
void settle_forms(const std::vector<block>& first, const std::vector<std::string>& names, const mapping& map,
                  record_layout& layout, remarks& about, const run_options& run);

}  // namespace clarion::schema::detail
