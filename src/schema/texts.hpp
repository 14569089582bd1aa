#pragma once

// Columns of texts: texts that differ, texts that repeat, and lists of them. A column is read block by block and then put
// together.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/core/parallel.hpp"
#include "schema/cells.hpp"

namespace clarion::schema::detail {

/// The texts of a block, end to end.
struct text_part {
  std::string bytes;
  std::vector<std::uint32_t> ends;
};

text_part read_texts(const block& where, std::size_t column, bool trimmed);
core::text_column joined(std::vector<text_part>& parts, std::size_t rows);

/// Distinct texts of a block, and the code of each row of the table that is in it; empty cells have category_column::none. The
/// items of an Arrow list stand in one text, each behind a unit separator.
std::vector<std::string> read_categories(const block& where, std::size_t column, std::uint32_t* codes);

/// Rewrites the codes of the blocks into those of one dictionary; `canonical` gives the spelling under which a text is kept.
template <class Canonical>
core::dictionary unified(const std::vector<block>& blocks, const std::vector<std::vector<std::string>>& names,
                         std::vector<std::uint32_t>& codes, const run_options& run, const Canonical& canonical) {
  constexpr auto none = core::category_column::none;
  core::dictionary out;
  std::vector<std::vector<std::uint32_t>> to(blocks.size());
  for (std::size_t b = 0; b < blocks.size(); ++b)
    for (const auto& name : names[b]) {
      const std::string kept = canonical(name);
      to[b].push_back(kept.empty() ? none : out.intern(kept));
    }
  core::parallel_blocks(blocks.size(), run, [&](std::size_t b) {
    for (std::size_t i = 0; i < blocks[b].rows; ++i)
      if (auto& code = codes[blocks[b].row + i]; code != none) code = to[b][code];
  });
  return out;
}

/// What stands between the items of the lists of a column: ';' where it occurs, else '|', else ','.
std::string list_separator_of(const core::dictionary& cells);

/// The items of a cell: of an Arrow list, of a JSON array of texts, or between the separators; blank ones are left out.
std::vector<std::string> split(std::string_view cell, std::string_view separator);

}  // namespace clarion::schema::detail
