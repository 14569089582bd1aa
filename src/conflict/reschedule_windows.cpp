#include "conflict/reschedule_windows.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>

#include "clarion/conflict/load.hpp"
#include "conflict/reschedule_choices.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace detail {

std::vector<std::int32_t> allowed_shifts(const movable_campaign& c, std::int32_t step) {
  if (c.fixed || c.over) return {0};
  const auto length = c.end - c.start;
  const auto low = static_cast<std::int32_t>((c.earliest - c.start).count());
  const auto high = static_cast<std::int32_t>((c.latest - c.start).count());
  std::vector<std::int32_t> out;
  for (std::int32_t s = low; s <= high; ++s) {
    if (s % step != 0) continue;
    const date first = c.start + std::chrono::days{s};
    const bool shut = s != 0 && std::any_of(c.closed.begin(), c.closed.end(), [&](const auto& span) {
                        return core::shared_days(first, first + length, span.first, span.second) > 0;
                      });
    if (!shut) out.push_back(s);
  }
  if (out.size() > std::numeric_limits<value_index>::max())
    reject("campaigns", c.id + " has " + std::to_string(out.size()) + " allowed starts", "narrow its window, or raise step_days");
  return out;
}

}  // namespace detail

using detail::allowed_shifts;

std::vector<movable_campaign> movable_campaigns(const schema::portfolio& portfolio, const schema::policy& policy,
                                                const reschedule_options& options) {
  core::check_options(options);
  const std::chrono::days reach{options.max_shift_days};
  std::vector<movable_campaign> out;
  for (std::size_t i = 0; i < portfolio.size(); ++i) {
    movable_campaign c;
    c.id = portfolio.id[i];
    c.name = wording::label(portfolio, i);
    c.start = portfolio.start[i];
    c.end = portfolio.end[i];
    const auto status = portfolio.status[i];
    c.over = !counts(portfolio, i) || is_over(portfolio, i, policy.today);
    if (c.over) c.end = std::max(c.start, std::min(c.end, c.start + std::chrono::days{longest_run}));
    const auto length = c.end - c.start;
    c.earliest = portfolio.earliest_start[i].value_or(c.start - reach);
    c.latest = portfolio.latest_end[i] ? *portfolio.latest_end[i] - length : c.start + reach;
    if (policy.today) c.earliest = std::max(c.earliest, *policy.today);
    // A window that is empty, or that ends before the campaign could, leaves the plan as the only choice.
    c.fixed = portfolio.fixed_dates[i] || status == schema::status::running || (policy.today && c.start < *policy.today) ||
              c.latest < c.earliest;
    for (const auto& b : policy.blackouts)
      if (b.channel.empty() || schema::detail::comparable(b.channel) == schema::detail::comparable(portfolio.channel[i]))
        c.closed.emplace_back(b.start, b.end);
    if (!c.fixed && !c.over && allowed_shifts(c, options.step_days).empty()) c.fixed = true;
    out.push_back(std::move(c));
  }
  return out;
}

std::vector<conflict_edge> conflict_rates(const schema::portfolio& portfolio, const schema::audiences* audiences,
                                          std::span<const movable_campaign> campaigns, const pair_options& options,
                                          const run_options& run) {
  // How much nearer two campaigns can come: one as far forward, the other as far back as any of them goes.
  std::int64_t back = 0, forward = 0;
  for (const auto& c : campaigns) {
    if (c.fixed || c.over) continue;
    back = std::max<std::int64_t>(back, (c.start - c.earliest).count());
    forward = std::max<std::int64_t>(forward, (c.latest - c.start).count());
  }
  auto near = options;
  near.within_days = static_cast<std::int32_t>(std::clamp<std::int64_t>(back + forward, options.within_days, longest_run));
  return conflict_edges(pairs(portfolio, audiences, near, run), true);
}

schema::portfolio apply(const schema::portfolio& portfolio, const reschedule_result& result) {
  if (result.start.size() != portfolio.size())
    reject("result", std::to_string(result.start.size()) + " campaigns",
           "give the result for this portfolio of " + std::to_string(portfolio.size()));
  auto out = portfolio;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out.end[i] += result.start[i] - out.start[i];
    out.start[i] = result.start[i];
  }
  return out;
}

}  // namespace clarion::conflict
