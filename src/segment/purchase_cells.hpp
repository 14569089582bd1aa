#pragma once

// Cells of a table of transactions: what they say, and whether it can be used.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "clarion/core/arrow.hpp"
#include "clarion/segment/purchases.hpp"
#include "core/id_numbers.hpp"

namespace clarion::segment::detail {

using core::detail::id_cells;

enum class day_form { days, integer, real, text };

struct table_cells {
  id_cells customer;
  std::variant<std::span<const std::int32_t>, const core::arrow_column*> day;
  day_form days = day_form::days;
  std::variant<std::monostate, std::span<const double>, const core::arrow_column*> amount;
  std::optional<id_cells> invoice, kind, currency;
};

inline constexpr std::int32_t first_valid_day = core::day_number(std::chrono::year{1} / 1 / 1);
inline constexpr std::int32_t last_valid_day = core::day_number(std::chrono::year{9999} / 12 / 31);
inline constexpr std::size_t most_currencies = 8;  ///< that are named

/// Why each row of a piece is set aside; see core/id_numbers.hpp. A piece begins with row `begin` of the table.
using row_reasons = std::vector<std::uint8_t>;
inline void mark(std::uint8_t& of, purchase_reason why) { core::detail::mark(of, static_cast<std::uint8_t>(why)); }

/// Throws clarion::error for a type that holds no days, or no amounts.
day_form day_form_of(const core::arrow_reader::field& field);
void check_amounts(const core::arrow_reader::field& field);

void check_customers(const id_cells& cells, std::size_t begin, row_reasons& reasons);
void check_invoices(const id_cells& cells, std::size_t begin, row_reasons& reasons);
void read_days(const table_cells& table, std::size_t begin, row_reasons& reasons, std::span<std::int32_t> days);
/// A return has the sign bit, be it of zero.
void read_amounts(const table_cells& table, std::size_t begin, row_reasons& reasons, std::span<double> amounts);
void read_kinds(const table_cells& table, std::size_t begin, const purchase_options& options, std::span<double> amounts);
/// `out` gets those of rows that are in use, a few of them.
void read_currencies(const table_cells& table, std::size_t begin, const purchase_options& options, row_reasons& reasons,
                     std::vector<std::string>& out);
/// What stands in the cell for which the row is set aside, where it says more than the reason.
std::string value_at(const table_cells& table, std::size_t row, purchase_reason why);

}  // namespace clarion::segment::detail
