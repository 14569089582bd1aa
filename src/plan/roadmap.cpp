#include "clarion/plan/roadmap.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/plan/outcome.hpp"
#include "clarion/stats/quantile.hpp"
#include "clarion/stats/seasonality.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array<schema::rule, 5> rules_of_roadmap{{
    {"P401", "Sequence and launch waves", schema::severity::info,
     "Campaigns in order of launch, grouped into waves: those of one wave touch none of the others in it and may run side by "
     "side.",
     "Launch wave by wave; a campaign that changes its dates may change its wave."},
    {"P402", "Strong season without a campaign", schema::severity::warning,
     "Nothing of an objective, or on a channel, runs in months in which history says that a category earns more per unit of "
     "money "
     "than it usually does.",
     "Plan a campaign for the category in these months, or move one there."},
    {"P403", "Underused window", schema::severity::info,
     "A category earns more in this month than in its average one, and the plan puts less than half of an even share there.",
     "Move budget of the category into the month."},
    {"P404", "Calendar gaps", schema::severity::info,
     "Months in which nothing of an objective, or nothing on a channel, runs, and for which history shows no strong season.",
     "Check that the pause is meant."},
    {"P405", "Seasons in history", schema::severity::info,
     "What history says about the months: indices of the result per unit of money, with shrinkage.",
     "Plan the strong months first."},
}};

const schema::rule& rule_of(std::string_view code) {
  for (const auto& rule : rules_of_roadmap)
    if (rule.code == code) return rule;
  reject("code", std::string(code), "give a code of the roadmap layer");
}

constexpr std::uint32_t unseen = stats::seasonality::any;
constexpr std::size_t objectives = 9;

bool counts(const schema::portfolio& portfolio, std::size_t row) {
  return portfolio.status[row] != schema::status::cancelled && portfolio.end[row] >= portfolio.start[row] &&
         (portfolio.end[row] - portfolio.start[row]).count() <= 3660;
}

date first_of(std::int32_t month) {
  return date{std::chrono::year{month / 12} / std::chrono::month{static_cast<unsigned>(month % 12) + 1} / std::chrono::day{1}};
}
date last_of(std::int32_t month) { return first_of(month + 1) - std::chrono::days{1}; }

std::string month_text(std::int32_t month) {
  return fmt::format("{} {}", wording::month_name(static_cast<unsigned>(month % 12)), month / 12);
}

/// "January and February 2027", "November 2026 to March 2027".
std::string months_text(std::span<const std::int32_t> months) {
  if (months.empty()) return {};
  if (months.size() == 1) return month_text(months.front());
  const bool consecutive = months.back() - months.front() + 1 == static_cast<std::int32_t>(months.size());
  if (consecutive && months.size() > 2) return month_text(months.front()) + " to " + month_text(months.back());
  std::vector<std::string> names;
  const bool one_year = months.front() / 12 == months.back() / 12;
  for (std::size_t i = 0; i < months.size(); ++i)
    names.push_back(one_year && i + 1 < months.size() ? std::string(wording::month_name(static_cast<unsigned>(months[i] % 12)))
                                                      : month_text(months[i]));
  return wording::list(names, 12);
}

/// Categories by product entry of one portfolio, on codes of a shared dictionary.
class categories {
public:
  categories(const schema::catalog* catalog, core::dictionary& names) : names_(names) {
    if (catalog == nullptr) return;
    for (const auto& product : catalog->products)
      if (!product.name.empty()) by_product_.emplace(product.name, product.category);
    for (const auto& product : catalog->products) by_product_.insert_or_assign(product.id, product.category);
  }

  /// Distinct category codes of each row, ascending.
  std::vector<std::vector<std::uint32_t>> of(const schema::portfolio& portfolio) {
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

private:
  core::dictionary& names_;
  std::unordered_map<std::string, std::string> by_product_;
};

enum seasons : std::uint32_t { by_category, by_objective, by_channel, by_pair };

/// Seasons of history, and what they rest on.
struct history_seasons {
  core::dictionary categories, channels;
  stats::seasonality fit;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> pairs;  ///< (category, objective) -> code
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> pair_weight;   ///< campaigns
  std::array<std::vector<double>, objectives> rates;                       ///< result per unit of money
  std::vector<double> category_weight;                                     ///< campaigns by category
  std::size_t finished = 0, used = 0, with_category = 0;
  bool fitted = false;
  mutable std::map<std::array<std::uint32_t, 4>, stats::seasonal_index> asked;

  /// Of a category, objective or channel (`unseen`: any), asked for once each. A category by itself has the mixture of
  /// objectives that history gave it.
  stats::seasonal_index of(std::uint32_t month, std::uint32_t category, std::uint32_t objective, std::uint32_t channel) const {
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
};

void read_seasons(history_seasons& out, const schema::portfolio& history, const schema::catalog* catalog,
                  const roadmap_options& options) {
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
    if (!is_finished(history, row) || !counts(history, row)) continue;
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
}

/// A mean of indices over months, its interval as if they erred together.
struct season_of_months {
  double index = 1, low = 1, high = 1, campaigns = 0;
};

template <class Season>
bool is_strong(const Season& season, const roadmap_options& options) {
  return season.low > 1 && season.index >= options.strong_index;
}

template <class Cell>
season_of_months over(std::span<const std::int32_t> months, Cell&& cell) {
  double index = 0, low = 0, high = 0;
  season_of_months out;
  for (const auto m : months) {
    const stats::seasonal_index at = cell(static_cast<std::uint32_t>(m % 12));
    index += std::log(at.index);
    low += std::log(at.low);
    high += std::log(at.high);
    out.campaigns += at.weight;
  }
  const auto n = static_cast<double>(months.size());
  out.index = std::exp(index / n);
  out.low = std::exp(low / n);
  out.high = std::exp(high / n);
  return out;
}

struct span_of_days {
  date from{}, to{};
};

/// The days of [from, to] that no run covers.
std::vector<span_of_days> free_days(std::vector<span_of_days> runs, date from, date to) {
  std::ranges::sort(runs, {}, &span_of_days::from);
  std::vector<span_of_days> out;
  date next = from;
  for (const auto& run : runs) {
    if (run.from > next) out.push_back({next, std::min(run.from - std::chrono::days{1}, to)});
    next = std::max(next, run.to + std::chrono::days{1});
    if (next > to) return out;
  }
  out.push_back({next, to});
  return out;
}

std::vector<std::int32_t> whole_months(const span_of_days& span) {
  std::vector<std::int32_t> out;
  for (auto m = core::month_number(span.from); m <= core::month_number(span.to); ++m)
    if (first_of(m) >= span.from && last_of(m) <= span.to) out.push_back(m);
  return out;
}

std::string index_text(double index, double low, double high) {
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", index, low, high);
}

std::vector<double> as_numbers(std::span<const std::int32_t> months) {
  std::vector<double> out;
  for (const auto m : months) out.push_back(m % 12 + 1);
  return out;
}

}  // namespace

std::span<const schema::rule> roadmap_rules() { return rules_of_roadmap; }

namespace {

void add_waves(roadmap_plan& out, const schema::portfolio& portfolio, const conflict::conflict_graph& graph) {
  std::map<std::uint32_t, launch_wave> waves;
  std::vector<std::uint32_t> order;
  for (std::uint32_t row = 0; row < portfolio.size(); ++row)
    if (counts(portfolio, row)) order.push_back(row);
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
  if (order.empty()) return;

  std::vector<std::string> ids, launches, lists;
  for (const auto row : order) {
    ids.emplace_back(portfolio.id[row]);
    launches.push_back(wording::label(portfolio, row) + " " + core::to_string(portfolio.start[row]));
  }
  std::vector<double> sizes;
  for (const auto& wave : out.waves) {
    std::vector<std::string> names;
    for (const auto row : wave.campaigns) names.push_back(wording::label(portfolio, row));
    sizes.push_back(static_cast<double>(names.size()));
    lists.push_back(fmt::format("wave {}: {}", wave.wave, wording::list(names, 20)));
  }
  auto& finding = out.findings.emplace_back(
      schema::make_finding(rule_of("P401"), std::move(ids),
                           fmt::format("{} in {}: {}", wording::plural(order.size(), "campaign"),
                                       wording::plural(out.waves.size(), "launch wave"), wording::list(launches, 20))));
  finding.evidence.push_back({"waves", static_cast<std::int64_t>(out.waves.size()), ""});
  finding.evidence.push_back({"waves_at_least", static_cast<std::int64_t>(graph.waves_bound), ""});
  finding.evidence.push_back({"wave_sizes", std::move(sizes), "campaigns"});
  finding.evidence.push_back({"wave_members", std::move(lists), ""});
  finding.why =
      "Campaigns that touch each other stand in different waves (colouring of the conflict graph); the largest set that "
      "touches pairwise says how few waves there can be.";
  finding.expected_effect = "Within a wave no two campaigns touch.";
}

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

std::string rests_on(const history_seasons& seasons, double campaigns) {
  return fmt::format(
      "It rests on {} with results in history, {:.1f} of them in these very months; the rest is borrowed from the "
      "same category, objective and month by shrinkage.",
      wording::plural(seasons.used, "finished campaign"), campaigns);
}

}  // namespace

roadmap_plan roadmap(const schema::portfolio& portfolio, const roadmap_input& input, const roadmap_options& options) {
  core::check_options(options);
  roadmap_plan out;
  const std::size_t n = portfolio.size();
  out.wave_of.assign(n, 0);
  const auto lacked = [&](std::string what, std::string supply) {
    out.missing.push_back({"roadmap", std::move(what), std::move(supply)});
  };
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < n; ++row)
    if (counts(portfolio, row)) rows.push_back(row);

  history_seasons seasons;
  const bool has_history = input.history != nullptr && !input.history->empty();
  if (has_history) {
    read_seasons(seasons, *input.history, input.catalog, options);
    if (!seasons.fitted)
      lacked(fmt::format(
                 "Seasons were not read: {} of {} finished campaigns in history have a result and a spend, and {} are needed",
                 seasons.used, seasons.finished, options.min_history),
             "finished campaigns with start, end, spend and the result of their objective (new_customers, conversions, revenue), "
             "two "
             "years of them if possible");
    else if (seasons.with_category == 0)
      lacked("Seasons were read without categories: no finished campaign names its products",
             "the products or categories of the campaigns in history");
  } else {
    lacked("Calendar gaps were not held against seasons: no history was given",
           "a table of finished campaigns with start, end, channel, objective, products, spend and results");
  }

  std::vector<schema::finding> strong_gaps, windows, information;
  if (seasons.fitted) {
    for (const auto& [pair, code] : seasons.pairs) {
      if (pair.first >= seasons.category_weight.size()) continue;
      for (std::uint32_t m = 0; m < 12; ++m) {
        const auto cell = seasons.of(m, pair.first, pair.second, unseen);
        out.seasons.push_back({seasons.categories[pair.first], static_cast<schema::objective>(pair.second),
                               static_cast<std::uint8_t>(m), cell.index, cell.low, cell.high, cell.weight});
      }
    }
    std::ranges::stable_sort(out.seasons, [](const seasonal_row& a, const seasonal_row& b) {
      return std::tie(a.category, a.objective, a.month) < std::tie(b.category, b.objective, b.month);
    });
  }

  if (!rows.empty()) {
    date first = portfolio.start[rows.front()], last = portfolio.end[rows.front()];
    for (const auto row : rows) {
      first = std::min(first, portfolio.start[row]);
      last = std::max(last, portfolio.end[row]);
    }
    std::int32_t first_month = core::month_number(first);
    const std::int32_t end_month =
        std::max(core::month_number(last) + 1, first_month + static_cast<std::int32_t>(options.horizon_months));
    // What is over cannot be planned any more; a plan that lies behind today as a whole is read as it was.
    date from = first_of(first_month);
    if (input.today && *input.today <= last) from = std::max(from, *input.today);
    const date to = last_of(end_month - 1);
    const std::string currency = portfolio.main_currency();

    const auto add_gaps = [&](schema::objective objective, std::uint32_t channel_code, std::vector<span_of_days> runs,
                              double usual_budget) {
      const std::string channel = channel_code == unseen ? std::string{} : portfolio.channel.values[channel_code];
      std::uint32_t history_channel = unseen;
      if (channel_code != unseen)
        if (const auto code = seasons.channels.find(channel)) history_channel = *code;
      const std::uint32_t aim = channel_code == unseen ? static_cast<std::uint32_t>(objective) : unseen;
      for (const auto& span : free_days(std::move(runs), from, to)) {
        const auto months = whole_months(span);
        if (months.empty()) continue;
        calendar_gap gap;
        gap.objective = objective;
        gap.channel = channel;
        gap.from = span.from;
        gap.to = span.to;
        judge_gap(gap, months, seasons, aim, history_channel, options);
        // What an objective's gap has said need not be said of a channel again.
        const bool told = !channel.empty() && std::ranges::any_of(out.gaps, [&](const calendar_gap& other) {
          return other.channel.empty() && other.strong && other.category == gap.category &&
                 std::ranges::includes(other.months, gap.months);
        });
        if (gap.strong && !told) {
          const std::string what = channel.empty() ? wording::spoken(objective) + " campaign" : "campaign on " + channel;
          auto& finding = strong_gaps.emplace_back(schema::make_finding(
              rule_of("P402"), {},
              fmt::format("No {} runs in {}; history is strong then{}: index {}", what, months_text(months),
                          gap.category.empty() ? "" : " for " + gap.category, index_text(gap.index, gap.low, gap.high))));
          if (channel.empty())
            finding.evidence.push_back({"objective", std::string(schema::to_string(objective)), ""});
          else
            finding.evidence.push_back({"channel", channel, ""});
          finding.evidence.push_back({"from", core::to_string(gap.from), ""});
          finding.evidence.push_back({"to", core::to_string(gap.to), ""});
          finding.evidence.push_back({"free_months", as_numbers(months), "month of the year"});
          finding.evidence.push_back({"strong_months", as_numbers(gap.months), "month of the year"});
          finding.evidence.push_back({"category", gap.category, ""});
          finding.evidence.push_back({"index", gap.index, "of the average month"});
          finding.evidence.push_back({"index_low", gap.low, "of the average month"});
          finding.evidence.push_back({"index_high", gap.high, "of the average month"});
          finding.evidence.push_back({"campaigns_in_these_months", gap.campaigns, "campaigns"});
          finding.evidence.push_back({"campaigns_in_history", static_cast<std::int64_t>(seasons.used), "campaigns"});
          finding.why =
              fmt::format(
                  "Nothing of it runs from {} to {}. In {} history brought {:.0f}% more per unit of money than in the average "
                  "month. ",
                  core::to_string(gap.from), core::to_string(gap.to), months_text(gap.months), 100 * (gap.index - 1)) +
              rests_on(seasons, gap.campaigns);
          finding.suggestion = fmt::format(
              "Plan a{} {}{} in {}.",
              channel.empty() && std::string_view("ao").find(schema::to_string(objective)[0]) != std::string_view::npos ? "n"
                                                                                                                        : "",
              what, gap.category.empty() ? "" : " for " + gap.category, months_text(gap.months));
          const double rate = aim == unseen ? schema::missing : stats::quantile(seasons.rates[aim], 0.5);
          if (usual_budget > 0 && rate > 0) {
            const auto kind = std::string(to_string(outcome_of(objective)));
            const double more = usual_budget * rate * (gap.index - 1);
            finding.evidence.push_back({"usual_budget", usual_budget, currency});
            finding.evidence.push_back({"usual_rate", rate, kind + " per unit of money"});
            finding.expected_effect = fmt::format(
                "{} there, the usual budget of such a campaign, bring about {} more {} than in an average month.",
                wording::money(usual_budget, currency), wording::count(more), kind == "new_customers" ? "new customers" : kind);
          } else {
            finding.expected_effect =
                fmt::format("{:.0f}% more result for the same money than in an average month.", 100 * (gap.index - 1));
          }
        }
        out.gaps.push_back(std::move(gap));
      }
    };

    std::vector<std::vector<span_of_days>> by_objective(objectives), by_channel(portfolio.channel.values.size());
    std::vector<std::vector<double>> budgets(objectives);
    for (const auto row : rows) {
      const span_of_days run{portfolio.start[row], portfolio.end[row]};
      const auto aim = static_cast<std::size_t>(portfolio.objective[row]);
      by_objective[aim].push_back(run);
      if (portfolio.budget[row] > 0) budgets[aim].push_back(portfolio.budget[row]);
      if (const auto code = portfolio.channel.codes[row]; code != core::category_column::none) by_channel[code].push_back(run);
    }
    for (std::size_t aim = 1; aim < objectives; ++aim)
      if (by_objective[aim].size() >= options.min_campaigns)
        add_gaps(static_cast<schema::objective>(aim), unseen, by_objective[aim],
                 budgets[aim].empty() ? schema::missing : stats::quantile(budgets[aim], 0.5));
    for (std::uint32_t code = 0; code < by_channel.size(); ++code)
      if (by_channel[code].size() >= options.min_campaigns)
        add_gaps(schema::objective::unspecified, code, by_channel[code], schema::missing);
    if (by_objective[0].size() == rows.size())
      lacked("Calendar gaps by objective were not looked for: no campaign gives its objective", "the objective of each campaign");
    if (std::ranges::all_of(by_channel, [](const auto& runs) { return runs.empty(); }))
      lacked("Calendar gaps by channel were not looked for: no campaign gives its channel", "the channel of each campaign");

    // Underused windows, by category.
    if (seasons.fitted && options.max_windows > 0) {
      core::dictionary names = seasons.categories;
      const auto of_row = categories(input.catalog, names).of(portfolio);
      bool money = false;
      for (const auto row : rows) money = money || portfolio.budget[row] > 0;
      const auto horizon = static_cast<std::size_t>(end_month - first_month);
      std::vector<std::vector<double>> amount(names.size() + 1, std::vector<double>(horizon));
      auto& everything = amount.back();
      for (const auto row : rows) {
        const double days = portfolio.days(row);
        const double total = money ? (portfolio.budget[row] > 0 ? portfolio.budget[row] : 0) : days;
        for (auto m = core::month_number(portfolio.start[row]); m <= core::month_number(portfolio.end[row]); ++m) {
          const double here = total * core::shared_days(portfolio.start[row], portfolio.end[row], first_of(m), last_of(m)) / days;
          const auto at = static_cast<std::size_t>(m - first_month);
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
          const auto m = first_month + static_cast<std::int32_t>(at);
          if (last_of(m) < from || spread[at] / total >= even / 2) continue;
          const auto cell = seasons.of(static_cast<std::uint32_t>(m % 12), category, unseen, unseen);
          if (!is_strong(cell, options)) continue;
          // A strong gap has said so already.
          if (std::ranges::any_of(out.gaps, [&](const calendar_gap& gap) {
                return gap.strong && gap.category == name && std::ranges::find(gap.months, m) != gap.months.end();
              }))
            continue;
          out.windows.push_back({name, m, cell.index, cell.low, cell.high, cell.weight, spread[at] / total, even});
        }
      };
      for (std::uint32_t category = 0; category < seasons.category_weight.size(); ++category)
        look(category, seasons.categories[category], amount[category]);
      look(unseen, {}, everything);
      std::ranges::stable_sort(out.windows, std::ranges::greater{}, &underused_window::low);
      if (out.windows.size() > options.max_windows) out.windows.resize(options.max_windows);
      for (const auto& window : out.windows) {
        const std::string what = window.category.empty() ? "everything together" : window.category;
        auto& finding = windows.emplace_back(schema::make_finding(
            rule_of("P403"), {},
            fmt::format("{} is a strong month for {} (index {}) and gets {} of its {}", month_text(window.month), what,
                        index_text(window.index, window.low, window.high),
                        window.share > 0 ? wording::percent(window.share) : "none", money ? "budget" : "campaign days")));
        finding.evidence.push_back({"category", window.category, ""});
        finding.evidence.push_back({"month", core::to_string(first_of(window.month)), "first day"});
        finding.evidence.push_back({"index", window.index, "of the average month"});
        finding.evidence.push_back({"index_low", window.low, "of the average month"});
        finding.evidence.push_back({"index_high", window.high, "of the average month"});
        finding.evidence.push_back({"campaigns_in_this_month", window.campaigns, "campaigns"});
        finding.evidence.push_back({"campaigns_in_history", static_cast<std::int64_t>(seasons.used), "campaigns"});
        finding.evidence.push_back({"share", window.share, "share"});
        finding.evidence.push_back({"even_share", window.even_share, "share"});
        finding.why =
            fmt::format(
                "History brought {:.0f}% more per unit of money for {} in {} than in its average month; an even spread would put "
                "{} there. ",
                100 * (window.index - 1), what, wording::month_name(static_cast<unsigned>(window.month % 12)),
                wording::percent(window.even_share)) +
            rests_on(seasons, window.campaigns);
        finding.suggestion =
            fmt::format("Bring {} forward or back into {}.", window.category.empty() ? "a campaign" : "a campaign for " + what,
                        month_text(window.month));
        finding.expected_effect =
            fmt::format("{:.0f}% more result for the money that moves there than in an average month.", 100 * (window.index - 1));
      }
    }

    std::ranges::stable_sort(out.gaps, [](const calendar_gap& a, const calendar_gap& b) {
      const auto key = [](const calendar_gap& gap) { return std::make_pair(gap.strong, std::isnan(gap.low) ? 0.0 : gap.low); };
      return key(a) > key(b);
    });
    std::ranges::stable_sort(strong_gaps, std::ranges::greater{},
                             [](const schema::finding& finding) { return std::get<double>(*finding.find("index_low")); });
    for (const bool of_channel : {false, true}) {
      std::vector<std::string> texts;
      for (const auto& gap : out.gaps) {
        if (gap.channel.empty() == of_channel || gap.strong) continue;
        texts.push_back(fmt::format("{} {}", of_channel ? gap.channel : wording::spoken(gap.objective),
                                    months_text(whole_months({gap.from, gap.to}))));
      }
      if (texts.empty()) continue;
      auto& finding = information.emplace_back(
          schema::make_finding(rule_of("P404"), {},
                               fmt::format("{} by {}: {}", wording::plural(texts.size(), "calendar gap"),
                                           of_channel ? "channel" : "objective", wording::list(texts, 8))));
      finding.evidence.push_back({"gaps", texts, ""});
      finding.why = seasons.fitted ? fmt::format(
                                         "None of these months has an index of {:g} or more whose interval lies above 1, for any "
                                         "category that history knows.",
                                         options.strong_index)
                                   : std::string("Whole months without a campaign; there was no history to hold them against.");
      finding.expected_effect = "None is known: history does not say that these months are worth more than others.";
    }
    if (seasons.fitted) {
      std::vector<const seasonal_row*> strong;
      for (const auto& row : out.seasons)
        if (is_strong(row, options)) strong.push_back(&row);
      std::ranges::stable_sort(strong, std::ranges::greater{}, &seasonal_row::low);
      std::vector<std::string> texts;
      for (const auto* row : strong)
        if (texts.size() < 24)
          texts.push_back(fmt::format("{} for {} in {}: {}", row->category, wording::spoken(row->objective),
                                      wording::month_name(row->month), index_text(row->index, row->low, row->high)));
      auto& finding = information.emplace_back(schema::make_finding(
          rule_of("P405"), {},
          strong.empty() ? fmt::format("No month stands out in {}", wording::plural(seasons.used, "finished campaign"))
                         : fmt::format("Strong months in history: {}", wording::list(texts, 4))));
      finding.evidence.push_back({"strong", texts, "index of the average month, with interval"});
      finding.evidence.push_back({"campaigns", static_cast<std::int64_t>(seasons.used), "finished campaigns"});
      finding.evidence.push_back({"noise", seasons.fit.noise_sd(), "standard deviation of a log rate"});
      finding.why = fmt::format(
          "Result per unit of money of {} by month, with channel, kind of result and size of spend taken out, each cell "
          "drawn toward its category, objective and month as far as its own rows are few; intervals of {}.",
          wording::plural(seasons.used, "finished campaign"), wording::percent(options.coverage));
      finding.expected_effect = "Money spent in a strong month brings more than in the average one, by the index.";
    }
  }

  for (auto& finding : strong_gaps) out.findings.push_back(std::move(finding));
  if (input.moves != nullptr)
    for (auto& finding : conflict::reschedule_findings(*input.moves, input.movable)) out.findings.push_back(std::move(finding));
  for (auto& finding : windows) out.findings.push_back(std::move(finding));
  if (input.graph != nullptr) {
    if (input.graph->campaigns != n)
      reject("graph", wording::plural(input.graph->campaigns, "campaign"),
             fmt::format("build it from this portfolio of {} rows", n));
    add_waves(out, portfolio, *input.graph);
  }
  for (auto& finding : information) out.findings.push_back(std::move(finding));
  for (const auto& missing : out.missing) out.findings.push_back(to_finding(missing));
  return out;
}

}  // namespace clarion::plan
