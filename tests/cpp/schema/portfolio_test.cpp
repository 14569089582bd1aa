#include "clarion/schema/portfolio.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

namespace schema = clarion::schema;
using clarion::core::from_day_number;

namespace {

schema::campaign full(int n) {
  schema::campaign c;
  c.id = "c" + std::to_string(n);
  c.name = "Campaign \"" + std::to_string(n) + "\", émigré";
  c.start = from_day_number(20'000 + n);
  c.end = from_day_number(20'030 + n);
  c.budget = {1000.5 * n, "EUR"};
  c.channel = n % 2 ? "Email" : "SMS";
  c.audience = {"vip", "segment" + std::to_string(n)};
  c.products = {"p1", "p1", "p" + std::to_string(n)};
  c.owner = "Ana";
  c.group = n % 2 ? "A" : "B";
  c.objective = schema::objective::revenue;
  c.region = "north";
  c.status = schema::status::approved;
  c.approver = "Bo";
  c.channel_manager = "Cy";
  c.touches_per_week = 1.5;
  c.frequency_cap = 3;
  c.tags = {"2026-q4"};
  c.earliest_start = from_day_number(19'990);
  c.latest_end = from_day_number(20'100);
  c.fixed_dates = true;
  c.targets = {{"roas", true, 3}, {"cpa", false, 12.5}};
  c.approved_on = from_day_number(19'900);
  c.approved_hash = schema::criteria_hash(c.targets);
  c.actuals = {1, 2, 3, 4, 5, 6, 7};
  return c;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void check_same(const schema::campaign& a, const schema::campaign& b) {
  CHECK(a.id == b.id);
  CHECK(a.name == b.name);
  CHECK(a.start == b.start);
  CHECK(a.end == b.end);
  CHECK(same(a.budget.amount, b.budget.amount));
  CHECK(a.budget.currency == b.budget.currency);
  CHECK(a.channel == b.channel);
  CHECK(a.audience == b.audience);
  CHECK(a.products == b.products);
  CHECK(a.owner == b.owner);
  CHECK(a.group == b.group);
  CHECK(a.objective == b.objective);
  CHECK(a.region == b.region);
  CHECK(a.status == b.status);
  CHECK(a.approver == b.approver);
  CHECK(a.channel_manager == b.channel_manager);
  CHECK(same(a.touches_per_week, b.touches_per_week));
  CHECK(same(a.frequency_cap, b.frequency_cap));
  CHECK(a.tags == b.tags);
  CHECK(a.earliest_start == b.earliest_start);
  CHECK(a.latest_end == b.latest_end);
  CHECK(a.fixed_dates == b.fixed_dates);
  REQUIRE(a.targets.size() == b.targets.size());
  for (std::size_t i = 0; i < a.targets.size(); ++i) CHECK(schema::to_string(a.targets[i]) == schema::to_string(b.targets[i]));
  CHECK(a.approved_on == b.approved_on);
  CHECK(a.approved_hash == b.approved_hash);
  CHECK(same(a.actuals.spend, b.actuals.spend));
  CHECK(same(a.actuals.impressions, b.actuals.impressions));
  CHECK(same(a.actuals.clicks, b.actuals.clicks));
  CHECK(same(a.actuals.conversions, b.actuals.conversions));
  CHECK(same(a.actuals.revenue, b.actuals.revenue));
  CHECK(same(a.actuals.new_customers, b.actuals.new_customers));
  CHECK(same(a.actuals.returns, b.actuals.returns));
}

}  // namespace

TEST_CASE("a campaign comes out as it went in") {
  std::vector<schema::campaign> rows{full(1), schema::campaign{}, full(2)};
  const auto portfolio = schema::make_portfolio(rows);
  REQUIRE(portfolio.size() == 3);
  for (std::size_t i = 0; i < rows.size(); ++i) check_same(portfolio[i], rows[i]);
}

TEST_CASE("taking rows keeps their order, repeats and everything in them") {
  auto portfolio = schema::make_portfolio({full(1), full(2), full(3)});
  portfolio.source_row = {10, 20, 30};
  clarion::core::text_column notes;
  for (const auto* note : {"first", "second", "third"}) notes.push_back(note);
  portfolio.extras.emplace_back("Notes", notes);

  const std::vector<std::uint64_t> rows{2, 0, 2};
  const auto taken = portfolio.take(rows);
  REQUIRE(taken.size() == 3);
  for (std::size_t i = 0; i < rows.size(); ++i) check_same(taken[i], portfolio[rows[i]]);
  CHECK(taken.source_row == std::vector<std::uint64_t>{30, 10, 30});
  REQUIRE(taken.extras.size() == 1);
  CHECK(taken.extras[0].first == "Notes");
  CHECK(taken.extras[0].second[1] == "first");
  CHECK(portfolio.take({}).empty());
}

TEST_CASE("a row added later leaves the extra columns as long as the rest") {
  auto portfolio = schema::make_portfolio({full(1)});
  clarion::core::text_column notes;
  notes.push_back("first");
  portfolio.extras.emplace_back("Notes", notes);
  portfolio.source_row = {1};
  portfolio.push_back(full(2));
  CHECK(portfolio.extras[0].second.size() == 2);
  CHECK(portfolio.extras[0].second[1].empty());
  CHECK(portfolio.source_row.size() == 2);
}

TEST_CASE("a campaign is found by its id, the first where ids repeat") {
  const auto portfolio = schema::make_portfolio({full(1), full(2), full(2)});
  CHECK(portfolio.find("c2") == 1u);
  CHECK_FALSE(portfolio.find("c9").has_value());
  CHECK_FALSE(schema::portfolio{}.find("").has_value());
}

TEST_CASE("actuals are there when one number is") {
  auto planned = full(1);
  planned.actuals = {};
  CHECK_FALSE(schema::make_portfolio({planned}).has_actuals());
  planned.actuals.clicks = 0;
  CHECK(schema::make_portfolio({planned}).has_actuals());
  CHECK_FALSE(schema::portfolio{}.has_actuals());
}

TEST_CASE("days count both ends, a budget that is not known is nothing, and most campaigns decide the currency") {
  auto odd = full(1), unpriced = full(2);
  odd.end = odd.start;
  odd.budget.currency = "USD";
  unpriced.budget.amount = schema::missing;
  const auto portfolio = schema::make_portfolio({odd, unpriced, full(3)});
  CHECK(portfolio.days(0) == 1);
  CHECK(portfolio.days(1) == 31);
  CHECK(portfolio.known_budget(0) == 1000.5);
  CHECK(portfolio.known_budget(1) == 0);
  CHECK(portfolio.main_currency() == "EUR");
  CHECK(schema::portfolio{}.main_currency().empty());
  CHECK(portfolio.budgets_in("EUR") == std::vector<double>{0, 0, 3001.5});
  CHECK(portfolio.budgets_in("USD") == std::vector<double>{1000.5, 0, 0});
}

TEST_CASE("campaigns without a budget do not decide the currency, unless none has one") {
  auto priced = full(1), blank = full(2), other = full(3);
  blank.budget = {schema::missing, "USD"};
  other.budget = {schema::missing, "USD"};
  CHECK(schema::make_portfolio({priced, blank, other}).main_currency() == "EUR");
  CHECK(schema::make_portfolio({blank, other}).main_currency() == "USD");
  priced.budget.currency.clear();
  CHECK(schema::make_portfolio({priced}).budgets_in("EUR") == std::vector<double>{1000.5});
}
