#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace clarion::schema::detail {

inline constexpr std::int32_t no_day = std::numeric_limits<std::int32_t>::min();

/// What a text can be read as: a column decides between the two once it has seen all of its cells. Days since 1970-01-01, or
/// no_day where that reading gives no day. `mark` is what stands between the numbers where the readings differ or only one of
/// them holds.
struct day_guess {
  std::int32_t day_first = no_day;
  std::int32_t month_first = no_day;
  char mark = 0;
  bool readable() const { return day_first != no_day || month_first != no_day; }
  bool certain() const { return day_first == month_first && day_first != no_day; }
};

/// ISO 8601, yyyy/mm/dd, dd-mm-yyyy, mm/dd/yyyy, dd.mm.yy, yyyymmdd, "27 Nov 2026", "Nov 27, 2026", Excel day numbers; a time of
/// day behind it is dropped. Two-digit years are 1970 to 2069. Blanks around the text are ignored.
day_guess parse_day(std::string_view text);

/// A count of days of Excel (1900 system) or a number yyyymmdd; no_day for anything else.
std::int32_t day_of_number(double value);

/// A number with a point as decimal mark, and with a comma; NaN where that reading gives none.
struct number_guess {
  double point = std::numeric_limits<double>::quiet_NaN();
  double comma = std::numeric_limits<double>::quiet_NaN();
  std::string_view currency{};  ///< ISO code where a sign or code stands beside the number; "$" for the bare dollar sign
  bool blank = false;           ///< no number was given: empty, "n/a", "-", ...
};

/// 1234.5, 1,234.50, 1.234,50, 1 234,50, 1'234.50, $1,200, 1.200 EUR, 12 %, (300), 300-, 15k, 1.2M. Magnitudes above 1e15 are
/// not read: no campaign has them, and sums of them overflow.
number_guess parse_number(std::string_view text);

}  // namespace clarion::schema::detail
