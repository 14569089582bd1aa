#include "clarion/schema/validate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/schema/rules.hpp"
#include "clarion/schema/sample.hpp"

using namespace clarion;
using namespace clarion::schema;

namespace {

date day(const char* text) { return *core::parse_iso_date(text); }

campaign one(std::string id) {
  campaign out;
  out.id = id;
  out.name = "Campaign of " + id;
  out.start = day("2026-03-01");
  out.end = day("2026-03-10");
  out.budget = {1000, "USD"};
  out.channel = "Email";
  out.owner = "Ann";
  return out;
}

policy on(const char* text) {
  policy out;
  out.today = day(text);
  return out;
}

std::vector<finding> judged_by(const std::vector<campaign>& rows, const policy& rules = on("2026-01-01"),
                               const catalog* products = nullptr, const validate_options& options = {}) {
  return validate(make_portfolio(rows), rules, products, options, {.threads = 1});
}

std::map<std::string, int> codes(const std::vector<finding>& findings) {
  std::map<std::string, int> out;
  for (const auto& f : findings) ++out[f.code];
  return out;
}
using found = std::map<std::string, int>;

}  // namespace

TEST_CASE("clean campaigns and the sample are without errors") {
  CHECK(judged_by({one("a"), one("b")}).empty());
  const auto products = sample_catalog();
  for (const auto& f : validate(sample_portfolio(), sample_policy(), &products)) {
    CAPTURE(f.message);
    CHECK(f.code == "S109");
  }
}

TEST_CASE("each rule fires on its own fault and on nothing else") {
  const auto check = [](const char* code, auto spoil, const policy& rules = on("2026-01-01")) {
    CAPTURE(code);
    auto bad = one("b");
    spoil(bad);
    const auto all = judged_by({one("a"), bad, one("c")}, rules);
    CHECK(codes(all) == found{{code, 1}});
    REQUIRE(all.size() == 1);
    CHECK(all[0].row == 2);
    CHECK(all[0].severity == rule_of(code).severity);
    CHECK_FALSE(all[0].message.empty());
    CHECK_FALSE(all[0].why.empty());
    CHECK_FALSE(all[0].suggestion.empty());
  };
  check("S001", [](campaign& c) { c.end = day("2026-02-27"); });
  check("S002", [](campaign& c) { c.id.clear(); });
  check("S003", [](campaign& c) { c.name.clear(); });
  check("S005", [](campaign& c) { c.budget.amount = missing; });
  check("S006", [](campaign& c) { c.channel.clear(); });
  check("S007", [](campaign& c) { c.owner.clear(); });
  check("S014", [](campaign& c) { c.channel = "Emial"; });
  check("S015", [](campaign& c) { c.budget.amount = -1; });
  check("S016", [](campaign& c) { c.budget.amount = 0; });
  check("S017", [](campaign& c) { c.start = c.end = day("2206-03-01"); });
  check("S017", [](campaign& c) { c.start = c.end = day("1926-03-01"); });
  check("S017", [](campaign& c) { c.end = day("9999-12-31"); });
  check("S018", [](campaign& c) { c.end = day("2027-03-02"); });
  check("S019", [](campaign& c) { c.name = "campaign of a (2)"; });
  check("S023", [](campaign& c) { c.actuals.spend = 5; });
  check("S024", [](campaign& c) {
    c.targets = {{"roas", true, 3}};
    c.approved_hash = criteria_hash({{"roas", true, 4}});
  });
  check("S025", [](campaign& c) { c.status = status::approved; });
  check("S026", [](campaign& c) {
    c.status = status::approved;
    c.targets = {{"roas", true, 3}};
  });
  const auto later = on("2026-06-01");
  check(
      "S027", [](campaign& c) { c.actuals.clicks = 5, c.actuals.impressions = 4; }, later);
  check(
      "S027", [](campaign& c) { c.actuals.new_customers = 5, c.actuals.conversions = 4; }, later);
  check(
      "S027", [](campaign& c) { c.actuals.returns = 5, c.actuals.conversions = 4; }, later);
  check(
      "S028", [](campaign& c) { c.actuals.clicks = -1; }, later);
  check(
      "S029", [](campaign& c) { c.status = status::finished; }, later);
  check(
      "S030", [](campaign& c) { c.actuals.spend = 1011; }, later);
  check("S031", [](campaign& c) { c.touches_per_week = 3, c.frequency_cap = 2; });
  check("S032", [](campaign& c) { c.earliest_start = day("2026-03-02"); });
  check("S032", [](campaign& c) { c.latest_end = day("2026-03-09"); });
  check(
      "S033", [](campaign& c) { c.status = status::finished, c.actuals.spend = 1; }, on("2026-03-05"));
}

TEST_CASE("amounts of several currencies are one finding for the portfolio") {
  auto other = one("b");
  other.budget.currency = "EUR";
  const auto all = judged_by({one("a"), other, one("c")});
  CHECK(codes(all) == found{{"S108", 1}});
  CHECK_FALSE(all[0].row.has_value());
  CHECK(all[0].message == "Budgets are in 2 currencies: 1,000 EUR in 1 campaign, $2,000 in 2 campaigns.");
}

TEST_CASE("what lies just inside a limit is silent") {
  const auto silent = [](auto change, const policy& rules = on("2026-01-01")) {
    auto other = one("b");
    change(other);
    CHECK(judged_by({one("a"), other}, rules).empty());
  };
  silent([](campaign& c) { c.end = c.start; });
  silent([](campaign& c) { c.end = c.start + std::chrono::days{365}; });
  silent([](campaign& c) { c.budget.amount = 0.01; });
  silent([](campaign& c) { c.touches_per_week = c.frequency_cap = 2; });
  silent([](campaign& c) { c.actuals.spend = 1010; }, on("2026-06-01"));
  silent([](campaign& c) { c.start = day("2016-03-01"), c.end = day("2016-03-05"); });
  silent([](campaign& c) { c.name = "Campaign of a", c.start = day("2026-03-11"), c.end = day("2026-03-12"); });
  silent([](campaign& c) { c.name = "Campaign of a", c.channel = "SMS"; });
  silent([](campaign& c) {
    c.targets = {{"cpa", false, 2}, {"roas", true, 3}};
    c.status = status::approved;
    c.approved_hash = criteria_hash({{"roas", true, 3}, {"cpa", false, 2}});
  });
}

TEST_CASE("duplicates name the first row, and unknown channels the nearest name") {
  const auto all = judged_by({one("a"), one("b"), one("a"), one("a")});
  CHECK(codes(all) == found{{"S008", 2}});
  CHECK(all[0].row == 3);
  CHECK(all[0].message.find("row 1") != std::string::npos);
  auto bad = one("b");
  bad.channel = "Emial";
  const auto channel = judged_by({one("a"), bad});
  CHECK(channel[0].message.find("did you mean \"Email\"?") != std::string::npos);
  auto team = on("2026-01-01");
  team.channels.push_back({.name = "Emial", .capacity = 1});
  CHECK(judged_by({one("a"), bad}, team).empty());
}

TEST_CASE("a required field that nobody has is one warning") {
  std::vector<campaign> rows{one("a"), one("b"), one("c")};
  for (auto& row : rows) {
    row.owner.clear();
    row.budget.amount = missing;
  }
  const auto all = judged_by(rows);
  CHECK(codes(all) == found{{"S102", 1}});
  CHECK(all[0].severity == severity::warning);
  CHECK(all[0].message.find("budget, owner") != std::string::npos);
  CHECK_FALSE(all[0].row.has_value());
  CHECK(codes(judged_by({})) == found{{"S110", 1}});
}

TEST_CASE("re-runs are known by their base name") {
  const auto clashes = [](const char* a, const char* b) {
    auto x = one("a"), y = one("b");
    x.name = a;
    y.name = b;
    return codes(judged_by({x, y})) == found{{"S019", 1}};
  };
  CHECK(clashes("Spring Sale", "SPRING  sale"));
  CHECK(clashes("Spring Sale", "Spring Sale 2"));
  CHECK(clashes("Spring Sale", "Spring-Sale (re-run)"));
  CHECK(clashes("Spring Sale v1", "Spring Sale v2"));
  CHECK(clashes("Spring Sale 2025", "Spring Sale 2026"));
  CHECK_FALSE(clashes("Spring Sale", "Summer Sale"));
  CHECK_FALSE(clashes("Spring Sale Email", "Spring Sale SMS"));
  CHECK(clashes("2025", "2025"));
  CHECK_FALSE(clashes("2025", "2026"));
}

TEST_CASE("tags follow the standard, and a wrong standard is an argument error") {
  auto row = one("a");
  row.tags = {"q1_email", "Q1 Email", std::string(100000, 'x')};
  auto rules = on("2026-01-01");
  CHECK(judged_by({row}, rules).empty());
  rules.tag_pattern = "[a-z0-9]+(_[a-z0-9]+)*";
  const auto all = judged_by({row}, rules);
  CHECK(codes(all) == found{{"S020", 1}});
  CHECK(all[0].value == "Q1 Email");
  row.tags = {std::string(100000, 'x')};
  CHECK(codes(judged_by({row}, rules)) == found{{"S020", 1}});
  rules.tag_pattern = "([a-z";
  CHECK_THROWS_WITH_AS(judged_by({row}, rules), doctest::Contains("tag_pattern"), std::invalid_argument);
}

TEST_CASE("a campaign may not precede its product's launch") {
  const catalog products{{{.id = "p1", .name = "Lamp", .launch = day("2026-03-02")}, {.id = "p2", .name = "Bulb"}}};
  auto row = one("a");
  row.products = {"p2", "p1"};
  const auto all = judged_by({row}, on("2026-01-01"), &products);
  CHECK(codes(all) == found{{"S021", 1}});
  CHECK(all[0].value == "p1");
  row.products = {"Lamp"};
  CHECK(codes(judged_by({row}, on("2026-01-01"), &products)) == found{{"S021", 1}});
  row.start = day("2026-03-02");
  CHECK(judged_by({row}, on("2026-01-01"), &products).empty());
  CHECK(judged_by({row}).empty());
}

TEST_CASE("groups are set before the start, where groups are used") {
  auto a = one("a"), b = one("b");
  a.group = "A";
  CHECK(codes(judged_by({a, b}, on("2026-03-01"))) == found{{"S022", 1}});
  CHECK(judged_by({a, b}, on("2026-02-28")).empty());
  CHECK(judged_by({a, b}, on("2026-03-11")).empty());
  a.group.clear();
  CHECK(judged_by({a, b}, on("2026-03-01")).empty());
}

TEST_CASE("groups that differ in objective are confounded, balanced ones are not") {
  std::vector<campaign> rows;
  const auto add = [&](const char* group, objective what) {
    auto row = one("c" + std::to_string(rows.size()));
    row.group = group;
    row.objective = what;
    rows.push_back(row);
  };
  for (int i = 0; i < 3; ++i) add("A", objective::acquisition);
  for (int i = 0; i < 2; ++i) add("B", objective::revenue);
  add("B", objective::retention);
  const auto all = judged_by(rows);
  CHECK(codes(all) == found{{"S109", 1}});
  CHECK(std::get<double>(*all[0].find("cramers_v")) == doctest::Approx(1.0));
  CHECK(all[0].message.find("group A has 3 acquisition; group B has 2 revenue, 1 retention") != std::string::npos);
  CHECK(all[0].campaigns.empty());
  add("A", objective::revenue);
  add("A", objective::revenue);
  add("B", objective::acquisition);
  CHECK(judged_by(rows).empty());
}

TEST_CASE("history asks for results and not for owners") {
  auto row = one("a");
  row.owner.clear();
  row.name.clear();
  row.budget.amount = missing;
  CHECK(codes(judged_by({row}, on("2027-01-01"), nullptr, {.history = true})) == found{{"S029", 1}});
}
