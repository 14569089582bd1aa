#pragma once

// Cells of a table of interactions: what they say, and whether it can be used.

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
#include "clarion/recommend/interactions.hpp"

namespace clarion::recommend::detail {

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
  const core::arrow_column* column;
  core::detail::id_form form;
};
using id_cells = std::variant<std::span<const std::int32_t>, std::span<const std::uint32_t>, std::span<const std::int64_t>,
                              core::text_cells, arrow_ids>;
using weight_cells = std::variant<std::monostate, std::span<const float>, std::span<const double>, const core::arrow_column*>;
enum class time_form { none, seconds, days, integer, real, text };
struct arrow_times {
  const core::arrow_column* column;
  time_form form;
};
using time_cells = std::variant<std::monostate, std::span<const std::int64_t>, arrow_times>;

id_cells cells_of(const core::id_column& column);
core::id_kind kind_of(const id_cells& cells);
/// Throws clarion::error for a type that holds no times.
time_form time_form_of(const core::arrow_reader::field& field);

/// Why each row of a piece is set aside, or `good`; the first reason stays. A piece begins with row `begin` of the table.
using row_reasons = std::vector<std::uint8_t>;
inline constexpr std::uint8_t good = 0xff;
inline void mark(std::uint8_t& of, interaction_reason why) {
  if (of == good) of = static_cast<std::uint8_t>(why);
}

void check_ids(const id_cells& cells, std::size_t begin, row_reasons& reasons, interaction_reason null, interaction_reason bad);
/// Numbers from 0 for the ids of these rows of the table, which ascend and have passed check_ids.
void number_ids(const id_cells& cells, const std::vector<std::uint64_t>& rows, std::vector<std::int64_t>& scratch, id_piece& out);
void read_weights(const weight_cells& cells, std::size_t begin, row_reasons& reasons, std::vector<double>& weights);
void read_times(const time_cells& cells, std::size_t begin, row_reasons& reasons, std::vector<std::int64_t>& times);

std::string shown(double value);
std::string shown(const id_cells& cells, std::size_t row);

}  // namespace clarion::recommend::detail
