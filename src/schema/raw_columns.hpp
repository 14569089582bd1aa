#pragma once

// The columns of the fields, read block by block in the form that their cells have: before they are a portfolio.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/schema/read.hpp"
#include "schema/cells.hpp"
#include "schema/checks.hpp"
#include "schema/remarks.hpp"
#include "schema/source_columns.hpp"
#include "schema/texts.hpp"

namespace clarion::schema::detail {

/// By position in fields(); empty for fields without a column and for fields of another kind.
struct raw_columns {
  std::vector<std::vector<text_part>> texts, extras;         ///< a part each block; extras by source_columns::extras
  std::vector<std::vector<std::uint32_t>> codes;             ///< of categories, lists and words: a code each row ...
  std::vector<std::vector<std::vector<std::string>>> names;  ///< ... into the names of its block
  std::vector<std::vector<std::int32_t>> days;
  std::vector<std::vector<double>> numbers;

  std::vector<std::pair<std::uint32_t, std::string_view>> signs;  ///< currencies beside the budgets, by row
  std::vector<std::uint8_t> flags;                                ///< row_flag bits a row
  std::vector<issue> issues;                                      ///< cells that cannot be read
};

/// Reads every column once, in the reading that is most likely, and again where its cells turn out to ask for the other one.
raw_columns read_columns(const cell_table& source, const source_columns& columns, const read_options& options,
                         const run_options& run, remarks& about);

}  // namespace clarion::schema::detail
