#pragma once

// Rows of a table that are no campaigns: blank ones, those that sum up others, and those whose cells ran together.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "clarion/schema/portfolio.hpp"
#include "schema/cells.hpp"
#include "schema/checks.hpp"
#include "schema/source_columns.hpp"

namespace clarion::schema::detail {

inline constexpr std::size_t longest_text = 4096;  ///< bytes of a name, an id or one item of a list

/// "Total", "Grand total", "Summe", "Email Total", "Total: Account": in the languages that columns are known in.
enum class total_word { none, whole, part };
total_word total_word_of(std::string_view text);

/// Gives each blank row, row of totals and row with an endless text one issue that says so in place of all that it has. `flags`
/// are row_flag bits.
void set_apart(const cell_table& source, const source_columns& columns, const portfolio& all,
               const std::vector<std::uint8_t>& flags, std::vector<issue>& issues);

}  // namespace clarion::schema::detail
