#include "clarion/schema/detail/parse.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "clarion/core/date.hpp"

using namespace clarion;
using namespace clarion::schema::detail;

namespace {

std::string day(std::int32_t number) { return number == no_day ? "-" : core::to_string(core::from_day_number(number)); }

}  // namespace

TEST_CASE("dates that can be read in one way only") {
  for (const char* text : {"2026-11-27",
                           " 2026-11-27 ",
                           "2026-11-27T10:00:00Z",
                           "2026-11-27 10:00:00.123+01:00",
                           "2026/11/27",
                           "2026.11.27",
                           "20261127",
                           "27 Nov 2026",
                           "27-Nov-2026",
                           "27Nov2026",
                           "Nov 27, 2026",
                           "November 27 2026",
                           "27. November 2026",
                           "Fri, 27 Nov 2026",
                           "Friday 27 November 2026",
                           "27th Nov 2026",
                           "November 27th, 2026",
                           "2026-Nov-27",
                           "27-Nov-26",
                           "27 nov. 2026",
                           "46353",
                           "46353.0",
                           "1795737600",
                           "1795737600000",
                           "\xe2\x80\x8b"
                           "27/11/2026\xc2\xa0",
                           "Fr, 27.11.2026",
                           "27 novembro 2026",
                           "27/11/2026 08:15",
                           "27 de noviembre de 2026",
                           "27-11-2026",
                           "27.11.26"}) {
    CAPTURE(text);
    CHECK(day(parse_day(text).day_first) == "2026-11-27");
  }
  CHECK(parse_day("2026-11-27").certain());
  CHECK(day(parse_day("3. M\xc3\xa4rz 2026").day_first) == "2026-03-03");
  CHECK(day(parse_day("14 juillet 2026").day_first) == "2026-07-14");
  CHECK(day(parse_day("1er mars 2026").day_first) == "2026-03-01");
  CHECK(day(parse_day("1 out 2026").day_first) == "2026-10-01");
  CHECK(day(parse_day("1 mei 2026").day_first) == "2026-05-01");
  CHECK(day(parse_day("1/2/99").month_first) == "1999-01-02");
}

TEST_CASE("day first and month first are both kept until the column decides") {
  const auto both = parse_day("03/04/2026");
  CHECK(day(both.day_first) == "2026-04-03");
  CHECK(day(both.month_first) == "2026-03-04");
  CHECK(both.mark == '/');
  CHECK_FALSE(both.certain());
  const auto us = parse_day("11/27/2026");
  CHECK(us.day_first == no_day);
  CHECK(day(us.month_first) == "2026-11-27");
  CHECK(parse_day("05.05.2026").certain());
}

TEST_CASE("what is no date is not read as one") {
  for (const char* text : {"",
                           "x",
                           "2026",
                           "2026-02-30",
                           "31/31/2026",
                           "32 Nov 2026",
                           "27 Nox 2026",
                           "tomorrow",
                           "2026-11-27x",
                           "27-11",
                           "27-11-2026-3",
                           "0000-01-01",
                           "99999999999",
                           "1e5",
                           "12345678901234567890",
                           "00/00/0000",
                           "--",
                           "27//",
                           "Nov",
                           "Nov 27",
                           "123-1-1",
                           "2026-13-01"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_day(text).readable());
  }
  CHECK(day(parse_day("9999-12-31").day_first) == "9999-12-31");
  CHECK(day_of_number(std::nan("")) == no_day);
  CHECK(day_of_number(46353.5) == no_day);
  CHECK(day_of_number(-1) == no_day);
  CHECK(day(day_of_number(20261127)) == "2026-11-27");
}

TEST_CASE("numbers with either decimal mark, signs, currencies and suffixes") {
  const auto check = [](const char* text, double point, double comma) {
    CAPTURE(text);
    const auto got = parse_number(text);
    CHECK_FALSE(got.blank);
    CHECK((std::isnan(point) ? std::isnan(got.point) : got.point == doctest::Approx(point).epsilon(1e-15)));
    CHECK((std::isnan(comma) ? std::isnan(got.comma) : got.comma == doctest::Approx(comma).epsilon(1e-15)));
  };
  const double none = std::nan("");
  check("1234", 1234, 1234);
  check("1234.5", 1234.5, none);
  check("1234,5", none, 1234.5);
  check("1,234.50", 1234.5, none);
  check("1.234,50", none, 1234.5);
  check("1 234,50", none, 1234.5);
  check(
      "1\xc2\xa0"
      "234,50",
      none, 1234.5);
  check("1'234.50", 1234.5, none);
  check("1,234", 1234, 1.234);
  check("1.234", 1.234, 1234);
  check("0.125", 0.125, none);
  check("1,234,567", 1234567, none);
  check("1.234.567", none, 1234567);
  check("12,34,567.80", 1234567.8, none);
  check("$1,200", 1200, 1.2);
  check("-$300.00", -300, none);
  check("$-300.00", -300, none);
  check("(300)", -300, -300);
  check("300-", -300, -300);
  check("1'000.-", 1000, none);
  check("1.000,--", none, 1000);
  check("CHF 500.\xe2\x80\x93", 500, none);
  check("'1000", 1000, 1000);
  check(
      "\xe2\x88\x92"
      "5",
      -5, -5);
  check("+5", 5, 5);
  check("12 %", 0.12, 0.12);
  check("15k", 15000, 15000);
  check("1.2M", 1.2e6, none);
  check("$1.5M", 1.5e6, none);
  check("1.5 Mio", 1.5e6, none);
  check("1e3", 1000, 1000);
  check("1.5E+3", 1500, none);
  check(".5", 0.5, none);
  check("USD 5000", 5000, 5000);
  check("5000 eur", 5000, 5000);
  check("12.345,6789", none, 12345.6789);
  CHECK(parse_number("1.200 \xe2\x82\xac").currency == "EUR");
  CHECK(parse_number("\xc2\xa3"
                     "5")
            .currency == "GBP");
  CHECK(parse_number("$5").currency == "$");
  CHECK(parse_number("R$ 5").currency == "BRL");
  CHECK(parse_number("CA$ 5").currency == "CAD");
  CHECK(parse_number("5 \xe2\x82\xbd").currency == "RUB");
  CHECK(parse_number("5 K\xc4\x8d").currency == "CZK");
  CHECK(parse_number("Rs. 1,50,000").currency == "INR");
  CHECK(parse_number("5").currency.empty());
}

TEST_CASE("blanks are blank, and what is no number is not read") {
  for (const char* text : {"", "  ", "-", "n/a", "N/A", "NaN", "null", "None", "TBD", "\xe2\x80\x94"}) {
    CAPTURE(text);
    CHECK(parse_number(text).blank);
  }
  for (const char* text :
       {"abc", "inf", "1e400", "1e16", "12 34", "1,23,4.5.6", "5m", "--5x", "1..2", "(5", "$", "EUR", "0x10", "1e", "1e+",
        "5 apples", "1.2.3,4,5", "99999999999999999999999999999999999999999999999999999999999999999999999999999"}) {
    CAPTURE(text);
    const auto got = parse_number(text);
    CHECK_FALSE(got.blank);
    CHECK(std::isnan(got.point));
    CHECK(std::isnan(got.comma));
  }
}
