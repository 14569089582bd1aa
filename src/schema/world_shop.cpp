#include "schema/world_shop.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "clarion/schema/world.hpp"

namespace clarion::schema::detail {

using core::random_stream;

namespace {

unsigned month_of(date at) { return unsigned{std::chrono::year_month_day{at}.month()} - 1; }

}  // namespace

shelf::shelf(std::uint64_t seed) {
  const auto& truth = planted_truth();
  for (std::size_t j = 0; j < goods.products.size(); ++j) {
    random_stream draw(seed, j, shelf_room);
    const auto& seasons = truth.history.seasons;
    std::uint8_t code = 0;
    while (seasons[code].category != goods.products[j].category) ++code;
    category.push_back(code);
    launch.push_back(*goods.products[j].launch);
    for (unsigned m = 0; m < 12; ++m) season[m].push_back(seasons[code].index[m]);
    popularity.push_back(0.6 * draw.normal());
    factors.emplace_back();
    for (auto& f : factors.back()) f = 0.5 * draw.normal();
  }
  for (const auto& rule : truth.baskets) {
    const auto row = [&](const std::string& id) { return static_cast<std::size_t>(goods.find(id) - goods.products.data()); };
    rules.push_back({row(rule.antecedent), row(rule.consequent)});
    rule_chance.push_back(rule.chance);
  }
}

std::vector<double> shelf::appeal(const person& of) const {
  const auto has = [&](segment_code s) { return (of.segments & bit(s)) != 0; };
  const std::array<double, 6> bonus{
      has(wellness_enthusiasts) ? 1.0 : 0.0, has(trend_shoppers) ? 0.7 : 0.0, 0.0,
      has(trend_shoppers) ? 0.7 : 0.0,       has(students) ? 0.6 : 0.0,       has(outdoor_fans) ? 1.0 : 0.0};
  std::vector<double> out(size());
  for (std::size_t j = 0; j < size(); ++j) {
    double log_weight = popularity[j] + bonus[category[j]];
    for (std::size_t f = 0; f < 4; ++f) log_weight += of.taste[f] * factors[j][f];
    if (has(deal_seekers)) log_weight -= 0.01 * goods.products[j].price;
    out[j] = std::exp(log_weight);
  }
  return out;
}

std::size_t shelf::choose(random_stream& draw, const std::vector<double>& liked, date at, std::vector<double>& scratch) const {
  const auto& index = season[month_of(at)];
  scratch.resize(size());
  double sum = 0;
  for (std::size_t j = 0; j < size(); ++j) {
    if (launch[j] <= at) sum += liked[j] * index[j];
    scratch[j] = sum;
  }
  return pick(draw, scratch.data(), size());
}

std::vector<line> fill_baskets(const shelf& from, const person& of, const std::vector<double>& appeal, random_stream draw,
                               std::vector<std::size_t>& orders) {
  std::vector<line> out;
  std::vector<double> scratch;
  orders.clear();
  for (const date at : of.orders) {
    const std::size_t begin = out.size();
    orders.push_back(begin);
    const auto holds = [&](std::size_t product) {
      return std::any_of(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                         [&](const line& l) { return l.product == product; });
    };
    const auto add = [&](std::size_t product) { out.push_back({product, at, 0, 0, 0}); };
    const std::size_t wanted = 1 + std::min<std::uint64_t>(draw.poisson(0.6), 4);
    for (std::size_t l = 0; l < wanted; ++l)
      if (const auto product = from.choose(draw, appeal, at, scratch); !holds(product)) add(product);
    for (std::size_t r = 0; r < from.rules.size(); ++r) {
      const auto [antecedent, consequent] = from.rules[r];
      if (holds(antecedent) && !holds(consequent) && from.launch[consequent] <= at && draw.chance(from.rule_chance[r]))
        add(consequent);
    }
    const std::chrono::year_month_day ymd{at};
    const bool cyber_week = ymd.month() == std::chrono::November && unsigned{ymd.day()} >= 20;
    for (std::size_t l = begin; l < out.size(); ++l) {
      auto& item = out[l];
      item.quantity = static_cast<std::uint16_t>(1 + draw.poisson(0.15));
      const double paid = from.goods.products[item.product].price * item.quantity * (cyber_week ? 0.8 : 1.0);
      item.amount = std::round(paid * 100) / 100;
      const double back = planted_truth().history.seasons[from.category[item.product]].return_rate;
      item.returned = draw.chance(back) ? item.quantity : std::uint16_t{0};
    }
  }
  return out;
}

}  // namespace clarion::schema::detail
