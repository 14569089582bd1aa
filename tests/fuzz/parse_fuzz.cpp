// Dates and numbers as people write them: what is read is a day of the calendar or a finite number of reasonable size.
#include "clarion/schema/detail/parse.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "clarion/core/date.hpp"

namespace detail = clarion::schema::detail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto guess = detail::parse_day(text);
  for (const auto day : {guess.day_first, guess.month_first})
    if (day != detail::no_day) {
      const auto written = clarion::core::to_string(clarion::core::from_day_number(day));
      if (detail::parse_day(written).day_first != day) std::abort();
    }
  const auto number = detail::parse_number(text);
  for (const double value : {number.point, number.comma})
    if (!std::isnan(value) && !(std::abs(value) <= 1e15)) std::abort();
  if (number.blank && (!std::isnan(number.point) || !std::isnan(number.comma))) std::abort();
  return 0;
}
