#include "clarion/schema/audit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

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

record_reading sales(std::size_t rows, double step, const std::string& channel, const std::string& extra = "note") {
  texts customers, days, amounts, channels, notes;
  for (std::size_t i = 0; i < rows; ++i) {
    customers.push_back("c" + std::to_string(i));
    days.push_back("2026-01-" + std::string(i % 28 < 9 ? "0" : "") + std::to_string(i % 28 + 1));
    amounts.push_back(std::to_string(1 + step * static_cast<double>(i)));
    channels.push_back(i % 2 == 0 ? "web" : channel);
    notes.push_back("x");
  }
  return read_table({{"customer", customers}, {"date", days}, {"amount", amounts}, {"channel", channels}, {extra, notes}}, "{}",
                    on("2026-02-01"));
}

std::size_t found(const audit_report& report, const std::string& code) {
  return static_cast<std::size_t>(
      std::count_if(report.findings.begin(), report.findings.end(), [&](const auto& one) { return one.code == code; }));
}

const field_audit& of(const audit_report& report, const std::string& name) {
  return *std::find_if(report.fields.begin(), report.fields.end(), [&](const auto& one) { return one.field == name; });
}

}  // namespace

TEST_CASE("an audit of one table tells what it holds") {
  const auto now = sales(100, 1, "store");
  const auto report = audit(now, nullptr, *core::parse_iso_date("2026-01-30"));
  CHECK(report.rows_read == 100);
  CHECK(report.days_since_last == 2);
  CHECK(of(report, "amount").median == 51);
  CHECK(of(report, "channel").distinct == 2);
  CHECK(of(report, "date").complete == 1);
  CHECK(std::isnan(of(report, "amount").psi));
  CHECK(report.findings.empty());
  CHECK(found(audit(now, nullptr, *core::parse_iso_date("2026-06-30")), "S402") == 1);
}

TEST_CASE("the same cycle twice has not moved, another has") {
  const auto before = sales(1000, 1, "store");
  const auto same = audit(before, &before, *core::parse_iso_date("2026-01-30"));
  CHECK(of(same, "amount").psi == 0);
  CHECK(of(same, "amount").ks == 0);
  CHECK(of(same, "amount").ks_p == 1);
  CHECK(same.findings.empty());

  const auto now = sales(500, 10, "phone", "remark");
  const auto moved = audit(now, &before, *core::parse_iso_date("2026-01-30"));
  // Half of the new amounts lie within the old ones' first tenth of their range: by hand, the distance is 0.8 at 1,000.
  CHECK(of(moved, "amount").ks == doctest::Approx(0.8).epsilon(0.01));
  CHECK(of(moved, "amount").ks_p < 1e-12);
  CHECK(of(moved, "channel").added == std::vector<std::string>{"phone"});
  CHECK(of(moved, "channel").vanished == std::vector<std::string>{"store"});
  for (const auto* code : {"S407", "S408", "S410", "S411"}) CHECK(found(moved, code) == 1);
  CHECK(found(moved, "S409") == 2);
}

TEST_CASE("PSI is the sum of differences times log ratios") {
  const auto make = [](std::size_t a, std::size_t b) {
    texts ids, regions;
    for (std::size_t i = 0; i < a + b; ++i) {
      ids.push_back(std::to_string(i));
      regions.push_back(i < a ? "north" : "south");
    }
    return read_table({{"id", ids}, {"region", regions}}, R"({"table": "customers"})");
  };
  const auto before = make(50, 50), now = make(80, 20);
  const double wanted = 0.3 * std::log(0.8 / 0.5) - 0.3 * std::log(0.2 / 0.5);
  CHECK(of(audit(now, &before), "region").psi == doctest::Approx(wanted).epsilon(1e-12));
}

TEST_CASE("fields that went, ids of another type, and tables of another kind") {
  const auto before = read_table({{"id", {"1", "2"}}, {"region", {"n", "s"}}}, R"({"table": "customers"})");
  arrow_table table({{fixed_column<std::int64_t>("id", "l", {1, 2})}});
  auto stream = table.stream();
  const auto now = read_records(&stream, parse_mapping(R"({"table": "customers"})"));
  const auto report = audit(now, &before);
  CHECK(found(report, "S405") == 1);
  CHECK(found(report, "S406") == 1);
  CHECK(report.findings.front().severity == severity::error);
  const auto other = sales(3, 1, "x");
  CHECK_THROWS_AS(audit(now, &other), std::invalid_argument);
  CHECK_THROWS_AS(audit(now, nullptr, {}, {.complete = 2}), std::invalid_argument);
  CHECK(audit(record_reading{}).fields.empty());
}

TEST_CASE("refused and repeated rows, and fields that are often empty") {
  texts customers(20, "a"), days(20, "2026-01-01"), amounts(20, "1"), channels(20, "");
  channels[0] = "web";
  customers[1] = "";
  const auto report = audit(
      read_table({{"customer", customers}, {"date", days}, {"amount", amounts}, {"channel", channels}}, "{}", on("2026-02-01")),
      nullptr, *core::parse_iso_date("2026-01-05"));
  CHECK(report.repeated == 17);
  for (const auto* code : {"S401", "S403", "S404"}) CHECK(found(report, code) == 1);
}
