#pragma once

// Cells of a table of interactions: what they say, and whether it can be used.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "clarion/core/arrow.hpp"
#include "clarion/recommend/interactions.hpp"
#include "core/id_numbers.hpp"

namespace clarion::recommend::detail {

using core::detail::arrow_ids;
using core::detail::cells_of;
using core::detail::good;
using core::detail::id_cells;
using core::detail::id_piece;
using core::detail::kind_of;
using core::detail::number_ids;
using core::detail::shown;

using weight_cells = std::variant<std::monostate, std::span<const float>, std::span<const double>, const core::arrow_column*>;
enum class time_form { none, seconds, days, integer, real, text };
struct arrow_times {
  const core::arrow_column* column;
  time_form form;
};
using time_cells = std::variant<std::monostate, std::span<const std::int64_t>, arrow_times>;

/// Throws clarion::error for a type that holds no times.
time_form time_form_of(const core::arrow_reader::field& field);

/// Why each row of a piece is set aside, or `good`; the first reason stays. A piece begins with row `begin` of the table.
using row_reasons = std::vector<std::uint8_t>;
inline void mark(std::uint8_t& of, interaction_reason why) { core::detail::mark(of, static_cast<std::uint8_t>(why)); }

void check_ids(const id_cells& cells, std::size_t begin, row_reasons& reasons, interaction_reason null, interaction_reason bad);
void read_weights(const weight_cells& cells, std::size_t begin, row_reasons& reasons, std::vector<double>& weights);
void read_times(const time_cells& cells, std::size_t begin, row_reasons& reasons, std::vector<std::int64_t>& times);

std::string shown(double value);

}  // namespace clarion::recommend::detail
