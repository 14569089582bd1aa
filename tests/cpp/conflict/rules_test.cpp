#include "clarion/conflict/rules.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>

using namespace clarion;

TEST_CASE("codes are unique, ascending, of this room and explained") {
  std::string last;
  for (const auto& rule : conflict::rules()) {
    CHECK(last < rule.code);
    last = rule.code;
    CHECK(rule.code.size() == 4);
    CHECK(rule.code.front() == 'C');
    CHECK_FALSE(rule.title.empty());
    CHECK(rule.explanation.ends_with('.'));
    CHECK(rule.remedy.ends_with('.'));
    CHECK(&conflict::rule_of(rule.code) == &rule);
  }
  CHECK(last > "C4");
}

TEST_CASE("a code that is not one is refused") {
  for (const auto* code : {"", "C", "C999", "S001", "c101"}) CHECK_THROWS_AS(conflict::rule_of(code), std::invalid_argument);
}
