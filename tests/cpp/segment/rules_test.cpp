#include "clarion/segment/rules.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace clarion;

TEST_CASE("a code is explained") {
  for (const auto& rule : segment::rules()) {
    CHECK(segment::rule_of(rule.code).title == rule.title);
    CHECK_FALSE(rule.explanation.empty());
    CHECK_FALSE(rule.remedy.empty());
  }
  CHECK_THROWS_AS(segment::rule_of("G999"), std::invalid_argument);
}
