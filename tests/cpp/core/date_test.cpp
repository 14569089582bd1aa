#include "clarion/core/date.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

namespace core = clarion::core;
using namespace std::chrono_literals;

namespace {

clarion::date day(int y, unsigned m, unsigned d) { return std::chrono::year{y} / std::chrono::month{m} / std::chrono::day{d}; }

}  // namespace

TEST_CASE("ISO dates are read") {
  CHECK(core::parse_iso_date("2026-11-27") == day(2026, 11, 27));
  CHECK(core::parse_iso_date("2024-02-29") == day(2024, 2, 29));
  CHECK(core::parse_iso_date("2026-11-27T08:30:00Z") == day(2026, 11, 27));
  CHECK(core::parse_iso_date("2026-11-27 08:30") == day(2026, 11, 27));
  CHECK(core::parse_iso_date("9999-12-31") == day(9999, 12, 31));
}

TEST_CASE("anything else is not") {
  for (const auto* text : {"", "2026", "2026-13-01", "2026-00-10", "2025-02-29", "2026-11-31", "27-11-2026", "2026/11/27",
                           "2026-1-1", "2026-11-2x", "2026-11-270", "-026-11-27", "２０26-11-2"})
    CHECK_FALSE(core::parse_iso_date(text).has_value());
}

TEST_CASE("writing and reading a day is the identity") {
  for (std::int32_t n = core::day_number(day(1999, 12, 1)); n < core::day_number(day(2033, 1, 1)); ++n) {
    const auto d = core::from_day_number(n);
    REQUIRE(core::parse_iso_date(core::to_string(d)) == d);
  }
  CHECK(core::to_string(day(33, 4, 5)) == "0033-04-05");
}

TEST_CASE("weeks begin on Monday, before 1970 too") {
  for (std::int32_t n = -1000; n <= 1000; ++n) {
    const auto d = core::from_day_number(n);
    const auto start = core::week_start(core::week_number(d));
    REQUIRE(std::chrono::weekday{start} == std::chrono::Monday);
    REQUIRE(start <= d);
    REQUIRE(d < start + std::chrono::days{7});
  }
  CHECK(core::week_number(day(1970, 1, 1)) == 0);
  CHECK(core::week_start(0) == day(1969, 12, 29));
}

TEST_CASE("months and quarters count on across years") {
  CHECK(core::month_number(day(2027, 1, 1)) - core::month_number(day(2026, 12, 31)) == 1);
  CHECK(core::quarter_number(day(2026, 3, 31)) + 1 == core::quarter_number(day(2026, 4, 1)));
  CHECK(core::quarter_number(day(2027, 1, 1)) - core::quarter_number(day(2026, 1, 1)) == 4);
}

TEST_CASE("shared days of closed ranges") {
  const auto at = [](int n) { return core::from_day_number(n); };
  for (int a = 0; a < 6; ++a)
    for (int b = a; b < 6; ++b)
      for (int c = 0; c < 6; ++c)
        for (int d = c; d < 6; ++d) {
          int count = 0;
          for (int n = 0; n < 6; ++n) count += a <= n && n <= b && c <= n && n <= d;
          REQUIRE(core::shared_days(at(a), at(b), at(c), at(d)) == count);
        }
}
