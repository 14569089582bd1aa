#include "clarion/schema/mapping.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>

#include "clarion/core/error.hpp"

using namespace clarion;
using namespace clarion::schema;

namespace {

std::string refused(const std::string& text) {
  try {
    parse_mapping(text);
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  FAIL("nothing was refused");
  return {};
}

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

constexpr const char* full = R"({"table": "transactions", "name": "tills", "dayfirst": true, "decimal": ",", "currency": "EUR",
  "date_format": "%d.%m.%Y %H:%M", "time_zone": "Europe/Berlin", "duplicates": "id", "guess_columns": false,
  "columns": {"id": "Beleg", "customer": {"column": "Karte", "strip_prefix": "K", "strip_suffix": ".0"}, "date": "Datum",
              "amount": {"column": "Betrag", "scale": 0.01}, "channel": {"constant": "store"},
              "kind": {"column": "Art", "values": {"V": "sale", "R": "return", "S": "cancellation"}}},
  "cancellation": [{"field": "id", "prefix": "C"}], "return": [{"field": "quantity", "below": 0}],
  "test": [{"field": "customer", "equals": ["0", 99999]}, {"field": "branch", "contains": "test", "suffix": "t"}],
  "convert": {"to": "EUR", "rates": {"GBP": 1.17, "USD": 0.9}}, "severity": {"S201": "warning"}})";

}  // namespace

TEST_CASE("a mapping is read, and written so that it is read again") {
  const auto map = parse_mapping(full);
  CHECK(map.table == record_kind::transactions);
  CHECK(map.columns.size() == 6);
  CHECK(map.columns[1].second.strip_suffix == ".0");
  CHECK(map.columns[3].second.scale == 0.01);
  CHECK(map.columns[4].second.constant == "store");
  CHECK(map.tests[0].equals.back() == "99999");
  CHECK(map.returns[0].below == 0.0);
  CHECK(map.rates.at("GBP") == 1.17);
  CHECK(map.severities.at("S201") == severity::warning);
  CHECK(map.duplicates == duplicate_rule::id);
  const auto written = to_json(map);
  CHECK(to_json(parse_mapping(written)) == written);
  CHECK(to_json(parse_mapping("{}"), -1) == R"({"table":"transactions"})");
}

TEST_CASE("what a mapping leaves open depends on the table") {
  CHECK(duplicates_of(parse_mapping("{}")) == duplicate_rule::row);
  CHECK(duplicates_of(parse_mapping(R"({"table": "customers"})")) == duplicate_rule::id);
  CHECK(duplicates_of(parse_mapping(R"({"table": "events"})")) == duplicate_rule::keep);
  CHECK(duplicates_of(parse_mapping(R"({"duplicates": "keep"})")) == duplicate_rule::keep);
}

TEST_CASE("keys and values that are not known are refused with place and remedy") {
  CHECK(says(refused(R"({"colums": {}})"), "mapping: key \"colums\" is not allowed; did you mean \"columns\"?"));
  CHECK(says(refused(R"({"table": "sales"})"), "table: \"sales\" is not allowed; name one of transactions, customers"));
  CHECK(
      says(refused(R"({"columns": {"custmer": "x"}})"), "columns: field \"custmer\" is not allowed; did you mean \"customer\"?"));
  CHECK(says(refused(R"({"columns": {"amount": {"colum": "x"}}})"), "columns.amount: key \"colum\""));
  CHECK(says(refused(R"({"columns": {"amount": {"scale": 2}}})"), "give the field a column or a constant"));
  CHECK(says(refused(R"({"columns": {"amount": {"column": "x", "scale": 0}}})"), "columns.amount.scale"));
  CHECK(says(refused(R"({"columns": {"amount": {"column": "x", "scale": "2"}}})"), "write a number"));
  CHECK(says(refused(R"({"columns": {"amount": {"constant": "1"}}})"), "columns.amount.constant"));
  CHECK(says(refused(R"({"columns": {"date": {"column": "d", "strip_prefix": "x"}}})"), "only texts are stripped"));
  CHECK(says(refused(R"({"columns": {"kind": {"column": "k", "values": {"V": "sold"}}}})"), "columns.kind.values.V: \"sold\""));
  CHECK(says(refused(R"({"columns": 3})"), "write a table"));
  CHECK(says(refused(R"({"date_format": "%Y"})"), "give year, month and day"));
  CHECK(says(refused(R"({"date_format": "%Q"})"), "the parts are %Y"));
  CHECK(says(refused(R"({"time_zone": "Europe/Berlyn"})"), "time_zone: \"Europe/Berlyn\""));
  CHECK(says(refused(R"({"time_zone": "../../etc/passwd"})"), "time_zone"));
  CHECK(says(refused(R"({"time_zone": "+25:00"})"), "time_zone"));
  CHECK(says(refused(R"({"decimal": ";"})"), "write \".\" or \",\""));
  CHECK(says(refused(R"({"duplicates": "drop"})"), "\"keep\", \"row\" or \"id\""));
  CHECK(says(refused(R"({"table": "responses", "duplicates": "id"})"), "this table has no id"));
  CHECK(says(refused(R"({"cancellation": {"field": "id"}})"), "write a list of conditions"));
  CHECK(says(refused(R"({"cancellation": [{"prefix": "C"}]})"), "cancellation[0]"));
  CHECK(says(refused(R"({"cancellation": [{"field": "id"}]})"), "equals, prefix, suffix, contains or below"));
  CHECK(says(refused(R"({"return": [{"field": "id", "below": 0}]})"), "numbers are told by below"));
  CHECK(says(refused(R"({"test": [{"field": "date", "equals": "x"}]})"), "test[0].field"));
  CHECK(says(refused(R"({"table": "customers", "return": []})"), "only transactions are returned"));
  CHECK(says(refused(R"({"convert": {"to": "EUR"}})"), "give \"to\" and \"rates\""));
  CHECK(says(refused(R"({"convert": {"to": "EUR", "rates": {"GBP": 0}}})"), "convert.rates.GBP"));
  CHECK(says(refused(R"({"severity": {"S201": "fatal"}})"), "severity.S201"));
  CHECK(says(refused(R"({"severity": {"S999": "info"}})"), "S999"));
  CHECK(says(refused("[]"), "write a table of table, name"));
}

TEST_CASE("what is no JSON, or nests without end, is an error") {
  CHECK_THROWS_AS(parse_mapping("{"), error);
  CHECK_THROWS_AS(parse_mapping(""), error);
  CHECK_THROWS_AS(parse_mapping(std::string(10000, '[')), error);
}

TEST_CASE("tables have names") {
  for (const auto kind :
       {record_kind::transactions, record_kind::customers, record_kind::branches, record_kind::responses, record_kind::events})
    CHECK(parse_record_kind(to_string(kind)) == kind);
  CHECK_FALSE(parse_record_kind("campaigns"));
}
