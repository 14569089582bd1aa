#include "clarion/conflict/timing.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include "clarion/conflict/load.hpp"
#include "clarion/schema/audiences.hpp"
#include "portfolios.hpp"

using namespace clarion;
using namespace clarion::test;
using conflict::timing;

namespace {

conflict::timing_result judge(const schema::portfolio& portfolio, const schema::audiences* audiences = nullptr,
                              const conflict::timing_options& options = {}, const schema::policy& policy = {},
                              const std::vector<schema::blackout>& holidays = {}) {
  return timing(portfolio, conflict::pairs(portfolio, audiences, {.within_days = options.rest_days}), policy, holidays, options);
}

std::vector<std::string> codes(const conflict::timing_result& result) {
  std::vector<std::string> out;
  for (const auto& finding : result.findings) out.push_back(finding.code);
  return out;
}

using named = std::set<std::set<std::string>>;

/// Campaigns named together by findings of this code.
named by_code(const conflict::timing_result& result, const std::string& code) {
  named out;
  for (const auto& finding : result.findings)
    if (finding.code == code) out.insert({finding.campaigns.begin(), finding.campaigns.end()});
  return out;
}

}  // namespace

TEST_CASE("what is reported is what the thresholds say, pair by pair") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto portfolio = random_portfolio(40, 200 + seed, 120);
    auto members = random_members(25, 60, seed);
    const auto audiences = make_audiences(portfolio, members);
    const conflict::timing_options options{
        .rest_days = 10, .rest_containment = 0.4, .min_containment = 0.6, .max_findings = 100000};
    const auto table = conflict::pairs(portfolio, &audiences, {.within_days = 10});
    named overlap, declared, products, rest;
    const auto before = [&](std::size_t i) {
      return portfolio.start[table.b[i]] < portfolio.start[table.a[i]] ? table.b[i] : table.a[i];
    };
    // Nobody else had the later one's channel and audience after the earlier one ended.
    const auto last_to_have = [&](std::size_t i) {
      const auto first = before(i), second = table.a[i] + table.b[i] - first;
      for (std::size_t j = 0; j < table.size(); ++j) {
        const auto other = before(j);
        if (table.a[j] + table.b[j] - other == second && (table.reasons[j] & conflict::shares_channel) != 0 &&
            table.containment[j] >= 0.4 && portfolio.end[other] > portfolio.end[first])
          return false;
      }
      return true;
    };
    for (std::size_t i = 0; i < table.size(); ++i) {
      const std::set<std::string> pair{std::string(portfolio.id[table.a[i]]), std::string(portfolio.id[table.b[i]])};
      const bool exact = (table.reasons[i] & conflict::estimated) == 0, audience = table.containment[i] > 0;
      const bool channel = (table.reasons[i] & conflict::shares_channel) != 0,
                 product = (table.reasons[i] & conflict::shares_products) != 0;
      if (table.shared_days[i] > 0) {
        const bool much = audience && table.containment[i] >= 0.6;
        if (much && exact)
          overlap.insert(pair);
        else if (much && (channel || product))
          declared.insert(pair);
        else if (channel && product)
          products.insert(pair);
      } else if (channel && audience && table.containment[i] >= 0.4 && table.days_apart[i] <= 10 && last_to_have(i)) {
        rest.insert(pair);
      }
    }
    const auto got = timing(portfolio, table, {}, {}, options);
    CHECK(by_code(got, "C101") == overlap);
    CHECK(by_code(got, "C102") == declared);
    CHECK(by_code(got, "C401") == products);
    CHECK(by_code(got, "C402") == rest);
    CHECK(overlap.size() + declared.size() + products.size() + rest.size() == got.findings.size());
    CHECK(overlap.size() > 0);
  }
}

TEST_CASE("two audiences that overlap: the numbers, the move and what it saves") {
  auto portfolio = make({{.start = day(2026, 11, 20), .days = 11, .products = {"Home"}, .budget = 30000},
                         {.start = day(2026, 11, 24), .days = 22, .products = {"home"}, .budget = 22000}});
  portfolio.fixed_dates[0] = true;
  portfolio.earliest_start[1] = day(2026, 11, 9);
  portfolio.latest_end[1] = day(2026, 12, 22);
  const auto audiences = make_audiences(portfolio, {{1, 2, 3, 4, 5}, {4, 5, 6, 7}});
  const auto got = judge(portfolio, &audiences, {.min_containment = 0.5});
  REQUIRE(codes(got) == std::vector<std::string>{"C101"});
  const auto& finding = got.findings.front();
  CHECK(finding.campaigns == std::vector<std::string>{"C0", "C1"});
  CHECK(std::get<std::int64_t>(*finding.find("shared")) == 2);
  CHECK(std::get<std::int64_t>(*finding.find("shared_days")) == 7);
  CHECK(std::get<double>(*finding.find("containment")) == 0.5);
  CHECK(std::get<double>(*finding.find("jaccard")) == doctest::Approx(2.0 / 7));
  CHECK(std::get<std::vector<std::string>>(*finding.find("products")) == std::vector<std::string>{"Home"});
  CHECK(finding.expected_loss == doctest::Approx(std::min(30000 * 0.4 * 7 / 11, 22000 * 0.5 * 7 / 22)));
  // The blitz is fixed; the other may end a week later at most, which is what it takes.
  CHECK(std::get<std::string>(*finding.find("move")) == "C1");
  CHECK(std::get<std::int64_t>(*finding.find("move_days")) == 7);
  CHECK(finding.suggestion.find("7 days later, to start on 2026-12-01") != std::string::npos);

  portfolio.latest_end[1] = day(2026, 12, 21);
  const auto stuck = judge(portfolio, &audiences).findings;
  REQUIRE(stuck.size() == 1);
  CHECK(stuck.front().find("move") == nullptr);
  CHECK(stuck.front().suggestion.find("exclude the shared customers from C1") != std::string::npos);
}

TEST_CASE("declared audiences are reported on one channel or for the same products, as an estimate") {
  const auto portfolio = make({{.channel = "Email", .audience = {"A"}, .products = {"P"}},
                               {.channel = "SMS", .audience = {"A"}, .products = {"Q"}},
                               {.channel = "Push", .audience = {"A"}, .products = {"P"}},
                               {.channel = "SMS", .audience = {"A", "B", "C"}}});
  const auto got = judge(portfolio);
  CHECK(by_code(got, "C102") == named{{"C0", "C2"}, {"C1", "C3"}});
  CHECK(got.findings.size() == 2);
  CHECK(got.findings.front().why.starts_with("Estimate"));
}

TEST_CASE("rest: counted in free days, only within a channel") {
  const auto two = [](int gap, const char* channel) {
    return make(
        {{.start = day(2026, 3, 1), .days = 5, .audience = {"A"}},
         {.channel = channel, .start = day(2026, 3, 6) + std::chrono::days{gap}, .days = 14, .audience = {"A"}, .budget = 1400}});
  };
  for (const int gap : {0, 3, 6}) {
    const auto portfolio = two(gap, "Email");
    const auto audiences = make_audiences(portfolio, {{1, 2}, {1, 2}});
    const auto exact = judge(portfolio, &audiences);
    REQUIRE(codes(exact) == std::vector<std::string>{"C402"});
    CHECK(exact.findings.front().severity == schema::severity::warning);
    CHECK(std::get<std::int64_t>(*exact.findings.front().find("rest_days")) == gap);
    CHECK(exact.findings.front().expected_loss == doctest::Approx(100.0 * (7 - gap)));
    CHECK(std::get<std::string>(*exact.findings.front().find("move")) == "C1");
    CHECK(std::get<std::int64_t>(*exact.findings.front().find("move_days")) == 7 - gap);
    const auto guess = judge(portfolio);
    REQUIRE(codes(guess) == std::vector<std::string>{"C402"});
    CHECK(guess.findings.front().severity == schema::severity::info);
  }
  CHECK(codes(judge(two(7, "Email"))).empty());
  CHECK(codes(judge(two(2, "SMS"))).empty());
  CHECK(codes(judge(two(2, "Email"), nullptr, {.rest_days = 0})).empty());
}

TEST_CASE("what is over asks for nothing; what has begun is not moved, and nothing to before today") {
  auto portfolio = make({{.start = day(2026, 3, 2), .days = 10, .audience = {"A"}},
                         {.start = day(2026, 3, 9), .days = 10, .audience = {"A"}},
                         {.start = day(2026, 3, 20), .days = 10, .audience = {"A"}}});
  schema::policy policy;
  CHECK(by_code(judge(portfolio), "C102") == named{{"C0", "C1"}});
  CHECK(by_code(judge(portfolio), "C402") == named{{"C1", "C2"}});
  portfolio.status[0] = schema::status::finished;
  CHECK(codes(judge(portfolio)) == std::vector<std::string>{"C402"});
  portfolio.status[1] = schema::status::finished;  // the later one still lacks rest
  CHECK(codes(judge(portfolio)) == std::vector<std::string>{"C402"});
  portfolio.status[2] = schema::status::finished;
  CHECK(judge(portfolio).findings.empty());

  const auto plan = make(
      {{.start = day(2026, 3, 2), .days = 10, .audience = {"A"}}, {.start = day(2026, 3, 9), .days = 10, .audience = {"A"}}});
  policy.today = day(2026, 3, 20);
  CHECK(judge(plan, nullptr, {}, policy).findings.empty());
  const auto move = [&] {
    const auto got = judge(plan, nullptr, {}, policy);
    REQUIRE(codes(got) == std::vector<std::string>{"C102"});
    const auto* campaign = got.findings.front().find("move");
    return campaign == nullptr
               ? std::pair(std::string{}, std::int64_t{})
               : std::pair(std::get<std::string>(*campaign), std::get<std::int64_t>(*got.findings.front().find("move_days")));
  };
  policy.today = day(2026, 3, 1);
  CHECK(move() == std::pair(std::string("C1"), std::int64_t{3}));
  policy.today = day(2026, 3, 5);  // the first has begun
  CHECK(move() == std::pair(std::string("C1"), std::int64_t{3}));
  policy.today = day(2026, 3, 10);  // both have
  CHECK(move().first.empty());
  policy.today.reset();
  policy.blackouts = {{day(2026, 3, 20), day(2026, 3, 31), "Stocktaking", ""}};
  CHECK(move() == std::pair(std::string("C0"), std::int64_t{-3}));
  policy.blackouts.push_back({day(2026, 2, 25), day(2026, 3, 1), "Audit", " email"});
  CHECK(move() == std::pair(std::string("C0"), std::int64_t{-15}));
}

TEST_CASE("money of two currencies is neither compared nor added") {
  auto portfolio = make({{.days = 10, .budget = 1000}, {.days = 10, .budget = 400}, {.start = day(2026, 9, 1), .budget = 5}});
  const auto audiences = make_audiences(portfolio, {{1, 2}, {1, 2}, {}});
  const auto loss = [&] { return judge(portfolio, &audiences).findings.front().expected_loss; };
  CHECK(loss() == doctest::Approx(400));
  portfolio.currency.codes[1] = portfolio.currency.values.intern("EUR");
  CHECK(loss() == 0);
  CHECK(judge(portfolio, &audiences).findings.front().expected_effect.find("not spent twice") == std::string::npos);
}

TEST_CASE("rest is missing after the last campaign alone") {
  // The third follows both others within a week, and the second runs into the time after the first.
  const auto portfolio = make({{.start = day(2026, 3, 1), .days = 5, .audience = {"A"}},
                               {.start = day(2026, 3, 4), .days = 5, .audience = {"A"}},
                               {.start = day(2026, 3, 11), .days = 5, .audience = {"A"}}});
  CHECK(by_code(judge(portfolio), "C402") == named{{"C1", "C2"}});
}

TEST_CASE("blackouts are errors, by channel where they say so; holidays matter on the first day") {
  const auto portfolio = make({{.channel = "Email", .start = day(2026, 12, 20), .days = 10, .budget = 1000},
                               {.channel = "SMS", .start = day(2026, 12, 25), .days = 4},
                               {.channel = "SMS", .start = day(2026, 12, 29), .days = 4}});
  schema::policy policy;
  policy.blackouts = {{day(2026, 12, 24), day(2026, 12, 27), "Company closed", ""},
                      {day(2026, 12, 30), day(2027, 1, 2), "Carrier freeze", " sms"}};
  const auto got = judge(portfolio, nullptr, {}, policy, {{day(2026, 12, 25), day(2026, 12, 25), "Christmas Day", ""}});
  CHECK(by_code(got, "C403") == named{{"C0"}, {"C1"}, {"C2"}});
  CHECK(by_code(got, "C404") == named{{"C1"}});
  REQUIRE(got.taken.size() == 4);
  CHECK(got.taken.campaign == std::vector<std::uint32_t>{0, 1, 1, 2});
  CHECK(got.taken.days == std::vector<std::uint32_t>{4, 3, 1, 3});
  for (const auto& finding : got.findings)
    CHECK(finding.severity == (finding.code == "C403" ? schema::severity::error : schema::severity::info));
  for (const auto& finding : got.findings)
    if (finding.campaigns.front() == "C0") CHECK(finding.expected_loss == doctest::Approx(400));
}

TEST_CASE("the worst are worded, the others counted") {
  std::vector<brief_campaign> rows;
  for (int i = 0; i < 30; ++i) rows.push_back({.audience = {"A"}, .budget = 100.0 * i});
  const auto got = judge(make(rows), nullptr, {.max_findings = 5});
  REQUIRE(got.findings.size() == 6);
  CHECK(got.findings.front().campaigns == std::vector<std::string>{"C28", "C29"});
  const auto& rest = got.findings.back();
  CHECK(rest.code == "C001");
  CHECK(std::get<std::string>(*rest.find("of")) == "C102");
  CHECK(std::get<std::int64_t>(*rest.find("not_shown")) == 30 * 29 / 2 - 5);
}

TEST_CASE("nothing planted, nothing found") {
  std::vector<brief_campaign> rows;
  for (int i = 0; i < 12; ++i)
    rows.push_back({.start = day(2026, 1, 5) + std::chrono::days{28 * i}, .days = 14, .audience = {"A"}, .products = {"P"}});
  CHECK(judge(make(rows)).findings.empty());
  CHECK(judge({}).findings.empty());
  CHECK(judge(make({{}})).findings.empty());
}

TEST_CASE("bad arguments are refused") {
  const auto portfolio = make({{.audience = {"A"}}, {.audience = {"A"}}});
  const auto table = conflict::pairs(portfolio, nullptr);
  CHECK_THROWS_AS(timing(make({{}}), table, {}), std::invalid_argument);
  CHECK_THROWS_AS(timing(portfolio, table, {}, {}, {.rest_days = -1}), std::invalid_argument);
  schema::policy policy;
  policy.blackouts = {{day(2026, 2, 2), day(2026, 2, 1), "Backwards", ""}};
  CHECK_THROWS_WITH_AS(timing(portfolio, table, policy), doctest::Contains("Backwards"), std::invalid_argument);
}
