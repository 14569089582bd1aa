#include "clarion/recommend/sufficiency.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "clarion/recommend/rules.hpp"
#include "schema/wording.hpp"

namespace clarion::recommend {

namespace {

using schema::make_finding;
using wording::count;
using wording::evidence_list;
using wording::plural;

}  // namespace

sufficiency_result sufficiency(const core::sparse_view& by_user, const sufficiency_options& options, const run_options& run) {
  core::check_options(options);
  sufficiency_result out;
  out.interactions = by_user.size();
  std::vector<std::uint64_t> together(by_user.columns, 0);
  std::vector<std::uint8_t> met(by_user.columns, 0);
  core::pulse pulse(run);
  for (std::size_t u = 0; u < by_user.rows; ++u) {
    if (u % 1024 == 0) pulse.beat(static_cast<double>(u) / static_cast<double>(by_user.rows));
    const std::uint64_t length = by_user.length(u);
    out.users += length > 0;
    out.users_with_one += length == 1;
    for (const std::uint32_t item : by_user.indices(u)) {
      together[item] += length - 1;
      met[item] = 1;
    }
  }
  std::vector<std::uint64_t> of_items;
  for (std::size_t i = 0; i < together.size(); ++i)
    if (met[i] != 0) of_items.push_back(together[i]);
  out.items = of_items.size();
  for (const auto n : of_items) out.items_below += static_cast<double>(n) < options.min_co_occurrences;
  if (!of_items.empty()) {
    const auto middle = of_items.begin() + static_cast<std::ptrdiff_t>((of_items.size() - 1) / 2);
    std::ranges::nth_element(of_items, middle);
    out.median_co_occurrences = static_cast<double>(*middle);
  }
  out.enough_for_users = out.interactions > 0 && out.interactions >= options.min_interactions;
  out.enough_for_items = out.interactions > 0 && out.median_co_occurrences >= options.min_co_occurrences;

  const auto n = [](std::uint64_t value) { return static_cast<double>(value); };
  if (out.interactions == 0) {
    out.findings.push_back(make_finding(rule_of("R001"), {}, "There are no interactions"));
    out.findings.back().evidence = evidence_list().add_count("interactions", 0, {}).done();
    return out;
  }
  if (!out.enough_for_users) {
    auto found = make_finding(rule_of("R002"), {},
                              "With " + plural(out.interactions, "interaction") + " of " + plural(out.users, "user") +
                                  ", what methods that compare users say is likely noise: they need about " +
                                  count(static_cast<double>(options.min_interactions)));
    found.evidence = evidence_list()
                         .add_count("interactions", n(out.interactions), {})
                         .add_count("users", n(out.users), "users")
                         .add_count("min_interactions", n(options.min_interactions), {})
                         .done();
    found.why = "Fewer interactions than min_interactions.";
    out.findings.push_back(std::move(found));
  }
  if (!out.enough_for_items) {
    auto found =
        make_finding(rule_of("R003"), {},
                     plural(out.items_below, "item") + " of " + count(static_cast<double>(out.items)) +
                         " occur together with others fewer than " + count(options.min_co_occurrences) +
                         " times (the middle one " + plural(static_cast<std::uint64_t>(out.median_co_occurrences), "time") +
                         "): what methods that compare items say of them is likely noise");
    found.evidence = evidence_list()
                         .add_count("items_below", n(out.items_below), "items")
                         .add_count("items", n(out.items), "items")
                         .add("median_co_occurrences", out.median_co_occurrences)
                         .add("min_co_occurrences", options.min_co_occurrences)
                         .done();
    found.why = "The middle item has fewer co-occurrences than min_co_occurrences.";
    out.findings.push_back(std::move(found));
  }
  if (out.users_with_one * 2 > out.users) {
    auto found = make_finding(rule_of("R004"), {},
                              count(static_cast<double>(out.users_with_one)) + " of " + plural(out.users, "user") +
                                  (out.users == 1 ? " has" : " have") + " a single interaction");
    found.evidence = evidence_list()
                         .add_count("users_with_one", n(out.users_with_one), "users")
                         .add_count("users", n(out.users), "users")
                         .done();
    found.why = "More than half of the users have one interaction.";
    out.findings.push_back(std::move(found));
  }
  return out;
}

sufficiency_result sufficiency(const interactions& data, const sufficiency_options& options, const run_options& run) {
  return sufficiency(data.by_user(), options, run);
}

}  // namespace clarion::recommend
