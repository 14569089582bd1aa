#include "plan/outcome_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "clarion/stats/quantile.hpp"
#include "clarion/stats/shrinkage.hpp"

namespace clarion::plan {

namespace {

using stats::no_level;
using stats::response_family;

constexpr std::size_t objectives = 9;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double least_power = 0.05;
enum slope_factor : std::uint32_t { channel_slope = model_factors, common_slope };

struct belief {
  double mean = 0, sd = 0, weight = 0;
};
// Sales have seasons, and a category its own: until history says otherwise, by about a quarter. Without this a few years cannot
// tell the season of a category from chance, and take the one for the other.
constexpr std::array<belief, model_factors> believed = {{{}, {}, {}, {0, 0.1, 2}, {0, 0.25, 6}}};
// Four elasticities in five lie within 0.4 of 0.7, between a result that is hardly moved by money and one that is proportional to
// it; those of channels differ by about 0.15.
constexpr belief power_of_all{0.7, 0.3, infinity}, power_of_channel{0, 0.15, 4};
// Of the other families the logarithm of a spend is estimated.
constexpr belief spend_of_all{0, 2, infinity}, spend_of_channel{0, 0.5, 4};

// A few campaigns can be followed by a model without an error; they scatter all the same, by a tenth at least.
constexpr belief scatter{0, 0.1, 2};

double huberised(double value, double limit) { return std::clamp(value, -limit, limit); }

}  // namespace

const channel_shape& outcome_model::shape_of(std::uint32_t channel) const {
  return channels[channel < channels.size() - 1 ? channel : channels.size() - 1];
}

double outcome_model::shape_at(double estimate) const {
  return family == response_family::power ? std::clamp(estimate, least_power, 1.0) : std::exp(std::clamp(estimate, -50.0, 50.0));
}

namespace {

double log_value(response_family family, double estimate, double spend) {
  if (family == response_family::power) return estimate * std::log(spend);
  return std::log(stats::response_curve{family, 1, std::exp(std::clamp(estimate, -50.0, 50.0))}.value(spend));
}

double log_ratio(response_family family, double estimate, double spend, double reference) {
  return log_value(family, estimate, spend) - log_value(family, estimate, reference);
}

double turn_of(response_family family, double estimate, double spend, double reference) {
  if (family == response_family::power) return std::log(spend / reference);
  constexpr double step = 1e-4;
  return (log_ratio(family, estimate + step, spend, reference) - log_ratio(family, estimate - step, spend, reference)) /
         (2 * step);
}

}  // namespace

double outcome_model::log_response(std::uint32_t channel, double spend) const {
  return log_ratio(family, shape_of(channel).estimate, spend, reference);
}

double outcome_model::turn(std::uint32_t channel, double spend) const {
  return turn_of(family, shape_of(channel).estimate, spend, reference);
}

double outcome_model::effect_of(const coded& portfolio, std::size_t row, model_factor factor) const {
  double out = 0;
  for (const auto& [level, share] : portfolio.in[factor][row])
    if (level < effects.effect[factor].size()) out += share * effects.effect[factor][level];
  return out;
}

std::vector<stats::loading> outcome_model::loadings(const coded& portfolio, std::size_t row, double spend) const {
  std::vector<stats::loading> out;
  for (std::uint32_t f = 0; f < model_factors; ++f)
    // What history never tells of any campaign is no reason for doubt about one.
    if (!effects.effect[f].empty())
      for (const auto& [level, share] : portfolio.in[f][row]) out.push_back({f, level, share});
  const double turned = turn(portfolio.channel[row], spend);
  out.push_back({channel_slope, portfolio.channel[row], turned});
  out.push_back({common_slope, 0, turned});
  return out;
}

forecast outcome_model::expect(const coded& portfolio, std::size_t row, double spend, std::span<const similar> neighbours,
                               double similar_enough) const {
  forecast out;
  out.log_median = effects.mean + log_response(portfolio.channel[row], spend);
  for (std::uint32_t f = 0; f < model_factors; ++f) out.log_median += effect_of(portfolio, row, static_cast<model_factor>(f));

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
    const double pull = shared / (shared + (1 - shared) * squares / (total * total));
    out.local = pull * sum / total;
    unknown = shared * (1 - pull);
  }
  out.log_median += out.local;
  const auto at = loadings(portfolio, row, spend);
  const auto level = effects.combine(at, {}, unknown), one = effects.combine(at, {}, unknown + 1 - shared);
  out.level_sd = level.sd;
  out.level_degrees = level.degrees_of_freedom;
  out.sd = one.sd;
  out.degrees = one.degrees_of_freedom;
  out.scatter_sd = std::sqrt((1 - shared) * effects.residual_variance);
  return out;
}

namespace {

// A factor as stats::fit_random_effects takes it.
struct entries {
  std::vector<std::uint32_t> level, row;
  std::vector<double> value;

  stats::factor as_factor(std::size_t levels, const belief& b) const {
    return {.codes = level, .levels = levels, .prior_sd = b.sd, .prior_weight = b.weight, .values = value, .rows = row};
  }
};

// The rows of history that the model rests on.
void choose_rows(outcome_model& out, const coding& codes, const schema::portfolio& history) {
  const auto column = outcome_column(history, out.of);
  // An objective that mostly brings none of an outcome (new customers of a retention campaign) says nothing about it.
  std::array<std::uint64_t, objectives> rows_of{}, zero_of{};
  const auto usable = [&](std::size_t row) {
    return is_finished(history, row) && codes.history_in_currency[row] && column[row] >= 0 && std::isfinite(column[row]) &&
           codes.history.money[row] > 0;
  };
  double smallest = infinity;
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (!usable(row)) continue;
    const auto aim = static_cast<std::size_t>(history.objective[row]);
    ++rows_of[aim];
    zero_of[aim] += column[row] == 0;
    if (column[row] > 0) smallest = std::min(smallest, column[row]);
  }
  const double nothing = out.of == outcome::revenue ? smallest / 2 : 0.5;
  out.used.assign(history.size(), -1);
  for (std::size_t row = 0; row < history.size(); ++row) {
    const auto aim = static_cast<std::size_t>(history.objective[row]);
    if (!usable(row) || 2 * zero_of[aim] > rows_of[aim]) continue;
    out.used[row] = static_cast<std::int64_t>(out.rows.size());
    out.rows.push_back(static_cast<std::uint32_t>(row));
    out.result.push_back(column[row] > 0 ? column[row] : nothing);
    out.money.push_back(codes.history.money[row]);
  }
}

// The range of spends of each channel, and at the end that of all.
std::vector<std::vector<std::size_t>> look_at_spends(outcome_model& out, const coding& codes, std::span<const double> log_money) {
  const std::size_t n = out.rows.size(), count = codes.levels[by_channel];
  std::vector<std::vector<std::size_t>> rows(count + 1);
  for (std::size_t i = 0; i < n; ++i) {
    const auto channel = codes.history.channel[out.rows[i]];
    if (channel != no_level) rows[channel].push_back(i);
    rows[count].push_back(i);
  }
  for (std::size_t c = 0; c <= count; ++c) {
    auto& shape = out.channels.emplace_back();
    shape.rows = c < count ? rows[c].size() : 0;
    shape.min_spend = infinity;
    const auto& own = rows[c].empty() ? rows[count] : rows[c];
    for (const auto i : own) {
      shape.centre += log_money[i] / static_cast<double>(own.size());
      shape.min_spend = std::min(shape.min_spend, out.money[i]);
      shape.max_spend = std::max(shape.max_spend, out.money[i]);
    }
    shape.centre = std::exp(shape.centre);
  }
  return rows;
}

// What similar campaigns share beyond the model: the covariance of a campaign's deviation with its neighbours' residuals, as a
// share of the residual variance.
double share_of_the_similar(const outcome_model& model, const neighbour_lists& neighbours, double similar_enough) {
  const double variance = model.effects.residual_variance;
  if (neighbours.size() != model.used.size() || !(variance > 0)) return 0;
  const double limit = 2.5 * std::sqrt(variance);
  double sum = 0, pairs = 0;
  for (std::size_t i = 0; i < model.rows.size(); ++i) {
    double local = 0, total = 0;
    for (const auto& near : neighbours[model.rows[i]]) {
      const auto at = model.used[near.row];
      const double weight = near.similarity - similar_enough;
      if (at < 0 || weight <= 0) continue;
      local += weight * huberised(model.effects.residual[static_cast<std::size_t>(at)], limit);
      total += weight;
    }
    if (total == 0) continue;
    sum += huberised(model.deviation[i], limit) * local / total;
    pairs += 1;
  }
  // Few pairs cannot tell a covariance from chance: it counts in the measure that it exceeds its own standard error.
  if (pairs < 8) return 0;
  const double error = 1 / std::sqrt(pairs), covariance = std::min(sum / pairs / variance, 0.8);
  return covariance > 0 ? covariance * covariance * covariance / (covariance * covariance + error * error) : 0;
}

}  // namespace

std::optional<outcome_model> fit_outcome(const coding& codes, const schema::portfolio& history, outcome of,
                                         std::uint32_t min_rows, const neighbour_lists& history_neighbours, double similar_enough,
                                         double biweight, std::uint64_t& rows_found) {
  outcome_model out;
  out.of = of;
  choose_rows(out, codes, history);
  rows_found = out.rows.size();
  const std::size_t n = out.rows.size();
  if (n < min_rows || n < 3) return std::nullopt;
  std::vector<double> log_money(n), log_result(n);
  for (std::size_t i = 0; i < n; ++i) {
    log_money[i] = std::log(out.money[i]);
    log_result[i] = std::log(out.result[i]);
  }
  out.reference = std::exp(stats::quantile(log_money, 0.5));
  const auto rows_by_channel = look_at_spends(out, codes, log_money);
  const std::size_t channel_count = codes.levels[by_channel];

  std::array<entries, model_factors> in;
  for (std::uint32_t f = 0; f < model_factors; ++f)
    for (std::uint32_t i = 0; i < n; ++i)
      for (const auto& [level, share] : codes.history.in[f][out.rows[i]]) {
        in[f].level.push_back(level);
        in[f].row.push_back(i);
        in[f].value.push_back(share);
      }
  const std::vector<double> ones(n, 1.0);
  const std::vector<std::uint32_t> all(n, 0u);
  std::vector<std::uint32_t> channel(n);
  for (std::size_t i = 0; i < n; ++i) channel[i] = codes.history.channel[out.rows[i]];

  // Levels and curves at once: around the present shapes the logarithm of a curve is a straight line in them, exactly so in the
  // power family.
  const auto fit = [&](double tolerance) {
    const bool power = out.family == response_family::power;
    std::vector<double> y(n), turned(n);
    for (std::size_t i = 0; i < n; ++i) {
      y[i] = log_result[i] - out.log_response(channel[i], out.money[i]);
      turned[i] = out.turn(channel[i], out.money[i]);
    }
    std::vector<stats::factor> factors;
    for (std::size_t f = 0; f < model_factors; ++f) factors.push_back(in[f].as_factor(codes.levels[f], believed[f]));
    const auto& own = power ? power_of_channel : spend_of_channel;
    const auto& common = power ? power_of_all : spend_of_all;
    factors.push_back({channel, channel_count, own.sd, own.weight, turned, {}});
    factors.push_back({all, 1, common.sd, common.weight, turned, {}});
    // Whether an outcome answers to objective or category at all differs between outcomes: their variances may come out as 0,
    // that of the noise may not.
    out.effects = stats::fit_random_effects(y, ones, factors,
                                            {.iterations = 60,
                                             .tolerance = tolerance,
                                             .biweight = biweight,
                                             .interior = 0,
                                             .noise_sd = scatter.sd,
                                             .noise_weight = scatter.weight});
    for (std::size_t c = 0; c <= channel_count; ++c) {
      const std::array<stats::loading, 2> slopes{
          {{channel_slope, c < channel_count ? static_cast<std::uint32_t>(c) : no_level, 1}, {common_slope, 0, 1}}};
      const auto moved = out.effects.combine(slopes, {}, 0, 0);
      out.channels[c].estimate += moved.value;
      out.channels[c].variance = moved.sd * moved.sd;
    }
  };
  for (auto& shape : out.channels) shape.estimate = power_of_all.mean;
  fit(0.01);

  // One family for every channel, so that shapes can be compared: the one whose curves leave the smallest loss altogether.
  std::vector<double> spend, result;
  const auto fit_channel = [&](std::size_t c, response_family family) {
    spend.clear(), result.clear();
    for (const auto i : rows_by_channel[c]) {
      double others = 0;
      for (const auto f : {by_objective, by_category, by_month, by_category_season})
        others += out.effect_of(codes.history, out.rows[i], f);
      spend.push_back(out.money[i]);
      result.push_back(std::exp(log_result[i] - others));
    }
    return stats::fit_response(spend, result, {}, {.family = family});
  };
  double best = 0;
  auto family = response_family::power;
  std::vector<stats::response_fit> fits;
  for (const auto tried : {response_family::power, response_family::logarithmic, response_family::hill}) {
    double loss = 0;
    std::vector<stats::response_fit> own;
    for (std::size_t c = 0; c < channel_count; ++c) {
      own.push_back(fit_channel(c, tried));
      if (own.back().identified) loss += own.back().loss;
    }
    if (tried == response_family::power || loss < best - 2) {
      best = loss;
      family = tried;
      fits = std::move(own);
    }
  }
  for (const auto& own : fits) out.curved = out.curved || (own.identified && std::isfinite(own.shape_variance));
  if (out.curved && family != response_family::power) {
    out.family = family;
    std::vector<double> estimate, variance;
    for (const auto& own : fits) {
      const bool known = own.identified && std::isfinite(own.shape_variance);
      estimate.push_back(own.shape_estimate);
      variance.push_back(known ? std::max(own.shape_variance, 1e-8) : infinity);
    }
    estimate.push_back(0);
    variance.push_back(infinity);
    const auto shrunk = stats::shrink(estimate, variance);
    for (std::size_t c = 0; c <= channel_count; ++c) out.channels[c].estimate = shrunk.value[c];
    for (int round = 0; round < 3; ++round) fit(0.01);
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
    for (std::uint32_t f = 0; f < model_factors; ++f)
      out.average[f] += out.effect_of(codes.history, out.rows[i], static_cast<model_factor>(f)) / own_rows;
    out.average_size += (out.log_response(channel[i], out.money[i]) - log_money[i]) / own_rows;
  }
  out.usual = out.effects.mean + out.average_size;
  for (const double a : out.average) out.usual += a;

  for (std::size_t i = 0; i < n; ++i) {
    const double share = std::min(out.effects.leverage[i], 0.95);
    out.deviation.push_back(out.effects.residual[i] / (1 - share));
    const double level = out.effects.combine(out.loadings(codes.history, out.rows[i], out.money[i])).sd;
    out.deviation_variance.push_back(level * level / (1 - share));
  }
  out.shared = share_of_the_similar(out, history_neighbours, similar_enough);
  return out;
}

}  // namespace clarion::plan
