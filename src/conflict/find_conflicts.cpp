#include "clarion/conflict/find_conflicts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/rules.hpp"
#include "conflict/bounded.hpp"
#include "conflict/contact_findings.hpp"
#include "conflict/progress.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using wording::evidence_list;

void append(std::vector<schema::finding>& to, std::vector<schema::finding>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

/// C105, and where the audiences come from.
audience_source name_unknown_audiences(const schema::portfolio& portfolio, const schema::audiences* audiences,
                                       std::vector<schema::finding>& findings) {
  const auto declared = declare_audiences(portfolio);
  const auto members =
      audiences != nullptr ? audience_rows(portfolio, *audiences) : std::vector<std::uint32_t>(portfolio.size(), no_audience);
  std::vector<std::uint32_t> unknown;
  double looked_at = 0;
  auto source = audience_source::none;
  for (std::uint32_t c = 0; c < portfolio.size(); ++c) {
    if (!counts(portfolio, c)) continue;
    ++looked_at;
    if (members[c] != no_audience)
      source = audience_source::membership;
    else if (!declared.known(c))
      unknown.push_back(c);
    else
      source = std::max(source, audience_source::tags);
  }
  if (!unknown.empty()) {
    const auto n = static_cast<double>(unknown.size());
    auto finding = schema::make_finding(
        rule_of("C105"), wording::ids(portfolio, unknown),
        fmt::format("Whom {} of {} reach is not known", wording::count(n), wording::plural(looked_at, "campaign")));
    finding.why = "They are not in the membership table and declare no segment.";
    finding.evidence =
        evidence_list().add_count("unknown", n, "campaigns").add_count("n_campaigns", looked_at, "campaigns").done();
    findings.push_back(std::move(finding));
  }
  return source;
}

}  // namespace

std::string_view to_string(audience_source source) {
  switch (source) {
    case audience_source::none:
      return "none";
    case audience_source::tags:
      return "tags";
    case audience_source::membership:
      return "membership";
  }
  return "none";
}

conflicts find_conflicts(const schema::portfolio& portfolio, const schema::audiences* audiences, const schema::policy& policy,
                         std::span<const schema::blackout> holidays, const conflict_options& options, const run_options& run) {
  core::check_options(options);
  auto pair_choice = options.pairs;
  auto timing_choice = options.timing;
  core::check_options(pair_choice);
  core::check_options(timing_choice);
  pair_choice.within_days = std::max(pair_choice.within_days, timing_choice.rest_days);
  timing_choice.max_findings = options.max_findings;

  conflicts out;
  for (std::size_t c = 0; c < portfolio.size(); ++c) out.campaigns += counts(portfolio, c);
  out.load = load(portfolio, policy, options.load);
  out.pairs = pairs(portfolio, audiences, pair_choice, part_of(run, 0, 0.5));
  out.saturation = saturation(portfolio, audiences, out.load, options.saturation, part_of(run, 0.5, 0.8));
  out.concentration = concentration(portfolio, options.concentration);
  auto dates = timing(portfolio, out.pairs, policy, holidays, timing_choice);
  out.taken = std::move(dates.taken);

  out.source = name_unknown_audiences(portfolio, audiences, out.findings);
  if (out.source == audience_source::membership) {
    auto contacted = judge_contacts(portfolio, *audiences, out.load, options, part_of(run, 0.8, 1));
    append(out.findings, contacted);
  }
  append(out.findings, out.saturation.findings);
  append(out.findings, out.concentration.findings);
  wording::worst_first(out.findings);
  keep_first(out.findings, options.max_findings);
  append(out.findings, dates.findings);
  if (out.pairs.left_out > 0) {
    const auto kept = static_cast<double>(out.pairs.size()), lost = static_cast<double>(out.pairs.left_out);
    auto finding = schema::make_finding(rule_of("C001"), {},
                                        fmt::format("{} of {} pairs of campaigns that touch each other are kept, the heaviest",
                                                    wording::count(kept), wording::count(kept + lost)));
    finding.why = "At most max_pairs pairs are kept.";
    finding.evidence =
        evidence_list().add("of", "pairs").add_count("shown", kept, "pairs").add_count("not_shown", lost, "pairs").done();
    out.findings.push_back(std::move(finding));
  }
  wording::worst_first(out.findings);
  return out;
}

}  // namespace clarion::conflict
