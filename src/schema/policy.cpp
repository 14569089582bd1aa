#include "clarion/schema/policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace clarion::schema {

namespace {

bool matches(const std::vector<std::string>& prefixes, std::string_view code) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const auto& prefix) { return code.starts_with(prefix); });
}

date clock_today() { return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()); }

}  // namespace

judged judge(std::vector<finding> findings, const policy& policy) {
  const date today = policy.today.value_or(clock_today());
  judged out;
  for (auto& finding : findings) {
    if (!policy.select.empty() && !matches(policy.select, finding.code)) continue;
    if (matches(policy.ignore, finding.code)) continue;
    if (const auto level = policy.severities.find(finding.code); level != policy.severities.end())
      finding.severity = level->second;

    const acceptance* standing = nullptr;
    const acceptance* expired = nullptr;
    for (const auto& one : policy.accepted) {
      if (one.code != finding.code) continue;
      if (!one.campaign.empty() &&
          std::find(finding.campaigns.begin(), finding.campaigns.end(), one.campaign) == finding.campaigns.end())
        continue;
      (one.until && *one.until < today ? expired : standing) = &one;
    }
    if (standing != nullptr) {
      finding.why += fmt::format("{}Accepted by {}{}{}.", finding.why.empty() ? "" : " ",
                                 standing->by.empty() ? "no one named" : standing->by,
                                 standing->until ? " until " + core::to_string(*standing->until) : "",
                                 standing->reason.empty() ? "" : ": " + standing->reason);
      out.accepted.push_back(std::move(finding));
    } else {
      if (expired != nullptr)
        finding.why += fmt::format("{}The acceptance by {} expired on {}.", finding.why.empty() ? "" : " ",
                                   expired->by.empty() ? "no one named" : expired->by, core::to_string(*expired->until));
      out.open.push_back(std::move(finding));
    }
  }
  return out;
}

}  // namespace clarion::schema
