#include "clarion/conflict/load.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "portfolios.hpp"

using namespace clarion;
using namespace clarion::test;

TEST_CASE("a week that a campaign fills in part counts in part") {
  // Wednesday 4 March to Tuesday 10 March 2026: five days of one week, two of the next.
  const auto portfolio = make({{.start = day(2026, 3, 4), .days = 7, .budget = 700, .touches = 7}});
  const auto load = conflict::load(portfolio, {});
  REQUIRE(load.weeks == std::vector<date>{day(2026, 3, 2), day(2026, 3, 9)});
  CHECK(load.load == std::vector<double>{5, 2});
  CHECK(load.spend == std::vector<double>{500, 200});
}

TEST_CASE("touches come from the campaign, then its channel, then the option") {
  auto portfolio = make({{.channel = "email", .touches = 2},
                         {.channel = "email"},
                         {.channel = "Skywriting"},
                         {.channel = "Skywriting", .touches = -3},
                         {.channel = ""}});
  schema::policy policy;
  policy.channels = {{.name = "Email", .capacity = 3, .touches_per_week = 1.5}};
  const auto load = conflict::load(portfolio, policy, {.default_touches = 0.25});
  CHECK(load.load == std::vector<double>{2, 1.5, 0.25, 0.25, 0.25});
  CHECK(load.channels == std::vector<std::string>{"Email", "Skywriting"});
  CHECK(load.capacity[0] == 3);
  CHECK(std::isnan(load.capacity[1]));
  CHECK(load.channel == std::vector<std::uint32_t>{0, 0, 1, 1, conflict::weekly_load::no_channel});
}

TEST_CASE("load and spend add up to what was planned") {
  const auto portfolio = random_portfolio(60, 3);
  const auto load = conflict::load(portfolio, {});
  REQUIRE(load.size() == portfolio.size());
  for (std::size_t c = 0; c < portfolio.size(); ++c) {
    if (!conflict::counts(portfolio, c)) {
      CHECK(load.load_of(c).empty());
      continue;
    }
    double spend = 0;
    for (const double value : load.spend_of(c)) spend += value;
    if (std::isnan(portfolio.budget[c]))
      CHECK(std::isnan(spend));
    else
      CHECK(spend == doctest::Approx(portfolio.budget[c]).epsilon(1e-12));
    CHECK(load.weeks[load.first_week[c]] <= portfolio.start[c]);
    CHECK(load.weeks[load.first_week[c] + load.load_of(c).size() - 1] <= portfolio.end[c]);
    CHECK(load.weeks[load.first_week[c] + load.load_of(c).size() - 1] + std::chrono::days{6} >= portfolio.end[c]);
  }
}

TEST_CASE("campaigns that cannot be meant are left out") {
  auto portfolio = make({{}, {}, {}, {.days = conflict::longest_run}, {.days = conflict::longest_run + 1}});
  portfolio.status[1] = schema::status::cancelled;
  portfolio.end[2] = portfolio.start[2] - std::chrono::days{1};
  std::vector<bool> counted;
  for (std::size_t c = 0; c < portfolio.size(); ++c) counted.push_back(conflict::counts(portfolio, c));
  CHECK(counted == std::vector<bool>{true, false, false, true, false});
}

TEST_CASE("year 9999, no campaign, a bad option") {
  const auto far = conflict::load(make({{.start = day(9999, 12, 28), .days = 4}}), {});
  CHECK(far.weeks == std::vector<date>{day(9999, 12, 27)});
  const auto none = conflict::load({}, {});
  CHECK(none.weeks.empty());
  CHECK(none.offsets == std::vector<std::uint64_t>{0});
  CHECK_THROWS_AS(conflict::load({}, {}, {.default_touches = -1}), std::invalid_argument);
}
