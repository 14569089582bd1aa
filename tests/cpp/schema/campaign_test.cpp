#include "clarion/schema/campaign.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace clarion::schema;

TEST_CASE("objectives and statuses round trip through their names") {
  for (int i = 0; i <= static_cast<int>(objective::clearance); ++i)
    CHECK(parse_objective(to_string(static_cast<objective>(i))) == static_cast<objective>(i));
  for (int i = 0; i <= static_cast<int>(status::cancelled); ++i)
    CHECK(parse_status(to_string(static_cast<status>(i))) == static_cast<status>(i));
  CHECK(parse_objective(" Lead-Generation ") == objective::lead_generation);
  CHECK(parse_objective("LEAD GENERATION") == objective::lead_generation);
  CHECK(parse_objective("Win-back") == objective::reactivation);
  CHECK(parse_status("Canceled") == status::cancelled);
  CHECK(parse_status("In Progress") == status::running);
  CHECK_FALSE(parse_objective("world peace").has_value());
  CHECK_FALSE(parse_status("maybe").has_value());
}

TEST_CASE("KPI targets are read in the forms people write") {
  const auto check = [](const char* text, const char* kpi, bool at_least, double value) {
    CAPTURE(text);
    const auto target = parse_kpi_target(text);
    REQUIRE(target.has_value());
    CHECK(target->kpi == kpi);
    CHECK(target->at_least == at_least);
    CHECK(target->value == value);
    const auto again = parse_kpi_target(to_string(*target));
    REQUIRE(again.has_value());
    CHECK(to_string(*again) == to_string(*target));
  };
  check("roas >= 3", "roas", true, 3);
  check("CPA<=12.5", "CPA", false, 12.5);
  check("conversion at least 2.5%", "conversion", true, 0.025);
  check("unsubscribe rate at most 0.2 %", "unsubscribe rate", false, 0.002);
  check("ROAS \u2265 1e2", "ROAS", true, 100);
  for (const char* text : {"", "roas", "roas >=", ">= 3", "roas >= much", "roas >= nan", "roas >= inf", "roas = 3"})
    CHECK_FALSE(parse_kpi_target(text).has_value());
}

TEST_CASE("the criteria hash follows the criteria and not their order or spelling") {
  const std::vector<kpi_target> criteria{{"roas", true, 3}, {"cpa", false, 12}};
  const auto hash = criteria_hash(criteria);
  // sha256 of "clarion criteria 1\n3:cpa <= 12\n4:roas >= 3\n", by Python's hashlib.
  CHECK(hash == "b9253c3aec7baa29b251b429be6c66ac63fdf55d5b6750a23dcf35d7469dd57a");
  CHECK(criteria_hash({{"cpa", false, 12}, {"ROAS ", true, 3}}) == hash);
  CHECK(criteria_hash({{"roas", true, 2.5}, {"cpa", false, 12}}) != hash);
  CHECK(criteria_hash({{"roas", false, 3}, {"cpa", false, 12}}) != hash);
  CHECK(criteria_hash({{"roas", true, 3}}) != hash);
  CHECK(criteria_hash({{"a", true, 0.0}}) == criteria_hash({{"a", true, -0.0}}));
  CHECK(criteria_hash({}).size() == 64);
}
