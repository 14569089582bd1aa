#include "clarion/schema/policy.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace clarion;
using namespace clarion::schema;

namespace {

finding about(std::string code, std::vector<std::string> campaigns = {}) {
  finding out;
  out.code = std::move(code);
  out.severity = severity::warning;
  out.campaigns = std::move(campaigns);
  out.why = "Numbers.";
  return out;
}

std::vector<std::string> codes(const std::vector<finding>& findings) {
  std::vector<std::string> out;
  for (const auto& finding : findings) out.push_back(finding.code);
  return out;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("select keeps codes and prefixes, ignore wins") {
  const std::vector<finding> all{about("S001"), about("C101"), about("C102"), about("S002")};
  CHECK(codes(judge(all, {}).open) == texts{"S001", "C101", "C102", "S002"});
  CHECK(codes(judge(all, {.select = {"C1"}}).open) == texts{"C101", "C102"});
  CHECK(codes(judge(all, {.select = {"C1", "S002"}, .ignore = {"C102"}}).open) == texts{"C101", "S002"});
  CHECK(judge(all, {.ignore = {"S", "C"}}).open.empty());
  CHECK(judge({}, {.select = {"S"}}).open.empty());
}

TEST_CASE("severities are overridden by code") {
  const auto out = judge({about("S001"), about("S002")}, {.severities = {{"S002", severity::error}}});
  CHECK(out.open[0].severity == severity::warning);
  CHECK(out.open[1].severity == severity::error);
}

TEST_CASE("acceptances are listed apart, hold for their campaign and expire after their last day") {
  const date last = *core::parse_iso_date("2026-11-01");
  policy rules;
  rules.accepted = {{.code = "C101", .campaign = "a", .by = "Ann", .reason = "agreed", .until = last}};
  const std::vector<finding> all{about("C101", {"b", "a"}), about("C101", {"b"}), about("C102", {"a"}), about("C101")};

  rules.today = last;
  auto out = judge(all, rules);
  REQUIRE(out.accepted.size() == 1);
  CHECK(out.accepted[0].campaigns == texts{"b", "a"});
  CHECK(out.accepted[0].why == "Numbers. Accepted by Ann until 2026-11-01: agreed.");
  CHECK(out.open.size() == 3);

  rules.today = last + std::chrono::days{1};
  out = judge(all, rules);
  CHECK(out.accepted.empty());
  REQUIRE(out.open.size() == 4);
  CHECK(out.open[0].why == "Numbers. The acceptance by Ann expired on 2026-11-01.");
  CHECK(out.open[1].why == "Numbers.");

  rules.accepted[0].campaign.clear();
  rules.accepted[0].until.reset();
  out = judge(all, rules);
  CHECK(codes(out.accepted) == texts{"C101", "C101", "C101"});
  CHECK(codes(out.open) == texts{"C102"});
}

TEST_CASE("a standing acceptance wins over an expired one") {
  policy rules;
  rules.today = *core::parse_iso_date("2026-11-02");
  rules.accepted = {{.code = "C101", .by = "Bob", .until = *core::parse_iso_date("2027-01-01")},
                    {.code = "C101", .by = "Ann", .until = *core::parse_iso_date("2026-01-01")}};
  CHECK(judge({about("C101")}, rules).accepted.size() == 1);
}
