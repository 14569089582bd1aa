#include "clarion/conflict/find_conflicts.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/schema/audiences.hpp"
#include "conflict/bounded.hpp"
#include "conflict/contact_findings.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using wording::evidence_list;

void append(std::vector<schema::finding>& to, std::vector<schema::finding>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

/// C002: what came before the day of judgement.
void name_what_is_over(const schema::portfolio& portfolio, std::optional<date> today, std::vector<schema::finding>& findings) {
  std::vector<std::uint32_t> over;
  double looked_at = 0;
  for (std::uint32_t c = 0; c < portfolio.size(); ++c) {
    if (!counts(portfolio, c)) continue;
    ++looked_at;
    if (is_over(portfolio, c, today)) over.push_back(c);
  }
  if (over.empty()) return;
  const auto n = static_cast<double>(over.size());
  auto finding = schema::make_finding(rule_of("C002"), wording::ids(portfolio, over),
                                      fmt::format("{} of {} {} over{}: nothing is asked of {} any more", wording::count(n),
                                                  wording::plural(looked_at, "campaign"), n == 1 ? "is" : "are",
                                                  today ? " on " + core::to_string(*today) : "", n == 1 ? "it" : "them"));
  finding.why = "They are finished, or ended before the day of judgement. What they cost and whom they reached still counts.";
  finding.evidence = evidence_list().add_count("over", n, "campaigns").add_count("n_campaigns", looked_at, "campaigns").done();
  findings.push_back(std::move(finding));
}

/// Where the audiences of the campaigns that count come from.
struct audience_sources {
  std::vector<std::uint32_t> members, tags, unknown;
  std::size_t size() const { return members.size() + tags.size() + unknown.size(); }
};

audience_sources sources_of(const schema::portfolio& portfolio, const schema::audiences* audiences) {
  const auto declared = declare_audiences(portfolio);
  const auto members =
      audiences != nullptr ? audience_rows(portfolio, *audiences) : std::vector<std::uint32_t>(portfolio.size(), no_audience);
  audience_sources out;
  for (std::uint32_t c = 0; c < portfolio.size(); ++c)
    if (counts(portfolio, c)) (members[c] != no_audience ? out.members : declared.known(c) ? out.tags : out.unknown).push_back(c);
  return out;
}

/// C105.
void name_unknown(const schema::portfolio& portfolio, const audience_sources& from, std::vector<schema::finding>& findings) {
  if (from.unknown.empty()) return;
  const auto n = static_cast<double>(from.unknown.size()), all = static_cast<double>(from.size());
  auto finding =
      schema::make_finding(rule_of("C105"), wording::ids(portfolio, from.unknown),
                           fmt::format("Whom {} of {} reach is not known", wording::count(n), wording::plural(all, "campaign")));
  finding.why = "They are not in the membership table and declare no segment.";
  finding.evidence = evidence_list().add_count("unknown", n, "campaigns").add_count("n_campaigns", all, "campaigns").done();
  findings.push_back(std::move(finding));
}

/// C106: a membership table that does not fit the portfolio.
void name_without_members(const schema::portfolio& portfolio, const schema::audiences& audiences, const audience_sources& from,
                          std::vector<schema::finding>& findings) {
  const bool none = from.members.empty();
  if (audiences.size() == 0 || from.size() == 0 || (from.tags.empty() && !none)) return;
  std::unordered_set<std::string_view> ids;
  for (std::size_t c = 0; c < portfolio.size(); ++c) ids.insert(portfolio.id[c]);
  std::vector<std::string> others, quoted;
  for (const auto& label : audiences.campaigns())
    if (!ids.contains(label)) {
      others.push_back(label);
      quoted.push_back('"' + label + '"');
    }
  auto campaigns = from.tags;
  if (none) campaigns.insert(campaigns.end(), from.unknown.begin(), from.unknown.end());
  const auto n = static_cast<double>(campaigns.size()), all = static_cast<double>(from.size());
  auto finding =
      schema::make_finding(rule_of("C106"), wording::ids(portfolio, campaigns),
                           fmt::format("{} of {} {} in the membership table{}",
                                       none ? "None" : fmt::format("{}", wording::count(n)), wording::plural(all, "campaign"),
                                       none     ? "is"
                                       : n == 1 ? "is not"
                                                : "are not",
                                       others.empty() ? "" : ", which has " + wording::list(quoted, 5) + " besides"));
  if (none) finding.severity = schema::severity::warning;
  finding.why =
      "Campaigns and memberships are matched by campaign id. Without memberships, overlaps are estimated from segments.";
  others.resize(std::min<std::size_t>(others.size(), 20));
  finding.evidence = evidence_list()
                         .add_count("without_members", n, "campaigns")
                         .add_count("n_campaigns", all, "campaigns")
                         .add("unmatched", std::move(others))
                         .done();
  findings.push_back(std::move(finding));
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
  out.saturation = saturation(portfolio, audiences, out.load, options.saturation, part_of(run, 0.5, 0.7));
  out.concentration = concentration(portfolio, options.concentration);
  auto dates = timing(portfolio, out.pairs, policy, holidays, timing_choice, part_of(run, 0.7, 0.75));
  out.taken = std::move(dates.taken);

  const auto sources = sources_of(portfolio, audiences);
  out.source = !sources.members.empty() ? audience_source::membership
               : !sources.tags.empty()  ? audience_source::tags
                                        : audience_source::none;
  name_what_is_over(portfolio, policy.today, out.findings);
  name_unknown(portfolio, sources, out.findings);
  if (audiences != nullptr) name_without_members(portfolio, *audiences, sources, out.findings);
  if (out.source == audience_source::membership) {
    auto contacted = judge_contacts(portfolio, *audiences, out.load, options, part_of(run, 0.75, 1));
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
  if (run.progress) run.progress(1);
  return out;
}

}  // namespace clarion::conflict
