#include "clarion/segment/suppression.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

using namespace clarion;
using namespace clarion::segment;

namespace {

customer_fields audience() {
  customer_fields out;
  out.add({.name = "consent", .kind = field_kind::boolean, .flag = {1, 0, missing_flag, 1, 1, 1}});
  out.add({.name = "risk", .kind = field_kind::number, .number = {0, .9, 0, .95, .1, .1}});
  out.add({.name = "days_since_contact", .kind = field_kind::number, .number = {30, 1, 30, 1, 2, std::nan("")}});
  out.add({.name = "monetary", .kind = field_kind::number, .number = {10, 10, 10, -5, 10, 10}});
  return out;
}

}  // namespace

TEST_CASE("the first reason and all of them") {
  const auto rules = ready_suppression();
  const auto got = suppress(audience(), rules);
  CHECK(got.rule == std::vector<std::int32_t>{-1, 0, 0, 1, 2, -1});
  CHECK(got.first == std::vector<std::uint64_t>{2, 1, 1, 0});
  CHECK(got.all == std::vector<std::uint64_t>{2, 2, 3, 1});
  CHECK(got.remaining == 2);
  CHECK(got.customers == 6);
  CHECK(got.findings.empty());
  CHECK(suppress(audience(), {}).remaining == 6);
}

TEST_CASE("nobody is left, or a rule does nothing") {
  auto rules = ready_suppression({.low_value = 1000, .high_risk = 2});
  const auto got = suppress(audience(), rules);
  REQUIRE(got.findings.size() == 2);
  CHECK(got.findings[0].code == "G104");
  CHECK(got.findings[1].code == "G105");
  CHECK(got.findings[1].value == "high risk");
}

TEST_CASE("the document tells rules and counts, and escapes what people wrote") {
  auto rules = ready_suppression();
  rules[0].name = "<script>alert(1)</script> | *x*";
  const auto segments = ready_segments();
  customer_fields customers = audience();
  customers.add({.name = "recency", .kind = field_kind::number, .number = {1, 200, 3, 4, 5, 6}});
  customers.add({.name = "m", .kind = field_kind::number, .number = {5, 5, 1, 1, 1, 1}});
  customers.add({.name = "counter_share", .kind = field_kind::number, .number = {0, 0, 1, 0, 0, 0}});
  const auto segmented = segment_customers(customers, segments);
  const auto suppressed = suppress(customers, rules);
  document_options options{.title = "Logic & rules", .version = "7", .day = core::from_day_number(20454)};
  const auto text = logic_document(segments, segmented, rules, suppressed, options);
  CHECK(text.starts_with("# Logic &amp; rules\n\nVersion 7, 2026-01-01."));
  CHECK(text.find("recency is above 180") != std::string::npos);
  CHECK(text.find("| remaining | 2 | 33% |") != std::string::npos);
  CHECK(text.find("<script>") == std::string::npos);
  CHECK(text.find("&lt;script&gt;alert(1)&lt;/script&gt; \\| \\*x\\*") != std::string::npos);
  options.html = true;
  const auto page = logic_document(segments, segmented, rules, suppressed, options);
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.find("<script>") == std::string::npos);
  CHECK(page.find("<td>risk is at least 0.8</td>") != std::string::npos);
  CHECK_THROWS_AS(logic_document({}, segmented, rules, suppressed, options), std::invalid_argument);
}
