#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clarion/conflict/reschedule.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/core/error.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

const std::string& label(const movable_campaign& c) { return c.name.empty() ? c.id : c.name; }

/// The unit of conflict (pairs.hpp).
std::string weighted_days(double conflict) { return wording::plural_number(conflict, "weighted day"); }
std::string conflict(double amount) { return weighted_days(amount) + " of conflict"; }

}  // namespace

std::vector<schema::finding> reschedule_findings(const reschedule_result& result, std::span<const movable_campaign> campaigns) {
  using namespace wording;
  if (result.start.size() != campaigns.size())
    reject("campaigns", std::to_string(campaigns.size()) + " entries",
           "give those that were rescheduled, " + std::to_string(result.start.size()));
  std::vector<schema::finding> out;
  for (const auto& m : result.moves) {
    const auto& c = campaigns[m.campaign];
    const auto length = c.end - c.start;
    std::vector<std::string> involved{c.id}, pairs;
    for (const auto& p : m.pairs) {
      if (p.after >= p.before) continue;
      involved.push_back(campaigns[p.other].id);
      pairs.push_back(
          fmt::format("{} from {} to {}", label(campaigns[p.other]), plural(p.days_before, "shared day"), count(p.days_after)));
    }
    auto f = schema::make_finding(rule_of("C511"), involved,
                                  fmt::format("Move {} {} {} ({} to {}): {} less", label(c), plural(std::abs(m.days), "day"),
                                              m.days > 0 ? "later" : "earlier", core::to_string(m.to),
                                              core::to_string(m.to + length), conflict(m.removes)));
    f.evidence = evidence_list()
                     .add_count("days", m.days, "days")
                     .add("from_start", m.from)
                     .add("to_start", m.to)
                     .add("from_end", m.from + length)
                     .add("to_end", m.to + length)
                     .add("removes", m.removes, "weighted days")
                     .add("cost", m.cost, "cost")
                     .add("conflict_before", result.conflict_before, "weighted days")
                     .add("conflict_after", result.conflict_after, "weighted days")
                     .done();
    f.why =
        pairs.empty() ? "It makes room for the other moves, or lies outside its window." : "Shared days: " + list(pairs, 5) + ".";
    f.suggestion = fmt::format("Start {} on {} instead of {}.", label(c), core::to_string(m.to), core::to_string(m.from));
    f.expected_effect = fmt::format("{} of the {} that all moves together remove would come back without this one.",
                                    number(m.removes), conflict(result.conflict_before - result.conflict_after));
    out.push_back(std::move(f));
  }
  if (!result.feasible) {
    const double least = result.least_conflict.value_or(0);
    std::string message;
    if (result.proved)
      message = fmt::format("Within the allowed windows conflict cannot go below {}; the limit is {}",
                            weighted_days(result.conflict_after), number(result.limit));
    else if (least > result.limit)
      message = fmt::format("Within the allowed windows conflict cannot go below {}; the least found is {}, the limit {}",
                            weighted_days(least), number(result.conflict_after), number(result.limit));
    else
      message = fmt::format("No schedule with conflict of at most {} was found; the least found is {}",
                            weighted_days(result.limit), number(result.conflict_after));
    auto f = schema::make_finding(rule_of("C512"), {}, std::move(message));
    f.evidence = evidence_list()
                     .add("limit", result.limit, "weighted days")
                     .add("least_found", result.conflict_after, "weighted days")
                     .add("least_possible", least, "weighted days")
                     .add("held_by_fixed_dates", result.conflict_held, "weighted days")
                     .done();
    f.why = result.proved ? "Every schedule within the windows was searched or ruled out by a bound."
                          : "The search ended before every schedule was ruled out.";
    out.push_back(std::move(f));
  } else if (!result.proved) {
    auto f = schema::make_finding(rule_of("C513"), {},
                                  fmt::format("The moves cost {}; a cheaper schedule may exist, but none below {}",
                                              number(result.cost), number(result.bound)));
    f.evidence = evidence_list()
                     .add("cost", result.cost, "cost")
                     .add("bound", result.bound, "cost")
                     .add("gap", result.gap, "cost")
                     .add_count("nodes", static_cast<double>(result.nodes), "nodes")
                     .done();
    f.why = "The search reached max_nodes or time_limit.";
    out.push_back(std::move(f));
  }
  if (result.conflict_held > 0) {
    auto f = schema::make_finding(rule_of("C514"), {},
                                  fmt::format("Campaigns that cannot move hold {} of the {}", number(result.conflict_held),
                                              conflict(result.conflict_before)));
    f.evidence = evidence_list()
                     .add("held_by_fixed_dates", result.conflict_held, "weighted days")
                     .add("conflict_before", result.conflict_before, "weighted days")
                     .done();
    f.why = "Both campaigns of these pairs have fixed dates, run already, or have no other date to go to.";
    out.push_back(std::move(f));
  }
  return out;
}

}  // namespace clarion::conflict
