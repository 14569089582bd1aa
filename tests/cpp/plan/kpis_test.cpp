#include "clarion/plan/kpis.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "clarion/schema/sample.hpp"
#include "clarion/schema/simulate_portfolio.hpp"
#include "clarion/stats/quantile.hpp"

using namespace clarion;
using doctest::Approx;
using plan::kpi_role;

namespace {

std::map<std::string, plan::kpi_row> rows_of(const plan::kpis_result& result, std::string_view campaign) {
  std::map<std::string, plan::kpi_row> out;
  for (const auto& row : result.table)
    if (row.campaign == campaign) out[row.kpi] = row;
  return out;
}

schema::campaign finished(int i, double spend, double revenue) {
  schema::campaign row;
  row.id = "h" + std::to_string(i);
  row.channel = "Email";
  row.objective = schema::objective::revenue;
  row.status = schema::status::finished;
  row.start = *core::parse_iso_date("2025-03-01");
  row.end = *core::parse_iso_date("2025-03-10");
  row.budget.amount = spend;
  row.actuals = {.spend = spend, .impressions = 1000, .clicks = 100, .conversions = 20, .revenue = revenue};
  return row;
}

}  // namespace

TEST_CASE("the sample: each campaign has a framework that fits its intent") {
  const auto catalog = schema::sample_catalog();
  const auto result = plan::kpis(schema::sample_portfolio(), schema::simulate_history(), &catalog);
  const auto webinar = rows_of(result, "CMP-02"), flash = rows_of(result, "CMP-11"), friday = rows_of(result, "CMP-08");
  CHECK(webinar.at("cost_per_lead").role == kpi_role::primary);
  CHECK(webinar.at("attendance").role == kpi_role::secondary);
  CHECK(flash.at("sell_through").role == kpi_role::primary);
  CHECK(flash.at("unsubscribe_rate").role == kpi_role::guardrail);
  for (const auto& [id, row] : webinar)
    if (row.role == kpi_role::primary) CHECK_FALSE((flash.contains(id) && flash.at(id).role == kpi_role::primary));

  // Its own criteria were frozen; the baseline comes from history.
  CHECK(friday.at("roas").target == 4.5);
  CHECK(friday.at("roas").target_basis.find("frozen on 2026-07-27") != std::string::npos);
  CHECK(friday.at("roas").baseline > 0);
  CHECK(friday.at("roas").baseline_low <= friday.at("roas").baseline);
  CHECK(friday.at("roas").baseline <= friday.at("roas").baseline_high);
  CHECK(friday.at("roas").warning <= friday.at("roas").target);
  CHECK(friday.at("unsubscribe_rate").target == 0.004);
  CHECK(std::isnan(friday.at("unsubscribe_rate").baseline));
  CHECK(friday.at("unsubscribe_rate").basis.starts_with("no baseline: record"));

  const auto planned = schema::sample_portfolio();
  std::size_t at = 0;
  for (const auto& row : result.table) {
    INFO(row.campaign, " ", row.kpi);
    while (at < planned.size() && planned.id[at] != row.campaign) ++at;
    REQUIRE(at < planned.size());
    REQUIRE(row.check_on);
    CHECK(*row.check_on >= planned.start[at]);
    CHECK(!row.formula.empty());
    CHECK(!row.basis.empty());
    CHECK(std::isnan(row.baseline) == (row.rows == 0));
    if (row.rows) CHECK(row.rows >= 5);
  }
  std::set<std::string> framed;
  for (const auto& finding : result.findings) {
    CHECK(!finding.evidence.empty());
    CHECK(!finding.why.empty());
    CHECK(!finding.suggestion.empty());
    CHECK(finding.message.find("nan") == std::string::npos);
    if (finding.code == "P201") framed.insert(finding.campaigns.front());
  }
  CHECK(framed.size() == planned.size());
  // History has no messages, stock or hold-outs: these are listed with what to record.
  std::set<std::string> lacking;
  for (const auto& finding : result.findings)
    if (finding.code == "P202") lacking.insert(std::get<std::string>(*finding.find("kpi")));
  for (const auto* id : {"iroas", "attendance", "sell_through", "unsubscribe_rate", "repeat_rate", "nps"})
    CHECK(lacking.contains(id));
  CHECK_FALSE(lacking.contains("roas"));
  CHECK(result.missing.size() == lacking.size());
}

TEST_CASE("a baseline is the quantile of the campaigns it names") {
  std::vector<schema::campaign> rows;
  std::vector<double> roas;
  for (int i = 0; i < 9; ++i) {
    rows.push_back(finished(i, 1000, 1000.0 * (i + 1)));
    roas.push_back(i + 1);
  }
  rows.push_back(finished(20, 1000, 99000));
  rows.back().channel = "SMS";
  rows.push_back(finished(21, 1000, 99000));
  rows.back().status = schema::status::cancelled;
  auto planned = finished(100, 1000, 0);
  planned.status = schema::status::planned;
  planned.actuals = {};
  const auto row = rows_of(plan::kpis(schema::make_portfolio({planned}), schema::make_portfolio(rows)), "h100").at("roas");
  // Equal similarity: plain quantiles.
  CHECK(row.rows == 9);
  CHECK(row.baseline == Approx(5));
  CHECK(row.baseline_low == Approx(3));
  CHECK(row.target == Approx(stats::quantile(roas, 0.6)));
  CHECK(row.warning == Approx(3));
  CHECK(row.basis.find("9 finished Email campaigns for revenue") != std::string::npos);
}

TEST_CASE("too few of the same kind: the objective alone, then the channel alone, then none") {
  std::vector<schema::campaign> rows;
  for (int i = 0; i < 6; ++i) rows.push_back(finished(i, 1000, 3000));
  auto planned = finished(100, 1000, 0);
  planned.status = schema::status::planned;
  planned.channel = "Podcast";
  const auto history = schema::make_portfolio(rows);
  CHECK(rows_of(plan::kpis(schema::make_portfolio({planned}), history), "h100").at("roas").basis.find("on any channel") !=
        std::string::npos);
  planned.channel = "Email";
  planned.objective = schema::objective::clearance;
  CHECK(rows_of(plan::kpis(schema::make_portfolio({planned}), history), "h100").at("roas").basis.find("for any objective") !=
        std::string::npos);
  planned.channel = "Podcast";
  CHECK(std::isnan(rows_of(plan::kpis(schema::make_portfolio({planned}), history), "h100").at("roas").baseline));
}

TEST_CASE("totals are scaled to the budget and warned of in proportion to the run") {
  std::vector<schema::campaign> rows;
  for (int i = 0; i < 6; ++i) rows.push_back(finished(i, 1000, 3000));
  auto planned = finished(100, 4000, 0);
  planned.status = schema::status::planned;
  planned.actuals = {};
  const auto of = rows_of(plan::kpis(schema::make_portfolio({planned}), schema::make_portfolio(rows)), "h100");
  CHECK(of.at("revenue").baseline == Approx(12000));
  const auto days = (*of.at("revenue").check_on - planned.start).count() + 1;
  CHECK(of.at("revenue").warning == Approx(12000 * static_cast<double>(days) / 10));
  // 80 conversions are usual: 30 are due on the fourth of ten days.
  CHECK(days == 4);
  CHECK(*of.at("return_rate").check_on == planned.end + std::chrono::days{14});
}

TEST_CASE("targets out of line, on unknown KPIs, and campaigns without objective") {
  std::vector<schema::campaign> rows;
  for (int i = 0; i < 10; ++i) rows.push_back(finished(i, 1000, 2000 + 100.0 * i));
  auto hard = finished(100, 1000, 0), easy = hard, odd = hard, plain = hard;
  hard.targets = {{"ROAS", true, 6}};
  easy.id = "easy";
  easy.targets = {{"roas", true, 0.5}};
  odd.id = "odd";
  odd.targets = {{"open_rat", true, 0.5}};
  plain.id = "plain";
  plain.objective = schema::objective::unspecified;
  std::vector<schema::campaign> all = {hard, easy, odd, plain};
  for (auto& c : all) c.status = schema::status::planned, c.actuals = {};
  const auto result = plan::kpis(schema::make_portfolio(all), schema::make_portfolio(rows));
  std::map<std::string, std::string> seen;
  for (const auto& finding : result.findings) {
    if (finding.code == "P203" || finding.code == "P204" || finding.code == "P205" || finding.code == "P206")
      seen[finding.campaigns.front()] += finding.code;
    if (finding.code == "P206") CHECK(finding.suggestion == "Did you mean open_rate?");
  }
  CHECK(seen == std::map<std::string, std::string>{{"h100", "P203"}, {"easy", "P204"}, {"odd", "P206"}, {"plain", "P205"}});
}

TEST_CASE("further columns of history feed KPIs") {
  std::vector<schema::campaign> rows;
  for (int i = 0; i < 6; ++i) rows.push_back(finished(i, 1000, 3000));
  auto history = schema::make_portfolio(rows);
  core::text_column opens, delivered;
  for (int i = 0; i < 6; ++i) opens.push_back(i == 5 ? "many" : "25"), delivered.push_back("100");
  history.extras = {{"Opens", opens}, {"delivered", delivered}};
  auto planned = finished(100, 1000, 0);
  planned.status = schema::status::planned;
  const auto row = rows_of(plan::kpis(schema::make_portfolio({planned}), history), "h100").at("open_rate");
  CHECK(row.baseline == Approx(0.25));
  CHECK(row.rows == 5);

  // As exports write them: thousands separators, decimal commas and per cent.
  const auto rate = [&](const char* opened, const char* sent) {
    core::text_column some, all;
    for (int i = 0; i < 6; ++i) some.push_back(opened), all.push_back(sent);
    history.extras = {{"Opens", some}, {"delivered", all}};
    return rows_of(plan::kpis(schema::make_portfolio({planned}), history), "h100").at("open_rate").baseline;
  };
  CHECK(rate("12,500", "50,000") == Approx(0.25));
  CHECK(rate("12.500,5", "50.002,0") == Approx(0.25));
  CHECK(rate("25%", "1") == Approx(0.25));
  CHECK(rate(" 25 % ", "1") == Approx(0.25));
}

TEST_CASE("conversions paid for in another currency do not set the day to look") {
  std::vector<schema::campaign> rows;
  for (int i = 0; i < 8; ++i) rows.push_back(finished(i, 1000, 3000));
  auto planned = finished(100, 1000, 0);
  planned.status = schema::status::planned;
  const auto look = [&](const char* currency) {
    for (auto& row : rows) row.budget.currency = currency;
    return *rows_of(plan::kpis(schema::make_portfolio({planned}), schema::make_portfolio(rows)), "h100").at("roas").check_on;
  };
  CHECK(look("JPY") == planned.start + std::chrono::days{((planned.end - planned.start).count() + 3) / 3 - 1});
}

TEST_CASE("no history, nothing planned, zero budget and NaN actuals") {
  const auto none = plan::kpis(schema::sample_portfolio(), {});
  CHECK(none.missing.size() == 1);
  for (const auto& row : none.table) CHECK(std::isnan(row.baseline));
  CHECK(rows_of(none, "CMP-08").at("roas").target == 4.5);
  CHECK(plan::kpis({}, schema::simulate_history()).table.empty());
  auto blank = schema::simulate_history();
  for (auto* column : {&blank.spend, &blank.revenue, &blank.conversions, &blank.clicks, &blank.impressions, &blank.new_customers})
    std::fill(column->begin(), column->end(), schema::missing);
  for (const auto& row : plan::kpis(schema::sample_portfolio(), blank).table) CHECK(std::isnan(row.baseline));
  auto free = schema::sample_portfolio()[7];
  free.budget.amount = 0;
  const auto of = rows_of(plan::kpis(schema::make_portfolio({free}), schema::simulate_history()), free.id);
  CHECK(std::isnan(of.at("revenue").baseline));
  CHECK(of.at("roas").baseline > 0);
}

TEST_CASE("any number of threads gives the same table; bad options are refused") {
  const auto planned = schema::sample_portfolio(), history = schema::simulate_history();
  const auto one = plan::kpis(planned, history, nullptr, {}, {.threads = 1}),
             many = plan::kpis(planned, history, nullptr, {}, {.threads = 4});
  REQUIRE(one.table.size() == many.table.size());
  for (std::size_t i = 0; i < one.table.size(); ++i) {
    CHECK(one.table[i].kpi == many.table[i].kpi);
    CHECK((one.table[i].baseline == many.table[i].baseline || std::isnan(one.table[i].baseline)));
  }
  CHECK_THROWS_AS(plan::kpis(planned, history, nullptr, {.target_quantile = 2}), std::invalid_argument);
}
