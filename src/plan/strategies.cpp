#include "clarion/plan/strategies.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "clarion/core/error.hpp"
#include "clarion/plan/worked.hpp"
#include "clarion/stats/distributions.hpp"
#include "plan/outcome_model.hpp"
#include "plan/reallocation.hpp"
#include "plan/strategies_findings.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array outcomes = {outcome::revenue, outcome::new_customers, outcome::conversions, outcome::impressions};

// What stands in when history has too little of the outcome that the objective asks for.
std::vector<outcome> candidates(outcome wanted) {
  switch (wanted) {
    case outcome::new_customers:
      return {outcome::new_customers, outcome::conversions, outcome::revenue};
    case outcome::conversions:
      return {outcome::conversions, outcome::revenue};
    case outcome::impressions:
      return {outcome::impressions, outcome::conversions, outcome::revenue};
    default:
      return {outcome::revenue, outcome::conversions};
  }
}

std::size_t index_of(outcome of) {
  return static_cast<std::size_t>(std::find(outcomes.begin(), outcomes.end(), of) - outcomes.begin());
}

bool is_open(const schema::portfolio& planned, std::size_t row) {
  return planned.status[row] != schema::status::finished && planned.status[row] != schema::status::cancelled;
}

// Up to a few thousand rows, evenly spread: enough to see what similar campaigns share.
schema::portfolio thinned(const schema::portfolio& history, std::vector<std::uint64_t>& kept) {
  constexpr std::size_t most = 3000;
  const std::size_t n = history.size();
  for (std::size_t i = 0; i < std::min(n, most); ++i) kept.push_back(n <= most ? i : i * n / most);
  return n <= most ? schema::portfolio{} : history.take(kept);
}

neighbour_lists history_neighbours(const schema::portfolio& history, const schema::catalog* catalog,
                                   const similarity_options& how, const run_options& run) {
  std::vector<std::uint64_t> kept;
  const schema::portfolio sample = thinned(history, kept);
  if (sample.empty()) return most_similar(history, history, catalog, how, run);
  const auto lists = most_similar(sample, sample, catalog, how, run);
  neighbour_lists out;
  std::size_t at = 0;
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (at < kept.size() && kept[at] == row) {
      for (auto near : lists[at]) {
        near.row = static_cast<std::uint32_t>(kept[near.row]);
        out.rows.push_back(near);
      }
      ++at;
    }
    out.offsets.push_back(out.rows.size());
  }
  return out;
}

// A model for each outcome that some planned campaign is held to, and for stand-ins of those that history has too little of.
struct model_set {
  std::array<std::optional<outcome_model>, outcomes.size()> models;
  std::array<std::uint64_t, outcomes.size()> found{};  // usable finished campaigns

  const outcome_model* of(outcome wanted) const {
    for (const auto one : candidates(wanted))
      if (models[index_of(one)]) return &*models[index_of(one)];
    return nullptr;
  }

  void fit(const strategy_context& c, const neighbour_lists& near, const run_options& run) {
    std::array<bool, outcomes.size()> tried{};
    for (bool more = true; more;) {
      std::array<bool, outcomes.size()> wanted{};
      more = false;
      for (std::size_t row = 0; row < c.planned.size(); ++row)
        for (const auto one : candidates(outcome_of(c.planned.objective[row]))) {
          const auto o = index_of(one);
          if (models[o]) break;
          if (tried[o]) continue;
          wanted[o] = more = true;
          break;
        }
      core::parallel_blocks(outcomes.size(), run, [&](std::size_t o) {
        // A wide cut: intervals are of what happens, the odd campaign included.
        constexpr double biweight = 9;
        if (wanted[o])
          models[o] = fit_outcome(c.codes, c.history, outcomes[o], c.options.min_history, near, c.options.similar_enough,
                                  biweight, found[o]);
      });
      for (std::size_t o = 0; o < outcomes.size(); ++o) tried[o] = tried[o] || wanted[o];
    }
  }
};

// Fills in what the model says; the answer is the chance of less than the usual.
double expect(const strategy_context& c, const plan_row& p, expected_outcome& e) {
  const auto& model = *p.model;
  const auto& f = p.expectation;
  const auto channel = c.codes.planned.channel[p.row];
  const double budget = c.codes.planned.money[p.row], upper = 0.5 + c.options.level / 2;
  const double reach = stats::student_quantile(upper, f.degrees) * f.sd,
               level_reach = stats::student_quantile(upper, f.level_degrees) * f.level_sd;
  e.outcome = model.of;
  e.expected = std::exp(f.log_median + 0.5 * f.scatter_sd * f.scatter_sd);
  e.low = std::exp(f.log_median - reach);
  e.high = std::exp(f.log_median + reach);
  e.per_money = e.expected / budget;
  e.usual_per_money = std::exp(model.usual);
  const double log_index = f.log_median - std::log(budget) - model.usual;
  e.index = std::exp(log_index);
  e.index_low = std::exp(log_index - level_reach);
  e.index_high = std::exp(log_index + level_reach);
  const auto factor = [&](model_factor by) { return std::exp(model.effect_of(c.codes.planned, p.row, by) - model.average[by]); };
  e.channel_factor = factor(by_channel);
  e.objective_factor = factor(by_objective);
  e.category_factor = factor(by_category);
  e.season_factor = factor(by_month) * factor(by_category_season);
  e.budget_factor = std::exp(model.log_response(channel, budget) - std::log(budget) - model.average_size);
  e.neighbours_factor = std::exp(f.local);
  e.history_rows = model.rows.size();
  const auto& seen = model.shape_of(channel);
  e.extrapolated = seen.rows == 0 || beyond(seen, budget);

  const double under = f.level_sd > 0 ? stats::student_cdf(-log_index / f.level_sd, f.level_degrees) : log_index < 0;
  e.standing = standing::usual;
  if (e.index < 1 / (1 + c.options.margin) && under >= c.options.certainty) e.standing = standing::under;
  if (e.index > 1 + c.options.margin && 1 - under >= c.options.certainty) e.standing = standing::over;
  return under;
}

channel_curve curve_of(const coding& codes, const outcome_model& model, std::uint32_t channel, double level) {
  const auto& shape = model.channels[channel];
  channel_curve out;
  out.channel = codes.channels[channel];
  out.outcome = model.of;
  out.rows = shape.rows;
  out.min_spend = shape.min_spend;
  out.max_spend = shape.max_spend;
  double height = model.effects.mean + model.effects.effect[by_channel][channel];
  for (const auto f : {by_objective, by_category, by_month, by_category_season}) height += model.average[f];
  const double at = std::exp(height + model.log_response(channel, shape.centre));
  const stats::response_curve unit{model.family, 1, model.shape_at(shape.estimate)};
  out.curve = {model.family, at / unit.value(shape.centre), unit.shape};
  const double reach = stats::normal_quantile(0.5 + level / 2) * std::sqrt(shape.variance);
  out.shape_low = model.shape_at(shape.estimate - reach);
  out.shape_high = model.shape_at(shape.estimate + reach);
  return out;
}

// Campaigns of which nothing, or not what was asked for, could be said.
struct unanswered {
  std::vector<std::string> without_budget, without_channel, other_currency;
  std::map<outcome, std::vector<std::string>> not_expected, replaced;

  void say(const model_set& models, std::uint32_t min_history, std::vector<missing_input>& out) const {
    for (const auto& [of, ids] : not_expected) {
      const auto found = models.found[index_of(of)];
      out.push_back({"strategies",
                     fmt::format("What {} ({}) can be expected to bring was not said: {} finished campaigns have a spend and {}, "
                                 "{} are needed",
                                 wording::plural(ids.size(), "campaign"), wording::list(ids), found,
                                 wording::spoken(to_string(of)), min_history),
                     fmt::format("spend and {} of at least {} more finished campaigns", to_string(of), min_history - found)});
    }
    for (const auto& [of, ids] : replaced)
      out.push_back({"strategies",
                     fmt::format("{} ({}) {} held to another outcome, as only {} finished campaigns have a spend and {}",
                                 wording::plural(ids.size(), "campaign"), wording::list(ids), ids.size() == 1 ? "is" : "are",
                                 models.found[index_of(of)], wording::spoken(to_string(of))),
                     fmt::format("spend and {} of at least {} finished campaigns", to_string(of), min_history)});
    const auto lacking = [&](const std::vector<std::string>& ids, const char* what, const char* give) {
      if (!ids.empty())
        out.push_back({"strategies",
                       fmt::format("What {} ({}) can be expected to bring was not said: {}",
                                   wording::plural(ids.size(), "campaign"), wording::list(ids), what),
                       give});
    };
    lacking(without_budget, "no budget was given", "a budget for each of them");
    lacking(without_channel, "no channel was given", "a channel for each of them");
    lacking(other_currency, "they are planned in another currency than most", "budgets and history in one currency");
  }
};

}  // namespace

std::string_view to_string(standing value) {
  switch (value) {
    case standing::unknown:
      return "unknown";
    case standing::under:
      return "under";
    case standing::usual:
      return "usual";
    case standing::over:
      return "over";
  }
  return "unknown";
}

strategies_result strategies(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog,
                             const strategies_options& options, const run_options& run) {
  core::check_options(options);
  for (const auto& id : options.keep)
    if (!planned.find(id)) reject("keep", id, "give ids of planned campaigns");
  strategies_result out;
  similarity_options how = options.similarity;
  how.neighbours = options.neighbours;
  out.neighbours = most_similar(planned, history, catalog, how, run);
  const coding codes = encode(planned, history, catalog);
  const strategy_context c{planned, history, options, codes, out.neighbours};
  model_set models;
  if (history.empty() && !planned.empty())
    out.missing.push_back(
        {"strategies",
         "Expected outcomes, under- and overperformers, response curves and a reallocation were not computed: no "
         "history was given",
         "a history of finished campaigns with channel, start, end, spend and what came of it: revenue, conversions, "
         "new_customers "
         "or impressions"});
  else if (!planned.empty())
    models.fit(c, history_neighbours(history, catalog, how, run), run);

  unanswered open_questions;
  std::map<std::pair<outcome, outcome>, std::vector<plan_row>> pools;
  std::vector<schema::finding> moves, under, ranges, precedents, over, expectations;
  for (std::size_t row = 0; row < planned.size(); ++row) {
    expected_outcome e;
    e.campaign = planned.id[row];
    e.budget = planned.budget[row];
    const outcome wanted = e.outcome = outcome_of(planned.objective[row]);
    const outcome_model* model = models.of(wanted);
    const bool open = is_open(planned, row), no_channel = codes.planned.channel[row] == stats::no_level;
    const double budget = codes.planned.money[row];
    if (!model || !(budget > 0) || no_channel || !codes.planned_in_currency[row]) {
      if (open && !history.empty())
        (!model          ? open_questions.not_expected[wanted]
         : !(budget > 0) ? open_questions.without_budget
         : no_channel    ? open_questions.without_channel
                         : open_questions.other_currency)
            .push_back(e.campaign);
      out.expected.push_back(std::move(e));
      continue;
    }
    if (model->of != wanted && open) open_questions.replaced[wanted].push_back(e.campaign);
    plan_row p{row, model, wanted, model->expect(codes.planned, row, budget, out.neighbours[row], options.similar_enough), {}};
    const double chance_under = expect(c, p, e);
    const stats::response_curve unit{model->family, 1, model->shape_at(model->shape_of(codes.planned.channel[row]).estimate)};
    p.curve = {model->family, e.expected / unit.value(budget), unit.shape};
    if (open) {
      expectations.push_back(say_expectation(c, p, e));
      if (e.standing == standing::under) under.push_back(say_standing(c, p, e, chance_under));
      if (e.standing == standing::over) over.push_back(say_standing(c, p, e, 1 - chance_under));
      if (e.extrapolated) ranges.push_back(say_range(c, p, e));
      const double best = out.neighbours[row].empty() ? 0 : out.neighbours[row].front().similarity;
      if (best < options.similar_enough) precedents.push_back(say_no_precedent(c, p, e, best));
      if (model->curved) pools[{wanted, model->of}].push_back(std::move(p));
    }
    out.expected.push_back(std::move(e));
  }

  for (const auto& [key, rows] : pools)
    if (auto moved = reallocate(c, rows, run)) out.reallocations.push_back(std::move(*moved));
  std::stable_sort(out.reallocations.begin(), out.reallocations.end(),
                   [](const reallocation& a, const reallocation& b) { return a.budget > b.budget; });
  for (const auto& moved : out.reallocations) {
    const bool any = std::any_of(moved.rows.begin(), moved.rows.end(), [](const auto& r) { return r.before != r.after; });
    if (any && moved.change > 0) moves.push_back(say_move(c, moved));
  }

  for (const auto& model : models.models) {
    const bool used = model && std::any_of(out.expected.begin(), out.expected.end(),
                                           [&](const auto& e) { return e.history_rows > 0 && e.outcome == model->of; });
    if (!used) continue;
    if (model->curved) {
      for (std::uint32_t channel = 0; channel + 1 < model->channels.size(); ++channel)
        if (model->channels[channel].rows > 0) out.curves.push_back(curve_of(codes, *model, channel, options.level));
    } else {
      out.missing.push_back(
          {"strategies",
           fmt::format("Response curves of {} and a reallocation by it were not computed: within every channel the spends of "
                       "finished campaigns are too few or too much alike",
                       wording::spoken(to_string(model->of))),
           "finished campaigns of a channel with at least four different spends"});
    }
  }
  open_questions.say(models, options.min_history, out.missing);

  // What the plan can still change first, then what it can count on, then the past.
  for (auto* group : {&moves, &under, &ranges, &precedents, &over, &expectations})
    for (auto& finding : *group) out.findings.push_back(std::move(finding));
  if (!history.empty()) {
    worked_options judge;
    judge.level = options.level;
    judge.min_history = options.min_history;
    auto judged = which_worked(history, catalog, judge, run);
    for (auto& finding : judged.findings) out.findings.push_back(std::move(finding));
    // What history lacks was said above where a planned campaign needs it; alone it matters only when nothing is planned.
    if (planned.empty())
      for (auto& lacked : judged.missing) out.missing.push_back(std::move(lacked));
  }
  return out;
}

}  // namespace clarion::plan
