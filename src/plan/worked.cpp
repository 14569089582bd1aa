#include "clarion/plan/worked.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "clarion/core/error.hpp"
#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"
#include "clarion/stats/shrinkage.hpp"
#include "plan/outcome_model.hpp"
#include "plan/outcome_words.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array rules = {
    schema::rule{
        "P111", "A finished campaign worked", schema::severity::info,
        "It met its own success criterion, or came to more than campaigns of its channel, objective, category, season and "
        "spend usually scatter.",
        "Find out what it did differently and repeat that in a campaign that is comparable."},
    schema::rule{
        "P112", "A finished campaign did not work", schema::severity::info,
        "It missed its own success criterion, or came to less than campaigns of its channel, objective, category, season "
        "and spend usually scatter.",
        "Find out what went wrong before anything like it is planned again."},
    schema::rule{"P113", "Which finished campaigns worked", schema::severity::info,
                 "How many finished campaigns can be told apart from chance at all.",
                 "Give each campaign a success criterion before it starts: most verdicts then need no comparison."}};

enum rule_index { worked_rule, failed_rule, summary_rule };

// The logarithm of the outcome per money that a success criterion asks for; nothing when it is on something else.
std::optional<double> bar_of(const schema::kpi_target& target, outcome of, double money) {
  const std::string kpi = schema::detail::normal_key(target.kpi);
  if (!(target.value > 0)) return std::nullopt;
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), kpi) != names.end();
  };
  const double per_money = std::log(target.value), total = std::log(target.value / money), cost = -std::log(target.value);
  if (of == outcome::revenue && target.at_least) {
    if (is({"roas"})) return per_money;
    if (is({"revenue"})) return total;
  }
  if (of == outcome::new_customers) {
    if (target.at_least && is({"new_customers", "new_users"})) return total;
    if (!target.at_least && is({"cac"})) return cost;
  }
  if (of == outcome::conversions) {
    if (target.at_least && is({"conversions", "leads", "orders"})) return total;
    if (!target.at_least && is({"cpa", "cost_per_lead"})) return cost;
  }
  if (of == outcome::impressions && target.at_least && is({"impressions"})) return total;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(verdict value) {
  switch (value) {
    case verdict::cannot_tell:
      return "cannot tell";
    case verdict::worked:
      return "worked";
    case verdict::did_not:
      return "did not";
  }
  return "cannot tell";
}

std::span<const schema::rule> worked_rules() { return rules; }

worked_result which_worked(const schema::portfolio& history, const schema::catalog* catalog, const worked_options& options,
                           const run_options& run) {
  core::check_options(options);
  if (options.from && options.to && *options.to < *options.from)
    reject("to", core::to_string(*options.to), "give a day that is not before from, " + core::to_string(*options.from));
  worked_result out;
  const std::string supply =
      "finished campaigns with channel, start, end, spend and what came of it: revenue, conversions, "
      "new_customers or impressions";
  const auto in_window = [&](std::size_t row) {
    return is_finished(history, row) && (!options.from || history.end[row] >= *options.from) &&
           (!options.to || history.end[row] <= *options.to);
  };
  std::vector<std::uint32_t> judged;
  for (std::size_t row = 0; row < history.size(); ++row)
    if (in_window(row)) judged.push_back(static_cast<std::uint32_t>(row));
  if (judged.empty()) {
    out.missing.push_back({"strategies",
                           history.empty()
                               ? "Which campaigns worked was not said: no history was given"
                               : "Which campaigns worked was not said: no finished campaign ended in the days asked for",
                           supply});
    return out;
  }

  const coding codes = encode({}, history, catalog);
  constexpr std::array outcomes = {outcome::revenue, outcome::new_customers, outcome::conversions, outcome::impressions};
  std::array<std::optional<outcome_model>, outcomes.size()> models;
  std::array<stats::two_groups_result, outcomes.size()> groups;
  std::array<std::uint64_t, outcomes.size()> found{};
  std::array<std::vector<std::string>, outcomes.size()> unjudged;
  core::parallel_blocks(outcomes.size(), run, [&](std::size_t o) {
    const bool wanted =
        std::any_of(judged.begin(), judged.end(), [&](auto row) { return outcome_of(history.objective[row]) == outcomes[o]; });
    if (!wanted) return;
    auto& model = models[o];
    model = fit_outcome(codes, history, outcomes[o], options.min_history, {}, 0, 3.44, found[o]);
    if (!model) return;
    // Campaigns of other objectives show the usual scatter of this outcome too, though they are not judged by it.
    std::vector<double> variance = model->deviation_variance;
    for (std::size_t i = 0; i < variance.size(); ++i)
      if (outcomes[o] != outcome::revenue) variance[i] += 1 / (model->result[i] + 0.5);
    groups[o] = stats::two_groups(model->deviation, variance,
                                  {.level = options.level, .spread = std::sqrt(model->effects.residual_variance)});
  });

  const double z = stats::normal_quantile(0.5 + options.level / 2);
  std::array<std::size_t, 3> verdicts{};
  for (const auto row : judged) {
    worked_row w;
    w.campaign = history.id[row];
    w.name = history.name[row];
    w.channel = history.channel[row];
    w.objective = history.objective[row];
    w.outcome = outcome_of(w.objective);
    w.spend = codes.history.money[row];
    w.actual = outcome_column(history, w.outcome)[row];
    if (w.spend > 0 && w.actual >= 0) w.per_money = w.actual / w.spend;
    const auto o = static_cast<std::size_t>(std::find(outcomes.begin(), outcomes.end(), w.outcome) - outcomes.begin());
    const auto& model = models[o];
    const auto at = model ? model->used[row] : -1;
    if (at >= 0) {
      const auto i = static_cast<std::size_t>(at);
      const double own = groups[o].value[i];
      const double unsure = std::sqrt(groups[o].sd[i] * groups[o].sd[i] + model->deviation_variance[i]);
      w.expected = model->result[i] * std::exp(-model->deviation[i]);
      w.index = std::exp(own);
      w.index_low = std::exp(own - z * unsure);
      w.index_high = std::exp(own + z * unsure);
      const double kind = w.expected / w.spend;
      w.shrunken_per_money = kind * w.index;
      w.low = kind * w.index_low;
      w.high = kind * w.index_high;
      const double p = groups[o].probability[i];
      const double post = model->deviation[i] > 0 ? 1.0 : model->deviation[i] < 0 ? 0.0 : 0.5;
      w.probability = p * post + (1 - p) * 0.5;
      w.basis = "campaigns of its kind";
    } else {
      unjudged[o].push_back(w.campaign);
    }
    if (w.spend > 0 && w.actual >= 0) {
      for (const auto code : history.targets[row]) {
        const auto target = schema::parse_kpi_target(history.targets.values[code]);
        if (!target) continue;
        const auto bar = bar_of(*target, w.outcome, w.spend);
        if (!bar) continue;
        // What repeating the campaign would change by chance: its count of conversions, and twice that for the size of orders.
        const double count = w.outcome == outcome::revenue ? history.conversions[row] / 2 : w.actual;
        const double variance = 1 / std::max(std::isnan(count) ? 50.0 : count, 0.5);
        const double nothing = w.outcome == outcome::revenue ? 0 : 0.5;
        const double away = std::log(std::max(w.actual, nothing) / w.spend) - *bar;
        w.probability = stats::normal_cdf(away / std::sqrt(variance));
        w.basis = "target " + schema::to_string(*target);
        break;
      }
    }
    if (w.probability >= options.certainty) w.verdict = verdict::worked;
    if (w.probability <= 1 - options.certainty) w.verdict = verdict::did_not;
    ++verdicts[static_cast<std::size_t>(w.verdict)];
    out.rows.push_back(std::move(w));
  }
  std::stable_sort(out.rows.begin(), out.rows.end(), [](const worked_row& a, const worked_row& b) {
    const auto rank = [](const worked_row& w) { return std::isnan(w.shrunken_per_money) ? 255 : static_cast<int>(w.outcome); };
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return a.shrunken_per_money > b.shrunken_per_money;
  });

  for (std::size_t o = 0; o < outcomes.size(); ++o) {
    if (unjudged[o].empty()) continue;
    const std::string name{to_string(outcomes[o])};
    out.missing.push_back({"strategies",
                           fmt::format("{} ({}) {} not compared by {}: {} finished campaigns have a spend and {}, {} are needed",
                                       wording::plural(unjudged[o].size(), "finished campaign"), wording::list(unjudged[o]),
                                       unjudged[o].size() == 1 ? "was" : "were", name, found[o], name, options.min_history),
                           fmt::format("spend and {} of these campaigns and of at least {} finished ones in one currency", name,
                                       options.min_history)});
  }

  const std::string& currency = codes.currency;
  for (const auto& w : out.rows) {
    if (w.verdict == verdict::cannot_tell) continue;
    const bool good = w.verdict == verdict::worked;
    const bool by_target = w.basis.starts_with("target");
    const std::string name = w.name.empty() ? w.campaign : w.name;
    std::string message = fmt::format("{} {}: {} from {}", name, good ? "worked" : "did not work",
                                      amount_of(w.outcome, w.actual, currency), wording::money(w.spend, currency));
    message += by_target ? fmt::format(", against its {}.", w.basis)
                         : fmt::format(", {:.2f} times what campaigns of its kind come to.", w.actual / w.expected);
    auto finding = schema::make_finding(rules[good ? worked_rule : failed_rule], {w.campaign}, std::move(message));
    const std::string unit = unit_of(w.outcome, currency);
    finding.evidence = {{"outcome", std::string(to_string(w.outcome)), ""},
                        {"actual", w.actual, unit},
                        {"spend", w.spend, currency},
                        {"per_money", w.per_money, unit + " per " + (currency.empty() ? "unit of money" : currency)},
                        {"expected", w.expected, unit},
                        {"index", w.index, ""},
                        {"index_low", w.index_low, ""},
                        {"index_high", w.index_high, ""},
                        {"probability", w.probability, ""},
                        {"basis", w.basis, ""}};
    finding.why = by_target
                      ? fmt::format(
                            "The success criterion asks for {}; the result was {}, and its count of results leaves a chance of "
                            "{:.0f}% that the campaign was truly above it.",
                            w.basis.substr(7), ratio_of(w.outcome, w.per_money, currency), 100 * w.probability)
                      : fmt::format(
                            "A campaign of this channel, objective, category, season and spend comes to {}. The deviation is "
                            "beyond the usual scatter of such campaigns with a probability of {:.0f}%; shrunk for chance it "
                            "is {:.2f} times ({:.2f} to {:.2f}).",
                            amount_of(w.outcome, w.expected, currency),
                            100 * (good ? 2 * w.probability - 1 : 1 - 2 * w.probability), w.index, w.index_low, w.index_high);
    if (!by_target) {
      const double gained = w.expected * (w.index - 1);
      finding.expected_effect =
          good ? fmt::format("Repeated as well, it brings {} more than its kind.", amount_of(w.outcome, gained, currency))
               : fmt::format("As good as its kind, it brings {} more.", amount_of(w.outcome, -gained, currency));
    }
    out.findings.push_back(std::move(finding));
  }
  const auto count = [&](verdict v) { return verdicts[static_cast<std::size_t>(v)]; };
  auto summary = schema::make_finding(
      rules[summary_rule], {},
      fmt::format("Of {} finished campaigns {} worked, {} did not, and {} cannot be told from the usual scatter.", judged.size(),
                  count(verdict::worked), count(verdict::did_not), count(verdict::cannot_tell)));
  summary.evidence = {{"finished", static_cast<std::int64_t>(judged.size()), "campaigns"},
                      {"worked", static_cast<std::int64_t>(count(verdict::worked)), "campaigns"},
                      {"did_not", static_cast<std::int64_t>(count(verdict::did_not)), "campaigns"},
                      {"cannot_tell", static_cast<std::int64_t>(count(verdict::cannot_tell)), "campaigns"}};
  for (std::size_t o = 0; o < outcomes.size(); ++o)
    if (models[o]) {
      const std::string name{to_string(outcomes[o])};
      summary.evidence.push_back({"scatter_" + name, std::exp(groups[o].spread), "times"});
    }
  summary.why = fmt::format(
      "Each campaign is held against its own success criterion, or else against what campaigns of its channel, "
      "objective, category, season and spend come to; a verdict needs a probability of {:.0f}%.",
      100 * options.certainty);
  out.findings.push_back(std::move(summary));
  return out;
}

}  // namespace clarion::plan
