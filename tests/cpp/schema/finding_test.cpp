#include "clarion/schema/finding.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace schema = clarion::schema;

TEST_CASE("a severity is written as it is read, and nothing else is one") {
  for (const auto level : {schema::severity::info, schema::severity::warning, schema::severity::error})
    CHECK(schema::parse_severity(schema::to_string(level)) == level);
  for (const auto* text : {"", "Error", "warn", "fatal", "error "}) CHECK_FALSE(schema::parse_severity(text).has_value());
}

TEST_CASE("severities are ordered") {
  CHECK(schema::severity::info < schema::severity::warning);
  CHECK(schema::severity::warning < schema::severity::error);
}

TEST_CASE("evidence is found by name") {
  schema::finding finding;
  finding.evidence = {{"shared", std::int64_t{120}, "customers"}, {"jaccard", 0.25, "share"}};
  REQUIRE(finding.find("jaccard") != nullptr);
  CHECK(std::get<double>(*finding.find("jaccard")) == 0.25);
  CHECK(std::get<std::int64_t>(*finding.find("shared")) == 120);
  CHECK(finding.find("Jaccard") == nullptr);
}

TEST_CASE("a finding of a rule takes over what the rule says") {
  const schema::rule rule{"S001", "end before start", schema::severity::error, "...", "swap the dates"};
  const auto finding = schema::make_finding(rule, {"c1", "c2"}, "c1 ends before it starts");
  CHECK(finding.code == "S001");
  CHECK(finding.severity == schema::severity::error);
  CHECK(finding.campaigns == std::vector<std::string>{"c1", "c2"});
  CHECK(finding.message == "c1 ends before it starts.");
  CHECK(schema::make_finding(rule, {}, "It ends.").message == "It ends.");
  CHECK(finding.suggestion == "swap the dates");
  CHECK(finding.evidence.empty());
  CHECK_FALSE(finding.row.has_value());
  CHECK(finding.expected_loss == 0);
}
