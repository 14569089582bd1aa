#pragma once

// Columns of days. A cell may be readable with the day first and with the month first; a column decides over all of its cells.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "schema/cells.hpp"

namespace clarion::schema::detail {

/// How many cells only one order explains, and how many both do.
struct day_votes {
  std::uint64_t day = 0, month = 0, either = 0;
  char mark = 0;  ///< what stands between the numbers of the first such cell
  day_votes& operator+=(const day_votes& other) {
    day += other.day;
    month += other.month;
    either += other.either;
    if (mark == 0) mark = other.mark;
    return *this;
  }
};

struct day_part {
  day_votes votes;
  std::vector<std::uint32_t> bad;  ///< rows without a day in the order that was asked for
};

/// The days of a block in one order; blank cells are no_day and not bad.
day_part read_days(const block& where, std::size_t column, bool day_first, std::int32_t* days);

struct day_order {
  bool day_first = true;
  bool assumed = false;        ///< nothing in the table tells
  std::uint64_t doubtful = 0;  ///< cells that both orders explain
};

/// The order of each column: its own cells decide, else those of columns with the same mark, else what is usual with that mark.
std::vector<day_order> day_orders(std::span<const day_votes> columns);

}  // namespace clarion::schema::detail
