#include "clarion/conflict/find_conflicts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>

#include "clarion/conflict/rules.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/sample.hpp"
#include "clarion/schema/world.hpp"
#include "portfolios.hpp"

using namespace clarion;
using namespace clarion::test;
using conflict::find_conflicts;

namespace {

using named = std::set<std::set<std::string>>;

named by_code(const conflict::conflicts& result, const std::string& code) {
  named out;
  for (const auto& finding : result.findings)
    if (finding.code == code) out.insert({finding.campaigns.begin(), finding.campaigns.end()});
  return out;
}

std::map<std::string, int> tally(const conflict::conflicts& result) {
  std::map<std::string, int> out;
  for (const auto& finding : result.findings) ++out[finding.code];
  return out;
}

}  // namespace

TEST_CASE("the sample: what was planted is found, and nothing else") {
  const auto portfolio = schema::sample_portfolio();
  const auto audiences = schema::simulate_audiences();
  const auto catalog = schema::sample_catalog();
  conflict::conflict_options options;
  options.pairs.catalog = &catalog;
  const auto got = find_conflicts(portfolio, &audiences, schema::sample_policy(), {}, options);
  const auto& truth = schema::planted_truth().portfolio;
  const auto& social = truth.social;

  CHECK(got.source == conflict::audience_source::membership);
  CHECK(got.campaigns == 15);
  CHECK(by_code(got, "C101") ==
        named{{truth.black_friday, truth.gift_guide}, {social[0], social[1]}, {social[1], social[2]}, {social[2], social[3]}});
  CHECK(by_code(got, "C104") == by_code(got, "C101"));
  CHECK(by_code(got, "C203") == named{{social.begin(), social.end()}});
  CHECK(by_code(got, "C201") == named{{truth.black_friday, truth.gift_guide}});
  for (const auto& finding : got.findings) {
    if (finding.code == "C203") {
      CHECK(finding.campaigns.front() == social.back());
      CHECK(finding.message.find("adds 3.0% new people") != std::string::npos);
    }
    if (finding.code == "C101" && finding.campaigns.front() == truth.black_friday) {
      CHECK(std::get<std::int64_t>(*finding.find("shared")) == 2793);
      CHECK(std::get<std::string>(*finding.find("move")) == truth.gift_guide);
      CHECK(finding.suggestion.find("2026-12-01") != std::string::npos);
    }
    if (finding.code == "C305") CHECK(std::get<std::string>(*finding.find("first_month")) == "2026-10");
  }
  const auto codes = tally(got);
  for (const auto& [code, n] : codes) CHECK(std::set<std::string>{"C101", "C104", "C201", "C203", "C305"}.count(code) == 1);
  CHECK(codes.at("C305") == 1);
}

TEST_CASE("the sample by its tags alone: the same campaigns, called estimates") {
  const auto portfolio = schema::sample_portfolio();
  const auto got = find_conflicts(portfolio, nullptr, schema::sample_policy());
  const auto& truth = schema::planted_truth().portfolio;
  CHECK(got.source == conflict::audience_source::tags);
  CHECK(by_code(got, "C101").empty());
  CHECK(by_code(got, "C102") == named{{truth.black_friday, truth.gift_guide},
                                      {truth.social[0], truth.social[1]},
                                      {truth.social[1], truth.social[2]},
                                      {truth.social[2], truth.social[3]}});
  CHECK(by_code(got, "C202") == named{{truth.black_friday, truth.gift_guide}});
  CHECK(tally(got).count("C203") == 0);
  CHECK(tally(got).at("C204") == 3);
}

TEST_CASE("nothing planted, nothing found") {
  std::vector<brief_campaign> rows;
  const std::vector<std::string> channels{"Email", "SMS", "Social Media", "Podcast"};
  for (int i = 0; i < 12; ++i)
    rows.push_back({.channel = channels[static_cast<std::size_t>(i) % 4],
                    .start = day(2026, 1, 5) + std::chrono::days{28 * i},
                    .days = 14,
                    .audience = {"Segment " + std::to_string(i % 6)},
                    .products = {"Product " + std::to_string(i % 5)},
                    .owner = "Owner " + std::to_string(i % 5)});
  const auto portfolio = make(rows);
  CHECK(find_conflicts(portfolio).findings.empty());
  std::vector<std::vector<std::int64_t>> members(12);
  for (std::int64_t c = 0; c < 12; ++c)
    for (std::int64_t i = 0; i < 50; ++i) members[static_cast<std::size_t>(c)].push_back(c * 40 + i);
  const auto audiences = make_audiences(portfolio, members);
  CHECK(find_conflicts(portfolio, &audiences).findings.empty());
}

TEST_CASE("three campaigns on the same people, and more contacts than their cap") {
  auto portfolio = make({{.channel = "Email", .start = day(2026, 3, 2), .days = 14, .budget = 1400, .touches = 2},
                         {.channel = "SMS", .start = day(2026, 3, 9), .days = 14, .budget = 2800, .touches = 1},
                         {.channel = "Podcast", .start = day(2026, 3, 9), .days = 7, .budget = 700, .touches = 1},
                         {.channel = "Social Media", .start = day(2026, 6, 1), .days = 7, .touches = 3}});
  portfolio.frequency_cap[0] = 4;
  portfolio.frequency_cap[1] = 3;
  std::vector<std::vector<std::int64_t>> members(4);
  for (std::int64_t i = 0; i < 200; ++i)
    for (auto& each : members) each.push_back(i);
  for (std::int64_t i = 200; i < 300; ++i) members[0].push_back(i);
  // An audience that no campaign of the plan has, and one of a cancelled campaign, pile up on nobody.
  auto wider = make(std::vector<brief_campaign>(6));
  members.push_back(members[0]);
  members.push_back(members[0]);
  const auto audiences = make_audiences(wider, members);
  auto fifth = full("C4", {.start = day(2026, 3, 9), .touches = 50});
  fifth.status = schema::status::cancelled;
  portfolio.push_back(fifth);

  const auto got = find_conflicts(portfolio, &audiences);
  REQUIRE(by_code(got, "C103") == named{{"C0", "C1", "C2"}});
  REQUIRE(by_code(got, "C104") == named{{"C0", "C1", "C2"}});
  for (const auto& finding : got.findings) {
    if (finding.code == "C103") {
      CHECK(std::get<std::int64_t>(*finding.find("shared")) == 200);
      CHECK(std::get<std::int64_t>(*finding.find("shared_days")) == 7);
      CHECK(std::get<std::string>(*finding.find("first_day")) == "2026-03-09");
      // 1400 x 2/3 x 1/2, 2800 x 1/2 and 700: all but the largest.
      CHECK(finding.expected_loss == doctest::Approx(1400.0 / 3 + 700));
    }
    if (finding.code == "C104") {
      CHECK(std::get<double>(*finding.find("cap")) == 3);
      CHECK(std::get<double>(*finding.find("peak")) == 4);
      CHECK(std::get<std::int64_t>(*finding.find("over_cap")) == 200);
      CHECK(std::get<std::int64_t>(*finding.find("customers")) == 300);
      // The three spend 700 + 1400 + 700 that week; 200 of 1000 contacts are above the cap.
      CHECK(finding.expected_loss == doctest::Approx(2800 * 200.0 / 1000));
    }
  }
  CHECK(by_code(find_conflicts(portfolio, &audiences, {}, {}, {.over_cap_share = 0.7}), "C104").empty());
  CHECK(by_code(find_conflicts(portfolio, &audiences, {}, {}, {.pile_up = 4}), "C103").empty());
  CHECK(by_code(find_conflicts(portfolio, &audiences, {}, {}, {.pile_up_customers = 201}), "C103").empty());
  // A slip in a year does not make centuries of weeks.
  portfolio.push_back(full("C9", {.start = day(9999, 1, 1)}));
  CHECK(by_code(find_conflicts(portfolio, &audiences), "C104").empty());
}

TEST_CASE("a cap is that of the customers whom its campaign holds") {
  // The first has a cap of 1 and keeps to it; the others have none and meet other customers.
  auto portfolio = make({{.start = day(2026, 3, 2), .touches = 1},
                         {.channel = "SMS", .start = day(2026, 3, 2), .touches = 2},
                         {.channel = "Podcast", .start = day(2026, 3, 2), .touches = 2}});
  portfolio.frequency_cap[0] = 1;
  std::vector<std::vector<std::int64_t>> members(3);
  for (std::int64_t i = 0; i < 100; ++i) {
    members[0].push_back(i);
    members[1].push_back(1000 + i);
    members[2].push_back(1000 + i);
  }
  const auto apart = make_audiences(portfolio, members);
  CHECK(by_code(find_conflicts(portfolio, &apart), "C104").empty());
  for (std::int64_t i = 0; i < 20; ++i) members[1].push_back(i);
  const auto meeting = make_audiences(portfolio, members);
  const auto got = find_conflicts(portfolio, &meeting);
  REQUIRE(by_code(got, "C104") == named{{"C0", "C1"}});
  for (const auto& finding : got.findings)
    if (finding.code == "C104") {
      CHECK(finding.message ==
            "20 of 100 customers get more than 1 contact a week, up to 3, from C1 and C0, in the week of 2026-03-02.");
      CHECK(std::get<double>(*finding.find("cap")) == 1);
      CHECK(finding.suggestion == "Move C1 out of this week, lower its touches, or leave out those whom the others contact.");
    }
  portfolio.frequency_cap[1] = 2;
  for (const auto& finding : find_conflicts(portfolio, &meeting).findings)
    if (finding.code == "C104") {
      CHECK(finding.message.find("more contacts a week than the lowest cap of their campaigns (1 to 2)") != std::string::npos);
      CHECK(std::get<double>(*finding.find("highest_cap")) == 2);
    }
}

TEST_CASE("what is over is named once and asked nothing") {
  auto portfolio = make({{.audience = {"A"}, .touches = 1}, {.audience = {"A"}, .touches = 1}});
  portfolio.status[0] = schema::status::finished;
  auto got = find_conflicts(portfolio);
  CHECK(tally(got) == std::map<std::string, int>{{"C002", 1}});
  CHECK(got.findings.front().message == "1 of 2 campaigns is over: nothing is asked of it any more.");
  CHECK(got.pairs.size() == 1);  // the numbers stay
  portfolio.status[0] = schema::status::planned;
  schema::policy policy;
  policy.today = day(2026, 4, 1);
  got = find_conflicts(portfolio, nullptr, policy);
  CHECK(tally(got) == std::map<std::string, int>{{"C002", 1}});
  CHECK(got.findings.front().message == "2 of 2 campaigns are over on 2026-04-01: nothing is asked of them any more.");

  // Pile-ups and contacts likewise.
  const auto crowd = make({{.touches = 3}, {.touches = 3}, {.touches = 3}});
  std::vector<std::vector<std::int64_t>> members(3);
  for (std::int64_t i = 0; i < 200; ++i)
    for (auto& each : members) each.push_back(i);
  const auto audiences = make_audiences(crowd, members);
  auto capped = crowd;
  capped.frequency_cap[0] = 2;
  CHECK(by_code(find_conflicts(capped, &audiences), "C103").size() == 1);
  CHECK(by_code(find_conflicts(capped, &audiences), "C104").size() == 1);
  CHECK(tally(find_conflicts(capped, &audiences, policy)) == std::map<std::string, int>{{"C002", 1}});
  capped.status[1] = schema::status::finished;
  CHECK(by_code(find_conflicts(capped, &audiences), "C103").empty());
}

TEST_CASE("memberships of other campaigns are not passed over in silence") {
  const auto portfolio = make({{.start = day(2026, 1, 5), .audience = {"A"}}, {.start = day(2026, 3, 2), .audience = {"B"}}});
  const auto others =
      schema::build_audiences(std::vector<std::uint32_t>{0, 1}, std::vector<std::int64_t>{7, 8}, {.labels = {"c0 ", "Spring"}})
          .members;
  const auto none = find_conflicts(portfolio, &others);
  CHECK(none.source == conflict::audience_source::tags);
  REQUIRE(tally(none) == std::map<std::string, int>{{"C106", 1}});
  CHECK(none.findings.front().severity == schema::severity::warning);
  CHECK(none.findings.front().message ==
        "None of 2 campaigns is in the membership table, which has \"c0 \" and \"Spring\" besides.");
  const auto half = make_audiences(make({{}}), {{1, 2, 3}});
  const auto some = find_conflicts(portfolio, &half);
  REQUIRE(tally(some) == std::map<std::string, int>{{"C106", 1}});
  CHECK(some.findings.front().severity == schema::severity::info);
  CHECK(some.findings.front().campaigns == std::vector<std::string>{"C1"});
  CHECK(some.findings.front().message == "1 of 2 campaigns is not in the membership table.");
}

TEST_CASE("every finding is explained, names campaigns of the portfolio and is ranked") {
  const auto portfolio = random_portfolio(80, 12);
  const auto audiences = make_audiences(portfolio, random_members(50, 200, 3));
  schema::policy policy;
  policy.blackouts = {{day(2026, 3, 1), day(2026, 3, 3), "Stocktaking", ""}};
  const std::vector<schema::blackout> holidays{{day(2026, 5, 1), day(2026, 5, 1), "Labour Day", ""}};
  const auto got = find_conflicts(portfolio, &audiences, policy, holidays, {.max_findings = 10});
  REQUIRE(got.findings.size() > 20);
  CHECK(tally(got).count("C403") == 1);
  const schema::finding* last = nullptr;
  for (const auto& finding : got.findings) {
    CHECK_NOTHROW(conflict::rule_of(finding.code));
    CHECK_FALSE(finding.message.empty());
    CHECK_FALSE(finding.why.empty());
    CHECK_FALSE(finding.suggestion.empty());
    CHECK_FALSE(finding.evidence.empty());
    CHECK(finding.expected_loss >= 0);
    for (const auto& id : finding.campaigns) {
      const auto row = portfolio.find(id);
      REQUIRE(row);
      CHECK(conflict::counts(portfolio, *row));
    }
    if (last != nullptr)
      CHECK((last->severity > finding.severity ||
             (last->severity == finding.severity && last->expected_loss >= finding.expected_loss)));
    last = &finding;
  }
  for (const auto& [code, n] : tally(got))
    if (code != "C001") CHECK(n <= 10);
}

TEST_CASE("what is not shown is counted") {
  std::vector<brief_campaign> rows(25, {.audience = {"A"}, .products = {"P"}});
  const auto got = find_conflicts(make(rows), nullptr, {}, {}, {.max_findings = 4, .pairs = {.max_pairs = 200}});
  CHECK(got.pairs.size() == 200);
  std::map<std::string, std::int64_t> hidden;
  for (const auto& finding : got.findings)
    if (finding.code == "C001")
      hidden[std::get<std::string>(*finding.find("of"))] = std::get<std::int64_t>(*finding.find("not_shown"));
  CHECK(hidden["pairs"] == 25 * 24 / 2 - 200);
  CHECK(hidden["C102"] == 200 - 4);
  CHECK(hidden["C204"] == 23 - 4);
}

TEST_CASE("the same for any number of threads") {
  const auto portfolio = random_portfolio(150, 2);
  const auto audiences = make_audiences(portfolio, random_members(100, 300, 1));
  const auto one = find_conflicts(portfolio, &audiences, {}, {}, {}, {.threads = 1});
  const auto four = find_conflicts(portfolio, &audiences, {}, {}, {}, {.threads = 4});
  REQUIRE(one.findings.size() == four.findings.size());
  for (std::size_t i = 0; i < one.findings.size(); ++i) {
    CHECK(one.findings[i].message == four.findings[i].message);
    CHECK(one.findings[i].expected_loss == four.findings[i].expected_loss);
  }
  CHECK(one.pairs.weight == four.pairs.weight);
}

TEST_CASE("progress only goes forward, and a requested stop stops") {
  const auto portfolio = random_portfolio(300, 2);
  const auto audiences = make_audiences(portfolio, random_members(200, 300, 1));
  double last = 0;
  bool forward = true;
  run_options run;
  run.threads = 2;
  run.progress = [&](double fraction) {
    forward = forward && fraction >= last && fraction <= 1;
    last = fraction;
  };
  find_conflicts(portfolio, &audiences, {}, {}, {}, run);
  CHECK(forward);
  CHECK(last == doctest::Approx(1));
  std::stop_source stop;
  stop.request_stop();
  run_options stopped;
  stopped.cancel = stop.get_token();
  CHECK_THROWS_AS(find_conflicts(portfolio, &audiences, {}, {}, {}, stopped), cancelled);
}

TEST_CASE("campaigns without audience, channel or budget are said to lack them, once") {
  std::vector<brief_campaign> rows(9, {.channel = "", .budget = schema::missing, .owner = ""});
  const auto got = find_conflicts(make(rows));
  CHECK(tally(got) == std::map<std::string, int>{{"C105", 1}, {"C303", 1}});
  CHECK(got.source == conflict::audience_source::none);
  // With memberships alone, overlap is found all the same.
  const auto portfolio = make(rows);
  const auto audiences = make_audiences(portfolio, std::vector<std::vector<std::int64_t>>(9, {1, 2, 3}));
  const auto exact = find_conflicts(portfolio, &audiences);
  CHECK(exact.source == conflict::audience_source::membership);
  CHECK(tally(exact).at("C101") == 36);
}

TEST_CASE("no campaign, one campaign, a year-long one, same-day starts, bad options") {
  CHECK(find_conflicts({}).findings.empty());
  CHECK(find_conflicts(make({{.audience = {"A"}}})).findings.empty());
  const auto year = find_conflicts(
      make({{.days = 365, .audience = {"A"}}, {.channel = "SMS", .start = day(2026, 9, 1), .days = 3, .audience = {"B"}}}));
  CHECK(year.findings.empty());
  const auto together = find_conflicts(make({{.audience = {"A"}, .touches = 1}, {.audience = {"A"}, .touches = 1}}));
  CHECK(tally(together) == std::map<std::string, int>{{"C102", 1}});
  CHECK_THROWS_AS(find_conflicts({}, nullptr, {}, {}, {.max_findings = 0}), std::invalid_argument);
  CHECK_THROWS_AS(find_conflicts({}, nullptr, {}, {}, {.saturation = {.over_share = -1}}), std::invalid_argument);
  CHECK_THROWS_AS(find_conflicts({}, nullptr, {}, {}, {.timing = {.rest_days = 366}}), std::invalid_argument);
}
