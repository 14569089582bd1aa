#include "plan/roadmap_gaps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "plan/roadmap_calendar.hpp"

namespace clarion::plan {

namespace {

/// The best category for an objective (or a channel) in months, if history knows one.
void judge_gap(calendar_gap& gap, std::span<const std::int32_t> free_months, const history_seasons& seasons,
               std::uint32_t objective, std::uint32_t channel, const roadmap_options& options) {
  gap.months.assign(free_months.begin(), free_months.end());
  if (!seasons.fitted) return;
  bool best_strong = false;
  double best_score = -std::numeric_limits<double>::infinity();
  const auto consider = [&](std::uint32_t category, const std::string& name) {
    const auto cell = [&](std::uint32_t m) { return seasons.of(m, category, objective, channel); };
    std::vector<std::int32_t> strong;
    for (const auto m : free_months)
      if (is_strong(cell(static_cast<std::uint32_t>(m % 12)), options)) strong.push_back(m);
    const auto whole = over(free_months, cell);
    const auto here = strong.empty() ? whole : over(strong, cell);
    const bool earns_more = is_strong(here, options);
    // A strong category beats a weak one; among strong ones the surest gain over the free months, among weak ones the mean.
    double score =
        earns_more ? std::log(here.low) * static_cast<double>(std::max<std::size_t>(strong.size(), 1)) : std::log(whole.index);
    if (std::make_pair(earns_more, score) <= std::make_pair(best_strong, best_score)) return;
    best_strong = gap.strong = earns_more;
    best_score = score;
    gap.category = name;
    gap.index = here.index;
    gap.low = here.low;
    gap.high = here.high;
    gap.campaigns = here.campaigns;
    gap.months = strong.empty() || !earns_more ? std::vector<std::int32_t>(free_months.begin(), free_months.end()) : strong;
  };
  bool any = false;
  for (std::uint32_t category = 0; category < seasons.category_weight.size(); ++category) {
    if (seasons.category_weight[category] <= 0) continue;
    if (objective != unseen && !seasons.pairs.contains({category, objective})) continue;
    consider(category, seasons.categories[category]);
    any = true;
  }
  if (!any) consider(unseen, {});
}

}  // namespace

horizon horizon_of(const schema::portfolio& portfolio, std::span<const std::size_t> rows, std::optional<date> today,
                   const roadmap_options& options) {
  date first = portfolio.start[rows.front()], last = portfolio.end[rows.front()];
  for (const auto row : rows) {
    first = std::min(first, portfolio.start[row]);
    last = std::max(last, portfolio.end[row]);
  }
  horizon out;
  out.first_month = core::month_number(first);
  out.end_month = std::max(core::month_number(last) + 1, out.first_month + static_cast<std::int32_t>(options.horizon_months));
  // What is over cannot be planned any more; a plan that lies behind today as a whole is read as it was.
  out.from = first_of(out.first_month);
  if (today && *today <= last) out.from = std::max(out.from, *today);
  out.to = last_of(out.end_month - 1);
  return out;
}

std::vector<calendar_gap> find_gaps(const schema::portfolio& portfolio, std::span<const std::size_t> rows, const horizon& h,
                                    const history_seasons& seasons, const roadmap_options& options) {
  std::vector<calendar_gap> out;
  const auto add = [&](schema::objective objective, std::uint32_t channel, std::vector<span_of_days> runs) {
    if (runs.size() < options.min_campaigns) return;
    const bool of_channel = channel != unseen;
    const std::string name = of_channel ? portfolio.channel.values[channel] : std::string{};
    std::uint32_t history_channel = unseen;
    if (of_channel)
      if (const auto code = seasons.channels.find(name)) history_channel = *code;
    for (const auto& span : free_days(std::move(runs), h.from, h.to)) {
      const auto months = whole_months(span);
      if (months.empty()) continue;
      auto& gap = out.emplace_back();
      gap.objective = objective;
      gap.channel = name;
      gap.from = span.from;
      gap.to = span.to;
      judge_gap(gap, months, seasons, of_channel ? unseen : static_cast<std::uint32_t>(objective), history_channel, options);
    }
  };
  std::vector<std::vector<span_of_days>> by_objective(objectives), by_channel(portfolio.channel.values.size());
  for (const auto row : rows) {
    const span_of_days run{portfolio.start[row], portfolio.end[row]};
    by_objective[static_cast<std::size_t>(portfolio.objective[row])].push_back(run);
    if (const auto code = portfolio.channel.codes[row]; code != core::category_column::none) by_channel[code].push_back(run);
  }
  for (std::size_t aim = 1; aim < objectives; ++aim)
    add(static_cast<schema::objective>(aim), unseen, std::move(by_objective[aim]));
  for (std::uint32_t code = 0; code < by_channel.size(); ++code)
    add(schema::objective::unspecified, code, std::move(by_channel[code]));
  return out;
}

bool told_before(const calendar_gap& gap, std::span<const calendar_gap> gaps) {
  return !gap.channel.empty() && std::ranges::any_of(gaps, [&](const calendar_gap& other) {
    return other.channel.empty() && other.strong && other.category == gap.category &&
           std::ranges::includes(other.months, gap.months);
  });
}

bool has_budgets(const schema::portfolio& portfolio, std::span<const std::size_t> rows) {
  return std::ranges::any_of(rows, [&](std::size_t row) { return portfolio.budget[row] > 0; });
}

std::vector<underused_window> find_windows(const schema::portfolio& portfolio, std::span<const std::size_t> rows,
                                           const horizon& h, const history_seasons& seasons, std::span<const calendar_gap> gaps,
                                           const schema::catalog* catalog, const roadmap_options& options) {
  std::vector<underused_window> out;
  core::dictionary names = seasons.categories;
  const auto of_row = categories(catalog, names).of(portfolio);
  const bool money = has_budgets(portfolio, rows);
  const auto horizon = static_cast<std::size_t>(h.end_month - h.first_month);
  std::vector<std::vector<double>> amount(names.size() + 1, std::vector<double>(horizon));
  auto& everything = amount.back();
  for (const auto row : rows) {
    const double days = portfolio.days(row);
    const double total = money ? (portfolio.budget[row] > 0 ? portfolio.budget[row] : 0) : days;
    for (auto m = core::month_number(portfolio.start[row]); m <= core::month_number(portfolio.end[row]); ++m) {
      const double here = total * core::shared_days(portfolio.start[row], portfolio.end[row], first_of(m), last_of(m)) / days;
      const auto at = static_cast<std::size_t>(m - h.first_month);
      everything[at] += here;
      for (const auto c : of_row[row]) amount[c][at] += here / static_cast<double>(of_row[row].size());
    }
  }
  const auto look = [&](std::uint32_t category, const std::string& name, const std::vector<double>& spread) {
    double total = 0;
    for (const double a : spread) total += a;
    if (total <= 0) return;
    const double even = 1 / static_cast<double>(horizon);
    for (std::size_t at = 0; at < horizon; ++at) {
      const auto m = h.first_month + static_cast<std::int32_t>(at);
      if (last_of(m) < h.from || spread[at] / total >= even / 2) continue;
      const auto cell = seasons.of(static_cast<std::uint32_t>(m % 12), category, unseen, unseen);
      if (!is_strong(cell, options)) continue;
      // A strong gap has said so already.
      if (std::ranges::any_of(gaps, [&](const calendar_gap& gap) {
            return gap.strong && gap.category == name && std::ranges::find(gap.months, m) != gap.months.end();
          }))
        continue;
      out.push_back({name, m, cell.index, cell.low, cell.high, cell.weight, spread[at] / total, even});
    }
  };
  for (std::uint32_t category = 0; category < seasons.category_weight.size(); ++category)
    look(category, seasons.categories[category], amount[category]);
  look(unseen, {}, everything);
  std::ranges::stable_sort(out, std::ranges::greater{}, &underused_window::low);
  if (out.size() > options.max_windows) out.resize(options.max_windows);
  return out;
}

}  // namespace clarion::plan
