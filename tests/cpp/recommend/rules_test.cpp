#include "clarion/recommend/rules.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>

using namespace clarion;

TEST_CASE("codes are unique, ascending, of this room and explained") {
  std::string last;
  for (const auto& rule : recommend::rules()) {
    CHECK(last < rule.code);
    last = rule.code;
    CHECK(rule.code.size() == 4);
    CHECK(rule.code.front() == 'R');
    CHECK_FALSE(rule.title.empty());
    CHECK(rule.explanation.ends_with('.'));
    CHECK(rule.remedy.ends_with('.'));
    CHECK(&recommend::rule_of(rule.code) == &rule);
  }
  CHECK(last > "R0");
}

TEST_CASE("a code that is not one is refused") {
  for (const auto* code : {"", "R", "R999", "S001", "r001"}) CHECK_THROWS_AS(recommend::rule_of(code), std::invalid_argument);
}
