#include "clarion/plan/brief.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "clarion/plan/rules.hpp"
#include "clarion/schema/sample.hpp"
#include "clarion/schema/simulate_portfolio.hpp"
#include "clarion/schema/world.hpp"

using namespace clarion;
using nlohmann::json;

namespace {

constexpr date day(int year, unsigned month, unsigned of_month) {
  return date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

// The embedded sample in full, read once: what the newcomer sees.
struct sample {
  schema::portfolio portfolio = schema::sample_portfolio();
  schema::policy policy = schema::sample_policy();
  schema::catalog catalog = schema::sample_catalog();
  schema::portfolio history = schema::simulate_history();
  schema::audiences audiences = schema::simulate_audiences();

  plan::brief_result brief(const run_options& run = {}) const {
    return plan::brief(portfolio, {.audiences = &audiences, .history = &history, .catalog = &catalog}, policy, {}, run);
  }
};

const sample& world() {
  static const sample all;
  return all;
}

const plan::brief_result& whole() {
  static const plan::brief_result result = world().brief();
  return result;
}

using findings = std::vector<schema::finding>;

const schema::finding* find(const findings& in, std::string_view code, std::string_view campaign = {}) {
  for (const auto& finding : in)
    if (finding.code == code && (campaign.empty() || std::ranges::find(finding.campaigns, campaign) != finding.campaigns.end()))
      return &finding;
  return nullptr;
}

bool says(const schema::finding* finding, std::string_view text) {
  return finding != nullptr && finding->message.find(text) != std::string::npos;
}

schema::campaign simple(const char* id, date start, date end) {
  schema::campaign out;
  out.id = id;
  out.name = std::string("Campaign ") + id;
  out.budget.amount = 8000;
  out.channel = "Email";
  out.owner = "Ada";
  out.group = "A";
  out.audience = {"Buyers"};
  out.products = {"Shoes"};
  out.objective = schema::objective::revenue;
  out.start = start;
  out.end = end;
  return out;
}

schema::policy on(date today) {
  schema::policy out;
  out.today = today;
  return out;
}

}  // namespace

TEST_CASE("sample: Black Friday Blitz and Holiday Gift Guide are the largest risk") {
  const auto& brief = whole();
  REQUIRE_FALSE(brief.risks.findings.empty());
  const auto& first = brief.risks.findings.front();
  const std::set<std::string> named(first.campaigns.begin(), first.campaigns.end());
  CHECK(named == std::set<std::string>{"CMP-08", "CMP-09"});
  for (std::size_t i = 1; i < brief.risks.findings.size(); ++i)
    CHECK(brief.risks.findings[i].expected_loss <= brief.risks.findings[i - 1].expected_loss);
}

TEST_CASE("sample: the fifth Social Media campaign adds 3% new people") {
  const auto* reach = find(whole().risks.findings, "C203", "CMP-07");
  CHECK(says(reach, "3.0% new people"));
  CHECK(find(whole().risks.findings, "C101", "CMP-04") != nullptr);
}

TEST_CASE("sample: the quarter that holds most of the money") {
  CHECK(std::ranges::any_of(whole().risks.findings, [](const auto& finding) {
    return finding.code.starts_with("C3") && finding.message.find("2026-10") != std::string::npos;
  }));
}

TEST_CASE("sample: the groups differ in objective") {
  CHECK(std::ranges::any_of(whole().validation, [](const auto& finding) {
    return finding.message.find("acquisition") != std::string::npos && finding.message.find("objective") != std::string::npos;
  }));
}

TEST_CASE("sample: January and February are empty for acquisition, when health and wellness is strong") {
  const auto* gap = find(whole().roadmap.findings, "P402");
  CHECK(says(gap, "No acquisition campaign runs in January and February 2027"));
  CHECK(says(gap, "Health & Wellness"));
  CHECK(std::ranges::count(whole().roadmap.findings, "P402", &schema::finding::code) == 1);
}

TEST_CASE("sample: Holiday Gift Guide moves, Black Friday does not, and the optimum is proved") {
  const auto& brief = whole();
  CHECK(brief.moves.proved);
  CHECK(brief.moves.feasible);
  const auto& moves = brief.moves.moves;
  const auto moved = [&](std::string_view id) {
    return std::ranges::any_of(moves, [&](const auto& move) { return brief.movable[move.campaign].id == id; });
  };
  CHECK(moved("CMP-09"));
  CHECK_FALSE(moved("CMP-08"));
  CHECK(find(brief.roadmap.findings, "C511", "CMP-09") != nullptr);
}

TEST_CASE("sample: ownership, effort and overload") {
  const auto& team = whole().team;
  const auto tier = [&](std::string_view id) {
    return std::ranges::find(team.estimates, id, &plan::team_estimate::campaign)->tier;
  };
  CHECK(tier("CMP-08") == plan::ownership::cross_functional);
  CHECK(tier("CMP-11") == plan::ownership::one_owner);
  std::set<std::string> overloaded;
  for (const auto& finding : team.findings)
    if (finding.code == "P502") overloaded.insert(std::get<std::string>(*finding.find("owner")));
  CHECK(overloaded == std::set<std::string>{"Maya Chen"});
}

TEST_CASE("sample: a webinar for leads and a clearance by SMS get different frameworks") {
  std::set<std::string> webinar, clearance;
  for (const auto& row : whole().kpis.table) {
    if (row.role != plan::kpi_role::primary) continue;
    if (row.campaign == "CMP-02") webinar.insert(row.kpi);
    if (row.campaign == "CMP-11") clearance.insert(row.kpi);
  }
  REQUIRE_FALSE(webinar.empty());
  REQUIRE_FALSE(clearance.empty());
  for (const auto& kpi : webinar) CHECK_FALSE(clearance.contains(kpi));
}

TEST_CASE("sample: money moves from weak places to strong ones, and every campaign has an expectation") {
  const auto& strategies = whole().strategies;
  CHECK(strategies.expected.size() == 15);
  REQUIRE_FALSE(strategies.reallocations.empty());
  double before = 0, after = 0;
  for (const auto& row : strategies.reallocations.front().rows) {
    before += row.before;
    after += row.after;
  }
  CHECK(after == doctest::Approx(before));
  CHECK(strategies.reallocations.front().expected_after >= strategies.reallocations.front().expected_before);
}

TEST_CASE("every statement has a rule, evidence or campaigns, a why and something to do") {
  const auto& brief = whole();
  std::set<std::string_view> codes;
  for (const auto& rule : plan::rules()) codes.insert(rule.code);
  for (const auto* layer :
       {&brief.strategies.findings, &brief.kpis.findings, &brief.risks.findings, &brief.roadmap.findings, &brief.team.findings}) {
    CHECK_FALSE(layer->empty());
    for (const auto& finding : *layer) {
      CAPTURE(finding.code);
      CAPTURE(finding.message);
      CHECK(codes.contains(finding.code));
      CHECK_FALSE(finding.evidence.empty());
      CHECK_FALSE(finding.why.empty());
      CHECK_FALSE(finding.suggestion.empty());
    }
  }
}

TEST_CASE("the JSON has the documented shape and no NaN") {
  const auto& brief = whole();
  const auto text = plan::to_json(brief);
  const auto out = json::parse(text);
  for (const char* key :
       {"format",   "clarion",    "today",        "headline",      "layers",    "validation",   "accepted", "quarantine",
        "calendar", "overlap",    "channel_load", "concentration", "kpi_table", "reallocation", "moves",    "moves_proof",
        "team",     "owner_load", "gaps",         "missing",       "outcomes",  "neighbours",   "curves",   "reallocations"})
    CHECK(out.contains(key));
  CHECK(out["format"] == 1);
  CHECK(out["today"] == "2026-08-10");
  const auto& head = out["headline"];
  CHECK(head["campaigns"] == 15);
  CHECK(head["budget"] == 212000);
  CHECK(head["currency"] == "USD");
  CHECK(head["channels"] == 8);
  CHECK(head["audience_source"] == "membership");
  CHECK(head["errors"].get<std::size_t>() + head["warnings"].get<std::size_t>() + head["infos"].get<std::size_t>() ==
        brief.validation.size() + brief.strategies.findings.size() + brief.kpis.findings.size() + brief.risks.findings.size() +
            brief.roadmap.findings.size() + brief.team.findings.size());
  CHECK(head["largest_finding"] == brief.risks.findings.front().message);
  CHECK(out["calendar"].size() == 15);
  CHECK(out["calendar"][7]["id"].is_string());
  const auto n = out["overlap"]["campaigns"].size();
  CHECK(n == 15);
  CHECK(out["overlap"]["jaccard"].size() == n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) CHECK(out["overlap"]["jaccard"][i][j] == out["overlap"]["jaccard"][j][i]);
  for (const auto& channel : out["channel_load"]["channels"]) {
    CHECK(channel["load"].size() == out["channel_load"]["weeks"].size());
    CHECK(channel["over"].size() == out["channel_load"]["weeks"].size());
  }
  CHECK(out["team"].size() == 15);
  CHECK(json::parse(plan::to_json(brief, -1)) == out);
}

TEST_CASE("the JSON holds what the strategies rest on") {
  const auto& brief = whole();
  const auto out = json::parse(plan::to_json(brief));
  REQUIRE(out["outcomes"].size() == 15);
  for (std::size_t row = 0; row < 15; ++row) {
    const auto& told = out["outcomes"][row];
    const auto& expected = brief.strategies.expected[row];
    CHECK(told["campaign"] == expected.campaign);
    CHECK(told["expected"] == expected.expected);
    CHECK(told["low"] <= told["expected"]);
    CHECK(told["expected"] <= told["high"]);
    CHECK(told["season_factor"] == expected.season_factor);
  }
  // The product of the factors is the index over the usual.
  const auto& first = out["outcomes"][0];
  double product = 1;
  for (const char* factor : {"channel", "objective", "category", "season", "budget", "neighbours"})
    product *= first[std::string(factor) + "_factor"].get<double>();
  CHECK(product == doctest::Approx(first["index"].get<double>()));

  REQUIRE(out["neighbours"].size() == brief.strategies.neighbours.rows.size());
  for (const auto& row : out["neighbours"]) {
    CHECK(world().history.find(row["neighbour"].get<std::string>()));
    CHECK(row["similarity"] >= 0);
    CHECK(row["similarity"] <= 1);
  }
  REQUIRE(out["reallocations"].size() == brief.strategies.reallocations.size());
  CHECK(out["reallocations"][0] == out["reallocation"]);
  REQUIRE(out["curves"].size() == brief.strategies.curves.size());
  for (const auto& curve : out["curves"]) {
    const auto expected = curve["expected"].get<std::vector<double>>();
    CHECK(curve["spend"].size() == expected.size());
    CHECK(std::ranges::is_sorted(expected));
    CHECK(expected.front() == 0);
  }
}

TEST_CASE("the same for any number of threads") {
  const auto one = plan::to_json(world().brief({.threads = 1}));
  CHECK(one == plan::to_json(world().brief({.threads = 2})));
  CHECK(one == plan::to_json(world().brief({.threads = 5})));
}

TEST_CASE("the policy: accepted findings stand apart, ignored ones nowhere") {
  const auto& all = world();
  schema::policy policy = all.policy;
  policy.accepted.push_back({.code = "C203", .campaign = "CMP-07", .by = "Elena", .reason = "brand", .until = {}});
  policy.ignore = {"P5"};
  const auto brief =
      plan::brief(all.portfolio, {.audiences = &all.audiences, .history = &all.history, .catalog = &all.catalog}, policy);
  CHECK(find(brief.risks.findings, "C203", "CMP-07") == nullptr);
  CHECK(find(brief.accepted, "C203", "CMP-07") != nullptr);
  CHECK(brief.team.findings.empty());
  CHECK(brief.team.estimates.size() == 15);
  policy.accepted.clear();
  policy.ignore.clear();
  policy.select = {"C1"};
  const auto few =
      plan::brief(all.portfolio, {.audiences = &all.audiences, .history = &all.history, .catalog = &all.catalog}, policy);
  for (const auto& finding : few.risks.findings) CHECK(finding.code.starts_with("C1"));
  CHECK(few.strategies.findings.empty());
}

TEST_CASE("an empty portfolio has an empty brief") {
  const auto brief = plan::brief({}, {}, on(day(2026, 1, 1)));
  CHECK(brief.risks.findings.empty());
  CHECK(brief.team.findings.empty());
  CHECK(brief.moves.moves.empty());
  const auto out = json::parse(plan::to_json(brief));
  CHECK(out["headline"]["campaigns"] == 0);
  CHECK(out["headline"]["budget"].is_null());
  CHECK(out["calendar"].empty());
}

TEST_CASE("one campaign, nothing else given: every layer says what it lacks") {
  const auto brief =
      plan::brief(schema::make_portfolio({simple("a", day(2026, 5, 4), day(2026, 5, 17))}), {}, on(day(2026, 1, 1)));
  std::set<std::string> layers;
  for (const auto& missing : brief.missing) {
    layers.insert(missing.layer);
    CHECK_FALSE(missing.supply.empty());
  }
  CHECK(layers == std::set<std::string>{"strategies", "kpis", "risks", "roadmap", "team"});
  CHECK(brief.count(schema::severity::error) == 0);
  CHECK(brief.moves.moves.empty());
}

TEST_CASE("without history, without audiences, without budgets") {
  const auto& all = world();
  const auto no_history = plan::brief(all.portfolio, {.audiences = &all.audiences}, all.policy);
  CHECK(find(no_history.roadmap.findings, "P402") == nullptr);
  CHECK(find(no_history.roadmap.findings, "P404") != nullptr);
  CHECK(no_history.strategies.reallocations.empty());

  const auto no_audiences = plan::brief(all.portfolio, {.history = &all.history, .catalog = &all.catalog}, all.policy);
  CHECK(no_audiences.conflicts.source == conflict::audience_source::tags);
  CHECK(no_audiences.overlap.estimated);
  CHECK_FALSE(no_audiences.customers);
  CHECK(std::ranges::any_of(no_audiences.missing, [](const auto& missing) { return missing.layer == "risks"; }));
  CHECK(find(no_audiences.risks.findings, "C102") != nullptr);

  auto unpaid = all.portfolio;
  std::ranges::fill(unpaid.budget, schema::missing);
  const auto no_budgets = plan::brief(unpaid, {.audiences = &all.audiences, .history = &all.history}, all.policy);
  CHECK(no_budgets.risks.expected_loss == 0);
  CHECK_FALSE(no_budgets.risks.findings.empty());
  CHECK(json::parse(plan::to_json(no_budgets))["headline"]["budget"].is_null());
}

TEST_CASE("hostile text stays text") {
  auto row = simple("<script>\"\\", day(2026, 5, 4), day(2026, 5, 17));
  row.name = "broken \xff\xfe utf-8 \n</script>";
  const auto brief = plan::brief(schema::make_portfolio({row}), {}, on(day(2026, 1, 1)));
  const auto out = json::parse(plan::to_json(brief));
  CHECK(out["calendar"][0]["id"] == "<script>\"\\");
  CHECK(out["calendar"][0]["name"].get<std::string>().find("\xEF\xBF\xBD") != std::string::npos);
}

TEST_CASE("quarantined rows are handed through and counted") {
  schema::finding bad;
  bad.code = "S001";
  bad.severity = schema::severity::error;
  bad.row = 3;
  const std::vector<schema::finding> none;
  const auto brief = plan::brief(schema::make_portfolio({simple("a", day(2026, 5, 4), day(2026, 5, 17))}),
                                 {.validation = &none, .quarantine = {{3, "broken", {bad}}}}, on(day(2026, 1, 1)));
  CHECK(brief.count(schema::severity::error) == 1);
  const auto out = json::parse(plan::to_json(brief));
  CHECK(out["headline"]["quarantined"] == 1);
  CHECK(out["quarantine"][0]["row"] == 3);
  CHECK(out["quarantine"][0]["findings"][0]["code"] == "S001");
}

TEST_CASE("findings as JSON keep their form") {
  schema::finding finding;
  finding.code = "C101";
  finding.evidence = {
      {"shared", std::int64_t{5}, "customers"}, {"unknown", schema::missing, ""}, {"ids", std::vector<std::string>{"a"}, ""}};
  const auto out = json::parse(plan::to_json(std::vector{finding}));
  CHECK(out[0]["evidence"]["shared"] == 5);
  CHECK(out[0]["evidence"]["unknown"].is_null());
  CHECK(out[0]["units"] == json{{"shared", "customers"}});
  CHECK_FALSE(out[0].contains("row"));
}

TEST_CASE("the headline adds budgets of one currency") {
  auto euro = simple("a", day(2026, 9, 7), day(2026, 9, 20)), yen = simple("b", day(2026, 10, 5), day(2026, 10, 18)),
       other = simple("c", day(2026, 11, 2), day(2026, 11, 15));
  euro.budget = other.budget = {5000, "EUR"};
  yen.budget = {900000, "JPY"};
  const auto out = json::parse(plan::to_json(plan::brief(schema::make_portfolio({euro, yen, other}), {}, on(day(2026, 8, 1)))));
  CHECK(out["headline"]["budget"] == 10000);
  CHECK(out["headline"]["currency"] == "EUR");
}

TEST_CASE("what is over has no part in the conflict graph, what has begun does not move in it") {
  auto done = simple("a", day(2026, 9, 7), day(2026, 9, 20)), begun = simple("b", day(2026, 9, 7), day(2026, 9, 27)),
       fixed = simple("c", day(2026, 9, 21), day(2026, 10, 4));
  fixed.fixed_dates = true;
  const auto portfolio = schema::make_portfolio({done, begun, fixed});
  const auto all = plan::brief(portfolio, {}, on(day(2026, 8, 1)));
  CHECK(all.graph.edges.size() == 2);
  CHECK(all.graph.locked.empty());
  const auto later = plan::brief(portfolio, {}, on(day(2026, 9, 22)));
  CHECK(later.graph.edges.size() == 1);
  CHECK(find(later.risks.findings, "C002", "a") != nullptr);
  CHECK(later.graph.locked.size() == 1);
}

TEST_CASE("a stop is honoured and options are checked") {
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(world().brief({.threads = 1, .progress = {}, .cancel = stop.get_token()}), cancelled);
  CHECK_THROWS_AS(plan::brief({}, {}, {}, {.touch_rate = -1}), std::invalid_argument);
  std::vector<double> fractions;
  world().brief({.threads = 1, .progress = [&](double done) { fractions.push_back(done); }, .cancel = {}});
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.back() == 1);
  // The steps tell of themselves, so that the callback can end each of them.
  CHECK(fractions.size() > 12);
}
