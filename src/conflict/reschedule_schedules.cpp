#include "conflict/reschedule_schedules.hpp"

#include <algorithm>

namespace clarion::conflict::detail {

bool task::little() const {
  std::size_t links = 0;
  for (const auto& group : groups)
    for (const auto m : group) links += all.campaigns[m].links.size();
  return links < 400;
}

schedules::schedules(const task& t, std::vector<value_index>& values) : best(values), t_(t), met_(t.groups.size()) {}

schedules::totals schedules::assess(std::span<const std::uint32_t> group, const std::vector<value_index>& at) const {
  const auto& c = t_.all;
  double cost_of = 0, conflict_of = 0;
  for (const auto m : group) {
    const auto& v = c.campaigns[m];
    cost_of += v.cost[at[m]];
    conflict_of += v.conflict[at[m]];
    for (const auto l : v.links)
      if (c.links[l].a == m) conflict_of += c.conflict_of(c.links[l], at[m], at[c.links[l].b]);
  }
  return {cost_of, conflict_of};
}

void schedules::consider(const std::vector<value_index>& at) {
  double total = 0, conflicts = 0;
  for (std::size_t j = 0; j < t_.groups.size(); ++j) {
    const auto [c, f] = met_[j].emplace_back(assess(t_.groups[j], at));
    total += c;
    conflicts += f;
  }
  // A search adds in another order.
  if (conflicts > t_.most_conflict() + rounding(t_.limit) || (feasible && total >= cost - rounding(cost))) return;
  feasible = true;
  cost = total;
  conflict = conflicts;
  if (&at == &best) return;
  for (const auto& group : t_.groups)
    for (const auto m : group) best[m] = at[m];
}

void schedules::descend_from_plan(watch& clock) {
  const auto& c = t_.all;
  std::vector<value_index> plan(c.size(), 0);
  double costs = 0, conflicts = 0, cost_count = 0, conflict_count = 0;
  for (const auto& group : t_.groups)
    for (const auto m : group) {
      const auto& v = c.campaigns[m];
      plan[m] = static_cast<value_index>(std::min_element(v.cost.begin(), v.cost.end()) - v.cost.begin());
      least_cost += v.cost[plan[m]];
      for (const double x : v.cost)
        if (x > 0) costs += x, ++cost_count;
      if (const double most = *std::max_element(v.conflict.begin(), v.conflict.end()); most > 0)
        conflicts += most, ++conflict_count;
      for (const auto l : v.links)
        if (c.links[l].a == m) conflicts += *std::max_element(c.links[l].tent.begin(), c.links[l].tent.end()), ++conflict_count;
    }
  quiet = plan;
  if (t_.known) consider(best);
  consider(plan);
  if (feasible && cost <= least_cost + rounding(cost)) return;

  const double scale = cost_count > 0 && conflict_count > 0 ? costs / cost_count / (conflicts / conflict_count) : 1;
  std::vector<double> prices;
  for (int k = -10; k <= 10; ++k) prices.push_back(scale * std::exp2(k));
  lowest_price_ = prices.front();
  highest_price_ = prices.back() * 1024;
  std::vector<std::vector<value_index>> from_plan(prices.size(), plan), from_quiet(prices.size(), plan);
  clock.each(t_.groups.size(), t_.little(), [&](std::size_t j) {
    const auto& group = t_.groups[j];
    const auto stop = [&clock] { return clock.stop(); };
    descend(c, group, infinity, quiet, stop);
    for (std::size_t k = 0; k < prices.size() && !stop(); ++k) {
      descend(c, group, prices[k], from_plan[k], stop);
      for (const auto m : group) from_quiet[k][m] = quiet[m];
      descend(c, group, prices[k], from_quiet[k], stop);
    }
  });
  consider(quiet);
  for (std::size_t k = 0; k < prices.size(); ++k) {
    consider(from_quiet[k]);
    consider(from_plan[k]);
  }
}

double schedules::promising_price() const {
  double low = lowest_price_, high = highest_price_;
  while (high > low * 1.002) {
    const double price = std::sqrt(low * high);
    double conflicts = 0;
    for (const auto& some : met_)
      conflicts += std::min_element(some.begin(), some.end(), [&](const auto& x, const auto& y) {
                     return x.first + price * x.second < y.first + price * y.second;
                   })->second;
    (conflicts > t_.most_conflict() ? low : high) = price;
  }
  return std::sqrt(low * high);
}

double schedules::modelled(double price) const {
  double sum = -price * t_.limit;
  for (const auto& some : met_) {
    double least = infinity;
    for (const auto& [c, f] : some) least = std::min(least, c + price * f);
    sum += least;
  }
  return sum;
}

}  // namespace clarion::conflict::detail
