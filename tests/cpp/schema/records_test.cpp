#include "clarion/schema/records.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "record_table.hpp"

using namespace clarion;
using namespace clarion::schema;
using namespace clarion::tests;

namespace {

// Rows of which each field is now and then what it should not be.
named_texts messy(std::size_t rows, unsigned seed) {
  std::mt19937 random(seed);
  const auto pick = [&](std::initializer_list<const char*> usual, std::initializer_list<const char*> odd) {
    const auto& from = random() % 8 == 0 ? odd : usual;
    return std::optional<std::string>(*(from.begin() + static_cast<std::ptrdiff_t>(random() % from.size())));
  };
  named_texts out{{"id", {}}, {"customer", {}}, {"date", {}}, {"amount", {}}, {"quantity", {}}, {"product", {}}, {"kind", {}}};
  for (std::size_t i = 0; i < rows; ++i) {
    out[0].second.push_back(pick({"1", "2", "3", "4", "5", "6", "7"}, {"", "C1", "C9"}));
    out[1].second.push_back(pick({"a", "b", "c"}, {"", "NULL", "t", "\xff"}));
    out[2].second.push_back(pick({"2026-01-02", "2026-02-03 12:00"}, {"", "x", "2099-01-01", "1970-01-01", "0000-00-00"}));
    out[3].second.push_back(pick({"1", "2.5", "1,000.25"}, {"", "-1", "0", "1e12", "1e300", "nan", "EUR 5"}));
    out[4].second.push_back(pick({"1", "2"}, {"-1", "", "z"}));
    out[5].second.push_back(pick({"p", "q"}, {"", "r"}));
    out[6].second.push_back(pick({"sale", ""}, {"return", "cancellation", "gift"}));
  }
  return out;
}

constexpr const char* strict =
    R"({"cancellation": [{"field": "id", "prefix": "C"}], "return": [{"field": "quantity", "below": 0}],
                                   "test": [{"field": "customer", "equals": "t"}]})";

policy today() {
  policy out;
  out.today = core::parse_iso_date("2026-06-01");
  return out;
}

// What a reading says, for comparison.
std::string summary(const record_reading& read) {
  std::string out = std::to_string(read.rows_read) + "|";
  for (std::size_t i = 0; i < read.accepted.rows; ++i) {
    out += std::to_string(read.accepted.source_row(i)) + ":";
    for (const auto& column : read.accepted.columns) {
      if (!column.codes.empty()) out += std::string(column.text(i)) + ",";
      if (!column.numbers.empty()) out += std::to_string(column.numbers[i]) + ",";
      if (!column.days.empty()) out += std::to_string(column.days[i]) + ",";
    }
  }
  for (std::size_t i = 0; i < read.quarantine.size(); ++i)
    out += "|" + std::to_string(read.quarantine.row[i]) + std::string(read.quarantine.reasons[i]);
  for (const auto& [code, n] : read.counts) out += "|" + code + std::to_string(n);
  return out;
}

}  // namespace

TEST_CASE("accepted and quarantined rows are those that were read, whatever the rows") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    const std::size_t rows = seed * 7;
    const auto read = read_table(messy(rows, seed), strict, today());
    INFO(seed);
    CHECK(read.rows_read == rows);
    CHECK(read.accepted.rows + read.quarantine.size() == rows);
    std::set<std::uint64_t> seen(read.quarantine.row.begin(), read.quarantine.row.end());
    for (std::size_t i = 0; i < read.accepted.rows; ++i) CHECK(seen.insert(read.accepted.source_row(i)).second);
    CHECK(seen.size() == rows);
    for (const auto& column : read.accepted.columns) {
      if (!column.codes.empty()) CHECK(column.codes.size() == read.accepted.rows);
      if (!column.numbers.empty()) CHECK(column.numbers.size() == read.accepted.rows);
      if (!column.days.empty()) CHECK(column.days.size() == read.accepted.rows);
    }
    for (const auto amount : read.accepted["amount"].numbers) CHECK(std::isfinite(amount));
  }
}

TEST_CASE("neither threads nor batches nor parts change what is read") {
  const auto rows = messy(500, 3);
  const auto whole = summary(read_table(rows, strict, today()));
  CHECK(summary(read_table(rows, strict, today(), {}, {}, 4)) == whole);
  CHECK(summary(read_table(rows, strict, today(), {}, {}, 2, 7)) == whole);

  for (const std::size_t part : {1u, 13u, 499u, 500u, 1000u}) {
    auto table = table_of(rows, 11);
    auto stream = table.stream();
    record_reader reader(&stream, parse_mapping(strict), today(), {}, {}, {.threads = 1});
    std::string out;
    std::string aside;
    std::uint64_t read = 0;
    while (const auto one = reader.next(part)) {
      CHECK(one->rows_read <= part);
      CHECK(one->accepted.rows + one->quarantine.size() == one->rows_read);
      auto copy = *one;
      copy.counts.clear();
      const auto text = summary(copy);
      const auto bar = text.find('|'), next = text.find('|', bar + 1);
      out += text.substr(bar + 1, next == text.npos ? text.npos : next - bar - 1);
      if (next != text.npos) aside += text.substr(next);
      read += one->rows_read;
    }
    auto end = reader.finish();
    CHECK(end.rows_read == read);
    for (const auto& [code, n] : end.counts) aside += "|" + code + std::to_string(n);
    CHECK(std::to_string(read) + "|" + out + aside == whole);
    CHECK_FALSE(reader.next(5));
  }
}

TEST_CASE("rows of branches, responses and events are judged by their own rules") {
  const auto shops = read_table({{"store", {"1", "2", ""}},
                                 {"opening date", {"2020-01-01", "2020-01-01", ""}},
                                 {"closing date", {"2019-01-01", "2030-01-01", ""}}},
                                R"({"table": "branches"})", today());
  CHECK(count(shops, "S223") == 1);
  CHECK(count(shops, "S034") == 1);
  CHECK(shops.accepted.rows == 1);
  const auto answers = read_table({{"campaign", {"x", "", "x", "x"}},
                                   {"customer", {"a", "a", "", "b"}},
                                   {"contacted", {"2026-01-02", "2026-01-02", "2026-01-02", "2026-01-02 10:00"}},
                                   {"responded", {"2026-01-03", "", "", "2026-01-02 09:59"}}},
                                  R"({"table": "responses"})", today());
  CHECK(answers.accepted.rows == 1);
  for (const auto* code : {"S221", "S201", "S219"}) CHECK(count(answers, code) == 1);
  const auto seen = read_table({{"customer", {"a", "", ""}},
                                {"visitor", {"", "k", ""}},
                                {"timestamp", {"2026-01-02", "2026-01-02", "2026-01-02"}},
                                {"url", {"/", "/", "/"}}},
                               R"({"table": "events"})", today());
  CHECK(seen.accepted.rows == 2);
  CHECK(count(seen, "S222") == 1);
}

TEST_CASE("lines that could not be cut stand among the rows") {
  record_options options;
  options.unreadable = {{2, "a;b", "2 cells"}, {4, "c", "1 cell"}};
  const auto read = read_table({{"id", {"x", "y"}}}, R"({"table": "customers"})", {}, {}, options);
  CHECK(read.rows_read == 4);
  CHECK(read.quarantine.row == std::vector<std::uint64_t>{2, 4});
  CHECK(read.accepted.source_row(1) == 3);
  CHECK(count(read, "S013") == 2);
}

TEST_CASE("a source that lacks a required field, or does not fit its mapping, is refused") {
  CHECK_THROWS_AS(read_table({{"customer", {"a"}}, {"amount", {"1"}}}), error);
  CHECK_THROWS_AS(read_table({{"customer", {"a"}}, {"date", {"2026-01-01"}}}), error);
  CHECK_NOTHROW(read_table({{"customer", {"a"}}, {"date", {"2026-01-01"}}, {"price", {"1"}}}));
  CHECK_THROWS_AS(read_table({{"mood", {"a"}}}, R"({"table": "events"})"), error);
  CHECK_THROWS_AS(read_table({{"id", {"a"}}}, R"({"table": "customers", "columns": {"id": "key"}})"), std::invalid_argument);
  CHECK_THROWS_AS(read_table({{"customer", {"a"}}, {"date", {"2026-01-01"}}, {"amount", {"1"}}}, R"({"duplicates": "id"})"),
                  std::invalid_argument);
  CHECK_THROWS_AS(read_table({{"customer", {"a"}}, {"date", {"2026-01-01"}}, {"amount", {"1"}}}, strict), std::invalid_argument);
  CHECK_THROWS_AS((void)records{}["mood"], std::invalid_argument);
}

TEST_CASE("empty tables, and severities of the mapping and the policy") {
  const named_texts none{{"customer", {}}, {"date", {}}, {"amount", {}}};
  const auto read = read_table(none);
  CHECK(read.rows_read == 0);
  CHECK(count(read, "S302") == 1);
  const named_texts rows{{"customer", {""}}, {"date", {"2026-01-01"}}, {"amount", {"1"}}};
  CHECK(read_table(rows, "{}", today()).accepted.rows == 0);
  CHECK(read_table(rows, R"({"severity": {"S201": "warning"}})", today()).accepted.rows == 1);
  auto rules = today();
  rules.severities["S201"] = severity::error;
  CHECK(read_table(rows, R"({"severity": {"S201": "warning"}})", rules).accepted.rows == 0);
  rules.ignore = {"S2"};
  CHECK(read_table(rows, "{}", rules).accepted.rows == 1);
}

TEST_CASE("findings of one code are listed up to a number and then counted") {
  texts nobody(50, ""), days(50, "2026-01-01"), amounts(50, "1"), ids;
  for (int i = 0; i < 50; ++i) ids.push_back(std::to_string(i));
  record_options options;
  options.most_per_code = 10;
  const auto read =
      read_table({{"id", ids}, {"customer", nobody}, {"date", days}, {"amount", amounts}}, "{}", today(), {}, options);
  CHECK(count(read, "S201") == 50);
  CHECK(std::count_if(read.findings.begin(), read.findings.end(),
                      [](const auto& one) { return one.code == "S201" && one.row; }) == 10);
  CHECK(read.quarantine.size() == 50);
}
