#include "clarion/schema/portfolio.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

namespace clarion::schema {

namespace {

template <class T>
std::vector<T> take_rows(const std::vector<T>& column, std::span<const std::uint64_t> rows) {
  std::vector<T> out;
  out.reserve(rows.size());
  for (const auto row : rows) out.push_back(column[row]);
  return out;
}

}  // namespace

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
  out.id = id.take(rows);
  out.name = name.take(rows);
  out.start = take_rows(start, rows);
  out.end = take_rows(end, rows);
  out.budget = take_rows(budget, rows);
  out.currency = currency.take(rows);
  out.channel = channel.take(rows);
  out.audience = audience.take(rows);
  out.products = products.take(rows);
  out.owner = owner.take(rows);
  out.group = group.take(rows);
  out.objective = take_rows(objective, rows);
  out.region = region.take(rows);
  out.status = take_rows(status, rows);
  out.approver = approver.take(rows);
  out.channel_manager = channel_manager.take(rows);
  out.touches_per_week = take_rows(touches_per_week, rows);
  out.frequency_cap = take_rows(frequency_cap, rows);
  out.tags = tags.take(rows);
  out.earliest_start = take_rows(earliest_start, rows);
  out.latest_end = take_rows(latest_end, rows);
  out.fixed_dates = take_rows(fixed_dates, rows);
  out.targets = targets.take(rows);
  out.approved_on = take_rows(approved_on, rows);
  out.approved_hash = approved_hash.take(rows);
  out.spend = take_rows(spend, rows);
  out.impressions = take_rows(impressions, rows);
  out.clicks = take_rows(clicks, rows);
  out.conversions = take_rows(conversions, rows);
  out.revenue = take_rows(revenue, rows);
  out.new_customers = take_rows(new_customers, rows);
  out.returns = take_rows(returns, rows);
  for (const auto& [column, texts] : extras) out.extras.emplace_back(column, texts.take(rows));
  if (!source_row.empty()) out.source_row = take_rows(source_row, rows);
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
