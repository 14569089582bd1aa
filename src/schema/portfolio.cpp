#include "clarion/schema/portfolio.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "clarion/schema/detail/portfolio.hpp"

namespace clarion::schema {

campaign portfolio::operator[](std::size_t row) const {
  campaign out;
  out.id = id[row];
  out.name = name[row];
  out.start = start[row];
  out.end = end[row];
  out.budget = {budget[row], std::string(currency[row])};
  out.channel = channel[row];
  out.audience = audience.texts(row);
  out.products = products.texts(row);
  out.owner = owner[row];
  out.group = group[row];
  out.objective = objective[row];
  out.region = region[row];
  out.status = status[row];
  out.approver = approver[row];
  out.channel_manager = channel_manager[row];
  out.touches_per_week = touches_per_week[row];
  out.frequency_cap = frequency_cap[row];
  out.tags = tags.texts(row);
  out.earliest_start = earliest_start[row];
  out.latest_end = latest_end[row];
  out.fixed_dates = fixed_dates[row];
  for (const auto code : targets[row])
    if (auto target = parse_kpi_target(targets.values[code])) out.targets.push_back(*target);
  out.approved_on = approved_on[row];
  out.approved_hash = approved_hash[row];
  out.actuals = {spend[row], impressions[row], clicks[row], conversions[row], revenue[row], new_customers[row], returns[row]};
  return out;
}

void portfolio::push_back(const campaign& row) {
  id.push_back(row.id);
  name.push_back(row.name);
  start.push_back(row.start);
  end.push_back(row.end);
  budget.push_back(row.budget.amount);
  currency.push_back(row.budget.currency);
  channel.push_back(row.channel);
  audience.push_back(row.audience);
  products.push_back(row.products);
  owner.push_back(row.owner);
  group.push_back(row.group);
  objective.push_back(row.objective);
  region.push_back(row.region);
  status.push_back(row.status);
  approver.push_back(row.approver);
  channel_manager.push_back(row.channel_manager);
  touches_per_week.push_back(row.touches_per_week);
  frequency_cap.push_back(row.frequency_cap);
  tags.push_back(row.tags);
  earliest_start.push_back(row.earliest_start);
  latest_end.push_back(row.latest_end);
  fixed_dates.push_back(row.fixed_dates);
  std::vector<std::string> texts;
  for (const auto& target : row.targets) texts.push_back(to_string(target));
  targets.push_back(texts);
  approved_on.push_back(row.approved_on);
  approved_hash.push_back(row.approved_hash);
  spend.push_back(row.actuals.spend);
  impressions.push_back(row.actuals.impressions);
  clicks.push_back(row.actuals.clicks);
  conversions.push_back(row.actuals.conversions);
  revenue.push_back(row.actuals.revenue);
  new_customers.push_back(row.actuals.new_customers);
  returns.push_back(row.actuals.returns);
  for (auto& [column, texts_of] : extras) texts_of.push_back({});
  if (!source_row.empty()) source_row.push_back(0);
}

std::optional<std::size_t> portfolio::find(std::string_view campaign_id) const {
  for (std::size_t row = 0; row < size(); ++row)
    if (id[row] == campaign_id) return row;
  return std::nullopt;
}

portfolio portfolio::take(std::span<const std::uint64_t> rows) const {
  portfolio out;
  detail::for_each_column([&](std::size_t, auto member) { out.*member = detail::taken(this->*member, rows); });
  for (const auto& [column, texts] : extras) out.extras.emplace_back(column, texts.take(rows));
  if (!source_row.empty()) out.source_row = detail::taken(source_row, rows);
  return out;
}

bool portfolio::has_actuals() const {
  for (const auto* column : {&spend, &impressions, &clicks, &conversions, &revenue, &new_customers, &returns})
    for (const double value : *column)
      if (!std::isnan(value)) return true;
  return false;
}

std::string portfolio::main_currency() const {
  for (const bool budgeted : {true, false}) {
    std::vector<std::size_t> uses(currency.values.size());
    for (std::size_t row = 0; row < size(); ++row)
      if (currency.codes[row] != core::category_column::none && (!budgeted || budget[row] >= 0)) ++uses[currency.codes[row]];
    std::string_view most;
    std::size_t count = 0;
    for (std::uint32_t code = 0; code < uses.size(); ++code)
      if (uses[code] > count || (uses[code] == count && count > 0 && currency.values[code] < most)) {
        most = currency.values[code];
        count = uses[code];
      }
    if (count > 0) return std::string(most);
  }
  return {};
}

std::vector<double> portfolio::budgets_in(std::string_view in_currency) const {
  std::vector<double> out(size());
  for (std::size_t row = 0; row < size(); ++row)
    if (const auto own = currency[row]; own.empty() || own == in_currency) out[row] = known_budget(row);
  return out;
}

portfolio make_portfolio(const std::vector<campaign>& rows) {
  portfolio out;
  for (const auto& row : rows) out.push_back(row);
  return out;
}

}  // namespace clarion::schema
