#include "clarion/segment/segmentation.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "clarion/segment/rules.hpp"
#include "schema/wording.hpp"
#include "segment/first_match.hpp"

namespace clarion::segment {

namespace {

constexpr double z = 1.959963984540054;  // of 95%

schema::finding about(const char* code, const definition& segment, std::string message) {
  auto out = schema::make_finding(rule_of(code), {}, std::move(message));
  out.value = segment.name;
  return out;
}

void judge(const definition& segment, std::uint64_t customers, std::uint64_t meeting, double half_width,
           std::vector<schema::finding>& out) {
  const auto n = static_cast<double>(customers);
  const std::string in = '"' + segment.name + "\" has " + wording::plural(customers, "customer");
  if (customers == 0) {
    out.push_back(about(
        "G101", segment,
        "Nobody is in \"" + segment.name + '"' +
            (meeting > 0 ? ": the " + wording::plural(meeting, "customer") + " who meet it are in segments before it" : "")));
    out.back().evidence = wording::evidence_list().add_count("meeting", static_cast<double>(meeting), "customers").done();
    return;
  }
  if (customers < segment.minimum_size) {
    out.push_back(about("G102", segment,
                        in + ", fewer than the " + wording::count(static_cast<double>(segment.minimum_size)) + " asked for"));
    out.back().evidence = wording::evidence_list()
                              .add_count("customers", n, "customers")
                              .add_count("minimum_size", static_cast<double>(segment.minimum_size), "customers")
                              .done();
  }
  if (segment.precision > 0 && half_width > segment.precision) {
    const double p = segment.expected_response,
                 needed = std::ceil(p * (1 - p) * (z / segment.precision) * (z / segment.precision));
    out.push_back(about("G103", segment,
                        in + ": a response of " + wording::percent(p) + " would be known to within " +
                            wording::percent(half_width) + ", and " + wording::percent(segment.precision) +
                            " was asked for, which takes " + wording::count(needed)));
    out.back().evidence = wording::evidence_list()
                              .add_count("customers", n, "customers")
                              .add_count("customers_needed", needed, "customers")
                              .add("expected_response", p, "share")
                              .add("half_width", half_width, "share")
                              .add("precision", segment.precision, "share")
                              .done();
    out.back().why = "1.96 times the standard error of the response is above the precision.";
  }
}

}  // namespace

segmentation segment_customers(const customer_fields& customers, const std::vector<definition>& segments,
                               const run_options& run) {
  auto matched = detail::match_first(customers, segments, run);
  segmentation out;
  out.segment = std::move(matched.first);
  out.customers = std::move(matched.by_first);
  out.meeting = std::move(matched.by_all);
  out.unassigned = matched.unmatched;
  for (std::size_t d = 0; d < segments.size(); ++d) {
    const double p = segments[d].expected_response;
    out.half_width.push_back(p > 0 && out.customers[d] > 0 ? z * std::sqrt(p * (1 - p) / static_cast<double>(out.customers[d]))
                                                           : std::numeric_limits<double>::quiet_NaN());
    judge(segments[d], out.customers[d], out.meeting[d], out.half_width[d], out.findings);
  }
  return out;
}

std::vector<definition> ready_segments(const ready_options& options) {
  core::check_options(options);
  using detail::rule_of_test;
  using detail::test_of;
  return {rule_of_test("inactive", "Customers who have not bought for a long time.",
                       test_of("recency", comparison::more, {options.inactive_days})),
          rule_of_test("high-value", "Active customers whose purchases are worth the most.",
                       test_of("m", comparison::at_least, {options.high_value_score})),
          rule_of_test("OTC", "Customers who buy over the counter.",
                       test_of("counter_share", comparison::at_least, {options.counter_share}))};
}

}  // namespace clarion::segment
