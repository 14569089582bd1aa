#include "clarion/segment/suppression.hpp"

#include <utility>

#include "clarion/segment/rules.hpp"
#include "schema/wording.hpp"
#include "segment/first_match.hpp"

namespace clarion::segment {

using detail::rule_of_test;
using detail::test_of;

suppression suppress(const customer_fields& customers, const std::vector<definition>& rules, const run_options& run) {
  auto matched = detail::match_first(customers, rules, run);
  suppression out;
  out.rule = std::move(matched.first);
  out.first = std::move(matched.by_first);
  out.all = std::move(matched.by_all);
  out.customers = customers.rows;
  out.remaining = matched.unmatched;
  if (out.customers > 0 && out.remaining == 0) {
    out.findings.push_back(schema::make_finding(
        rule_of("G104"), {}, "Each of " + wording::plural(out.customers, "customer") + " is suppressed: nobody is left"));
    out.findings.back().evidence =
        wording::evidence_list().add_count("customers", static_cast<double>(out.customers), "customers").done();
  }
  for (std::size_t r = 0; r < rules.size(); ++r) {
    if (out.all[r] > 0 || out.customers == 0) continue;
    out.findings.push_back(schema::make_finding(rule_of("G105"), {}, '"' + rules[r].name + "\" suppresses nobody"));
    out.findings.back().value = rules[r].name;
  }
  return out;
}

std::vector<definition> ready_suppression(const ready_suppression_options& options) {
  core::check_options(options);
  condition consent;
  consent.join = condition_join::any;
  consent.parts = {test_of("consent", comparison::equal, {false}), test_of("consent", comparison::is_missing, {})};
  return {rule_of_test("no consent", "Customers who have not agreed to be contacted; an unknown consent is none.", consent),
          rule_of_test("high risk", "Customers whom a contact could harm or cost.",
                       test_of("risk", comparison::at_least, {options.high_risk})),
          rule_of_test("recent contact", "Customers who were contacted a short while ago.",
                       test_of("days_since_contact", comparison::less, {options.recent_contact_days})),
          rule_of_test("low value", "Customers whose value does not pay for a contact.",
                       test_of("monetary", comparison::at_most, {options.low_value}))};
}

}  // namespace clarion::segment
