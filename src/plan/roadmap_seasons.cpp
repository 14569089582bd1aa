#include "plan/roadmap_seasons.hpp"

#include <algorithm>
#include <string>

#include "clarion/conflict/load.hpp"
#include "clarion/plan/outcome.hpp"
#include "plan/roadmap_calendar.hpp"

namespace clarion::plan {

namespace {

enum seasons : std::uint32_t { by_category, by_objective, by_channel, by_pair };

}  // namespace

std::vector<std::vector<std::uint32_t>> categories::of(const schema::portfolio& portfolio) {
  std::vector<std::uint32_t> by_entry;
  for (const auto& entry : portfolio.products.values.names()) {
    const auto known = by_product_.find(entry);
    by_entry.push_back(names_.intern(known == by_product_.end() || known->second.empty() ? entry : known->second));
  }
  std::vector<std::vector<std::uint32_t>> out(portfolio.size());
  for (std::size_t row = 0; row < portfolio.size(); ++row) {
    for (const auto entry : portfolio.products[row]) out[row].push_back(by_entry[entry]);
    std::ranges::sort(out[row]);
    out[row].erase(std::unique(out[row].begin(), out[row].end()), out[row].end());
  }
  return out;
}

stats::seasonal_index history_seasons::of(std::uint32_t month, std::uint32_t category, std::uint32_t objective,
                                          std::uint32_t channel) const {
  const std::array key{month, category, objective, channel};
  if (const auto known = asked.find(key); known != asked.end()) return known->second;
  std::vector<stats::seasonal_share> groups;
  const auto add = [&](seasons season, std::uint32_t code, double share) { groups.push_back({season, code, share}); };
  const auto add_pair = [&](std::uint32_t aim, double share) {
    if (const auto pair = pairs.find({category, aim}); pair != pairs.end()) add(by_pair, pair->second, share);
  };
  // The weight of the first is given back: that of the finest group that was asked for.
  if (category != unseen && objective != unseen) add_pair(objective, 1);
  if (channel != unseen) add(by_channel, channel, 1);
  if (category != unseen) add(by_category, category, 1);
  if (objective != unseen) add(by_objective, objective, 1);
  if (category != unseen && objective == unseen && channel == unseen)
    for (std::uint32_t aim = 0; aim < objectives; ++aim)
      if (const auto weight = pair_weight.find({category, aim}); weight != pair_weight.end()) {
        const double share = weight->second / category_weight[category];
        add(by_objective, aim, share);
        add_pair(aim, share);
      }
  return asked.emplace(key, fit.of(month, groups)).first->second;
}

history_seasons read_seasons(const schema::portfolio& history, const schema::catalog* catalog, const roadmap_options& options) {
  history_seasons out;
  const auto by_row = categories(catalog, out.categories).of(history);
  for (const auto& name : history.channel.values.names()) out.channels.intern(name);
  // Campaigns without a product or channel share a code of their own, so that a history without them still has months.
  const auto no_category = static_cast<std::uint32_t>(out.categories.size());
  const auto no_channel = static_cast<std::uint32_t>(out.channels.size());
  out.category_weight.assign(out.categories.size(), 0.0);
  struct usable {
    std::size_t row;
    double result, money;
  };
  std::vector<usable> rows;
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (!is_finished(history, row) || !conflict::counts(history, row)) continue;
    ++out.finished;
    const auto column = outcome_column(history, outcome_of(history.objective[row]));
    const double result = column.empty() ? schema::missing : column[row];
    const double money = history.spend[row] > 0 ? history.spend[row] : history.budget[row];
    if (result >= 0 && money > 0 && std::isfinite(result) && std::isfinite(money)) rows.push_back({row, result, money});
  }
  if (rows.size() > options.most_history) {
    std::ranges::stable_sort(rows, std::ranges::greater{}, [&](const usable& at) { return history.start[at.row]; });
    rows.resize(options.most_history);
  }
  out.used = rows.size();

  std::vector<double> log_rate, log_money, share;
  std::vector<std::uint8_t> month;
  std::vector<std::uint32_t> observation, category, objective, channel, pair, measure;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> measures;
  for (const auto& [row, result, money] : rows) {
    const auto i = static_cast<std::uint32_t>(log_rate.size());
    const auto aim = static_cast<std::uint32_t>(history.objective[row]);
    // Half a result keeps a campaign that brought none.
    log_rate.push_back(std::log((result + 0.5) / money));
    // Returns diminish: a campaign with more money has a lower rate in any month.
    log_money.push_back(std::log(money));
    out.rates[aim].push_back(result / money);
    if (!by_row[row].empty()) ++out.with_category;
    const std::vector<std::uint32_t> none{no_category};
    const auto& cats = by_row[row].empty() ? none : by_row[row];
    const double days = history.days(row);
    for (auto m = core::month_number(history.start[row]); m <= core::month_number(history.end[row]); ++m) {
      const double part = core::shared_days(history.start[row], history.end[row], first_of(m), last_of(m)) / days;
      for (const auto c : cats) {
        observation.push_back(i);
        share.push_back(part / static_cast<double>(cats.size()));
        month.push_back(static_cast<std::uint8_t>(m % 12));
        category.push_back(c);
        objective.push_back(aim);
        const auto code = history.channel.codes[row];
        channel.push_back(code == core::category_column::none ? no_channel : code);
        pair.push_back(out.pairs.try_emplace({c, aim}, static_cast<std::uint32_t>(out.pairs.size())).first->second);
        // What is counted differs by objective, and what a result is worth by category.
        const auto counted = static_cast<std::uint32_t>(outcome_of(history.objective[row]));
        measure.push_back(measures.try_emplace({c, counted}, static_cast<std::uint32_t>(measures.size())).first->second);
        if (c < out.category_weight.size()) {
          out.category_weight[c] += share.back();
          out.pair_weight[{c, aim}] += share.back();
        }
      }
    }
  }
  out.fitted = out.used >= options.min_history;
  if (out.fitted)
    out.fit = stats::fit_seasonality({.log_rate = log_rate,
                                      .covariates = {std::span<const double>(log_money)},
                                      .observation = observation,
                                      .share = share,
                                      .month = month,
                                      .levels = {measure},
                                      .seasons = {category, objective, channel, pair}},
                                     {.coverage = options.coverage});
  return out;
}

}  // namespace clarion::plan
