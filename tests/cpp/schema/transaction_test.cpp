#include "clarion/schema/transaction.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "record_table.hpp"

using namespace clarion;
using namespace clarion::schema;
using namespace clarion::tests;

namespace {

policy on(const char* today) {
  policy out;
  out.today = core::parse_iso_date(today);
  return out;
}

}  // namespace

TEST_CASE("columns are found by name in several languages, and views share their memory") {
  const auto read = read_table({{"Belegnummer", {"1", "1", "2"}},
                                {"Kundennummer", {"a", "a", "b"}},
                                {"Datum", {"27.11.2026", "27.11.2026", "28.11.2026"}},
                                {"Betrag", {"1.234,50 \xe2\x82\xac", "2,25", "3"}},
                                {"Menge", {"1", "2", "3"}},
                                {"Filiale", {"Mitte", "Mitte", "Nord"}}},
                               "{}", on("2026-12-01"));
  REQUIRE(read.accepted.rows == 3);
  const auto view = transactions_of(read.accepted);
  CHECK(view.customer.data() == read.accepted["customer"].codes.data());
  CHECK(std::vector(view.customer.begin(), view.customer.end()) == std::vector<std::uint32_t>{0, 0, 1});
  CHECK(view.amount[0] == 1234.5);
  CHECK(view.amount[1] == 2.25);
  CHECK(view.quantity[2] == 3);
  CHECK(core::from_day_number(view.date[2]) == *core::parse_iso_date("2026-11-28"));
  CHECK(read.accepted["currency"].text(0) == "EUR");
  CHECK(read.accepted["currency"].text(1).empty());
  CHECK(std::all_of(view.kind.begin(), view.kind.end(), [](auto k) { return k == 0; }));
  CHECK(view.channel.empty());
  CHECK(count(read, "S101") == 1);
}

TEST_CASE("kinds come from marks, signs and words; returns and cancellations are below zero however they are written") {
  const auto read = read_table({{"id", {"1", "C2", "3", "4", "5"}},
                                {"customer", {"a", "a", "a", "b", "b"}},
                                {"date", {"2026-01-01", "2026-01-02", "2026-01-02", "2026-01-03", "2026-01-04"}},
                                {"price", {"2", "2", "2", "2", "2"}},
                                {"quantity", {"5", "5", "-1", "4", "1"}},
                                {"product", {"p", "p", "q", "r", "r"}},
                                {"art", {"V", "V", "V", "R", "??"}}},
                               R"({"columns": {"kind": {"column": "art", "values": {"V": "sale", "R": "return"}}},
                                   "cancellation": [{"field": "id", "prefix": "C"}], "return": [{"field": "quantity", "below": 0}]})",
                               on("2026-12-01"));
  CHECK(read.rows_read == 5);
  REQUIRE(read.accepted.rows == 4);
  const auto view = transactions_of(read.accepted);
  CHECK(std::vector(view.amount.begin(), view.amount.end()) == std::vector<double>{10, -10, -2, -8});
  CHECK(std::vector(view.quantity.begin(), view.quantity.end()) == std::vector<double>{5, -5, -1, -4});
  CHECK(std::vector(view.kind.begin(), view.kind.end()) == std::vector<std::uint32_t>{0, 2, 1, 1});
  CHECK(read.accepted["kind"].text(1) == "cancellation");
  CHECK(count(read, "S205") == 1);
  CHECK(count(read, "S216") == 0);
}

TEST_CASE("each rule sets its rows apart, and no others") {
  const auto read = read_table({{"id", {"1", "2", "3", "4", "5", "6", "7", "8", "8", "9", "10"}},
                                {"customer", {"a", "", "a", "a", "a", "a", "a", "a", "a", "a", "test1"}},
                                {"date",
                                 {"2026-01-01", "2026-01-01", "", "soon", "2027-01-01", "2026-01-01", "2026-01-01", "2026-01-01",
                                  "2026-01-01", "2026-01-01", "2026-01-01"}},
                                {"amount", {"1", "1", "1", "1", "1", "-5", "1e12", "2", "2", "0", "1"}}},
                               R"({"duplicates": "row", "test": [{"field": "customer", "prefix": "test"}]})", on("2026-06-01"));
  CHECK(read.rows_read == 11);
  CHECK(read.accepted.rows == 3);
  CHECK(read.quarantine.row == std::vector<std::uint64_t>{2, 3, 4, 5, 6, 7, 9, 11});
  for (const auto* code : {"S201", "S203", "S009", "S206", "S208", "S209", "S211", "S215", "S207"}) {
    INFO(code);
    CHECK(count(read, code) == 1);
  }
  CHECK(read.quarantine.reasons[0] == "S201 no customer");
  CHECK(read.quarantine.cells[1][7] == "test1");
  CHECK(read.accepted.source_row(0) == 1);
  CHECK(read.accepted.source_row(1) == 8);
  CHECK(read.accepted.source_row(2) == 10);
  for (std::size_t i = 0; i < read.quarantine.size(); ++i) {
    REQUIRE(read.quarantine.offsets[i + 1] > read.quarantine.offsets[i]);
    CHECK(read.findings[read.quarantine.findings[read.quarantine.offsets[i]]].row == read.quarantine.row[i]);
  }
}

TEST_CASE("a million times the median is out of proportion, and the median is of the source itself") {
  texts ids, days, amounts;
  for (int i = 0; i < 101; ++i) {
    ids.push_back(std::to_string(i));
    days.push_back("2026-01-01");
    amounts.push_back(i == 100 ? "1000000.01" : "1");
  }
  const auto read = read_table({{"customer", ids}, {"date", days}, {"amount", amounts}}, "{}", on("2026-06-01"));
  CHECK(count(read, "S209") == 1);
  amounts.back() = "1000000.00";
  CHECK(count(read_table({{"customer", ids}, {"date", days}, {"amount", amounts}}, "{}", on("2026-06-01")), "S209") == 0);
}

TEST_CASE("ids that are unique, and cancellations that have lost their sale") {
  const named_texts rows{{"id", {"1", "1", "2", "3", "4"}},
                         {"customer", {"a", "b", "a", "a", "b"}},
                         {"date", {"2026-01-05", "2026-01-05", "2026-01-06", "2026-01-04", "2026-01-07"}},
                         {"amount", {"1", "1", "1", "1", "1"}},
                         {"product", {"p", "p", "p", "p", "p"}},
                         {"kind", {"sale", "sale", "cancellation", "cancellation", "cancellation"}}};
  const auto read = read_table(rows, R"({"duplicates": "id"})", on("2026-06-01"));
  CHECK(count(read, "S210") == 1);
  CHECK(count(read, "S216") == 2);  // before its sale, and of a customer whose sale was left out
  CHECK(read.accepted.rows == 4);
  CHECK(count(read_table(rows, R"({"duplicates": "keep"})", on("2026-06-01")), "S216") == 1);
}

TEST_CASE("currencies are converted by declared rates, or reported") {
  const named_texts rows{{"customer", {"a", "b", "c", "d"}},
                         {"date", {"2026-01-05", "2026-01-05", "2026-01-06", "2026-01-04"}},
                         {"amount", {"100", "100", "100", "100"}},
                         {"currency", {"EUR", "gbp", "JPY", ""}}};
  const auto plain = read_table(rows, "{}", on("2026-06-01"));
  CHECK(count(plain, "S301") == 1);
  CHECK(plain.accepted["currency"].text(1) == "GBP");
  const auto read =
      read_table(rows, R"({"currency": "EUR", "convert": {"to": "EUR", "rates": {"GBP": 1.25}}})", on("2026-06-01"));
  CHECK(count(read, "S217") == 1);
  CHECK(count(read, "S301") == 0);
  REQUIRE(read.accepted.rows == 3);
  CHECK(read.accepted["amount"].numbers == std::vector<double>{100, 125, 100});
  CHECK(read.accepted["currency"].text(1) == "EUR");
  // Cents, and a currency of the whole source.
  const auto cents =
      read_table({{"customer", {"a"}}, {"date", {"2026-01-05"}}, {"cents", {"1250"}}},
                 R"({"currency": "EUR", "columns": {"amount": {"column": "cents", "scale": 0.01}}})", on("2026-06-01"));
  CHECK(cents.accepted["amount"].numbers[0] == 12.5);
}

TEST_CASE("days are those of a zone, on both sides of summer time") {
  const auto read = read_table({{"customer", {"a", "b", "c", "d", "e"}},
                                {"date",
                                 {"2026-01-01 23:30:00", "2026-07-01 22:15:00", "2026-07-01T22:15:00+02:00",
                                  "2026-03-29 00:59:59", "2045-07-01 22:15:00"}},
                                {"amount", {"1", "1", "1", "1", "1"}}},
                               R"({"time_zone": "Europe/Berlin"})", on("2099-12-01"));
  const auto& date = read.accepted["date"];
  REQUIRE(date.days.size() == 5);
  const auto day = [&](std::size_t i) { return core::to_string(core::from_day_number(date.days[i])); };
  CHECK(day(0) == "2026-01-02");
  CHECK(date.seconds[0] == 1800);
  CHECK(day(1) == "2026-07-02");
  CHECK(date.seconds[1] == 900);
  CHECK(day(2) == "2026-07-01");
  CHECK(date.seconds[2] == 22 * 3600 + 900);
  CHECK(date.seconds[3] == 2 * 3600 - 1);
  CHECK(day(4) == "2045-07-02");  // by the zone's rule, beyond what files list
}

TEST_CASE("dates in a declared form, with and without a time of day") {
  const auto read = read_table({{"customer", {"a", "b", "c", "d"}},
                                {"date", {"03.04.2026 17:05", "03/04/2026 17:05", "31.02.2026 00:00", "3.4.2026 5:05"}},
                                {"amount", {"1", "1", "1", "1"}}},
                               R"({"date_format": "%d.%m.%Y %H:%M"})", on("2026-12-01"));
  CHECK(read.accepted.rows == 2);
  CHECK(count(read, "S009") == 2);
  CHECK(core::to_string(core::from_day_number(read.accepted["date"].days[0])) == "2026-04-03");
  CHECK(read.accepted["date"].seconds[0] == 17 * 3600 + 300);
}

TEST_CASE("references that lead nowhere are warnings") {
  const auto people = read_table({{"id", {"a", "b"}}}, R"({"table": "customers"})");
  const auto shops = read_table({{"id", {"s"}}}, R"({"table": "branches"})");
  const catalog goods{{{.id = "p"}}};
  const auto read = read_table({{"customer", {"a", "c"}},
                                {"date", {"2026-01-01", "2026-01-01"}},
                                {"amount", {"1", "1"}},
                                {"product", {"p", "x"}},
                                {"branch", {"s", "t"}}},
                               "{}", on("2026-06-01"), {&people.accepted, &shops.accepted, &goods});
  CHECK(read.accepted.rows == 2);
  for (const auto* code : {"S212", "S213", "S214"}) CHECK(count(read, code) == 1);
}

TEST_CASE("another table has no view of transactions") {
  const auto people = read_table({{"id", {"a"}}}, R"({"table": "customers"})");
  CHECK_THROWS_AS(transactions_of(people.accepted), std::invalid_argument);
  CHECK(to_string(transaction_kind::return_) == "return");
  CHECK(transaction_fields().size() == 11);
}
