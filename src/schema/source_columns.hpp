#pragma once

// Which column of a source holds which field, and what the columns are called.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clarion/schema/read.hpp"
#include "schema/cells.hpp"
#include "schema/remarks.hpp"

namespace clarion::schema::detail {

struct source_columns {
  std::vector<std::optional<std::size_t>> of_field;          ///< by position in fields()
  std::vector<std::size_t> extras;                           ///< columns that are no field and can be kept
  std::vector<bool> unnamed;                                 ///< by column: it came without a name
  std::vector<std::pair<std::string, std::string>> mapping;  ///< (field, column)
};

/// Gives every column a name of its own; `unnamed` tells which came without one.
void name_columns(std::vector<std::string>& names, std::vector<bool>& unnamed, remarks& about);

/// The encoding that was assumed and the lines that were skipped.
void tell_of_file(const std::string& encoding, const std::vector<std::string>& skipped, remarks& about);

/// Gives every column of `source` a name of its own and finds the fields. Throws clarion::error when no column holds the start or
/// the end, std::invalid_argument for chosen columns that are not there.
source_columns find_columns(cell_table& source, const read_options& options, remarks& about);

}  // namespace clarion::schema::detail
