#include "clarion/plan/strategies.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clarion/plan/allocation.hpp"
#include "clarion/plan/worked.hpp"
#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"
#include "plan/outcome_model.hpp"
#include "plan/outcome_words.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array rules = {
    schema::rule{"P101", "What a campaign can be expected to bring", schema::severity::info,
                 "The outcome that history lets one expect, with an interval, and the finished campaigns that are most like it.",
                 "Plan with the interval: a target above it needs a reason that history does not know."},
    schema::rule{
        "P102", "A campaign is expected to underperform", schema::severity::warning,
        "History makes more of the same money: the expected outcome per money is below the usual by more than the margin, with "
        "the "
        "certainty asked for.",
        "Change what the factors point at (channel, season, size), move the money, or write down why this time differs."},
    schema::rule{"P103", "A campaign is expected to outperform", schema::severity::info,
                 "The expected outcome per money is above the usual by more than the margin, with the certainty asked for.",
                 "Protect it: keep its dates, its audience and its budget when the plan gets tight."},
    schema::rule{"P104", "The same money would return more elsewhere", schema::severity::info,
                 "Budgets moved along diminishing-return curves until the next unit of money returns the same everywhere.",
                 "Move the budgets as listed, or in part: the first units moved gain the most."},
    schema::rule{
        "P105", "A budget lies beyond what history has seen", schema::severity::warning,
        "The budget is outside the range of spends of its channel in history, so that its expected outcome extrapolates a curve.",
        "Approach it in steps, or treat the first weeks as a test of whether the curve holds."},
    schema::rule{"P106", "A campaign has no precedent", schema::severity::warning,
                 "No finished campaign is similar enough; what is expected rests on its channel, objective and season alone.",
                 "Run a small version first, or add finished campaigns like it to the history."}};

enum rule_index { expected_rule, under_rule, over_rule, move_rule, range_rule, precedent_rule };

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

// A planned campaign with everything that is known about it.
struct plan_row {
  std::size_t row = 0;
  const outcome_model* model = nullptr;
  outcome wanted = outcome::none;
  forecast expectation;
  stats::response_curve curve;  ///< of the mean outcome
};

// Independent draws of what the model does not know, the same for every campaign that shares a level.
class uncertainty {
public:
  explicit uncertainty(const outcome_model& model) : model_(model) {
    Eigen::Index next = 1;
    for (const auto& effect : model.effects.effect) {
      first_.push_back(next);
      next += static_cast<Eigen::Index>(effect.size());
    }
    const auto size = static_cast<Eigen::Index>(std::llround(std::sqrt(static_cast<double>(model.effects.covariance.size()))));
    Eigen::MatrixXd covariance = Eigen::Map<const Eigen::MatrixXd>(model.effects.covariance.data(), size, size);
    covariance.diagonal().array() += 1e-12 + 1e-9 * covariance.diagonal().maxCoeff();
    root_ = covariance.llt().matrixL();
  }

  Eigen::VectorXd draw(core::random_stream& random) const {
    Eigen::VectorXd noise(root_.rows());
    for (auto& z : noise) z = random.normal();
    return root_.triangularView<Eigen::Lower>() * noise;
  }

  // Where a draw moves the logarithm of a campaign's level at a spend, and what no other campaign shares.
  struct direction {
    std::vector<std::pair<Eigen::Index, double>> cells;
    double own_sd = 0;

    double along(const Eigen::VectorXd& effect, double own) const {
      double out = effect[0] + own_sd * own;
      for (const auto& [at, value] : cells) out += value * effect[at];
      return out;
    }
  };
  direction of(const coded& planned, std::size_t row, double spend) const {
    direction out;
    double own = model_.shared * model_.effects.residual_variance;
    for (const auto& at : model_.loadings(planned, row, spend)) {
      if (at.level < model_.effects.effect[at.factor].size())
        out.cells.emplace_back(first_[at.factor] + static_cast<Eigen::Index>(at.level), at.value);
      else
        own += at.value * at.value * model_.effects.variance[at.factor];
    }
    out.own_sd = std::sqrt(own);
    return out;
  }

private:
  const outcome_model& model_;
  std::vector<Eigen::Index> first_;
  Eigen::MatrixXd root_;
};

struct context {
  const schema::portfolio& planned;
  const schema::portfolio& history;
  const strategies_options& options;
  const coding& codes;
};

std::uint32_t channel_of(const context& c, const plan_row& row) { return c.codes.planned.channel[row.row]; }

std::vector<double> interval_of_change(const context& c, std::span<const plan_row> rows, const reallocation& moved,
                                       const run_options& run) {
  const outcome_model& model = *rows.front().model;
  const uncertainty unknown(model);
  struct mover {
    double before = 0, after = 0;  // logarithms of the mean outcome
    uncertainty::direction of_before, of_after;
  };
  std::vector<mover> movers;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& at = moved.rows[i];
    if (at.before == at.after) continue;
    const auto& expectation = rows[i].expectation;
    const double base = expectation.log_median + 0.5 * expectation.scatter_sd * expectation.scatter_sd -
                        model.log_response(channel_of(c, rows[i]), at.before);
    auto& m = movers.emplace_back();
    const auto look = [&](double spend, double& mean, uncertainty::direction& direction) {
      mean = spend > 0 ? base + model.log_response(channel_of(c, rows[i]), spend) : -std::numeric_limits<double>::infinity();
      if (spend > 0) direction = unknown.of(c.codes.planned, rows[i].row, spend);
    };
    look(at.before, m.before, m.of_before);
    look(at.after, m.after, m.of_after);
  }
  constexpr std::size_t draws = 400, per_block = 20;
  std::vector<double> change(draws);
  core::parallel_blocks(draws / per_block, run, [&](std::size_t block) {
    for (std::size_t d = block * per_block; d < (block + 1) * per_block; ++d) {
      core::random_stream random(c.options.seed, d);
      const auto effect = unknown.draw(random);
      double sum = 0;
      for (const auto& m : movers) {
        const double own = random.normal();
        sum += std::exp(m.after + m.of_after.along(effect, own)) - std::exp(m.before + m.of_before.along(effect, own));
      }
      change[d] = sum;
    }
  });
  const double tail = 0.5 - c.options.level / 2;
  return stats::quantiles(change, std::array{tail, 1 - tail});
}

bool beyond(const channel_shape& seen, double spend) { return spend < seen.min_spend * 0.999 || spend > seen.max_spend * 1.001; }

std::optional<reallocation> reallocate(const context& c, std::vector<plan_row>& rows, const run_options& run) {
  reallocation out;
  out.outcome = rows.front().model->of;
  out.currency = c.codes.currency;
  std::vector<stats::response_curve> curves;
  std::vector<double> low, high;
  std::size_t movable = 0;
  const double unit = c.options.unit;
  const auto whole = [&](double amount) { return std::round(amount / unit) * unit; };
  for (const auto& row : rows) {
    const auto& seen = row.model->shape_of(channel_of(c, row));
    reallocation_row r;
    r.campaign = c.planned.id[row.row];
    r.channel = c.planned.channel[row.row];
    r.before = whole(c.planned.budget[row.row]);
    const auto& keep = c.options.keep;
    r.kept = seen.rows == 0 || c.planned.status[row.row] == schema::status::running ||
             std::find(keep.begin(), keep.end(), r.campaign) != keep.end();
    // A bound is rounded towards the budget, so that no campaign moves further than was allowed.
    r.floor = r.kept ? r.before : std::ceil(r.before * (1 - c.options.largest_cut) / unit - 1e-9) * unit;
    r.ceiling = r.kept ? r.before : std::floor(r.before * (1 + c.options.largest_raise) / unit + 1e-9) * unit;
    movable += !r.kept;
    low.push_back(r.floor);
    high.push_back(r.ceiling);
    curves.push_back(row.curve);
    out.budget += r.before;
    out.rows.push_back(std::move(r));
  }
  if (movable < 2) return std::nullopt;
  const auto best = allocate(curves, low, high, out.budget, {.unit = unit});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& r = out.rows[i];
    r.after = r.kept ? r.before : best.amount[i];
    r.expected_before = curves[i].value(r.before);
    r.expected_after = curves[i].value(r.after);
    r.marginal_before = curves[i].slope(r.before);
    r.marginal_after = curves[i].slope(r.after);
    r.extrapolated = beyond(rows[i].model->shape_of(channel_of(c, rows[i])), r.after);
    out.expected_before += r.expected_before;
    out.expected_after += r.expected_after;
  }
  out.change = out.expected_after - out.expected_before;
  const auto interval = interval_of_change(c, rows, out, run);
  out.low = interval[0];
  out.high = interval[1];
  return out;
}

schema::finding to_finding(const context& c, const reallocation& moved) {
  std::vector<const reallocation_row*> order;
  std::vector<std::string> ids, extrapolated;
  std::vector<double> before, after, marginal_before, marginal_after;
  double shifted = 0;
  for (const auto& r : moved.rows) {
    if (r.after != r.before) order.push_back(&r);
    shifted += std::max(0.0, r.after - r.before);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return std::abs(a->after - a->before) > std::abs(b->after - b->before); });
  for (const auto* r : order) {
    ids.push_back(r->campaign);
    before.push_back(r->before);
    after.push_back(r->after);
    marginal_before.push_back(r->marginal_before);
    marginal_after.push_back(r->marginal_after);
    if (r->extrapolated) extrapolated.push_back(r->campaign);
  }
  const std::string unit = unit_of(moved.outcome, moved.currency);
  const double share = moved.expected_before > 0 ? moved.change / moved.expected_before : 0;
  auto finding = schema::make_finding(
      rules[move_rule], ids,
      fmt::format("Moving {} between {} leaves the budget of {} as it is and is expected to bring {} more (+{:.1f}%, {:.0f}% "
                  "interval {} to {}).",
                  wording::money(shifted, moved.currency), wording::plural(ids.size(), "campaign"),
                  wording::money(moved.budget, moved.currency), amount_of(moved.outcome, moved.change, moved.currency),
                  100 * share, 100 * c.options.level, amount_of(moved.outcome, moved.low, moved.currency),
                  amount_of(moved.outcome, moved.high, moved.currency)));
  finding.evidence = {{"budget", moved.budget, moved.currency},
                      {"moved", shifted, moved.currency},
                      {"before", before, moved.currency},
                      {"after", after, moved.currency},
                      {"marginal_before", marginal_before, unit},
                      {"marginal_after", marginal_after, unit},
                      {"expected_before", moved.expected_before, unit},
                      {"expected_after", moved.expected_after, unit},
                      {"change", moved.change, unit},
                      {"low", moved.low, unit},
                      {"high", moved.high, unit}};
  const auto* up = *std::max_element(order.begin(), order.end(),
                                     [](const auto* a, const auto* b) { return a->after - a->before < b->after - b->before; });
  const auto* down = *std::min_element(order.begin(), order.end(),
                                       [](const auto* a, const auto* b) { return a->after - a->before < b->after - b->before; });
  const double lot = moved.outcome == outcome::revenue ? 1 : 1000;
  const auto brings = [&](const reallocation_row* r) {
    return moved.outcome == outcome::revenue ? wording::price(r->marginal_before, moved.currency)
                                             : amount_of(moved.outcome, lot * r->marginal_before, moved.currency);
  };
  finding.why = fmt::format(
      "The next {} brings {} in {} but {} in {}, on the curves of diminishing returns that history shows; money moves until that "
      "is equal or "
      "a campaign has lost {:.0f}% or gained {:.0f}%. Only campaigns that are held to {} take part.",
      wording::money(lot, moved.currency), brings(up), up->campaign, brings(down), down->campaign, 100 * c.options.largest_cut,
      100 * c.options.largest_raise, wording::spoken(to_string(moved.outcome)));
  if (!extrapolated.empty())
    finding.why += fmt::format(
        " Caution: {} would then spend what no campaign of the channel has spent in history, where the curve is continued and "
        "not observed.",
        wording::list(extrapolated));
  if (moved.low < 0) finding.why += " The interval holds a loss as well: the gain is not certain.";
  std::string list;
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 6); ++i)
    list += fmt::format("{}{} {} to {}", i ? ", " : "", order[i]->campaign, wording::money(order[i]->before, moved.currency),
                        wording::money(order[i]->after, moved.currency));
  finding.suggestion = "Change " + list + (order.size() > 6 ? ", and the others as listed." : ".");
  finding.expected_effect = fmt::format("{} instead of {}.", amount_of(moved.outcome, moved.expected_after, moved.currency),
                                        amount_of(moved.outcome, moved.expected_before, moved.currency));
  return finding;
}

// "same channel and objective, audience 0.50, season 0.98".
std::string explain(const similar& near) {
  std::vector<std::string> out;
  for (std::size_t p = 0; p < similarity_parts.size(); ++p) {
    if (std::isnan(near.parts[p])) continue;
    const std::string name{similarity_parts[p]};
    if (p < 2)
      out.push_back((near.parts[p] > 0 ? "same " : "other ") + name);
    else
      out.push_back(fmt::format("{} {:.2f}", name, near.parts[p]));
  }
  return wording::list(out);
}

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

std::span<const schema::rule> strategies_rules() { return rules; }

strategies_result strategies(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog,
                             const strategies_options& options, const run_options& run) {
  core::check_options(options);
  for (const auto& id : options.keep)
    if (!planned.find(id)) reject("keep", id, "give ids of planned campaigns");
  strategies_result out;
  similarity_options how = options.similarity;
  how.neighbours = options.neighbours;
  out.neighbours = most_similar(planned, history, catalog, how, run);

  const std::string supply =
      "a history of finished campaigns with channel, start, end, spend and what came of it: revenue, conversions, new_customers "
      "or impressions";
  const coding codes = encode(planned, history, catalog);
  const context c{planned, history, options, codes};
  const std::string& currency = codes.currency;
  if (history.empty() && !planned.empty())
    out.missing.push_back(
        {"strategies",
         "Expected outcomes, under- and overperformers, response curves and a reallocation were not computed: no "
         "history was given",
         supply});

  // One model for each outcome that some planned campaign is held to, and its stand-ins.
  std::array<std::optional<outcome_model>, outcomes.size()> models;
  std::array<std::uint64_t, outcomes.size()> found{};
  if (!history.empty() && !planned.empty()) {
    std::array<bool, outcomes.size()> wanted{};
    for (std::size_t row = 0; row < planned.size(); ++row)
      for (const auto of : candidates(outcome_of(planned.objective[row]))) wanted[index_of(of)] = true;
    const auto near = history_neighbours(history, catalog, how, run);
    core::parallel_blocks(outcomes.size(), run, [&](std::size_t o) {
      if (wanted[o])
        models[o] = fit_outcome(codes, history, outcomes[o], options.min_history, near, options.similar_enough, 9, found[o]);
    });
  }

  std::vector<std::string> without_budget, without_channel, other_currency;
  std::map<outcome, std::vector<std::string>> not_expected, replaced;
  std::map<std::pair<outcome, outcome>, std::vector<plan_row>> pools;
  const double tail = 0.5 - options.level / 2;
  std::vector<schema::finding> expectations, standings, ranges, precedents;
  for (std::size_t row = 0; row < planned.size(); ++row) {
    expected_outcome e;
    e.campaign = planned.id[row];
    e.budget = planned.budget[row];
    const outcome wanted = outcome_of(planned.objective[row]);
    e.outcome = wanted;
    const outcome_model* model = nullptr;
    for (const auto of : candidates(wanted))
      if (!model && models[index_of(of)]) model = &*models[index_of(of)];
    const bool open = is_open(planned, row);
    const auto channel = codes.planned.channel[row];
    const double budget = codes.planned.money[row];
    if (!model || !(budget > 0) || channel == stats::no_level || !codes.planned_in_currency[row]) {
      if (open && !history.empty()) {
        if (!model)
          not_expected[wanted].push_back(e.campaign);
        else if (!(budget > 0))
          without_budget.push_back(e.campaign);
        else if (channel == stats::no_level)
          without_channel.push_back(e.campaign);
        else
          other_currency.push_back(e.campaign);
      }
      out.expected.push_back(std::move(e));
      continue;
    }
    if (model->of != wanted && open) replaced[wanted].push_back(e.campaign);
    e.outcome = model->of;
    plan_row p{row, model, wanted, model->expect(codes.planned, row, budget, out.neighbours[row], options.similar_enough), {}};
    const double t = stats::student_quantile(1 - tail, p.expectation.degrees);
    const double smear = std::exp(0.5 * p.expectation.scatter_sd * p.expectation.scatter_sd);
    e.expected = std::exp(p.expectation.log_median) * smear;
    e.low = std::exp(p.expectation.log_median - t * p.expectation.sd);
    e.high = std::exp(p.expectation.log_median + t * p.expectation.sd);
    e.per_money = e.expected / budget;
    e.usual_per_money = std::exp(model->usual);
    const double log_index = p.expectation.log_median - std::log(budget) - model->usual;
    e.index = std::exp(log_index);
    const double level = stats::student_quantile(1 - tail, p.expectation.level_degrees) * p.expectation.level_sd;
    e.index_low = std::exp(log_index - level);
    e.index_high = std::exp(log_index + level);
    const auto factor = [&](model_factor f) { return std::exp(model->effect_of(codes.planned, row, f) - model->average[f]); };
    e.channel_factor = factor(by_channel);
    e.objective_factor = factor(by_objective);
    e.category_factor = factor(by_category);
    e.season_factor = factor(by_month) * factor(by_category_season);
    e.budget_factor = std::exp(model->log_response(channel, budget) - std::log(budget) - model->average_size);
    e.neighbours_factor = std::exp(p.expectation.local);
    e.history_rows = model->rows.size();
    const auto& seen = model->shape_of(channel);
    e.extrapolated = seen.rows == 0 || beyond(seen, budget);

    const double chance_under = p.expectation.level_sd > 0
                                    ? stats::student_cdf(-log_index / p.expectation.level_sd, p.expectation.level_degrees)
                                    : log_index < 0;
    if (e.index < 1 / (1 + options.margin) && chance_under >= options.certainty)
      e.standing = standing::under;
    else if (e.index > 1 + options.margin && 1 - chance_under >= options.certainty)
      e.standing = standing::over;
    else
      e.standing = standing::usual;

    const stats::response_curve unit_curve{model->family, 1, model->shape_at(seen.estimate)};
    p.curve = {model->family, e.expected / unit_curve.value(budget), unit_curve.shape};

    if (open) {
      const std::string name = wording::label(planned, row), unit = unit_of(e.outcome, currency);
      std::vector<std::string> ids, names;
      std::vector<double> similarity;
      std::array<std::vector<double>, similarity_parts.size()> parts;
      for (const auto& near : out.neighbours[row]) {
        ids.emplace_back(history.id[near.row]);
        similarity.push_back(near.similarity);
        for (std::size_t part = 0; part < parts.size(); ++part) parts[part].push_back(near.parts[part]);
      }
      auto finding =
          schema::make_finding(rules[expected_rule], {e.campaign},
                               fmt::format("{}: {} expected from {} ({:.0f}% interval {} to {}), {}.", name,
                                           amount_of(e.outcome, e.expected, currency), wording::money(budget, currency),
                                           100 * options.level, amount_of(e.outcome, e.low, currency),
                                           amount_of(e.outcome, e.high, currency), ratio_of(e.outcome, e.per_money, currency)));
      finding.evidence = {{"outcome", std::string(to_string(e.outcome)), ""},
                          {"budget", budget, currency},
                          {"expected", e.expected, unit},
                          {"low", e.low, unit},
                          {"high", e.high, unit},
                          {"level", options.level, ""},
                          {"per_money", e.per_money, ""},
                          {"usual_per_money", e.usual_per_money, ""},
                          {"index", e.index, ""},
                          {"index_low", e.index_low, ""},
                          {"index_high", e.index_high, ""},
                          {"channel_factor", e.channel_factor, ""},
                          {"objective_factor", e.objective_factor, ""},
                          {"category_factor", e.category_factor, ""},
                          {"season_factor", e.season_factor, ""},
                          {"budget_factor", e.budget_factor, ""},
                          {"neighbours_factor", e.neighbours_factor, ""},
                          {"history_rows", static_cast<std::int64_t>(e.history_rows), "campaigns"},
                          {"neighbours", ids, ""},
                          {"similarity", similarity, ""}};
      for (std::size_t part = 0; part < parts.size(); ++part)
        finding.evidence.push_back({"similarity_" + std::string(similarity_parts[part]), parts[part], ""});
      const std::string factors = fmt::format(
          "{} finished campaigns come to {}; times {:.2f} for its channel, {:.2f} for its objective, {:.2f} for its "
          "category, {:.2f} for its "
          "season, {:.2f} for its size and {:.2f} for what campaigns like it had in common",
          model->usual_rows, ratio_of(e.outcome, e.usual_per_money, currency), e.channel_factor, e.objective_factor,
          e.category_factor, e.season_factor, e.budget_factor, e.neighbours_factor);
      finding.why = factors + ", each shrunk by how much history shows.";
      if (!out.neighbours[row].empty()) {
        const auto& first = out.neighbours[row].front();
        finding.why +=
            fmt::format(" Most similar: {} ({:.2f}: {}).", wording::label(history, first.row), first.similarity, explain(first));
      }
      expectations.push_back(std::move(finding));

      if (e.standing == standing::under || e.standing == standing::over) {
        const bool under = e.standing == standing::under;
        struct part {
          std::string name;
          double factor;
        };
        std::vector<part> order = {{"channel", e.channel_factor},   {"objective", e.objective_factor},
                                   {"category", e.category_factor}, {"season", e.season_factor},
                                   {"size", e.budget_factor},       {"precedents", e.neighbours_factor}};
        std::stable_sort(order.begin(), order.end(),
                         [&](const part& a, const part& b) { return under ? a.factor < b.factor : a.factor > b.factor; });
        auto standing_finding = schema::make_finding(
            rules[under ? under_rule : over_rule], {e.campaign},
            fmt::format(
                "{} is expected to make {:.2f} times ({:.2f} to {:.2f}) what history makes of the same money: {} against {}.",
                name, e.index, e.index_low, e.index_high, ratio_of(e.outcome, e.index * e.usual_per_money, currency),
                ratio_of(e.outcome, e.usual_per_money, currency)));
        standing_finding.evidence = {{"outcome", std::string(to_string(e.outcome)), ""},
                                     {"index", e.index, ""},
                                     {"index_low", e.index_low, ""},
                                     {"index_high", e.index_high, ""},
                                     {"probability", under ? chance_under : 1 - chance_under, ""},
                                     {"usual_per_money", e.usual_per_money, ""},
                                     {"channel_factor", e.channel_factor, ""},
                                     {"objective_factor", e.objective_factor, ""},
                                     {"category_factor", e.category_factor, ""},
                                     {"season_factor", e.season_factor, ""},
                                     {"budget_factor", e.budget_factor, ""},
                                     {"neighbours_factor", e.neighbours_factor, ""}};
        standing_finding.why = fmt::format("{}. What {} most is its {} ({:.2f}).", factors, under ? "costs" : "helps",
                                           order.front().name, order.front().factor);
        if (under) {
          const double lost = (e.usual_per_money - e.index * e.usual_per_money) * budget;
          standing_finding.suggestion = fmt::format(
              "Look at its {} first: it takes {:.0f}% off the outcome. Otherwise move the money, or write down why this time "
              "differs.",
              order.front().name, 100 * (1 - order.front().factor));
          standing_finding.expected_effect =
              fmt::format("At the usual return the money would bring {} more.", amount_of(e.outcome, lost, currency));
          // In money that is spent, as the losses of conflicts are: what the usual return would not have needed for this outcome.
          standing_finding.expected_loss = budget * (1 - e.index);
          standing_finding.why += " Expected loss: the part of the budget that the usual return would not have needed.";
        }
        standings.push_back(std::move(standing_finding));
      }
      if (e.extrapolated) {
        auto finding_range = schema::make_finding(
            rules[range_rule], {e.campaign},
            seen.rows == 0
                ? fmt::format("{}: no finished campaign on {} tells what it brings; the expectation is that of all channels.",
                              name, planned.channel[row])
                : fmt::format("{} plans {} on {}, where history has seen {} to {}.", name, wording::money(budget, currency),
                              planned.channel[row], wording::money(seen.min_spend, currency),
                              wording::money(seen.max_spend, currency)));
        finding_range.evidence = {{"budget", budget, currency},
                                  {"min_spend", seen.min_spend, currency},
                                  {"max_spend", seen.max_spend, currency},
                                  {"channel_rows", static_cast<std::int64_t>(seen.rows), "campaigns"}};
        finding_range.why =
            "A curve of diminishing returns is known where there were spends; outside it is continued, not observed.";
        ranges.push_back(std::move(finding_range));
      }
      const double best = out.neighbours[row].empty() ? 0 : out.neighbours[row].front().similarity;
      if (best < options.similar_enough) {
        auto finding_precedent = schema::make_finding(
            rules[precedent_rule], {e.campaign},
            fmt::format("{} has no precedent: the most similar finished campaign reaches {:.2f} of 1.", name, best));
        finding_precedent.evidence = {{"similarity", best, ""}, {"similar_enough", options.similar_enough, ""}};
        if (!ids.empty()) finding_precedent.evidence.push_back({"neighbours", ids, ""});
        finding_precedent.why = ids.empty() ? "History has no finished campaign."
                                            : fmt::format("{}: {}.", wording::label(history, out.neighbours[row].front().row),
                                                          explain(out.neighbours[row].front()));
        precedents.push_back(std::move(finding_precedent));
      }
      if (model->curved) pools[{wanted, model->of}].push_back(std::move(p));
    }
    out.expected.push_back(std::move(e));
  }

  std::vector<schema::finding> moves;
  for (auto& [key, rows] : pools) {
    auto moved = reallocate(c, rows, run);
    if (!moved) continue;
    out.reallocations.push_back(std::move(*moved));
  }
  std::stable_sort(out.reallocations.begin(), out.reallocations.end(),
                   [](const reallocation& a, const reallocation& b) { return a.budget > b.budget; });
  for (const auto& moved : out.reallocations) {
    const bool any = std::any_of(moved.rows.begin(), moved.rows.end(), [](const auto& r) { return r.before != r.after; });
    if (any && moved.change > 0) moves.push_back(to_finding(c, moved));
  }

  for (std::size_t o = 0; o < outcomes.size(); ++o) {
    if (!models[o]) continue;
    const auto& model = *models[o];
    const bool used = std::any_of(out.expected.begin(), out.expected.end(),
                                  [&](const auto& e) { return e.history_rows > 0 && e.outcome == outcomes[o]; });
    if (!used) continue;
    if (!model.curved) {
      out.missing.push_back(
          {"strategies",
           fmt::format("Response curves of {} and a reallocation by it were not computed: within every channel the spends of "
                       "finished campaigns are too few or too much alike",
                       wording::spoken(to_string(outcomes[o]))),
           "finished campaigns of a channel with at least four different spends"});
      continue;
    }
    for (std::size_t channel = 0; channel + 1 < model.channels.size(); ++channel) {
      const auto& shape = model.channels[channel];
      if (shape.rows == 0) continue;
      channel_curve curve;
      curve.channel = codes.channels[channel];
      curve.outcome = outcomes[o];
      curve.rows = shape.rows;
      curve.min_spend = shape.min_spend;
      curve.max_spend = shape.max_spend;
      double level = model.effects.mean + model.effects.effect[by_channel][channel];
      for (const auto f : {by_objective, by_category, by_month, by_category_season}) level += model.average[f];
      const auto id = static_cast<std::uint32_t>(channel);
      const double at = std::exp(level + model.log_response(id, shape.centre));
      const stats::response_curve unit_curve{model.family, 1, model.shape_at(shape.estimate)};
      curve.curve = {model.family, at / unit_curve.value(shape.centre), unit_curve.shape};
      const double z = stats::normal_quantile(1 - tail), sd = std::sqrt(shape.variance);
      curve.shape_low = model.shape_at(shape.estimate - z * sd);
      curve.shape_high = model.shape_at(shape.estimate + z * sd);
      out.curves.push_back(std::move(curve));
    }
  }
  for (const auto& [of, ids] : not_expected)
    out.missing.push_back(
        {"strategies",
         fmt::format(
             "What {} ({}) can be expected to bring was not said: {} finished campaigns have a spend and {}, {} are needed",
             wording::plural(ids.size(), "campaign"), wording::list(ids), found[index_of(of)], wording::spoken(to_string(of)),
             options.min_history),
         fmt::format("spend and {} of at least {} more finished campaigns", to_string(of),
                     options.min_history - found[index_of(of)])});
  for (const auto& [of, ids] : replaced)
    out.missing.push_back({"strategies",
                           fmt::format("{} ({}) {} held to another outcome, as only {} finished campaigns have a spend and {}",
                                       wording::plural(ids.size(), "campaign"), wording::list(ids),
                                       ids.size() == 1 ? "is" : "are", found[index_of(of)], wording::spoken(to_string(of))),
                           fmt::format("spend and {} of at least {} finished campaigns", to_string(of), options.min_history)});
  const auto lacking = [&](const std::vector<std::string>& ids, const char* what, const char* give) {
    if (!ids.empty())
      out.missing.push_back({"strategies",
                             fmt::format("What {} ({}) can be expected to bring was not said: {}",
                                         wording::plural(ids.size(), "campaign"), wording::list(ids), what),
                             give});
  };
  lacking(without_budget, "no budget was given", "a budget for each of them");
  lacking(without_channel, "no channel was given", "a channel for each of them");
  lacking(other_currency, "they are planned in another currency than most", "budgets and history in one currency");

  for (auto* group : {&moves, &standings, &ranges, &precedents, &expectations})
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
