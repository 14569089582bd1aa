#include "clarion/segment/rules.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace clarion;

TEST_CASE("every code of the segment room is explained") {
  std::string last;
  for (const auto& rule : segment::rules()) {
    CHECK(last < rule.code);
    last = rule.code;
    CHECK(rule.code.starts_with('G'));
    CHECK_FALSE(rule.title.empty());
    CHECK(rule.explanation.ends_with('.'));
    CHECK(rule.remedy.ends_with('.'));
    CHECK(&segment::rule_of(rule.code) == &rule);
  }
  CHECK_THROWS_AS(segment::rule_of("X999"), std::invalid_argument);
}
