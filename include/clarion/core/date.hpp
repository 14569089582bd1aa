#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clarion/core/export.hpp"

namespace clarion {

/// A calendar day, proleptic Gregorian, without time zone. A campaign runs from its start to its end, both days included.
using date = std::chrono::sys_days;

}  // namespace clarion

namespace clarion::core {

/// "2026-11-27" (ISO 8601).
CLARION_API std::string to_string(date day);

/// Parses ISO 8601 "YYYY-MM-DD" (a trailing time of day is ignored); nothing for any other text or an impossible day.
CLARION_API std::optional<date> parse_iso_date(std::string_view text);

/// Days since 1970-01-01, the form of Arrow's date32.
constexpr std::int32_t day_number(date day) { return static_cast<std::int32_t>(day.time_since_epoch().count()); }
constexpr date from_day_number(std::int32_t days) { return date{std::chrono::days{days}}; }

/// Weeks run Monday to Sunday and are numbered from the one that holds 1970-01-01 (week 0 began on Monday 1969-12-29).
constexpr std::int32_t week_number(date day) {
  const std::int32_t shifted = day_number(day) + 3;
  return shifted >= 0 ? shifted / 7 : -((6 - shifted) / 7);
}
constexpr date week_start(std::int32_t week) { return from_day_number(week * 7 - 3); }

/// Months and quarters since year 0: 12 * year + month - 1, 4 * year + quarter - 1.
constexpr std::int32_t month_number(date day) {
  const std::chrono::year_month_day ymd{day};
  return int{ymd.year()} * 12 + static_cast<int>(unsigned{ymd.month()}) - 1;
}
constexpr std::int32_t quarter_number(date day) { return month_number(day) / 3; }

/// Days that both closed ranges hold; 0 when they do not meet.
constexpr std::int32_t shared_days(date start_a, date end_a, date start_b, date end_b) {
  const auto first = start_a > start_b ? start_a : start_b;
  const auto last = end_a < end_b ? end_a : end_b;
  return last < first ? 0 : static_cast<std::int32_t>((last - first).count()) + 1;
}

}  // namespace clarion::core
