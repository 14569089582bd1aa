#include "clarion/schema/customer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "record_table.hpp"

using namespace clarion;
using namespace clarion::schema;
using namespace clarion::tests;

TEST_CASE("customers have consent, a birth year, and an id of their own") {
  policy rules;
  rules.today = core::parse_iso_date("2026-06-01");
  const auto read = read_table({{"customer id", {"1", "2", "2", "", "5", "6"}},
                                {"member since", {"2020-01-31", "1970-01-01", "2020-01-01", "2020-01-01", "2030-01-01", ""}},
                                {"year of birth", {"1980", "1850", "1990", "1990", "1990", ""}},
                                {"email opt in", {"ja", "No", "1", "1", "1", "perhaps"}},
                                {"has email", {"true", "false", "", "", "", ""}},
                                {"is test", {"0", "0", "0", "0", "0", "yes"}}},
                               R"({"table": "customers"})", rules);
  CHECK(read.rows_read == 6);
  REQUIRE(read.accepted.rows == 2);
  const auto view = customers_of(read.accepted);
  CHECK(std::vector(view.consent_email.begin(), view.consent_email.end()) == std::vector<std::int8_t>{1, 0});
  CHECK(std::vector(view.has_email.begin(), view.has_email.end()) == std::vector<std::int8_t>{1, 0});
  CHECK(view.birth_year[0] == 1980);
  CHECK(view.consent_sms.empty());
  for (const auto* code : {"S210", "S202", "S206", "S215", "S218", "S220", "S224"}) {
    INFO(code);
    CHECK(count(read, code) == 1);
  }
}

TEST_CASE("a column of integers stays one, a column of floats that are whole is one of ids") {
  using clarion::tests::fixed_column;
  arrow_table table(
      {{fixed_column<std::int64_t>("id", "l", {7, -3, 7}), fixed_column<double>("branch", "g", {12, std::nan(""), 1e6})}});
  auto stream = table.stream();
  const auto read = read_records(&stream, parse_mapping(R"({"table": "customers"})"));
  CHECK(read.accepted.rows == 2);
  CHECK(read.accepted["id"].whole);
  CHECK(read.accepted["id"].text(1) == "-3");
  CHECK(read.accepted["branch"].text(0) == "12");
  CHECK(read.accepted["branch"].codes[1] == record_column::none);
}

TEST_CASE("another table has no view of customers") {
  CHECK_THROWS_AS(customers_of(records{}), std::invalid_argument);
  CHECK(customer_fields().size() == 14);
}
