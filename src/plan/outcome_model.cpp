#include "plan/outcome_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "clarion/core/columns.hpp"
#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"
#include "clarion/stats/shrinkage.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

using stats::no_level;
using stats::response_family;

constexpr std::size_t most_categories = 24;
constexpr std::size_t objectives = 9;
// A category's own season is told by two months at a time: January with February, ..., November with December.
constexpr std::uint32_t seasons = 6;
constexpr double least_power = 0.05;
// Standard deviation of an elasticity that history cannot tell: four in five lie within 0.4 of proportional or diminishing.
constexpr double unknown_shape = 0.3;

std::uint32_t month_of(date day) { return unsigned{std::chrono::year_month_day{day}.month()} - 1; }

// Sales have seasons, and a category its own: until history says otherwise, by about a fifth. Without this a few years cannot
// tell the season of a category from chance, and take the one for the other.
struct belief {
  double sd = 0, weight = 0;
};
constexpr std::array<belief, model_factors> believed = {{{}, {}, {}, {0.1, 2}, {0.2, 6}}};

double huberised(double value, double limit) { return std::clamp(value, -limit, limit); }

}  // namespace

coding encode(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog) {
  coding out;
  core::dictionary channels, categories;
  std::vector<std::uint64_t> uses;
  const auto category_codes = [&](const schema::portfolio& of) {
    std::vector<std::uint32_t> code;
    for (const auto& entry : of.products.values.names())
      code.push_back(categories.intern(catalog ? catalog->category_of(entry) : entry));
    uses.resize(categories.size());
    return code;
  };
  const auto planned_categories = category_codes(planned), history_categories = category_codes(history);
  for (std::size_t row = 0; row < history.size(); ++row)
    if (!history.products[row].empty()) ++uses[history_categories[history.products[row].front()]];
  std::vector<std::uint32_t> order(categories.size()), rank(categories.size(), no_level);
  for (std::uint32_t c = 0; c < order.size(); ++c) order[c] = c;
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return uses[a] > uses[b]; });
  for (std::uint32_t r = 0; r < std::min(order.size(), most_categories) && uses[order[r]] > 0; ++r) {
    rank[order[r]] = r;
    out.categories.push_back(categories[order[r]]);
  }

  out.currency = (planned.empty() ? history : planned).main_currency();
  const auto code = [&](const schema::portfolio& of, const std::vector<std::uint32_t>& category_code, coded& to,
                        std::vector<bool>& in_currency) {
    std::vector<std::uint32_t> channel_code;
    for (const auto& name : of.channel.values.names()) {
      const std::uint32_t c = channels.intern(schema::detail::comparable(name));
      if (c == out.channels.size()) out.channels.push_back(name);
      channel_code.push_back(c);
    }
    for (std::size_t row = 0; row < of.size(); ++row) {
      const auto channel = of.channel.codes[row];
      to.code[by_channel].push_back(channel == core::category_column::none ? no_level : channel_code[channel]);
      const auto aim = of.objective[row];
      to.code[by_objective].push_back(aim == schema::objective::unspecified ? no_level : static_cast<std::uint32_t>(aim));
      const auto category = of.products[row].empty() ? no_level : rank[category_code[of.products[row].front()]];
      const auto month = month_of(of.start[row] + (of.end[row] - of.start[row]) / 2);
      to.code[by_category].push_back(category);
      to.code[by_month].push_back(month);
      to.code[by_category_season].push_back(category == no_level ? no_level : category * seasons + month / 2);
      const double spend = of.spend[row], budget = of.budget[row];
      to.money.push_back(spend > 0 && std::isfinite(spend)     ? spend
                         : budget > 0 && std::isfinite(budget) ? budget
                                                               : schema::missing);
      in_currency.push_back(of.currency[row].empty() || of.currency[row] == out.currency);
    }
  };
  code(planned, planned_categories, out.planned, out.planned_in_currency);
  code(history, history_categories, out.history, out.history_in_currency);
  // What a planned campaign will cost is its budget, whatever it has spent so far.
  for (std::size_t row = 0; row < planned.size(); ++row) {
    const double budget = planned.budget[row];
    out.planned.money[row] = budget > 0 && std::isfinite(budget) ? budget : schema::missing;
  }
  out.levels = {channels.size(), objectives, out.categories.size(), 12, out.categories.size() * seasons};
  return out;
}

const channel_shape& outcome_model::shape_of(std::uint32_t channel) const {
  return channels[channel < channels.size() - 1 ? channel : channels.size() - 1];
}

double outcome_model::estimate_of(double shape) const { return family == response_family::power ? shape : std::log(shape); }

double outcome_model::shape_at(double estimate) const {
  return family == response_family::power ? std::clamp(estimate, least_power, 1.0) : std::exp(std::clamp(estimate, -50.0, 50.0));
}

double outcome_model::log_response(std::uint32_t channel, double spend, double shape) const {
  const auto& own = shape_of(channel);
  const auto log_value = [&](double s, double x) {
    return family == response_family::power ? s * std::log(x) : std::log(stats::response_curve{family, 1, s}.value(x));
  };
  // Another shape turns the curve around the channel's centre, where its level is known.
  return log_value(shape, spend) - log_value(shape, own.centre) + log_value(own.shape, own.centre) -
         log_value(own.shape, reference);
}

double outcome_model::log_response(std::uint32_t channel, double spend) const {
  return log_response(channel, spend, shape_of(channel).shape);
}

double outcome_model::turn(std::uint32_t channel, double spend) const {
  const double estimate = estimate_of(shape_of(channel).shape), step = 1e-4;
  const auto at = [&](double e) { return log_response(channel, spend, family == response_family::power ? e : std::exp(e)); };
  return (at(estimate + step) - at(estimate - step)) / (2 * step);
}

forecast outcome_model::expect(const coded& portfolio, std::size_t row, double spend, std::span<const similar> neighbours,
                               double similar_enough) const {
  std::array<std::uint32_t, model_factors> levels{};
  for (std::size_t f = 0; f < model_factors; ++f) levels[f] = portfolio.code[f][row];
  const auto level = effects.predict(levels);
  const auto channel = portfolio.code[by_channel][row];
  const double turned = turn(channel, spend);
  forecast out;
  out.log_median = level.value + log_response(channel, spend);
  double variance = level.sd * level.sd + turned * turned * shape_of(channel).variance;

  double sum = 0, total = 0, squares = 0;
  const double limit = 2.5 * std::sqrt(effects.residual_variance);
  for (const auto& n : neighbours) {
    const auto at = used[n.row];
    const double weight = n.similarity - similar_enough;
    if (at < 0 || weight <= 0) continue;
    sum += weight * huberised(effects.residual[static_cast<std::size_t>(at)], limit);
    total += weight;
    squares += weight * weight;
  }
  double unknown = shared;
  if (total > 0 && shared > 0) {
    const double noise = std::max(0.0, effects.residual_variance - shared) * squares / (total * total);
    const double pull = shared / (shared + noise);
    out.local = pull * sum / total;
    unknown = shared * (1 - pull);
  }
  out.log_median += out.local;
  const double scatter = std::max(0.0, effects.residual_variance - shared);
  out.scatter_sd = std::sqrt(scatter);
  out.level_sd = std::sqrt(calibration * calibration * (variance + unknown + scatter) - scatter);
  return out;
}

namespace {

constexpr std::size_t folds = 5, no_fold = folds;
// Cross-validation costs five fits; with more rows than this the plain variances are near enough.
constexpr std::size_t most_validated = 600, least_validated = 15;

// Leaves out every fifth usable row, those of `fold`.
std::optional<outcome_model> fit_once(const coding& codes, const schema::portfolio& history, outcome of, std::uint32_t min_rows,
                                      const neighbour_lists& history_neighbours, double similar_enough, double biweight,
                                      std::size_t fold, std::uint64_t& rows_found) {
  outcome_model out;
  out.of = of;
  const auto column = outcome_column(history, of);
  const auto& coded_rows = codes.history;

  // An objective that mostly brings none of an outcome (new customers of a retention campaign) says nothing about it.
  std::array<std::uint64_t, objectives> rows_of{}, zero_of{};
  const auto usable = [&](std::size_t row) {
    return is_finished(history, row) && codes.history_in_currency[row] && column[row] >= 0 && std::isfinite(column[row]) &&
           coded_rows.money[row] > 0;
  };
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (!usable(row)) continue;
    const auto aim = static_cast<std::size_t>(history.objective[row]);
    ++rows_of[aim];
    zero_of[aim] += column[row] == 0;
    if (column[row] > 0) smallest = std::min(smallest, column[row]);
  }
  out.used.assign(history.size(), -1);
  std::size_t counted = 0;
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (!usable(row)) continue;
    const auto aim = static_cast<std::size_t>(history.objective[row]);
    if (2 * zero_of[aim] > rows_of[aim]) continue;
    if (fold != no_fold && counted++ % folds == fold) continue;
    out.used[row] = static_cast<std::int64_t>(out.rows.size());
    out.rows.push_back(static_cast<std::uint32_t>(row));
    const double nothing = of == outcome::revenue ? smallest / 2 : 0.5;
    out.result.push_back(column[row] > 0 ? column[row] : nothing);
    out.money.push_back(coded_rows.money[row]);
  }
  rows_found = out.rows.size();
  const std::size_t n = out.rows.size();
  if (n < min_rows || n < 3) return std::nullopt;

  std::array<std::vector<std::uint32_t>, model_factors> code;
  std::vector<stats::factor> factors;
  for (std::size_t f = 0; f < model_factors; ++f) {
    for (const auto row : out.rows) code[f].push_back(coded_rows.code[f][row]);
    factors.push_back({code[f], codes.levels[f], believed[f].sd, believed[f].weight});
  }
  std::vector<double> log_money(n), log_result(n);
  for (std::size_t i = 0; i < n; ++i) {
    log_money[i] = std::log(out.money[i]);
    log_result[i] = std::log(out.result[i]);
  }
  out.reference = std::exp(stats::quantile(log_money, 0.5));

  // The channels, and at the end what holds for a channel without history.
  const std::size_t channel_count = codes.levels[by_channel];
  out.channels.resize(channel_count + 1);
  std::vector<std::vector<std::size_t>> rows_by_channel(channel_count);
  for (std::size_t i = 0; i < n; ++i)
    if (code[by_channel][i] != no_level) rows_by_channel[code[by_channel][i]].push_back(i);
  for (std::size_t c = 0; c <= channel_count; ++c) {
    auto& shape = out.channels[c];
    double sum = 0;
    shape.min_spend = std::numeric_limits<double>::infinity();
    const auto add = [&](std::size_t i) {
      sum += log_money[i];
      shape.min_spend = std::min(shape.min_spend, out.money[i]);
      shape.max_spend = std::max(shape.max_spend, out.money[i]);
    };
    if (c < channel_count && !rows_by_channel[c].empty()) {
      for (const auto i : rows_by_channel[c]) add(i);
      shape.rows = rows_by_channel[c].size();
      shape.centre = std::exp(sum / static_cast<double>(shape.rows));
    } else {
      for (std::size_t i = 0; i < n; ++i) add(i);
      shape.centre = std::exp(sum / static_cast<double>(n));
    }
    shape.shape = 0.7;
  }

  const std::vector<double> ones(n, 1.0);
  std::vector<double> y(n);
  constexpr int rounds = 3;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < n; ++i) y[i] = log_result[i] - out.log_response(code[by_channel][i], out.money[i]);
    const bool last = round == rounds - 1;
    out.effects = stats::fit_random_effects(
        y, ones, factors, {.iterations = last ? 150u : 40u, .tolerance = last ? 1e-4 : 3e-3, .biweight = biweight});
    if (last) break;

    // Each channel's curve through the results without what other factors explain; then the shapes are shrunk towards each other.
    std::vector<double> spend, result, weight;
    const auto fit_channel = [&](std::size_t c, response_family family) {
      spend.clear(), result.clear(), weight.clear();
      for (const auto i : rows_by_channel[c]) {
        double others = 0;
        for (const auto f : {by_objective, by_category, by_month, by_category_season})
          if (code[f][i] != no_level) others += out.effects.effect[f][code[f][i]];
        spend.push_back(out.money[i]);
        result.push_back(std::exp(log_result[i] - others));
        weight.push_back(1);
      }
      return stats::fit_response(spend, result, weight, {.family = family});
    };
    if (round == 0) {
      // One family for every channel, so that shapes can be compared: the one whose curves leave the smallest loss altogether.
      double best = 0;
      for (const auto family : {response_family::power, response_family::logarithmic, response_family::hill}) {
        double loss = 0;
        for (std::size_t c = 0; c < channel_count; ++c) {
          const auto fit = fit_channel(c, family);
          if (fit.identified) loss += fit.loss;
        }
        if (family == response_family::power || loss < best - 2) {
          best = loss;
          out.family = family;
        }
      }
    }
    std::vector<double> estimate(channel_count + 1, 0.0), variance(channel_count + 1, std::numeric_limits<double>::infinity());
    out.curved = false;
    for (std::size_t c = 0; c < channel_count; ++c) {
      const auto fit = fit_channel(c, out.family);
      if (!fit.identified || !std::isfinite(fit.shape_variance)) continue;
      out.curved = true;
      estimate[c] = fit.shape_estimate;
      variance[c] = std::max(fit.shape_variance, 1e-8);
    }
    if (!out.curved) {
      out.family = response_family::power;
      for (auto& shape : out.channels) {
        shape.shape = 1;
        shape.variance = unknown_shape * unknown_shape;
      }
      continue;
    }
    const auto shrunk = stats::shrink(estimate, variance);
    for (std::size_t c = 0; c <= channel_count; ++c) {
      out.channels[c].shape = out.shape_at(shrunk.value[c]);
      out.channels[c].variance = shrunk.sd[c] * shrunk.sd[c];
    }
  }

  // The usual is that of campaigns that are held to this outcome; the others help to know channels and seasons.
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < n; ++i)
    if (outcome_of(history.objective[out.rows[i]]) == of) own.push_back(i);
  if (own.size() < 3) {
    own.resize(n);
    std::iota(own.begin(), own.end(), std::size_t{0});
  }
  out.usual_rows = own.size();
  const auto own_rows = static_cast<double>(own.size());
  for (const auto i : own) {
    for (std::size_t f = 0; f < model_factors; ++f)
      if (code[f][i] != no_level) out.average[f] += out.effects.effect[f][code[f][i]] / own_rows;
    out.average_size += (out.log_response(code[by_channel][i], out.money[i]) - log_money[i]) / own_rows;
  }
  out.usual = out.effects.mean + out.average_size;
  for (const double a : out.average) out.usual += a;

  for (std::size_t i = 0; i < n; ++i) {
    const double share = std::min(out.effects.leverage[i], 0.95);
    out.deviation.push_back(out.effects.residual[i] / (1 - share));
    std::array<std::uint32_t, model_factors> levels{};
    for (std::size_t f = 0; f < model_factors; ++f) levels[f] = code[f][i];
    const double level = out.effects.predict(levels).sd, turned = out.turn(code[by_channel][i], out.money[i]);
    out.deviation_variance.push_back(level * level / (1 - share) + turned * turned * out.shape_of(code[by_channel][i]).variance);
  }

  // What similar campaigns share beyond the model: the covariance of a campaign's deviation with its neighbours' residuals.
  if (history_neighbours.size() == history.size() && out.effects.residual_variance > 0) {
    const double limit = 2.5 * std::sqrt(out.effects.residual_variance);
    double sum = 0, pairs = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double local = 0, total = 0;
      for (const auto& near : history_neighbours[out.rows[i]]) {
        const auto at = out.used[near.row];
        const double weight = near.similarity - similar_enough;
        if (at < 0 || weight <= 0) continue;
        local += weight * huberised(out.effects.residual[static_cast<std::size_t>(at)], limit);
        total += weight;
      }
      if (total == 0) continue;
      sum += huberised(out.deviation[i], limit) * local / total;
      pairs += 1;
    }
    // Few pairs cannot tell a covariance from chance: it counts in the measure that it exceeds its own standard error.
    if (pairs >= 8) {
      const double error = out.effects.residual_variance / std::sqrt(pairs);
      const double covariance = std::min(sum / pairs, 0.8 * out.effects.residual_variance);
      out.shared = covariance > 0 ? covariance * covariance * covariance / (covariance * covariance + error * error) : 0;
    }
  }
  return out;
}

}  // namespace

std::optional<outcome_model> fit_outcome(const coding& codes, const schema::portfolio& history, outcome of,
                                         std::uint32_t min_rows, const neighbour_lists& history_neighbours, double similar_enough,
                                         double biweight, bool validated, std::uint64_t& rows_found) {
  auto out = fit_once(codes, history, of, min_rows, history_neighbours, similar_enough, biweight, no_fold, rows_found);
  if (!out || !validated || out->rows.size() < least_validated || out->rows.size() > most_validated) return out;
  // Variances that were themselves estimated from few rows come out too small: how far off campaigns were that a fit had not seen
  // says by how much.
  std::vector<double> error;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::uint64_t rows = 0;
    const auto part = fit_once(codes, history, of, 3, history_neighbours, similar_enough, biweight, fold, rows);
    if (!part) return out;
    const double t = stats::student_quantile(0.9, part->effects.degrees_of_freedom);
    for (std::size_t i = fold; i < out->rows.size(); i += folds) {
      const auto row = out->rows[i];
      const std::span<const similar> near =
          history_neighbours.size() == history.size() ? history_neighbours[row] : std::span<const similar>{};
      const auto f = part->expect(codes.history, row, out->money[i], near, similar_enough);
      const double claimed = std::hypot(f.level_sd, f.scatter_sd);
      if (claimed > 0) error.push_back(std::abs(std::log(out->result[i]) - f.log_median) / (t * claimed));
    }
  }
  if (error.size() >= least_validated) out->calibration = std::max(1.0, stats::quantile(error, 0.8));
  return out;
}

}  // namespace clarion::plan
