#pragma once

// Columns of numbers. A mark before three digits may part thousands or decimals; a column decides over all of its cells.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/cells.hpp"

namespace clarion::schema::detail {

/// How many cells only one decimal mark explains, and how many of each mark both do.
struct number_votes {
  std::uint64_t point = 0, comma = 0;
  std::uint64_t either_point = 0, either_comma = 0;
  number_votes& operator+=(const number_votes& other) {
    point += other.point;
    comma += other.comma;
    either_point += other.either_point;
    either_comma += other.either_comma;
    return *this;
  }
};

struct number_part {
  number_votes votes;
  std::vector<std::uint32_t> bad;  ///< rows without a number under the mark that was asked for
  std::vector<std::pair<std::uint32_t, std::string_view>> currencies;  ///< signs and codes beside the numbers, by row
};

/// The numbers of a block under one decimal mark; blank cells are missing and not bad.
number_part read_numbers(const block& where, std::size_t column, bool comma, double* values);

struct decimal_mark {
  bool comma = false;
  bool assumed = false;        ///< nothing in the table tells
  std::uint64_t doubtful = 0;  ///< cells that both marks explain
};

/// The decimal mark of each column: its own cells decide, else those of all columns, else the dates: who writes them with points
/// (`pointed_dates`) parts thousands with points too. `counts[f]`: column f holds whole numbers, of which that a mark parts
/// thousands is the only reading that makes sense.
std::vector<decimal_mark> decimal_marks(std::vector<number_votes> columns, const std::vector<bool>& counts, bool pointed_dates);

/// ISO code of a sign or a code; the bare dollar sign is that of `fallback` where its money is called dollar, else USD.
std::string currency_code(std::string_view text, std::string_view fallback);

/// The currency in a header such as "Budget (EUR)" or "cost [£]".
std::optional<std::string> currency_of_header(std::string_view name, std::string_view fallback);

}  // namespace clarion::schema::detail
