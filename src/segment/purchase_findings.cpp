#include "segment/purchase_findings.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "clarion/segment/rules.hpp"
#include "schema/wording.hpp"

namespace clarion::segment::detail {

using schema::make_finding;
using wording::evidence_list;
using wording::plural;

std::vector<schema::finding> purchase_findings(const purchase_store& data, const purchase_report& report) {
  std::vector<schema::finding> out;
  const auto n = [](std::uint64_t value) { return static_cast<double>(value); };
  const std::size_t customers = data.count.size();
  if (customers == 0) {
    out.push_back(make_finding(rule_of("G001"), {}, "There are no purchases in " + plural(report.rows_read, "row")));
    out.back().evidence = evidence_list().add_count("rows_read", n(report.rows_read), "rows").done();
  }
  if (report.set_aside > 0) {
    std::vector<std::pair<std::uint64_t, std::string>> reasons;
    for (std::size_t r = 0; r < report.by_reason.size(); ++r)
      if (report.by_reason[r] > 0) reasons.emplace_back(report.by_reason[r], describe(static_cast<purchase_reason>(r)));
    std::ranges::stable_sort(reasons, std::greater<>{}, &std::pair<std::uint64_t, std::string>::first);
    std::vector<std::string> named;
    evidence_list evidence;
    evidence.add_count("set_aside", n(report.set_aside), "rows").add_count("rows_read", n(report.rows_read), "rows");
    for (const auto& [count, what] : reasons) {
      named.push_back(wording::count(n(count)) + " " + what);
      std::string name = what;
      std::ranges::replace(name, ' ', '_');
      evidence.add_count(name, n(count), "rows");
    }
    auto found = make_finding(rule_of("G002"), {},
                              wording::count(n(report.set_aside)) + " of " + plural(report.rows_read, "row") +
                                  (report.rows_read == 1 ? " was" : " were") + " set aside: " + wording::list(named));
    found.evidence = evidence.done();
    found.row = report.row.front() + 1;
    if (!report.value.empty()) found.value = report.value.front();
    out.push_back(std::move(found));
  }
  std::uint64_t below = 0;
  double outweighed = 0;
  bool again = false;
  for (std::size_t c = 0; c < customers; ++c) {
    again |= data.count[c] > 1;
    if (data.returned[c] < 0 && data.bought[c] + data.returned[c] <= 0) {
      ++below;
      outweighed += data.bought[c] + data.returned[c];
    }
  }
  if (below > 0) {
    auto found = make_finding(rule_of("G003"), {},
                              plural(below, "customer") + " of " + wording::count(n(customers)) +
                                  (below == 1 ? " has" : " have") + " returned as much as was bought, or more");
    found.evidence = evidence_list().add_count("customers", n(below), "customers").add("net_total", outweighed).done();
    out.push_back(std::move(found));
  }
  if (customers > 0 && !again) {
    auto found = make_finding(rule_of("G004"), {}, "Each of " + plural(customers, "customer") + " bought once");
    found.evidence = evidence_list().add_count("customers", n(customers), "customers").done();
    out.push_back(std::move(found));
  }
  wording::worst_first(out);
  return out;
}

}  // namespace clarion::segment::detail
