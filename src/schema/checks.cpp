#include "schema/checks.hpp"

#include <chrono>

#include "clarion/schema/rules.hpp"

namespace clarion::schema::detail {

const rule& rule_at(code of) { return rules()[static_cast<std::size_t>(of)]; }

date today_of(const policy& rules) {
  return rules.today.value_or(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
}

std::vector<kpi_target> targets_of(const portfolio& campaigns, std::size_t row) {
  std::vector<kpi_target> out;
  for (const auto code : campaigns.targets[row])
    if (auto target = parse_kpi_target(campaigns.targets.values[code])) out.push_back(*target);
  return out;
}
}  // namespace clarion::schema::detail
