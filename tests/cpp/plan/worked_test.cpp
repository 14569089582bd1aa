#include "clarion/plan/worked.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

#include "clarion/core/random.hpp"
#include "clarion/schema/simulate_portfolio.hpp"

using namespace clarion;
using doctest::Approx;
using plan::verdict;

namespace {

std::map<std::string, plan::worked_row> by_id(const plan::worked_result& result) {
  std::map<std::string, plan::worked_row> out;
  for (const auto& row : result.rows) out[row.campaign] = row;
  return out;
}

}  // namespace

TEST_CASE("in the simulated world exactly the planted performers stand out") {
  const auto history = schema::simulate_history();
  const auto result = plan::which_worked(history);
  REQUIRE(result.rows.size() == history.size());
  std::map<std::string, double> planted;
  for (const auto& p : schema::planted_history().performers) planted[p.campaign] = p.factor;
  for (const auto& row : result.rows) {
    INFO(row.campaign, " index ", row.index, " actual / expected ", row.actual / row.expected, " probability ", row.probability);
    const auto found = planted.find(row.campaign);
    if (found == planted.end()) {
      CHECK(row.verdict == verdict::cannot_tell);
    } else {
      CHECK(row.verdict == (found->second > 1 ? verdict::worked : verdict::did_not));
      // The planted factor within a quarter: noise of 10% on the campaign and on its few peers.
      CHECK(std::abs(std::log(row.index / found->second)) < 0.25);
    }
  }
}

TEST_CASE("rows are ranked by shrunken outcome per money within an outcome") {
  const auto result = plan::which_worked(schema::simulate_history());
  for (std::size_t i = 1; i < result.rows.size(); ++i) {
    const auto &a = result.rows[i - 1], &b = result.rows[i];
    if (a.outcome == b.outcome) CHECK(a.shrunken_per_money >= b.shrunken_per_money);
    CHECK(b.low <= b.shrunken_per_money);
    CHECK(b.shrunken_per_money <= b.high);
  }
  REQUIRE(!result.findings.empty());
  CHECK(result.findings.back().code == "P113");
  for (const auto& finding : result.findings) {
    CHECK(!finding.evidence.empty());
    CHECK(!finding.why.empty());
    CHECK(!finding.suggestion.empty());
  }
}

TEST_CASE("a window judges its campaigns, with all of history as the yardstick") {
  const auto history = schema::simulate_history();
  const auto all = by_id(plan::which_worked(history));
  const auto year = plan::which_worked(history, nullptr,
                                       {.from = *core::parse_iso_date("2025-08-01"), .to = *core::parse_iso_date("2026-07-31")});
  CHECK(year.rows.size() < history.size());
  for (const auto& row : year.rows) CHECK(row.expected == all.at(row.campaign).expected);
}

TEST_CASE("a campaign's own criterion comes first") {
  auto history = schema::simulate_history();
  auto first = history[0];
  schema::portfolio changed;
  for (std::size_t row = 0; row < history.size(); ++row) {
    auto campaign = history[row];
    campaign.objective = schema::objective::revenue;
    if (row == 0) campaign.targets = {{"roas", true, 0.7 * campaign.actuals.revenue / campaign.actuals.spend}};
    if (row == 1) campaign.targets = {{"unsubscribe_rate", false, 0.01}, {"Revenue", true, 3 * campaign.actuals.revenue}};
    changed.push_back(campaign);
  }
  const auto rows = by_id(plan::which_worked(changed));
  CHECK(rows.at(history[0].id).verdict == verdict::worked);
  CHECK(rows.at(history[0].id).basis.starts_with("target roas >= "));
  CHECK(rows.at(history[1].id).verdict == verdict::did_not);
  CHECK(rows.at(history[2].id).basis == "campaigns of its kind");
}

TEST_CASE("history without outcomes, without rows, with one row, with NaN and zeros") {
  const auto none = plan::which_worked({});
  CHECK(none.rows.empty());
  REQUIRE(none.missing.size() == 1);
  CHECK(!none.missing[0].supply.empty());

  schema::campaign row;
  row.id = "only";
  row.channel = "Email";
  row.budget.amount = 100;
  row.actuals.spend = 100;
  row.actuals.revenue = 300;
  const auto one = plan::which_worked(schema::make_portfolio({row}));
  REQUIRE(one.rows.size() == 1);
  CHECK(one.rows[0].verdict == verdict::cannot_tell);
  CHECK(one.rows[0].per_money == 3);
  CHECK(std::isnan(one.rows[0].index));
  CHECK(one.missing.size() == 1);

  std::vector<schema::campaign> rows(30, row);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].id = "c" + std::to_string(i);
    if (i % 10 == 3) rows[i].actuals.revenue = schema::missing;
    if (i % 10 == 4) rows[i].actuals.spend = rows[i].budget.amount = 0;
    if (i % 10 == 5) rows[i].actuals.revenue = 0;
  }
  const auto mixed = plan::which_worked(schema::make_portfolio(rows));
  CHECK(mixed.rows.size() == 30);
  const auto of = by_id(mixed);
  CHECK(std::isnan(of.at("c3").index));
  CHECK(std::isnan(of.at("c4").per_money));
  CHECK(of.at("c5").verdict == verdict::did_not);
  CHECK(of.at("c0").verdict == verdict::cannot_tell);
  CHECK(of.at("c0").expected == Approx(300).epsilon(0.05));
}

TEST_CASE("all equal campaigns cannot be told apart; bad windows are refused") {
  std::vector<schema::campaign> rows(20);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].id = std::to_string(i);
    rows[i].channel = "SMS";
    rows[i].actuals.spend = 50;
    rows[i].actuals.revenue = 200;
  }
  for (const auto& row : plan::which_worked(schema::make_portfolio(rows)).rows) {
    CHECK(row.verdict == verdict::cannot_tell);
    CHECK(row.index == Approx(1));
  }
  CHECK_THROWS_AS(plan::which_worked({}, nullptr, {.from = core::from_day_number(2), .to = core::from_day_number(1)}),
                  std::invalid_argument);
}

TEST_CASE("any number of threads gives the same bits") {
  const auto history = schema::simulate_portfolio({.campaigns = 300, .actuals = true});
  const auto one = plan::which_worked(history, nullptr, {}, {.threads = 1});
  const auto many = plan::which_worked(history, nullptr, {}, {.threads = 4});
  REQUIRE(one.rows.size() == many.rows.size());
  for (std::size_t i = 0; i < one.rows.size(); ++i) {
    CHECK(one.rows[i].campaign == many.rows[i].campaign);
    CHECK(one.rows[i].index == many.rows[i].index);
  }
}
