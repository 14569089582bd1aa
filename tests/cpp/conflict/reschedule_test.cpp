#include "clarion/conflict/reschedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <limits>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::conflict;

namespace {

struct instance {
  std::vector<movable_campaign> campaigns;
  std::vector<conflict_edge> rates;
};

date at(int day) { return core::from_day_number(20'000 + day); }

movable_campaign run(std::string id, int start, int length, int window) {
  movable_campaign c;
  c.id = std::move(id);
  c.start = at(start);
  c.end = at(start + length - 1);
  c.earliest = at(start - window);
  c.latest = at(start + window);
  return c;
}

struct shape {
  int n = 5, horizon = 14, shortest = 3, longest = 9, window = 3;
  double density = .8, fixed = .1;
  bool even = true;  // weights and rates on a grid
};

instance random_instance(std::uint64_t seed, const shape& s) {
  core::random_stream random(seed, 1);
  const auto below = [&](int n) { return static_cast<int>(random.below(static_cast<std::uint64_t>(n))); };
  instance out;
  for (int i = 0; i < s.n; ++i) {
    auto c = run("c" + std::to_string(i), below(s.horizon), s.shortest + below(s.longest - s.shortest + 1), s.window);
    c.fixed = random.chance(s.fixed);
    if (!s.even) c.weight = .5 + random.uniform();
    out.campaigns.push_back(c);
  }
  for (std::uint32_t a = 0; a < out.campaigns.size(); ++a)
    for (std::uint32_t b = a + 1; b < out.campaigns.size(); ++b)
      if (random.chance(s.density))
        out.rates.push_back({a, b, s.even ? .25 * (1 + below(4)) : .1 + random.uniform(), "audience"});
  return out;
}

std::vector<date> starts_of(const instance& x) {
  std::vector<date> out;
  for (const auto& c : x.campaigns) out.push_back(c.start);
  return out;
}

double conflict_of(const instance& x, const std::vector<date>& start) {
  double sum = 0;
  for (const auto& e : x.rates) {
    const auto &a = x.campaigns[e.a], &b = x.campaigns[e.b];
    sum += e.weight * core::shared_days(start[e.a], start[e.a] + (a.end - a.start), start[e.b], start[e.b] + (b.end - b.start));
  }
  return sum;
}

double cost_of(const instance& x, const std::vector<date>& start, const reschedule_options& o) {
  double sum = 0;
  for (std::size_t i = 0; i < start.size(); ++i) {
    const auto days = std::abs((start[i] - x.campaigns[i].start).count());
    if (days) sum += x.campaigns[i].weight * (o.cost_per_day * static_cast<double>(days) + o.cost_per_move);
  }
  return sum;
}

struct exhaustive {
  double cost = std::numeric_limits<double>::infinity(), least = cost;
};

/// Every schedule there is.
exhaustive all_schedules(const instance& x, double limit, const reschedule_options& o) {
  exhaustive out;
  std::vector<date> start(x.campaigns.size());
  const std::function<void(std::size_t)> choose = [&](std::size_t i) {
    if (i == start.size()) {
      const double conflict = conflict_of(x, start);
      out.least = std::min(out.least, conflict);
      if (conflict <= limit + 1e-9) out.cost = std::min(out.cost, cost_of(x, start, o));
      return;
    }
    const auto& c = x.campaigns[i];
    for (date d = c.fixed ? c.start : c.earliest; d <= (c.fixed ? c.start : c.latest); d += std::chrono::days{1})
      if ((d - c.start).count() % o.step_days == 0) {
        start[i] = d;
        choose(i + 1);
      }
  };
  choose(0);
  return out;
}

void check_consistent(const instance& x, const reschedule_result& r, const reschedule_options& o) {
  CHECK(r.conflict_after == doctest::Approx(conflict_of(x, r.start)));
  CHECK(r.cost == doctest::Approx(cost_of(x, r.start, o)));
  CHECK(r.bound <= r.cost);
  CHECK(r.gap == r.cost - r.bound);
  if (r.feasible) CHECK(r.conflict_after <= r.limit + 1e-6);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < r.start.size(); ++i) {
    const auto& c = x.campaigns[i];
    if (c.fixed) CHECK(r.start[i] == c.start);
    CHECK(r.start[i] >= (c.fixed ? c.start : c.earliest));
    CHECK(r.start[i] <= (c.fixed ? c.start : c.latest));
    moved += r.start[i] != c.start;
  }
  CHECK(r.moves.size() == moved);
}

}  // namespace

TEST_CASE("every schedule tried: same cost, same verdict on the limit, same least conflict") {
  int infeasible = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    core::random_stream random(seed, 2);
    shape s;
    s.n = 2 + static_cast<int>(random.below(4));
    s.window = 1 + static_cast<int>(random.below(3));
    s.even = seed % 2;
    const auto x = random_instance(seed, s);
    reschedule_options o;
    o.keep_share = random.uniform();
    o.cost_per_move = static_cast<double>(seed % 3);
    o.step_days = seed % 5 == 0 ? 2 : 1;
    const auto r = reschedule(x.campaigns, x.rates, o);
    check_consistent(x, r, o);
    CHECK(r.proved);
    const auto expected = all_schedules(x, r.limit, o);
    CHECK(r.feasible == std::isfinite(expected.cost));
    if (r.feasible) {
      CHECK(r.cost == doctest::Approx(expected.cost));
      CHECK_FALSE(r.least_conflict.has_value());
    } else {
      ++infeasible;
      REQUIRE(r.least_conflict.has_value());
      CHECK(*r.least_conflict == doctest::Approx(expected.least));
      CHECK(r.conflict_after == doctest::Approx(expected.least));
      CHECK(r.cost == doctest::Approx(all_schedules(x, expected.least, o).cost));
    }
  }
  CHECK(infeasible > 20);
  CHECK(infeasible < 280);
}

TEST_CASE("parts under a common limit: the sum counts, not each share") {
  // Two pairs far apart: it is cheaper to part one of them altogether than both by half.
  instance x;
  x.campaigns = {run("a", 0, 10, 14), run("b", 0, 10, 14), run("c", 100, 4, 14), run("d", 100, 4, 14)};
  x.rates = {{0, 1, 1, "audience"}, {2, 3, 2.5, "audience"}};
  const reschedule_options together{.limit = 10, .cost_per_move = 0};
  const auto r = reschedule(x.campaigns, x.rates, together);
  CHECK(r.proved);
  CHECK(r.parts.size() == 2);
  CHECK(r.conflict_before == 20);
  CHECK(r.cost == 4);
  CHECK(r.conflict_after == 10);
  reschedule_options apart = together;
  apart.limit = 5;
  apart.per_component = true;
  const auto each = reschedule(x.campaigns, x.rates, apart);
  CHECK(each.proved);
  CHECK(each.cost == 5 + 2);
  for (const auto& p : each.parts) CHECK(p.conflict_after <= 5);
}

TEST_CASE("many parts: the frontiers merge to what one search over everything finds") {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    instance x;
    for (int k = 0; k < 3; ++k) {
      auto y = random_instance(seed * 10 + static_cast<std::uint64_t>(k),
                               {.n = 2, .window = 4, .density = 1, .fixed = 0, .even = false});
      const auto base = static_cast<std::uint32_t>(x.campaigns.size());
      for (auto& c : y.campaigns) {
        for (auto* day : {&c.start, &c.end, &c.earliest, &c.latest}) *day += std::chrono::days{100 * k};
        x.campaigns.push_back(c);
      }
      for (auto& e : y.rates) x.rates.push_back({e.a + base, e.b + base, e.weight, e.reason});
    }
    const reschedule_options o{.keep_share = .3 + .04 * static_cast<double>(seed)};
    const auto r = reschedule(x.campaigns, x.rates, o);
    check_consistent(x, r, o);
    CHECK(r.proved);
    if (r.feasible) CHECK(r.cost == doctest::Approx(all_schedules(x, r.limit, o).cost));
  }
}

TEST_CASE("the same answer for any number of threads, proved or not") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    CAPTURE(seed);
    const auto x = random_instance(
        seed, {.n = 60, .horizon = 240, .shortest = 7, .longest = 30, .window = 10, .density = .05, .even = seed % 2 == 0});
    for (const std::uint64_t nodes : {300u, 200'000u}) {
      const reschedule_options o{.max_nodes = nodes};
      const auto one = reschedule(x.campaigns, x.rates, o, {.threads = 1});
      for (const unsigned threads : {2u, 5u}) {
        const auto more = reschedule(x.campaigns, x.rates, o, {.threads = threads});
        CHECK(more.start == one.start);
        CHECK(more.cost == one.cost);
        CHECK(more.bound == one.bound);
        CHECK(more.nodes == one.nodes);
        CHECK(more.proved == one.proved);
      }
      check_consistent(x, one, o);
    }
  }
}

TEST_CASE("every schedule tried: bounds and proofs hold however few nodes there are") {
  int open = 0, proved = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    core::random_stream random(seed, 3);
    auto x = random_instance(seed, {.n = 5 + static_cast<int>(seed % 2),
                                    .horizon = 4 + static_cast<int>(random.below(12)),
                                    .longest = 12,
                                    .window = seed % 2 ? 3 : 5,
                                    .density = .6 + .4 * random.uniform(),
                                    .even = seed % 3 == 0});
    if (random.chance(.3)) {
      x.campaigns[1] = x.campaigns[0];  // the same days, other rates
      x.campaigns[2].weight = 0;
    }
    reschedule_options o;
    o.keep_share = .3 + .6 * random.uniform();
    o.cost_per_move = static_cast<double>(random.below(3));
    o.cost_per_day = random.chance(.5) ? 1 : .5;
    const auto expected = all_schedules(x, o.keep_share * conflict_of(x, starts_of(x)), o);
    for (const std::uint64_t nodes : {1u, 10u, 100u, 500'000u}) {
      CAPTURE(nodes);
      o.max_nodes = nodes;
      const auto r = reschedule(x.campaigns, x.rates, o);
      check_consistent(x, r, o);
      if (r.feasible) {
        CHECK(r.bound <= expected.cost + 1e-9);
        CHECK(r.cost >= expected.cost - 1e-9);
        if (r.proved) CHECK(r.cost == doctest::Approx(expected.cost));
      } else {
        CHECK(*r.least_conflict <= expected.least + 1e-9);
        if (r.proved) CHECK(std::isinf(expected.cost));
        if (r.proved) CHECK(r.conflict_after == doctest::Approx(expected.least));
      }
      ++(r.proved ? proved : open);
      if (nodes == 500'000) CHECK(r.proved);
    }
  }
  CHECK(open > 100);
  CHECK(proved > 500);
}

TEST_CASE("out of nodes: a valid schedule, a bound below the optimum, no claim of proof") {
  int open = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    const auto x = random_instance(
        seed, {.n = 14, .horizon = 50, .shortest = 7, .longest = 20, .window = 10, .density = .8, .even = seed % 2 == 0});
    const auto exact = reschedule(x.campaigns, x.rates, {});
    REQUIRE(exact.proved);
    const auto rough = reschedule(x.campaigns, x.rates, {.max_nodes = 20});
    check_consistent(x, rough, {});
    CHECK(rough.feasible == exact.feasible);
    CHECK(rough.bound <= exact.cost + 1e-9);
    CHECK(rough.cost >= exact.cost - 1e-9);
    CHECK(rough.proved == (rough.gap == 0));
    open += !rough.proved;
  }
  CHECK(open > 5);
}

TEST_CASE("interchangeable campaigns are all placed") {
  instance x;
  for (int i = 0; i < 5; ++i) x.campaigns.push_back(run("twin" + std::to_string(i), 0, 3, 3));
  for (std::uint32_t a = 0; a < 5; ++a)
    for (std::uint32_t b = a + 1; b < 5; ++b) x.rates.push_back({a, b, 1, "audience"});
  for (const double limit : {0.0, 3.0, 7.0, 15.0}) {
    CAPTURE(limit);
    const reschedule_options o{.limit = limit};
    const auto r = reschedule(x.campaigns, x.rates, o);
    const auto expected = all_schedules(x, limit, o);
    CHECK(r.proved);
    CHECK(r.feasible == std::isfinite(expected.cost));
    if (r.feasible) CHECK(r.cost == doctest::Approx(expected.cost));
  }
}

TEST_CASE("what cannot move stays: fixed, over, closed days, a plan outside its window") {
  instance x;
  x.campaigns = {run("black friday", 0, 7, 10), run("rival", 0, 7, 10)};
  x.campaigns[0].fixed = true;
  x.rates = {{0, 1, 1, "audience"}};
  auto r = reschedule(x.campaigns, x.rates, {.limit = 0});
  REQUIRE(r.moves.size() == 1);
  CHECK(r.moves[0].campaign == 1);
  CHECK(std::abs(r.moves[0].days) == 7);
  REQUIRE(r.moves[0].pairs.size() == 1);
  CHECK(r.moves[0].pairs[0].days_before == 7);
  CHECK(r.moves[0].pairs[0].days_after == 0);
  CHECK(r.moves[0].removes == 7);

  SUBCASE("days that are closed are jumped over") {
    x.campaigns[1].closed = {{at(7), at(7)}, {at(-8), at(-5)}};
    r = reschedule(x.campaigns, x.rates, {.limit = 0});
    CHECK(r.start[1] == at(8));
  }
  SUBCASE("both fixed: out of reach, and the conflict is named as held") {
    x.campaigns[1].fixed = true;
    r = reschedule(x.campaigns, x.rates, {.limit = 0});
    CHECK_FALSE(r.feasible);
    CHECK(r.proved);
    CHECK(r.conflict_held == 7);
    CHECK(r.least_conflict.value() == 7);
    const auto findings = reschedule_findings(r, x.campaigns);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].code == "C512");
    CHECK(findings[1].code == "C514");
    CHECK(findings[0].message == "Within the allowed windows conflict cannot go below 7 weighted days; the limit is 0.");
    r.proved = false;
    r.least_conflict = 6;
    CHECK(reschedule_findings(r, x.campaigns)[0].message ==
          "Within the allowed windows conflict cannot go below 6 weighted days; the least found is 7, the limit 0.");
    r.limit = 6.5;
    CHECK(reschedule_findings(r, x.campaigns)[0].message ==
          "No schedule with conflict of at most 6.5 weighted days was found; the least found is 7.");
  }
  SUBCASE("what is over conflicts with nothing") {
    x.campaigns[1].over = true;
    r = reschedule(x.campaigns, x.rates, {.limit = 0});
    CHECK(r.conflict_before == 0);
    CHECK(r.moves.empty());
  }
  SUBCASE("a plan outside its window has to move") {
    x.campaigns[1].earliest = at(3);
    r = reschedule(x.campaigns, x.rates, {.limit = 100});
    CHECK(r.start[1] == at(3));
    CHECK(r.cost == 4);
  }
}

TEST_CASE("nothing to do, nothing at all") {
  CHECK(reschedule({}, {}).proved);
  const auto x = random_instance(1, {});
  const auto r = reschedule(x.campaigns, x.rates, {.keep_share = 1});
  CHECK(r.proved);
  CHECK(r.moves.empty());
  CHECK(r.cost == 0);
}

TEST_CASE("bad input is refused by name") {
  auto x = random_instance(1, {.fixed = 0});
  CHECK_THROWS_AS(reschedule(x.campaigns, x.rates, {.limit = -1}), std::invalid_argument);
  CHECK_THROWS_AS(reschedule(x.campaigns, x.rates, {.keep_share = 1.5}), std::invalid_argument);
  CHECK_THROWS_AS(reschedule(x.campaigns, x.rates, {.step_days = 0}), std::invalid_argument);
  for (const conflict_edge& bad :
       {conflict_edge{0, 99, 1, ""}, {0, 0, 1, ""}, {0, 1, -1, ""}, {0, 1, std::numeric_limits<double>::quiet_NaN(), ""}})
    CHECK_THROWS_AS(reschedule(x.campaigns, std::vector{bad}), std::invalid_argument);
  const auto with = [&](auto&& change) {
    auto campaigns = x.campaigns;
    change(campaigns[0]);
    return reschedule(campaigns, x.rates);
  };
  CHECK_THROWS_AS(with([](auto& c) { c.end = c.start - std::chrono::days{1}; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& c) { c.latest = c.earliest - std::chrono::days{1}; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& c) { c.weight = -1; }), std::invalid_argument);
}

TEST_CASE("a stop ends the search; progress reaches one") {
  const auto x = random_instance(4, {.n = 25, .horizon = 90, .shortest = 14, .longest = 30, .window = 14, .density = .5});
  std::stop_source stop;
  run_options cancelled_run;
  cancelled_run.cancel = stop.get_token();
  stop.request_stop();
  CHECK_THROWS_AS(reschedule(x.campaigns, x.rates, {}, cancelled_run), cancelled);

  double last = 0;
  run_options watched;
  watched.progress = [&](double f) {
    CHECK(f >= 0);
    CHECK(f <= 1);
    last = f;
  };
  const auto r = reschedule(x.campaigns, x.rates, {.max_nodes = 20'000, .time_limit = 5}, watched);
  CHECK(last == 1);
  CHECK(r.feasible);

  // Reports come from where a stop is asked for: within the tables of bounds too, whose passes take long here.
  const auto dense = random_instance(0, {.n = 60, .horizon = 60, .shortest = 7, .longest = 30, .window = 14, .density = .3});
  for (const int reports : {1, 4, 8}) {
    CAPTURE(reports);
    std::stop_source later;
    run_options stopped;
    stopped.threads = 1;
    stopped.cancel = later.get_token();
    std::clock_t asked = 0, before = std::clock(), longest = 0;
    int seen = 0;
    stopped.progress = [&](double) {
      const auto now = std::clock();
      longest = std::max(longest, now - std::exchange(before, now));
      if (++seen != reports) return;
      asked = now;
      later.request_stop();
    };
    CHECK_THROWS_AS(reschedule(dense.campaigns, dense.rates, {}, stopped), cancelled);
    // Processor time, which a busy machine does not stretch; a report is due every tenth of a second.
    CHECK(std::clock() - asked < CLOCKS_PER_SEC / 10);
    CHECK(longest < CLOCKS_PER_SEC / 5);
  }

  run_options failing;
  failing.threads = 1;
  failing.progress = [](double) { throw std::runtime_error("enough"); };
  CHECK_THROWS_WITH(reschedule(x.campaigns, x.rates, {}, failing), "enough");
}

TEST_CASE("a portfolio: windows, what stays, rates, new dates, findings") {
  std::vector<schema::campaign> rows(5);
  const char* ids[] = {"spring", "mailing", "friday", "running", "old"};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].id = ids[i];
    rows[i].name = i == 0 ? "Spring sale" : "";
    rows[i].start = at(100);
    rows[i].end = at(109);
    rows[i].channel = "Email";
    rows[i].audience = {"loyal"};
  }
  rows[1].earliest_start = at(98);
  rows[1].latest_end = at(125);
  rows[2].fixed_dates = true;
  rows[3].start = at(80);
  rows[4].status = schema::status::finished;
  const auto portfolio = schema::make_portfolio(rows);
  schema::policy policy;
  policy.today = at(90);
  policy.blackouts = {{at(112), at(112), "audit", " email "}, {at(0), at(400), "elsewhere", "SMS"}};
  const reschedule_options o{.keep_share = .4};
  const auto campaigns = movable_campaigns(portfolio, policy, o);
  CHECK(campaigns[0].earliest == at(90));
  CHECK(campaigns[0].latest == at(114));
  CHECK(campaigns[1].earliest == at(98));
  CHECK(campaigns[1].latest == at(116));
  CHECK(campaigns[2].fixed);
  CHECK(campaigns[3].fixed);
  CHECK(campaigns[4].over);
  CHECK(campaigns[0].closed.size() == 1);

  const auto rates = conflict_rates(portfolio, nullptr, campaigns);
  const auto r = reschedule(campaigns, rates, o);
  CHECK(r.feasible);
  CHECK(r.proved);
  CHECK_FALSE(r.moves.empty());
  const auto moved = apply(portfolio, r);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(moved.start[i] == r.start[i]);
    CHECK(moved.end[i] - moved.start[i] == rows[i].end - rows[i].start);
    if (i >= 2) CHECK(moved.start[i] == rows[i].start);
    if (moved.start[i] != rows[i].start) CHECK(core::shared_days(moved.start[i], moved.end[i], at(112), at(112)) == 0);
  }
  const auto findings = reschedule_findings(r, campaigns);
  REQUIRE(findings.size() >= r.moves.size());
  CHECK(findings[0].code == "C511");
  CHECK(findings[0].campaigns[0] == campaigns[r.moves[0].campaign].id);
  CHECK_FALSE(findings[0].expected_effect.empty());
  for (const auto& f : findings) {
    if (f.code != "C511") continue;
    const std::string name = f.campaigns[0] == "spring" ? "Spring sale" : f.campaigns[0];
    CHECK(f.message.starts_with("Move " + name + " "));
    CHECK(f.message.find("weighted day") != std::string::npos);
    CHECK(f.suggestion.starts_with("Start " + name + " on "));
  }
  CHECK(findings[0].find("removes") != nullptr);
}
