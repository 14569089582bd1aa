#include "clarion/schema/rules.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>

using namespace clarion::schema;

TEST_CASE("every rule has a code, a title, an explanation and a remedy of its own") {
  std::set<std::string_view> titles, codes;
  for (const auto& rule : rules()) {
    CHECK(rule.code.size() == 4);
    CHECK(rule.code[0] == 'S');
    CHECK(codes.insert(rule.code).second);
    CHECK(titles.insert(rule.title).second);
    CHECK(rule.explanation.ends_with('.'));
    CHECK((rule.remedy.ends_with('.') || rule.remedy.ends_with('}')));
    CHECK(&rule_of(rule.code) == &rule);
  }
  CHECK(rule_of("S001").title == "end before start");
  CHECK_THROWS_AS(rule_of("S999"), std::invalid_argument);
  CHECK_THROWS_AS(rule_of(""), std::invalid_argument);
}
