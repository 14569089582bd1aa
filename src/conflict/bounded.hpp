#pragma once

// A finding for each of a million pairs helps nobody: the worst are worded, the others counted.

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "clarion/conflict/rules.hpp"
#include "clarion/schema/finding.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

/// Says that `hidden` findings of `code` are not shown.
inline schema::finding not_shown(std::string_view code, std::uint64_t shown, std::uint64_t hidden) {
  const auto count = static_cast<double>(hidden);
  auto out = schema::make_finding(rule_of("C001"), {},
                                  fmt::format("{} more {} of {} ({}) not shown", wording::count(count),
                                              hidden == 1 ? "finding" : "findings", code, rule_of(code).title));
  out.why = "At most max_findings of one code are kept, the worst first.";
  out.evidence = wording::evidence_list()
                     .add("of", std::string(code))
                     .add_count("shown", static_cast<double>(shown), "findings")
                     .add_count("not_shown", count, "findings")
                     .done();
  return out;
}

/// Candidates for findings of one code; only the worst `most` are worth words.
template <class Candidate>
class worst_of {
public:
  explicit worst_of(std::size_t most) : most_(most) {}

  void offer(double size, Candidate candidate) {
    ++offered_;
    held_.push_back({size, offered_, std::move(candidate)});
    if (held_.size() >= 4 * most_ + 64) cut();
  }

  /// Largest first, equal ones in the order offered.
  std::vector<Candidate> take() {
    cut();
    std::sort(held_.begin(), held_.end(), before);
    std::vector<Candidate> out;
    for (auto& kept : held_) out.push_back(std::move(kept.candidate));
    return out;
  }
  std::uint64_t hidden() const { return offered_ > most_ ? offered_ - most_ : 0; }

private:
  struct item {
    double size;
    std::uint64_t order;
    Candidate candidate;
  };
  static bool before(const item& x, const item& y) { return x.size != y.size ? x.size > y.size : x.order < y.order; }

  void cut() {
    if (held_.size() <= most_) return;
    std::nth_element(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(most_), held_.end(), before);
    held_.resize(most_);
  }

  std::size_t most_;
  std::uint64_t offered_ = 0;
  std::vector<item> held_;
};

/// Keeps the first `most` findings of each code, in their order, and adds what was dropped.
inline void keep_first(std::vector<schema::finding>& findings, std::size_t most) {
  std::map<std::string, std::uint64_t> seen;
  std::erase_if(findings, [&](const schema::finding& f) { return ++seen[f.code] > most; });
  for (const auto& [code, n] : seen)
    if (n > most) findings.push_back(not_shown(code, most, n - most));
}

}  // namespace clarion::conflict
