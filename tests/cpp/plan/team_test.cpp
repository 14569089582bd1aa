#include "clarion/plan/team.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <set>
#include <stdexcept>

#include "clarion/schema/sample.hpp"

using namespace clarion;

namespace {

constexpr date day(int year, unsigned month, unsigned of_month) {
  return date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

schema::campaign plain(const char* id, double budget, date start, date end) {
  schema::campaign out;
  out.id = id;
  out.name = std::string("Campaign ") + id;
  out.budget.amount = budget;
  out.channel = "Email";
  out.audience = {"Everyone"};
  out.products = {"Shoes"};
  out.owner = "Ada";
  out.objective = schema::objective::revenue;
  out.start = start;
  out.end = end;
  return out;
}

const plan::team_estimate& of(const plan::team_plan& plan, std::string_view id) {
  const auto at = std::ranges::find(plan.estimates, id, &plan::team_estimate::campaign);
  REQUIRE(at != plan.estimates.end());
  return *at;
}

double points(const plan::team_estimate& estimate, std::string_view part) {
  return std::ranges::find(estimate.parts, part, &plan::complexity_part::name)->points;
}

conflict::pair_table touching(std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs, std::int32_t days = 5) {
  conflict::pair_table out;
  for (const auto& [a, b] : pairs) {
    out.a.push_back(a);
    out.b.push_back(b);
    out.shared_days.push_back(days);
    out.days_apart.push_back(0);
    out.share_a.push_back(0.5);
    out.share_b.push_back(0.5);
    out.shared.push_back(100);
    out.jaccard.push_back(0.5);
    out.containment.push_back(0.5);
    out.rate.push_back(0.5);
    out.weight.push_back(0.5 * days);
    out.reasons.push_back(conflict::shares_audience);
  }
  return out;
}

}  // namespace

TEST_CASE("the parts of the score, each by hand") {
  auto row = plain("a", 30000, day(2026, 3, 2), day(2026, 3, 29));  // 28 days
  row.audience = {"A", "B", "C"};
  row.products = {"P", "Q"};
  row.fixed_dates = true;
  row.approver = "Bo";
  row.channel_manager = "Ada";
  const std::vector<schema::channel> channels{{"Email", 3, 1, 0, 6}};
  auto history_row = plain("old", 1, day(2025, 1, 1), day(2025, 1, 2));
  history_row.audience = {"a"};
  history_row.products = {"P", "Q"};
  const auto history = schema::make_portfolio({history_row});
  const auto portfolio = schema::make_portfolio({row, plain("b", 5000, day(2026, 3, 2), day(2026, 3, 8))});
  const auto pairs = touching({{0, 1}});
  const auto plan = plan::team(portfolio, {.history = &history, .pairs = &pairs, .channels = channels});
  const auto& estimate = of(plan, "a");
  CHECK(points(estimate, "budget") == doctest::Approx(30));
  CHECK(points(estimate, "duration") == doctest::Approx(10 * 3.0 / 7));
  CHECK(points(estimate, "breadth") == doctest::Approx(8 * 6.0 / 15 + 4 + 2));
  CHECK(points(estimate, "dependencies") == doctest::Approx(3));
  // Channel, objective, products and pairing were there; two of three audiences were not.
  CHECK(points(estimate, "novelty") == doctest::Approx(10 * (2.0 / 3) / 5));
  CHECK(points(estimate, "fixed_dates") == doctest::Approx(10));
  CHECK(points(estimate, "approval") == doctest::Approx(3));
  double total = 0;
  for (const auto& part : estimate.parts) total += part.points;
  CHECK(estimate.complexity == doctest::Approx(total));
  const double setup = 6 * (0.5 + total / 50);
  const double run = 4 * (1 + total / 10);
  CHECK(estimate.effort_weeks == doctest::Approx((setup + run) / 5));
  const double factor = 1.25 + 0.75 * (2.0 / 3) / 5;
  CHECK(estimate.effort_low == doctest::Approx(estimate.effort_weeks / factor));
  CHECK(estimate.effort_high == doctest::Approx(estimate.effort_weeks * factor));
  CHECK(plan.missing.empty());

  const auto& small = of(plan, "b");
  CHECK(points(small, "budget") == 0);
  CHECK(points(small, "duration") == 0);
  CHECK(small.tier == plan::ownership::one_owner);
}

TEST_CASE("every part rises with what it measures and stays within what it can give") {
  const auto complexity = [](double budget, int days, std::size_t audiences, std::size_t products, std::size_t touches,
                             bool fixed) {
    auto row = plain("a", budget, day(2026, 3, 2), day(2026, 3, 2) + std::chrono::days{days - 1});
    row.audience.assign(audiences, "");
    for (std::size_t i = 0; i < audiences; ++i) row.audience[i] = "s" + std::to_string(i);
    row.products.assign(products, "");
    for (std::size_t i = 0; i < products; ++i) row.products[i] = "p" + std::to_string(i);
    row.fixed_dates = fixed;
    std::vector<schema::campaign> rows{row};
    std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
    for (std::uint32_t i = 1; i <= touches; ++i) {
      rows.push_back(plain(("x" + std::to_string(i)).c_str(), 5000, day(2026, 3, 2), day(2026, 3, 8)));
      edges.emplace_back(0, i);
    }
    const auto pairs = touching(edges);
    const auto plan = plan::team(schema::make_portfolio(rows), {.pairs = &pairs});
    for (const auto& part : plan.estimates.front().parts)
      if (!std::isnan(part.points)) {
        CHECK(part.points >= 0);
        CHECK(part.points <= part.most);
      }
    return plan.estimates.front().complexity;
  };
  const double base = complexity(8000, 10, 1, 1, 1, false);
  CHECK(complexity(16000, 10, 1, 1, 1, false) > base);
  CHECK(complexity(8000, 20, 1, 1, 1, false) > base);
  CHECK(complexity(8000, 10, 2, 1, 1, false) > base);
  CHECK(complexity(8000, 10, 1, 2, 1, false) > base);
  CHECK(complexity(8000, 10, 1, 1, 2, false) > base);
  CHECK(complexity(8000, 10, 1, 1, 1, true) > base);
  CHECK(complexity(9e9, 900, 40, 40, 40, true) <= 100);
}

TEST_CASE("the sample: Black Friday is cross-functional, the SMS flash sale takes one owner, Maya Chen is overloaded") {
  const auto portfolio = schema::sample_portfolio();
  const auto policy = schema::sample_policy();
  // The pairs that the sample plants: the social campaigns with their neighbours in time, the two holiday mailings.
  conflict::pair_table pairs = touching({{2, 3}, {3, 4}, {4, 5}, {8, 9}});
  const auto find = [&](std::string_view id) { return static_cast<std::uint32_t>(*portfolio.find(id)); };
  pairs.a[3] = std::min(find("CMP-08"), find("CMP-09"));
  pairs.b[3] = std::max(find("CMP-08"), find("CMP-09"));
  const auto plan = plan::team(portfolio, {.pairs = &pairs, .channels = policy.channels, .today = policy.today});
  CHECK(plan.estimates.size() == 15);
  CHECK(of(plan, "CMP-08").tier == plan::ownership::cross_functional);
  CHECK(of(plan, "CMP-11").tier == plan::ownership::one_owner);
  std::set<plan::ownership> tiers;
  for (const auto& estimate : plan.estimates) tiers.insert(estimate.tier);
  CHECK(tiers.size() == 3);
  std::set<std::string> overloaded;
  for (const auto& finding : plan.findings)
    if (finding.code == "P502") overloaded.insert(std::get<std::string>(*finding.find("owner")));
  CHECK(overloaded == std::set<std::string>{"Maya Chen"});
}

TEST_CASE("the owner's calendar holds the owner's share of all work, and no more") {
  auto first = plain("a", 9000, day(2026, 3, 4), day(2026, 3, 24));
  auto second = plain("b", 30000, day(2026, 3, 10), day(2026, 4, 20));
  second.owner = "Bo";
  const auto plan = plan::team(schema::make_portfolio({first, second}));
  for (const auto& [owner, id] : {std::pair{"Ada", "a"}, std::pair{"Bo", "b"}}) {
    double load = 0;
    for (const auto& week : plan.load)
      if (week.owner == owner) {
        load += week.load;
        CHECK(core::week_start(core::week_number(week.week)) == week.week);
      }
    const auto& estimate = of(plan, id);
    const double share = estimate.tier == plan::ownership::one_owner ? 1 : estimate.tier == plan::ownership::squad ? 0.5 : 0.4;
    CHECK(load == doctest::Approx(share * estimate.effort_weeks));
  }
}

TEST_CASE("overload names the weeks and the campaigns, and one more pair of hands ends it") {
  std::vector<schema::campaign> rows;
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) rows.push_back(plain(id, 5000, day(2026, 3, 2), day(2026, 3, 8)));
  rows.push_back(plain("far", 5000, day(2026, 9, 7), day(2026, 9, 13)));
  const auto portfolio = schema::make_portfolio(rows);
  const auto plan = plan::team(portfolio, {}, {.owner_capacity = 0.5});
  const auto overload = std::ranges::find(plan.findings, "P502", &schema::finding::code);
  REQUIRE(overload != plan.findings.end());
  CHECK(overload->campaigns == std::vector<std::string>{"a", "b", "c", "d", "e", "f"});
  CHECK(std::get<double>(*overload->find("peak_load")) > 0.5);
  const auto relaxed = plan::team(portfolio, {}, {.owner_capacity = 10});
  CHECK(std::ranges::find(relaxed.findings, "P502", &schema::finding::code) == relaxed.findings.end());
  // What lies behind is nobody's overload any more.
  const auto after = plan::team(portfolio, {.today = day(2026, 5, 1)}, {.owner_capacity = 0.5});
  CHECK(std::ranges::find(after.findings, "P502", &schema::finding::code) == after.findings.end());
}

TEST_CASE("too little time before the start is told, and only then") {
  const std::vector<schema::channel> channels{{"Email", 3, 1, 0, 20}};
  const auto portfolio = schema::make_portfolio({plain("a", 5000, day(2026, 3, 9), day(2026, 3, 15))});
  const auto late = plan::team(portfolio, {.channels = channels, .today = day(2026, 3, 2)});
  CHECK(std::ranges::count(late.findings, "P503", &schema::finding::code) == 1);
  const auto early = plan::team(portfolio, {.channels = channels, .today = day(2025, 9, 2)});
  CHECK(std::ranges::count(early.findings, "P503", &schema::finding::code) == 0);
}

TEST_CASE("a cross-functional campaign without a second signature") {
  auto row = plain("a", 40000, day(2026, 3, 2), day(2026, 5, 20));
  row.fixed_dates = true;
  row.approver = "Ada";
  auto signed_row = row;
  signed_row.id = "b";
  signed_row.approver = "Bo";
  const auto plan = plan::team(schema::make_portfolio({row, signed_row}));
  CHECK(of(plan, "a").tier == plan::ownership::cross_functional);
  std::vector<std::string> named;
  for (const auto& finding : plan.findings)
    if (finding.code == "P504") named = finding.campaigns;
  CHECK(named == std::vector<std::string>{"a"});
}

TEST_CASE("what is not known is left out and said") {
  auto row = plain("a", schema::missing, day(2026, 3, 2), day(2026, 3, 8));
  row.channel = "";
  row.owner = "";
  const auto plan = plan::team(schema::make_portfolio({row}));
  const auto& estimate = of(plan, "a");
  CHECK(std::isnan(points(estimate, "budget")));
  CHECK(std::isnan(points(estimate, "dependencies")));
  CHECK(std::isnan(points(estimate, "novelty")));
  CHECK(std::isfinite(estimate.complexity));
  CHECK(estimate.effort_high == doctest::Approx(2 * estimate.effort_weeks));
  CHECK(plan.load.empty());
  CHECK(plan.missing.size() == 5);
  CHECK(std::ranges::count(plan.findings, "P001", &schema::finding::code) == 5);
  CHECK(plan::team({}).findings.empty());
}

TEST_CASE("finished and cancelled campaigns need nobody") {
  auto row = plain("a", 5000, day(2026, 3, 2), day(2026, 3, 8));
  row.status = schema::status::cancelled;
  auto over = row;
  over.status = schema::status::finished;
  CHECK(plan::team(schema::make_portfolio({row, over})).estimates.empty());
  // Nor do those whose last day is past.
  const auto planned = schema::make_portfolio({plain("b", 5000, day(2026, 3, 2), day(2026, 3, 8))});
  CHECK(plan::team(planned, {.today = day(2026, 3, 8)}).estimates.size() == 1);
  CHECK(plan::team(planned, {.today = day(2026, 3, 9)}).estimates.empty());
}

TEST_CASE("arguments are checked") {
  const auto portfolio = schema::make_portfolio({plain("a", 5000, day(2026, 3, 2), day(2026, 3, 8))});
  CHECK_THROWS_AS(plan::team(portfolio, {}, {.small_budget = 30000, .large_budget = 5000}), std::invalid_argument);
  CHECK_THROWS_AS(plan::team(portfolio, {}, {.squad_from = 70, .cross_functional_from = 55}), std::invalid_argument);
  CHECK_THROWS_AS(plan::team(portfolio, {}, {.owner_capacity = 0}), std::invalid_argument);
  const auto pairs = touching({{0, 4}});
  CHECK_THROWS_AS(plan::team(portfolio, {.pairs = &pairs}), std::invalid_argument);
}

TEST_CASE("rules are ascending, and every code of a finding has one") {
  const auto rules = plan::team_rules();
  CHECK(std::ranges::is_sorted(rules, {}, &schema::rule::code));
  for (const auto& rule : rules) {
    CHECK(rule.code.starts_with("P5"));
    CHECK_FALSE(rule.explanation.empty());
    CHECK_FALSE(rule.remedy.empty());
  }
}
