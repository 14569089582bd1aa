#include "clarion/conflict/saturation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/schema/audiences.hpp"
#include "portfolios.hpp"

using namespace clarion;
using namespace clarion::test;
using conflict::saturation;
using conflict::saturation_result;
using conflict::weekly_load;

namespace {

std::vector<std::string> codes(const std::vector<schema::finding>& findings) {
  std::vector<std::string> out;
  for (const auto& finding : findings) out.push_back(finding.code);
  return out;
}

double number(const schema::finding& finding, std::string_view name) {
  const auto* value = finding.find(name);
  REQUIRE(value != nullptr);
  if (const auto* whole = std::get_if<std::int64_t>(value)) return static_cast<double>(*whole);
  return std::get<double>(*value);
}

std::vector<std::int64_t> range(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(to - from));
  std::iota(out.begin(), out.end(), from);
  return out;
}

schema::policy with_capacity(double capacity) {
  schema::policy out;
  out.channels = {{.name = "Email", .capacity = capacity, .touches_per_week = 1}};
  return out;
}

}  // namespace

TEST_CASE("contacts per customer are those of a count, customer by customer") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto portfolio = random_portfolio(30, seed, 60);
    const auto members = random_members(30, 200, seed);
    const auto audiences = make_audiences(portfolio, members);
    const auto load = conflict::load(portfolio, {});
    const auto got = saturation(portfolio, &audiences, load, {.over_share = 0.3});
    std::size_t row = 0;
    for (std::uint32_t k = 0; k < load.channels.size(); ++k)
      for (std::uint32_t w = 0; w < load.weeks.size(); ++w) {
        std::map<std::int64_t, double> contacts;
        double spend = 0;
        bool any = false;
        for (std::size_t c = 0; c < portfolio.size(); ++c) {
          if (load.channel[c] != k || w < load.first_week[c] || w >= load.first_week[c] + load.load_of(c).size()) continue;
          const double value = load.load_of(c)[w - load.first_week[c]];
          if (value <= 0) continue;
          any = true;
          for (const auto customer : members[c]) contacts[customer] += value;
          const double part = load.spend_of(c)[w - load.first_week[c]];
          if (part > 0) spend += part;
        }
        if (!any) continue;
        REQUIRE(row < got.channels.size());
        CHECK(got.channels.channel[row] == k);
        CHECK(got.channels.week[row] == w);
        CHECK(got.channels.estimated[row] == 0);
        double sum = 0, peak = 0, over = 0;
        for (const auto& [customer, value] : contacts) {
          sum += value;
          peak = std::max(peak, value);
          over += value > load.capacity[k] + 1e-9;
        }
        const auto n = static_cast<double>(contacts.size());
        CHECK(got.channels.customers[row] == n);
        CHECK(got.channels.load[row] == doctest::Approx(n > 0 ? sum / n : 0).epsilon(1e-12));
        CHECK(got.channels.peak[row] == doctest::Approx(peak).epsilon(1e-12));
        CHECK(got.channels.spend[row] == doctest::Approx(spend).epsilon(1e-12));
        if (std::isnan(load.capacity[k])) {
          CHECK(std::isnan(got.channels.over[row]));
          CHECK(got.channels.saturated[row] == 0);
        } else {
          CHECK(got.channels.over[row] == over);
          CHECK((got.channels.saturated[row] != 0) == (over > 0.3 * n));
        }
        ++row;
      }
    CHECK(row == got.channels.size());
  }
}

TEST_CASE("segment loads and new reach from tags are those of a count") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto portfolio = random_portfolio(40, 50 + seed, 100);
    const auto declared = conflict::declare_audiences(portfolio);
    const auto load = conflict::load(portfolio, {});
    const auto got = saturation(portfolio, nullptr, load);
    for (std::size_t i = 0; i < got.segment_loads.size(); ++i) {
      double want = 0;
      const auto segment = got.segment_loads.segment[i];
      for (std::size_t c = 0; c < portfolio.size(); ++c) {
        const auto w = got.segment_loads.week[i];
        if (load.channel[c] != got.segment_loads.channel[i] || w < load.first_week[c] ||
            w >= load.first_week[c] + load.load_of(c).size())
          continue;
        const auto named = declared[c];
        if (declared.everyone[c] != 0 || std::find(named.begin(), named.end(), segment) != named.end())
          want += load.load_of(c)[w - load.first_week[c]];
      }
      CHECK(got.segment_loads.load[i] == doctest::Approx(want).epsilon(1e-12));
    }
    REQUIRE(got.segment_loads.size() > 0);

    std::map<std::pair<std::uint32_t, std::int32_t>, std::set<std::uint32_t>> seen;
    for (std::size_t i = 0; i < got.reach.size(); ++i) {
      const auto c = got.reach.campaign[i];
      CHECK(got.reach.quarter[i] == core::quarter_number(portfolio.start[c]));
      CHECK(got.reach.estimated[i] == 1);
      std::set<std::uint32_t> own(declared[c].begin(), declared[c].end());
      if (declared.everyone[c] != 0)
        for (std::uint32_t s = 0; s < declared.segments.size(); ++s) own.insert(s);
      auto& before = seen[{got.reach.channel[i], got.reach.quarter[i]}];
      double fresh = 0;
      for (const auto s : own) fresh += before.insert(s).second;
      CHECK(got.reach.audience[i] == static_cast<double>(own.size()));
      CHECK(got.reach.new_reach[i] == fresh);
      CHECK(got.reach.reached[i] == static_cast<double>(before.size()));
    }
    REQUIRE(got.reach.size() > 5);
  }
}

TEST_CASE("new reach from memberships is that of a count, over more than one chunk of customers") {
  const auto portfolio =
      make({{.start = day(2026, 10, 5)}, {.start = day(2026, 10, 1)}, {.start = day(2026, 12, 1)}, {.start = day(2027, 1, 4)}});
  std::vector<std::vector<std::int64_t>> members{range(0, 90000), range(60000, 150000), range(1000, 140000), range(0, 10)};
  members[0].erase(members[0].begin() + 5);  // so that no customer order hides a slip
  const auto audiences = make_audiences(portfolio, members);
  const auto got = saturation(portfolio, &audiences, conflict::load(portfolio, {}));
  REQUIRE(got.reach.size() == 4);
  CHECK(got.reach.campaign == std::vector<std::uint32_t>{1, 0, 2, 3});
  CHECK(got.reach.order == std::vector<std::uint32_t>{1, 2, 3, 1});
  CHECK(got.reach.audience == std::vector<double>{90000, 89999, 139000, 10});
  CHECK(got.reach.new_reach == std::vector<double>{90000, 59999, 0, 10});
  CHECK(got.reach.reached == std::vector<double>{90000, 149999, 149999, 10});
}

TEST_CASE("the fifth campaign of a quarter adds 3% new people: said so, and nothing else") {
  std::vector<brief_campaign> rows;
  for (int i = 0; i < 5; ++i)
    rows.push_back(
        {.channel = "Social Media", .start = day(2026, 10, 1) + std::chrono::days{14 * i}, .days = 10, .budget = 12000});
  const auto portfolio = make(rows);
  // 0-999, then each adds 300, 200, 100 and at last 30 of 1000.
  const auto audiences =
      make_audiences(portfolio, {range(0, 1000), range(300, 1300), range(500, 1500), range(600, 1600), range(630, 1630)});
  const auto got = saturation(portfolio, &audiences, conflict::load(portfolio, {}));
  REQUIRE(codes(got.findings) == std::vector<std::string>{"C203"});
  const auto& finding = got.findings.front();
  CHECK(finding.severity == schema::severity::warning);
  CHECK(finding.campaigns == std::vector<std::string>{"C4", "C0", "C1", "C2", "C3"});
  CHECK(finding.message.find("campaign 5 on Social Media in 2026-Q4 and adds 3.0% new people") != std::string::npos);
  CHECK(number(finding, "order") == 5);
  CHECK(number(finding, "new_reach") == 30);
  CHECK(number(finding, "new_share") == doctest::Approx(0.03));
  CHECK(number(finding, "cost_per_new_customer") == doctest::Approx(400));
  CHECK(number(finding, "earlier_cost_per_customer") == doctest::Approx(30));
  CHECK(finding.expected_loss == doctest::Approx(12000 * 0.97));
}

TEST_CASE("two campaigns over the capacity of a channel: one finding for the weeks in a row") {
  const auto portfolio = make({{.start = day(2026, 3, 2), .days = 21, .budget = 2100, .touches = 2},
                               {.start = day(2026, 3, 9), .days = 14, .budget = 1400, .touches = 2},
                               {.start = day(2026, 6, 1), .days = 7, .touches = 2}});
  const auto audiences = make_audiences(portfolio, {range(0, 100), range(80, 120), range(0, 200)});
  const auto load = conflict::load(portfolio, with_capacity(3));
  const auto got = saturation(portfolio, &audiences, load);
  REQUIRE(codes(got.findings) == std::vector<std::string>{"C201"});
  const auto& finding = got.findings.front();
  CHECK(finding.campaigns == std::vector<std::string>{"C0", "C1"});
  CHECK(number(finding, "weeks") == 2);
  CHECK(std::get<std::string>(*finding.find("first_week")) == "2026-03-09");
  CHECK(number(finding, "customers") == 120);
  CHECK(number(finding, "over_capacity") == 20);
  CHECK(number(finding, "peak") == doctest::Approx(4));
  CHECK(number(finding, "over_capacity_without_it") == 0);
  CHECK(finding.expected_loss == doctest::Approx(2 * (700 + 700) * 20.0 / 120));
  CHECK(finding.message.find("20 of the 120 customers") != std::string::npos);
  // Where a fifth over the capacity is accepted, there is nothing to say.
  CHECK(saturation(portfolio, &audiences, load, {.over_share = 0.2}).findings.empty());
}

TEST_CASE("without memberships the load of a segment is judged, and called an estimate") {
  const auto portfolio = make({{.days = 7, .audience = {"Loyal"}, .budget = 700, .touches = 2},
                               {.days = 7, .audience = {"loyal", "New"}, .budget = 700, .touches = 2},
                               {.days = 7, .audience = {"Students"}, .touches = 2}});
  const auto got = saturation(portfolio, nullptr, conflict::load(portfolio, with_capacity(3)));
  REQUIRE(codes(got.findings) == std::vector<std::string>{"C202"});
  const auto& finding = got.findings.front();
  CHECK(finding.campaigns == std::vector<std::string>{"C0", "C1"});
  CHECK(std::get<std::vector<std::string>>(*finding.find("segments")) == std::vector<std::string>{"Loyal"});
  CHECK(number(finding, "peak") == 4);
  CHECK(number(finding, "peak_without_it") == 2);
  // A quarter of what goes to Loyal is above 3 of 4: all of the first's 700, half of the second's.
  CHECK(finding.expected_loss == doctest::Approx(700 * 0.25 + 350 * 0.25));
  CHECK(finding.why.starts_with("Estimate"));
  // Three touches of seven days are three touches: capacity met, not passed.
  const auto met = make({{.start = day(2026, 3, 2), .days = 3, .audience = {"A"}, .touches = 3},
                         {.start = day(2026, 3, 5), .days = 4, .audience = {"A"}, .touches = 3}});
  CHECK(saturation(met, nullptr, conflict::load(met, with_capacity(3))).findings.empty());
}

TEST_CASE("a long run of weeks over capacity names everyone concerned, and asks for what helps") {
  // Each alone plans more than the channel carries; the second pair does so together.
  const auto portfolio = make({{.start = day(2026, 3, 2), .days = 14, .audience = {"A"}, .budget = 1400, .touches = 4},
                               {.start = day(2026, 3, 16), .days = 7, .audience = {"B"}, .budget = 700, .touches = 2},
                               {.start = day(2026, 3, 16), .days = 7, .audience = {"B", "C"}, .budget = 700, .touches = 1.5},
                               {.start = day(2026, 3, 16), .days = 7, .audience = {"C"}, .budget = 700, .touches = 1}});
  const auto got = saturation(portfolio, nullptr, conflict::load(portfolio, with_capacity(3)), {.min_order = 9});
  REQUIRE(codes(got.findings) == std::vector<std::string>{"C202"});
  const auto& finding = got.findings.front();
  CHECK(finding.campaigns == std::vector<std::string>{"C0", "C1", "C2"});
  CHECK(finding.suggestion == "Plan at most 3 contacts a week for C0.");
  CHECK(finding.expected_loss == doctest::Approx(1400 * 0.25 + (700 + 350) * 0.5 / 3.5));
  auto lower = portfolio;
  lower.touches_per_week[0] = 3;
  const auto rest = saturation(lower, nullptr, conflict::load(lower, with_capacity(3)), {.min_order = 9}).findings;
  REQUIRE(rest.size() == 1);
  CHECK(rest.front().suggestion == "Move C1 out of this week, or lower its touches.");
  // Two weeks, and the one to move runs in one of them.
  const auto pair = make({{.start = day(2026, 3, 2), .days = 14, .audience = {"A"}, .touches = 2},
                          {.start = day(2026, 3, 2), .days = 7, .audience = {"A"}, .touches = 2.5},
                          {.start = day(2026, 3, 9), .days = 7, .audience = {"A"}, .touches = 2}});
  const auto weeks = saturation(pair, nullptr, conflict::load(pair, with_capacity(3))).findings;
  REQUIRE(weeks.size() >= 1);
  CHECK(weeks.front().suggestion == "Move C1 out of the week of 2026-03-02, or lower its touches.");
}

TEST_CASE("an audience of everyone is above the capacity in part of its segments") {
  const auto portfolio = make({{.days = 7, .audience = {"everyone"}, .budget = 700, .touches = 2},
                               {.days = 7, .audience = {"A"}, .budget = 700, .touches = 2},
                               {.start = day(2026, 6, 1), .days = 7, .audience = {"B", "C", "D"}, .touches = 1}});
  const auto got = saturation(portfolio, nullptr, conflict::load(portfolio, with_capacity(3)));
  REQUIRE(codes(got.findings) == std::vector<std::string>{"C202"});
  CHECK(got.findings.front().expected_loss == doctest::Approx(700 * 0.25 / 4 + 700 * 0.25));
}

TEST_CASE("a campaign that names no new segment is an estimate, and an info") {
  const auto portfolio = make({{.start = day(2026, 4, 1), .audience = {"A", "B"}},
                               {.start = day(2026, 5, 1), .audience = {"A"}},
                               {.start = day(2026, 6, 1), .audience = {"B"}},
                               {.start = day(2026, 6, 20), .audience = {"B", "C"}}});
  const auto got = saturation(portfolio, nullptr, conflict::load(portfolio, {}));
  REQUIRE(codes(got.findings) == std::vector<std::string>{"C204"});
  CHECK(got.findings.front().campaigns.front() == "C2");
  CHECK(got.findings.front().severity == schema::severity::info);
  CHECK(codes(saturation(portfolio, nullptr, conflict::load(portfolio, {}), {.min_order = 2}).findings) ==
        std::vector<std::string>{"C204", "C204"});
}

TEST_CASE("those with memberships are counted though another campaign has none") {
  auto rows = std::vector<brief_campaign>{{.start = day(2026, 3, 2), .days = 7, .audience = {"A"}, .budget = 700, .touches = 2},
                                          {.start = day(2026, 3, 2), .days = 7, .audience = {"A"}, .budget = 700, .touches = 2},
                                          {.start = day(2026, 3, 9), .days = 7, .audience = {"A"}, .budget = 700, .touches = 1},
                                          {.start = day(2026, 3, 4), .days = 3, .audience = {"B"}, .budget = 700, .touches = 1}};
  const auto portfolio = make(rows);
  // The fourth is not in the table.
  const auto audiences = make_audiences(make({rows[0], rows[1], rows[2]}), {range(0, 100), range(0, 90), range(0, 100)});
  const auto got = saturation(portfolio, &audiences, conflict::load(portfolio, with_capacity(3)));
  CHECK(codes(got.findings) == std::vector<std::string>{"C201", "C203"});
  CHECK(got.findings.front().campaigns == std::vector<std::string>{"C0", "C1"});
  CHECK(number(got.findings.front(), "over_capacity") == 90);
  CHECK(got.channels.estimated == std::vector<std::uint8_t>{0, 0});
  REQUIRE(got.reach.size() == 4);
  CHECK(got.reach.campaign == std::vector<std::uint32_t>{0, 1, 3, 2});
  CHECK(got.reach.estimated == std::vector<std::uint8_t>{0, 0, 1, 0});
  CHECK(got.reach.new_reach == std::vector<double>{100, 0, 1, 0});
  CHECK(got.reach.reached == std::vector<double>{100, 100, 2, 100});
  CHECK(got.findings.back().campaigns == std::vector<std::string>{"C2", "C0", "C1"});
  // Where they do not fill it by themselves, the segments decide.
  const auto roomy = saturation(portfolio, &audiences, conflict::load(portfolio, with_capacity(5)));
  CHECK(roomy.channels.estimated == std::vector<std::uint8_t>{1, 0});
}

TEST_CASE("weeks and campaigns that are over are not reported, and what cannot move is not to be moved") {
  auto portfolio = make({{.start = day(2026, 3, 2), .days = 7, .touches = 2},
                         {.start = day(2026, 3, 2), .days = 7, .touches = 2},
                         {.start = day(2026, 3, 9), .days = 7}});
  const auto audiences = make_audiences(portfolio, {range(0, 100), range(0, 90), range(0, 100)});
  auto policy = with_capacity(3);
  const auto judged = [&] { return saturation(portfolio, &audiences, conflict::load(portfolio, policy)).findings; };
  CHECK(codes(judged()) == std::vector<std::string>{"C201", "C203"});
  CHECK(judged().front().suggestion == "Move C0 out of this week, or lower its touches.");
  portfolio.fixed_dates[0] = true;
  CHECK(judged().front().suggestion == "Move C1 out of this week, or lower its touches.");
  portfolio.status[1] = schema::status::running;
  CHECK(judged().front().suggestion == "Lower the touches of C0.");
  policy.today = day(2026, 3, 9);
  CHECK(codes(judged()) == std::vector<std::string>{"C203"});
  policy.today = day(2026, 3, 16);
  CHECK(judged().empty());
}

TEST_CASE("spend and prices are told in one currency") {
  std::vector<brief_campaign> rows;
  for (int i = 0; i < 3; ++i)
    rows.push_back({.start = day(2026, 3, 2) + std::chrono::days{i}, .days = 7, .budget = 700, .touches = 4});
  auto portfolio = make(rows);
  const auto audiences = make_audiences(portfolio, {range(0, 100), range(0, 100), range(0, 101)});
  const auto found = [&](const std::string& code) {
    for (const auto& finding : saturation(portfolio, &audiences, conflict::load(portfolio, with_capacity(3))).findings)
      if (finding.code == code) return finding;
    FAIL("no ", code);
    return schema::finding{};
  };
  CHECK(found("C203").find("cost_per_new_customer") != nullptr);
  const double loss = found("C201").expected_loss;
  portfolio.currency.codes[0] = portfolio.currency.values.intern("JPY");
  CHECK(found("C203").find("cost_per_new_customer") == nullptr);
  CHECK(found("C203").expected_loss > 0);
  CHECK(found("C201").expected_loss < loss);
  portfolio.currency.codes[0] = portfolio.currency.codes[1];
  portfolio.budget[1] = schema::missing;
  CHECK(found("C203").find("cost_per_new_customer") == nullptr);
}

TEST_CASE("a channel that is not registered is named once") {
  const auto portfolio = make({{.channel = "Skywriting"}, {.channel = "Skywriting"}, {.channel = "Email"}, {.channel = ""}});
  const auto got = saturation(portfolio, nullptr, conflict::load(portfolio, {}));
  REQUIRE(codes(got.findings) == std::vector<std::string>{"C205"});
  CHECK(got.findings.front().campaigns == std::vector<std::string>{"C0", "C1"});
}

TEST_CASE("the same for any number of threads") {
  const auto portfolio = random_portfolio(80, 5, 100);
  const auto audiences = make_audiences(portfolio, random_members(80, 400, 6));
  const auto load = conflict::load(portfolio, {});
  const auto one = saturation(portfolio, &audiences, load, {}, {.threads = 1}),
             four = saturation(portfolio, &audiences, load, {}, {.threads = 4});
  CHECK(one.channels.load == four.channels.load);
  CHECK(one.channels.peak == four.channels.peak);
  CHECK(one.reach.new_reach == four.reach.new_reach);
  REQUIRE(one.findings.size() == four.findings.size());
  for (std::size_t i = 0; i < one.findings.size(); ++i) CHECK(one.findings[i].message == four.findings[i].message);
}

TEST_CASE("empty portfolio, empty audience, a load of another portfolio") {
  CHECK(saturation({}, nullptr, conflict::load({}, {})).findings.empty());
  const auto portfolio = make({{}, {}, {}});
  const auto nobody = make_audiences(portfolio, {{}, {}, {}});
  const auto got = saturation(portfolio, &nobody, conflict::load(portfolio, {}));
  CHECK(got.findings.empty());
  CHECK(got.channels.customers == std::vector<double>{0});
  CHECK_THROWS_AS(saturation(portfolio, nullptr, conflict::load({}, {})), std::invalid_argument);
  CHECK_THROWS_AS(saturation(portfolio, nullptr, conflict::load(portfolio, {}), {.min_new_reach = 2}), std::invalid_argument);
}
