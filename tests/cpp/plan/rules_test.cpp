#include "clarion/plan/rules.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

using namespace clarion;

TEST_CASE("every code stands once, in order, with everything that a reader needs") {
  const auto all = plan::rules();
  CHECK(std::ranges::is_sorted(all, {}, &schema::rule::code));
  std::set<std::string_view> codes;
  for (const auto& rule : all) {
    CAPTURE(rule.code);
    CHECK(codes.insert(rule.code).second);
    CHECK(rule.code.size() == 4);
    CHECK_FALSE(rule.title.empty());
    CHECK(rule.explanation.size() > 20);
    CHECK_FALSE(rule.remedy.empty());
  }
  for (const char* code : {"S001", "C101", "C501", "C511", "P001", "P101", "P201", "P301", "P401", "P501"})
    CHECK(codes.contains(code));
}

TEST_CASE("a code is explained whatever its case; a slip names the nearest") {
  CHECK(plan::explain("c101").code == "C101");
  CHECK(plan::explain("P402").title == "Strong season without a campaign");
  CHECK_THROWS_AS(plan::explain(""), std::invalid_argument);
  try {
    plan::explain("P5011");
    FAIL("P5011 is not a code");
  } catch (const std::invalid_argument& problem) {
    CHECK(std::string(problem.what()).find("did you mean P501?") != std::string::npos);
  }
}
