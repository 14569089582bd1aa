#include "clarion/plan/risks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "clarion/core/random.hpp"

using namespace clarion;

namespace {

schema::portfolio budgets(std::vector<double> amounts) {
  std::vector<schema::campaign> rows;
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    schema::campaign row;
    row.id = "c" + std::to_string(i);
    row.name = "Campaign " + std::to_string(i);
    row.budget.amount = amounts[i];
    rows.push_back(row);
  }
  return schema::make_portfolio(rows);
}

schema::finding conflict_of(std::string code, std::vector<std::string> campaigns, double loss,
                            schema::severity severity = schema::severity::warning) {
  schema::finding out;
  out.code = std::move(code);
  out.campaigns = std::move(campaigns);
  out.expected_loss = loss;
  out.severity = severity;
  out.message = out.code + " between campaigns";
  out.evidence.push_back({"shared", loss, "customers"});
  out.why = "because of " + out.code;
  out.suggestion = "resolve " + out.code;
  return out;
}

const plan::campaign_stake& stake(const plan::risks_plan& plan, std::string_view id) {
  const auto at = std::ranges::find(plan.stakes, id, &plan::campaign_stake::campaign);
  REQUIRE(at != plan.stakes.end());
  return *at;
}

}  // namespace

TEST_CASE("risks are ranked by money, then severity") {
  const auto plan = plan::risks(budgets({1000, 1000, 1000, 1000}),
                                {conflict_of("C201", {"c0"}, 10), conflict_of("C403", {"c1"}, 0, schema::severity::error),
                                 conflict_of("C302", {"c2"}, 500), conflict_of("C404", {"c3"}, 0, schema::severity::info)});
  std::vector<std::string> codes;
  for (const auto& finding : plan.findings) codes.push_back(finding.code);
  CHECK(codes == std::vector<std::string>{"C302", "C201", "C403", "C404", "P301"});
}

TEST_CASE("detectors that speak of the same pair become one risk, its money counted once") {
  const auto plan =
      plan::risks(budgets({1000, 1000, 1000}), {conflict_of("C401", {"c1", "c0"}, 100, schema::severity::error),
                                                conflict_of("C101", {"c0", "c1"}, 300), conflict_of("C101", {"c0", "c2"}, 50)});
  const auto pairs = std::ranges::count_if(plan.findings, [](const auto& finding) { return finding.code.starts_with("C"); });
  CHECK(pairs == 2);
  const auto& merged = plan.findings.front();
  CHECK(merged.code == "C101");
  CHECK(merged.severity == schema::severity::error);
  CHECK(merged.expected_loss == 300);
  CHECK(merged.message == "C101 between campaigns (also C401)");
  CHECK(merged.why == "because of C101 C401: C401 between campaigns. because of C401");
  CHECK(merged.suggestion == "resolve C101 Or: resolve C401");
  CHECK(std::get<double>(*merged.find("shared")) == 300);
  CHECK(std::get<double>(*merged.find("c401_shared")) == 100);
  CHECK(std::get<std::vector<std::string>>(*merged.find("also")) == std::vector<std::string>{"C401"});
}

TEST_CASE("risks of a single campaign are different matters and stay apart") {
  const auto plan = plan::risks(budgets({1000}), {conflict_of("C203", {"c0"}, 10), conflict_of("C302", {"c0"}, 20)});
  CHECK(plan.findings.size() == 3);
}

TEST_CASE("stakes by hand: divided by budget, the largest part counts, at most the budget") {
  const auto plan = plan::risks(
      budgets({3000, 1000, 500}),
      {conflict_of("C101", {"c0", "c1"}, 400), conflict_of("C103", {"c1", "c2"}, 900), conflict_of("C203", {"c2"}, 800)});
  CHECK(stake(plan, "c0").at_stake == doctest::Approx(300));
  CHECK(stake(plan, "c1").at_stake == doctest::Approx(600));
  CHECK(stake(plan, "c2").at_stake == doctest::Approx(500));
  CHECK(stake(plan, "c2").codes == std::vector<std::string>{"C203", "C103"});
  CHECK(plan.expected_loss == doctest::Approx(1400));
  const auto summary = std::ranges::find(plan.findings, "P301", &schema::finding::code);
  REQUIRE(summary != plan.findings.end());
  CHECK(summary->campaigns == std::vector<std::string>{"c1", "c2", "c0"});
}

TEST_CASE("the expected loss is never above the budget nor below a single risk's, and any order of findings gives the same") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    core::random_stream random(seed);
    std::vector<double> amounts(8);
    for (auto& amount : amounts) amount = 100 + 1000 * random.uniform();
    std::vector<schema::finding> findings;
    for (int i = 0; i < 30; ++i) {
      const auto a = random.below(8), b = random.below(8);
      std::vector<std::string> ids{"c" + std::to_string(a)};
      double money = amounts[a];
      if (a != b) {
        ids.push_back("c" + std::to_string(b));
        money += amounts[b];
      }
      findings.push_back(conflict_of("C" + std::to_string(100 + random.below(4)), ids, money * random.uniform()));
    }
    const auto portfolio = budgets(amounts);
    const auto plan = plan::risks(portfolio, findings);
    CHECK(plan.expected_loss <= std::accumulate(amounts.begin(), amounts.end(), 0.0) * (1 + 1e-12));
    for (const auto& finding : findings) CHECK(plan.expected_loss >= finding.expected_loss * (1 - 1e-12));
    std::ranges::reverse(findings);
    const auto again = plan::risks(portfolio, findings);
    CHECK(again.expected_loss == doctest::Approx(plan.expected_loss));
    REQUIRE(again.findings.size() == plan.findings.size());
    for (std::size_t i = 0; i < plan.findings.size(); ++i)
      CHECK(again.findings[i].expected_loss == plan.findings[i].expected_loss);
  }
}

TEST_CASE("money of another currency is not at stake beside that of the main one") {
  auto portfolio = budgets({3000, 1000, 900000});
  portfolio.currency.codes[2] = portfolio.currency.values.intern("JPY");
  const auto plan = plan::risks(portfolio, {conflict_of("C101", {"c0", "c2"}, 400), conflict_of("C103", {"c0", "c1"}, 400)});
  CHECK(stake(plan, "c0").at_stake == doctest::Approx(400));
  CHECK(stake(plan, "c1").at_stake == doctest::Approx(100));
  CHECK(plan.stakes.size() == 2);
  const auto summary = std::ranges::find(plan.findings, "P301", &schema::finding::code);
  REQUIRE(summary != plan.findings.end());
  CHECK(summary->message.starts_with("$500 of $4,000 (12%) is at stake"));
}

TEST_CASE("without budgets or audiences the layer says what it could not do") {
  const auto plan =
      plan::risks(budgets({schema::missing}), {conflict_of("C101", {"c0", "c1"}, 0)}, conflict::audience_source::none);
  CHECK(plan.expected_loss == 0);
  CHECK(plan.missing.size() == 2);
  CHECK(std::ranges::count(plan.findings, "P001", &schema::finding::code) == 2);
  CHECK(std::ranges::count(plan.findings, "P301", &schema::finding::code) == 0);
  CHECK(plan::risks(budgets({1}), {}, conflict::audience_source::tags).missing.size() == 1);
  CHECK(plan::risks({}, {}, conflict::audience_source::none).findings.empty());
}

TEST_CASE("options out of range are refused") {
  CHECK_THROWS_AS(plan::risks({}, {}, conflict::audience_source::none, {.summary_share = 2}), std::invalid_argument);
}
