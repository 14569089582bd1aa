#include "clarion/conflict/concentration.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/load.hpp"
#include "portfolios.hpp"

using namespace clarion;
using namespace clarion::test;
using conflict::concentration;

namespace {

const conflict::dimension_concentration& of(const conflict::concentration_result& result, const std::string& dimension) {
  for (const auto& each : result.dimensions)
    if (each.dimension == dimension) return each;
  FAIL("no dimension ", dimension);
  return result.dimensions.front();
}

std::vector<brief_campaign> spread(std::size_t n) {
  std::vector<brief_campaign> out;
  for (std::size_t i = 0; i < n; ++i) {
    const std::string mark = std::to_string(i);
    out.push_back({.channel = "Channel " + mark,
                   .start = day(2026, 1, 1) + std::chrono::days{31 * static_cast<int>(i)},
                   .audience = {"Segment " + mark},
                   .products = {"Product " + mark},
                   .budget = 1000,
                   .owner = "Owner " + mark});
  }
  return out;
}

}  // namespace

TEST_CASE("a campaign over a month's end is shared out by its days; segments and products in equal parts") {
  const auto got = concentration(
      make({{.start = day(2026, 1, 22), .days = 40, .audience = {"A", "a", "B"}, .products = {"P", "Q", "Q"}, .budget = 4000}}));
  const auto& month = of(got, "month");
  REQUIRE(month.shares.size() == 3);
  CHECK(month.shares[0].key == "2026-02");
  CHECK(month.shares[0].amount == doctest::Approx(2800));
  CHECK(month.shares[1].key == "2026-01");
  CHECK(month.shares[1].amount == doctest::Approx(1000));
  CHECK(month.shares[2].key == "2026-03");
  CHECK(month.shares[2].amount == doctest::Approx(200));
  CHECK(month.hhi == doctest::Approx(0.7 * 0.7 + 0.25 * 0.25 + 0.05 * 0.05));
  CHECK(of(got, "audience").shares[1].amount == 2000);
  CHECK(of(got, "product").hhi == 0.5);
  CHECK(of(got, "product").normalised_hhi == 0);
}

TEST_CASE("index, shares and largest exposure are those of a sum over campaigns") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto portfolio = random_portfolio(60, 30 + seed);
    const auto got = concentration(portfolio);
    const auto declared = conflict::declare_audiences(portfolio);
    std::map<std::string, double> channels, days_of_month, segments;
    double total = 0;
    std::uint32_t with = 0;
    for (std::size_t c = 0; c < portfolio.size(); ++c) {
      if (!conflict::counts(portfolio, c) || std::isnan(portfolio.budget[c])) continue;
      ++with;
      const double amount = portfolio.budget[c];
      total += amount;
      const std::string channel(portfolio.channel[c]);
      if (!channel.empty()) channels[channel == "email " ? "Email" : channel] += amount;
      const auto days = (portfolio.end[c] - portfolio.start[c]).count() + 1;
      for (date d = portfolio.start[c]; d <= portfolio.end[c]; d += std::chrono::days{1})
        days_of_month[core::to_string(d).substr(0, 7)] += amount / static_cast<double>(days);
      const auto named = declared[c];
      const auto parts = static_cast<double>(named.size() + declared.everyone[c]);
      for (const auto s : named) segments[declared.segments[s]] += amount / parts;
      if (declared.everyone[c] != 0) segments["(everyone)"] += amount / parts;
    }
    CHECK(got.total == doctest::Approx(total));
    CHECK(got.campaigns == with);
    const auto check = [&](const std::string& dimension, const std::map<std::string, double>& want) {
      const auto& have = of(got, dimension);
      REQUIRE(have.shares.size() == want.size());
      double assigned = 0, hhi = 0, last = std::numeric_limits<double>::infinity();
      for (const auto& [key, amount] : want) assigned += amount;
      for (const auto& [key, amount] : want) hhi += amount / assigned * (amount / assigned);
      for (const auto& share : have.shares) {
        // Letters in which a name is written first may differ from the count's.
        const auto at = std::find_if(want.begin(), want.end(), [&](const auto& item) {
          return item.first.size() >= share.key.size() - 1 && std::abs(item.second - share.amount) < 1e-6;
        });
        CHECK(at != want.end());
        CHECK(share.amount <= last);
        last = share.amount;
      }
      CHECK(have.hhi == doctest::Approx(hhi).epsilon(1e-9));
      CHECK(have.assigned + have.unassigned == doctest::Approx(total).epsilon(1e-9));
    };
    check("channel", channels);
    check("month", days_of_month);
    check("audience", segments);
  }
}

TEST_CASE("an even portfolio has no finding, however few the keys") {
  CHECK(concentration(make(spread(10))).findings.empty());
  auto rows = spread(10);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].owner = i % 2 == 0 ? "Ada" : "Ben";
  const auto two = concentration(make(rows));
  CHECK(of(two, "owner").hhi == 0.5);
  CHECK(two.findings.empty());
}

TEST_CASE("most of the money on one channel is a finding, and says what a move would do") {
  auto rows = spread(10);
  for (std::size_t i = 0; i < 6; ++i) rows[i].channel = "Email";
  rows[0].budget = 2000;
  const auto got = concentration(make(rows));
  REQUIRE(got.findings.size() == 1);
  const auto& finding = got.findings.front();
  CHECK(finding.code == "C301");
  CHECK(finding.campaigns.front() == "C0");
  CHECK(finding.campaigns.size() == 6);
  CHECK(std::get<std::string>(*finding.find("top")) == "Email");
  CHECK(std::get<double>(*finding.find("top_share")) == doctest::Approx(7000.0 / 11000));
  CHECK(finding.expected_loss == doctest::Approx(7000 - 5500));
  const double before = std::get<double>(*finding.find("hhi")), after = std::get<double>(*finding.find("hhi_after_move"));
  const double x = 5500.0 / 11000, y = 2500.0 / 11000, rest = 3 * (1000.0 / 11000) * (1000.0 / 11000);
  CHECK(before > 0.25);
  CHECK(after == doctest::Approx(x * x + y * y + rest));
}

TEST_CASE("where two keys hold the same, money is moved to one that holds less") {
  auto rows = spread(10);
  for (std::size_t i = 0; i < 8; ++i) rows[i].channel = i % 2 == 0 ? "Email" : "SMS";
  const auto got = concentration(make(rows), {.spread_slack = 0.05, .top_share = 0.4});
  REQUIRE(got.findings.size() == 1);
  const auto& finding = got.findings.front();
  CHECK(std::get<double>(*finding.find("move")) > 0);
  CHECK(std::get<double>(*finding.find("hhi_after_move")) < std::get<double>(*finding.find("hhi")));
  CHECK(finding.expected_effect.find("from Email to Channel 8") != std::string::npos);
}

TEST_CASE("a window of one month is called a month") {
  auto rows = spread(10);
  rows[3].budget = 20000;
  const auto got = concentration(make(rows), {.top_share = 1, .single_exposure = 1, .window_months = 1});
  REQUIRE(got.findings.size() == 1);
  CHECK(got.findings.front().message.find("falls into 2026-04, where 1 of 10 campaigns runs") != std::string::npos);
  CHECK(got.findings.front().why.find("a month may hold") != std::string::npos);
}

TEST_CASE("one campaign that holds a quarter is a finding") {
  auto rows = spread(10);
  rows[4].budget = 3000;
  const auto got = concentration(make(rows));
  REQUIRE(got.findings.size() == 1);
  CHECK(got.findings.front().code == "C302");
  CHECK(got.findings.front().campaigns == std::vector<std::string>{"C4"});
  CHECK(got.findings.front().expected_loss == doctest::Approx(0));
  CHECK(concentration(make(rows), {.single_exposure = 0.3}).findings.empty());
}

TEST_CASE("three months that hold half of a year's plan are a finding") {
  auto rows = spread(10);  // a campaign a month, January to October
  rows[4].budget = rows[5].budget = rows[6].budget = 2500;
  const auto got = concentration(make(rows));
  REQUIRE(got.findings.size() == 1);
  const auto& finding = got.findings.front();
  CHECK(finding.code == "C305");
  double in_window = 0;
  const auto portfolio = make(rows);
  for (std::size_t c = 0; c < portfolio.size(); ++c)
    in_window +=
        portfolio.budget[c] * core::shared_days(portfolio.start[c], portfolio.end[c], day(2026, 5, 1), day(2026, 7, 31)) / 7;
  CHECK(std::get<std::string>(*finding.find("first_month")) == "2026-05");
  CHECK(std::get<std::string>(*finding.find("last_month")) == "2026-07");
  CHECK(std::get<double>(*finding.find("amount")) == doctest::Approx(in_window));
  CHECK(finding.expected_loss == doctest::Approx(in_window - 0.5 * 14500));
  // A plan shorter than three windows has no room to spread.
  rows.resize(8);
  CHECK(concentration(make(rows)).findings.empty());
}

TEST_CASE("few campaigns are described, not judged") {
  const auto got = concentration(make({{.budget = 10}, {.budget = 20}}));
  CHECK(got.findings.empty());
  CHECK(of(got, "channel").hhi == 1);
  CHECK(of(got, "channel").effective == 1);
  CHECK(of(got, "channel").normalised_hhi == 0);
}

TEST_CASE("currencies are never added, budgets that are not numbers never counted") {
  auto rows = make(spread(10));
  schema::portfolio portfolio;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto row = rows[i];
    if (i < 3) row.budget.currency = "EUR";
    if (i == 3) row.budget.amount = -5;
    if (i == 4) row.budget.amount = std::numeric_limits<double>::infinity();
    if (i == 5) row.budget.amount = schema::missing;
    portfolio.push_back(row);
  }
  const auto got = concentration(portfolio, {.min_campaigns = 2});
  CHECK(got.currency == "USD");
  CHECK(got.total == 4000);
  CHECK(got.other_currency == 3);
  CHECK(got.without_budget == 3);
  std::vector<std::string> codes;
  for (const auto& finding : got.findings) codes.push_back(finding.code);
  CHECK(std::count(codes.begin(), codes.end(), "C303") == 1);
  CHECK(std::count(codes.begin(), codes.end(), "C304") == 1);
  for (const auto& finding : got.findings) {
    if (finding.code == "C303") CHECK(finding.message == "3 of 10 campaigns have no budget and are not weighed.");
    if (finding.code == "C304") CHECK(finding.message.starts_with("3 campaigns are budgeted in another currency than USD"));
  }
  // A budget that names no currency is one of the main currency.
  portfolio.currency.codes[0] = core::category_column::none;
  CHECK(concentration(portfolio).total == 5000);
  CHECK(concentration(portfolio).other_currency == 2);
}

TEST_CASE("no campaign, no budget, no money, a bad option") {
  const auto none = concentration({});
  CHECK(none.dimensions.size() == 5);
  CHECK(none.findings.empty());
  std::vector<brief_campaign> free(9), bare(9);
  for (auto& row : free) row.budget = 0;
  for (auto& row : bare) row.budget = schema::missing;
  CHECK(concentration(make(free)).findings.empty());
  const auto unknown = concentration(make(bare));
  REQUIRE(unknown.findings.size() == 1);
  CHECK(unknown.findings.front().code == "C303");
  CHECK(of(unknown, "owner").shares.empty());
  CHECK_THROWS_AS(concentration({}, {.top_share = 1.5}), std::invalid_argument);
}
