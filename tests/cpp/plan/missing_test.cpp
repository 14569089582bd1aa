#include "clarion/plan/missing.hpp"

#include <doctest/doctest.h>

using namespace clarion;

TEST_CASE("what is missing reads as an information finding that says what to supply") {
  const plan::missing_input missing{"roadmap", "Seasonal indices were not computed", "a history with start and spend"};
  const auto finding = plan::to_finding(missing);
  CHECK(finding.code == "P001");
  CHECK(finding.severity == schema::severity::info);
  CHECK(finding.campaigns.empty());
  CHECK(finding.message == missing.what + ".");
  CHECK(finding.suggestion == "Supply a history with start and spend.");
  REQUIRE(finding.find("layer"));
  CHECK(std::get<std::string>(*finding.find("layer")) == "roadmap");
}
