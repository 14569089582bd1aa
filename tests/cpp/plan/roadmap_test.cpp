#include "clarion/plan/roadmap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "clarion/core/random.hpp"

using namespace clarion;

namespace {

constexpr date day(int year, unsigned month, unsigned of_month) {
  return date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

schema::campaign run(const char* id, schema::objective aim, const char* channel, date start, date end, const char* product) {
  schema::campaign out;
  out.id = id;
  out.name = std::string("Campaign ") + id;
  out.budget.amount = 10000;
  out.channel = channel;
  out.audience = {"Everyone"};
  out.products = {product};
  out.objective = aim;
  out.start = start;
  out.end = end;
  return out;
}

constexpr auto acquisition = schema::objective::acquisition;
constexpr auto revenue = schema::objective::revenue;

// Acquisition runs in October and March, revenue all year, one campaign a month.
schema::portfolio plan_with_a_winter_gap() {
  std::vector<schema::campaign> rows;
  rows.push_back(run("a1", acquisition, "Social Media", day(2026, 10, 5), day(2026, 10, 25), "Home"));
  rows.push_back(run("a2", acquisition, "Social Media", day(2026, 12, 1), day(2026, 12, 18), "Apparel"));
  rows.push_back(run("a3", acquisition, "Podcast", day(2027, 3, 8), day(2027, 4, 4), "Health & Wellness"));
  for (int m = 0; m < 12; ++m) {
    const int month = (m + 9) % 12 + 1, year = m + 9 < 12 ? 2026 : 2027;
    rows.push_back(run(("r" + std::to_string(m)).c_str(), revenue, "Email", day(year, static_cast<unsigned>(month), 3),
                       day(year, static_cast<unsigned>(month), 20), m % 2 ? "Home" : "Apparel"));
  }
  return schema::make_portfolio(rows);
}

// Two years; acquisition of Health & Wellness earns `strength` in January and February.
schema::portfolio history(double strength, std::size_t n, std::uint64_t seed) {
  static constexpr std::array categories{"Health & Wellness", "Home", "Apparel", "Beauty"};
  static constexpr std::array channels{"Social Media", "Email", "Podcast"};
  std::vector<schema::campaign> rows;
  for (std::size_t i = 0; i < n; ++i) {
    core::random_stream random(seed, i);
    const date start = day(2024, 8, 1) + std::chrono::days{static_cast<int>(random.below(700))};
    const bool new_customers = i % 2 == 0;
    auto row = run(("h" + std::to_string(i)).c_str(), new_customers ? acquisition : revenue, channels[random.below(3)], start,
                   start + std::chrono::days{6}, categories[random.below(4)]);
    row.status = schema::status::finished;
    row.actuals.spend = 5000 + 20000 * random.uniform();
    const auto month = core::month_number(start) % 12;
    const double season = new_customers && row.products[0] == "Health & Wellness" && month < 2 ? strength : 1;
    const double noise = std::exp(0.15 * random.normal());
    row.actuals.new_customers = row.actuals.spend / 40 * season * noise;
    row.actuals.revenue = row.actuals.spend * 4 * noise;
    rows.push_back(row);
  }
  return schema::make_portfolio(rows);
}

const schema::finding* first(const plan::roadmap_plan& plan, std::string_view code) {
  const auto at = std::ranges::find(plan.findings, code, &schema::finding::code);
  return at == plan.findings.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("a winter without acquisition is told, with the category that history says is strong then") {
  const auto past = history(1.8, 240, 1);
  const auto plan = plan::roadmap(plan_with_a_winter_gap(), {.history = &past});
  const auto* gap = first(plan, "P402");
  REQUIRE(gap);
  CHECK(gap->message.find("No acquisition campaign runs in January and February 2027") != std::string::npos);
  CHECK(gap->message.find("Health & Wellness") != std::string::npos);
  CHECK(std::get<double>(*gap->find("index_low")) > 1);
  CHECK(std::get<std::vector<double>>(*gap->find("strong_months")) == std::vector<double>{1, 2});
  REQUIRE_FALSE(plan.gaps.empty());
  const auto& row = plan.gaps.front();
  CHECK(row.objective == acquisition);
  CHECK(row.category == "Health & Wellness");
  CHECK(row.from == day(2026, 12, 19));
  CHECK(row.to == day(2027, 3, 7));
  // Nothing else was planted.
  CHECK(std::ranges::count(plan.findings, "P402", &schema::finding::code) == 1);
  CHECK(gap->expected_effect.find("new customers") != std::string::npos);
}

TEST_CASE("without a season in history a gap is information, and no category is called strong") {
  std::size_t strong = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto past = history(1, 240, 100 + seed);
    const auto plan = plan::roadmap(plan_with_a_winter_gap(), {.history = &past});
    strong += static_cast<std::size_t>(std::ranges::count(plan.findings, "P402", &schema::finding::code));
    CHECK(std::ranges::any_of(plan.gaps, [](const plan::calendar_gap& gap) {
      return gap.objective == acquisition && gap.from == day(2026, 12, 19) && gap.to == day(2027, 3, 7);
    }));
  }
  // Intervals of 95% over a hundred cells a plan: about one plan in fourteen raises a false alarm.
  CHECK(strong <= 12);
}

TEST_CASE("a strong month that the plan neglects is an underused window") {
  auto rows = std::vector<schema::campaign>{};
  for (int m = 0; m < 12; ++m)
    if (m != 5)
      rows.push_back(run(("r" + std::to_string(m)).c_str(), revenue, "Email", day(2027, static_cast<unsigned>(m + 1), 2),
                         day(2027, static_cast<unsigned>(m + 1), 20), "Garden"));
  // The other category covers June, so the objective has no gap there.
  rows.push_back(run("june", revenue, "Email", day(2027, 6, 1), day(2027, 6, 30), "Home"));
  std::vector<schema::campaign> past;
  for (int i = 0; i < 192; ++i) {
    const int month = i % 12;
    core::random_stream random(3, static_cast<std::uint64_t>(i));
    auto row = run(("h" + std::to_string(i)).c_str(), revenue, "Email", day(2024 + i / 96, static_cast<unsigned>(month + 1), 5),
                   day(2024 + i / 96, static_cast<unsigned>(month + 1), 11), i / 12 % 2 ? "Home" : "Garden");
    row.status = schema::status::finished;
    row.actuals.spend = 8000;
    row.actuals.revenue = 32000 * (month == 5 && row.products[0] == "Garden" ? 1.7 : 1) * std::exp(0.1 * random.normal());
    past.push_back(row);
  }
  const auto before = schema::make_portfolio(past);
  const auto plan = plan::roadmap(schema::make_portfolio(rows), {.history = &before});
  REQUIRE(plan.windows.size() == 1);
  CHECK(plan.windows[0].category == "Garden");
  CHECK(plan.windows[0].month % 12 == 5);
  CHECK(plan.windows[0].share == 0);
  CHECK(plan.windows[0].low > 1);
  const auto* window = first(plan, "P403");
  REQUIRE(window);
  CHECK(window->why.find("It rests on 192 finished campaigns") != std::string::npos);
  // Dates before today are past planning.
  CHECK(plan::roadmap(schema::make_portfolio(rows), {.history = &before, .today = day(2027, 7, 1)}).windows.empty());
}

TEST_CASE("gaps are the days that no run of the objective covers") {
  const auto portfolio = plan_with_a_winter_gap();
  const auto plan = plan::roadmap(portfolio);
  for (const auto& gap : plan.gaps) {
    CHECK(gap.from <= gap.to);
    for (std::size_t row = 0; row < portfolio.size(); ++row) {
      const bool same = gap.channel.empty() ? portfolio.objective[row] == gap.objective : portfolio.channel[row] == gap.channel;
      if (same) CHECK(core::shared_days(gap.from, gap.to, portfolio.start[row], portfolio.end[row]) == 0);
    }
    CHECK(std::isnan(gap.index));
  }
  // Revenue runs every month; acquisition pauses in November, January to February and May to September.
  CHECK(std::ranges::count(plan.gaps, acquisition, &plan::calendar_gap::objective) == 3);
  CHECK(std::ranges::count(plan.gaps, revenue, &plan::calendar_gap::objective) == 0);
  REQUIRE(first(plan, "P001"));
  CHECK(plan.missing.size() == 1);
}

TEST_CASE("a short plan is held against a year") {
  const auto portfolio = schema::make_portfolio({run("a", acquisition, "Email", day(2026, 10, 1), day(2026, 10, 20), "Home"),
                                                 run("b", acquisition, "Email", day(2026, 11, 1), day(2026, 11, 20), "Home")});
  const auto plan = plan::roadmap(portfolio);
  REQUIRE_FALSE(plan.gaps.empty());
  CHECK(plan.gaps[0].to == day(2027, 9, 30));
  CHECK(plan::roadmap(portfolio, {}, {.horizon_months = 1}).gaps.empty());
}

TEST_CASE("waves come from the conflict graph, in order of start") {
  const auto portfolio = plan_with_a_winter_gap();
  const std::vector<conflict::conflict_edge> edges{{0, 3, 2, "audience"}};
  const auto graph = conflict::build_conflict_graph(static_cast<std::uint32_t>(portfolio.size()), edges, {}, portfolio.start);
  const auto plan = plan::roadmap(portfolio, {.graph = &graph});
  REQUIRE(plan.waves.size() == 2);
  CHECK(plan.wave_of[0] != plan.wave_of[3]);
  std::size_t launched = 0;
  for (const auto& wave : plan.waves) {
    launched += wave.campaigns.size();
    CHECK(std::ranges::is_sorted(wave.campaigns, {}, [&](std::uint32_t row) { return portfolio.start[row]; }));
  }
  CHECK(launched == portfolio.size());
  REQUIRE(first(plan, "P401"));
  CHECK(first(plan, "P401")->campaigns.size() == portfolio.size());
  const auto other = conflict::build_conflict_graph(3, {});
  CHECK_THROWS_AS(plan::roadmap(portfolio, {.graph = &other}), std::invalid_argument);
}

TEST_CASE("the moves of rescheduling are part of the roadmap") {
  const auto portfolio = schema::make_portfolio({run("a", revenue, "Email", day(2026, 10, 1), day(2026, 10, 10), "Home"),
                                                 run("b", revenue, "Email", day(2026, 10, 5), day(2026, 10, 14), "Home")});
  const auto movable = conflict::movable_campaigns(portfolio, {.today = day(2026, 1, 1)});
  const std::vector<conflict::conflict_edge> rates{{0, 1, 1, "audience"}};
  const auto moves = conflict::reschedule(movable, rates, {.limit = 0});
  const auto plan = plan::roadmap(portfolio, {.moves = &moves, .movable = movable});
  REQUIRE(first(plan, "C511"));
  CHECK_FALSE(first(plan, "C511")->campaigns.empty());
}

TEST_CASE("history that says nothing usable is missing, not read") {
  auto few = history(1.5, 6, 1);
  const auto plan = plan::roadmap(plan_with_a_winter_gap(), {.history = &few});
  CHECK(plan.seasons.empty());
  REQUIRE(plan.missing.size() == 1);
  CHECK(plan.missing[0].what.find("6 of 6") != std::string::npos);
  const auto empty = plan::roadmap({}, {.history = &few});
  CHECK(empty.gaps.empty());
  CHECK(empty.waves.empty());
}

TEST_CASE("no objectives, no channels and no budgets: the layer says so and goes on") {
  auto row = run("a", schema::objective::unspecified, "", day(2026, 10, 1), day(2026, 10, 20), "Home");
  row.budget.amount = schema::missing;
  const auto plan = plan::roadmap(schema::make_portfolio({row}));
  CHECK(plan.gaps.empty());
  CHECK(plan.missing.size() == 3);
}

TEST_CASE("categories come from the catalogue") {
  auto past = history(1.8, 240, 1);
  schema::catalog catalog;
  catalog.products.push_back({.id = "HW-01", .name = "Vitamin D", .category = "Health & Wellness"});
  auto rows = std::vector<schema::campaign>{};
  for (std::size_t row = 0; row < past.size(); ++row) {
    rows.push_back(past[row]);
    if (rows.back().products[0] == "Health & Wellness") rows.back().products[0] = row % 3 ? "HW-01" : "Vitamin D";
  }
  const auto renamed = schema::make_portfolio(rows);
  const auto plan = plan::roadmap(plan_with_a_winter_gap(), {.history = &renamed, .catalog = &catalog});
  REQUIRE(first(plan, "P402"));
  CHECK(std::get<std::string>(*first(plan, "P402")->find("category")) == "Health & Wellness");
}

TEST_CASE("options out of range are refused") {
  CHECK_THROWS_AS(plan::roadmap({}, {}, {.coverage = 1.2}), std::invalid_argument);
  CHECK_THROWS_AS(plan::roadmap({}, {}, {.horizon_months = 0}), std::invalid_argument);
}
