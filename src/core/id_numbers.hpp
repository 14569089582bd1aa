#pragma once

// Columns of ids wherever they come from, and the numbers that stand for them in a piece of a table.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clarion/core/arrow.hpp"
#include "clarion/core/detail/id_cells.hpp"
#include "clarion/core/ids.hpp"

namespace clarion::core::detail {

/// Ids of the rows of a piece: id of row i is integers[codes[i]] or texts[codes[i]], which may
/// repeat, until codes are numbers in the whole.
struct id_piece {
  std::vector<std::uint32_t> codes;
  std::vector<std::int64_t> integers;
  std::vector<std::string_view> texts;
  std::vector<char> bytes;  ///< of texts that would not outlive their batch
};

/// Columns, wherever they come from.
struct arrow_ids {
  const arrow_column* column;
  id_form form;
};
using id_cells = std::variant<std::span<const std::int32_t>, std::span<const std::uint32_t>, std::span<const std::int64_t>,
                              text_cells, arrow_ids>;

id_cells cells_of(const id_column& column);
id_kind kind_of(const id_cells& cells);

/// Why each row of a piece is set aside, or `good`; the first reason stays. A piece begins with row `begin` of the table.
inline constexpr std::uint8_t good = 0xff;
inline void mark(std::uint8_t& of, std::uint8_t why) {
  if (of == good) of = why;
}
void check_ids(const id_cells& cells, std::size_t begin, std::span<std::uint8_t> reasons, std::uint8_t null, std::uint8_t bad);

/// Numbers from 0 for the ids of these rows of the table, which ascend and hold ids that can be read.
void number_ids(const id_cells& cells, const std::vector<std::uint64_t>& rows, std::vector<std::int64_t>& scratch, id_piece& out);
std::string shown(const id_cells& cells, std::size_t row);

}  // namespace clarion::core::detail
