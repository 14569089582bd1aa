#include "clarion/plan/roadmap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "clarion/conflict/load.hpp"
#include "clarion/core/error.hpp"
#include "clarion/stats/quantile.hpp"
#include "plan/roadmap_calendar.hpp"
#include "plan/roadmap_findings.hpp"
#include "plan/roadmap_gaps.hpp"
#include "plan/roadmap_seasons.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

void add_waves(roadmap_plan& out, const schema::portfolio& portfolio, const conflict::conflict_graph& graph) {
  std::map<std::uint32_t, launch_wave> waves;
  std::vector<std::uint32_t> order;
  for (std::uint32_t row = 0; row < portfolio.size(); ++row)
    if (conflict::counts(portfolio, row)) order.push_back(row);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t row) { return portfolio.start[row]; });
  for (const auto row : order) {
    const auto number = graph.wave[row] + 1;
    auto& wave = waves[number];
    if (wave.campaigns.empty()) wave.first = portfolio.start[row];
    wave.wave = number;
    wave.last = portfolio.start[row];
    wave.campaigns.push_back(row);
    out.wave_of[row] = number;
  }
  for (auto& [number, wave] : waves) out.waves.push_back(std::move(wave));
  if (!order.empty()) out.findings.push_back(say_waves(portfolio, order, out.waves, graph.waves_bound));
}

history_seasons seasons_of(const roadmap_input& input, const roadmap_options& options, std::vector<missing_input>& missing) {
  const auto lacked = [&](std::string what, std::string supply) {
    missing.push_back({"roadmap", std::move(what), std::move(supply)});
  };
  if (input.history == nullptr || input.history->empty()) {
    lacked("Calendar gaps were not held against seasons: no history was given",
           "a table of finished campaigns with start, end, channel, objective, products, spend and results");
    return {};
  }
  auto seasons = read_seasons(*input.history, input.catalog, options);
  if (!seasons.fitted)
    lacked(
        fmt::format("Seasons were not read: {} of {} finished campaigns in history have a result and a spend, and {} are needed",
                    seasons.used, seasons.finished, options.min_history),
        "finished campaigns with start, end, spend and the result of their objective (new_customers, conversions, revenue), "
        "two years of them if possible");
  else if (seasons.with_category == 0)
    lacked("Seasons were read without categories: no finished campaign names its products",
           "the products or categories of the campaigns in history");
  return seasons;
}

std::vector<seasonal_row> table_of(const history_seasons& seasons) {
  std::vector<seasonal_row> out;
  for (const auto& [pair, code] : seasons.pairs) {
    if (pair.first >= seasons.category_weight.size()) continue;
    for (std::uint32_t m = 0; m < 12; ++m) {
      const auto cell = seasons.of(m, pair.first, pair.second, unseen);
      out.push_back({seasons.categories[pair.first], static_cast<schema::objective>(pair.second), static_cast<std::uint8_t>(m),
                     cell.index, cell.low, cell.high, cell.weight});
    }
  }
  std::ranges::stable_sort(out, [](const seasonal_row& a, const seasonal_row& b) {
    return std::tie(a.category, a.objective, a.month) < std::tie(b.category, b.objective, b.month);
  });
  return out;
}

// The median budget of the campaigns of each objective.
std::vector<double> usual_budgets(const schema::portfolio& portfolio, std::span<const std::size_t> rows) {
  std::vector<std::vector<double>> budgets(objectives);
  for (const auto row : rows)
    if (portfolio.budget[row] > 0) budgets[static_cast<std::size_t>(portfolio.objective[row])].push_back(portfolio.budget[row]);
  std::vector<double> out;
  for (const auto& of : budgets) out.push_back(of.empty() ? schema::missing : stats::quantile(of, 0.5));
  return out;
}

}  // namespace

roadmap_plan roadmap(const schema::portfolio& portfolio, const roadmap_input& input, const roadmap_options& options) {
  core::check_options(options);
  const std::size_t n = portfolio.size();
  if (input.graph != nullptr && input.graph->campaigns != n)
    reject("graph", wording::plural(input.graph->campaigns, "campaign"),
           fmt::format("build it from this portfolio of {} rows", n));
  roadmap_plan out;
  out.wave_of.assign(n, 0);
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < n; ++row)
    if (conflict::counts(portfolio, row)) rows.push_back(row);
  const auto seasons = seasons_of(input, options, out.missing);
  if (seasons.fitted) out.seasons = table_of(seasons);

  std::vector<schema::finding> strong_gaps, windows, information;
  if (!rows.empty()) {
    const auto h = horizon_of(portfolio, rows, input.today, options);
    out.gaps = find_gaps(portfolio, rows, h, seasons, options);
    if (std::ranges::all_of(rows, [&](std::size_t row) { return portfolio.objective[row] == schema::objective::unspecified; }))
      out.missing.push_back({"roadmap", "Calendar gaps by objective were not looked for: no campaign gives its objective",
                             "the objective of each campaign"});
    if (std::ranges::all_of(rows, [&](std::size_t row) { return portfolio.channel.codes[row] == core::category_column::none; }))
      out.missing.push_back({"roadmap", "Calendar gaps by channel were not looked for: no campaign gives its channel",
                             "the channel of each campaign"});
    if (seasons.fitted) out.windows = find_windows(portfolio, rows, h, seasons, out.gaps, input.catalog, options);
    std::ranges::stable_sort(out.gaps, [](const calendar_gap& a, const calendar_gap& b) {
      const auto key = [](const calendar_gap& gap) { return std::make_pair(gap.strong, std::isnan(gap.low) ? 0.0 : gap.low); };
      return key(a) > key(b);
    });

    const auto currency = portfolio.main_currency();
    const auto budgets = usual_budgets(portfolio, rows);
    const bool money = has_budgets(portfolio, rows);
    for (const auto& gap : out.gaps)
      if (gap.strong && !told_before(gap, out.gaps))
        strong_gaps.push_back(say_gap(
            gap, seasons, gap.channel.empty() ? budgets[static_cast<std::size_t>(gap.objective)] : schema::missing, currency));
    for (const auto& window : out.windows) windows.push_back(say_window(window, seasons, money));
    for (const bool of_channel : {false, true})
      if (auto finding = say_quiet_gaps(out.gaps, of_channel, seasons.fitted, options))
        information.push_back(std::move(*finding));
    if (seasons.fitted) information.push_back(say_seasons(out.seasons, seasons, options));
  }

  for (auto& finding : strong_gaps) out.findings.push_back(std::move(finding));
  if (input.moves != nullptr)
    for (auto& finding : conflict::reschedule_findings(*input.moves, input.movable)) out.findings.push_back(std::move(finding));
  for (auto& finding : windows) out.findings.push_back(std::move(finding));
  if (input.graph != nullptr) add_waves(out, portfolio, *input.graph);
  for (auto& finding : information) out.findings.push_back(std::move(finding));
  for (const auto& missing : out.missing) out.findings.push_back(to_finding(missing));
  return out;
}

}  // namespace clarion::plan
