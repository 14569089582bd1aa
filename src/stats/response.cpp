#include "clarion/stats/response.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"

namespace clarion::stats {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double least_power = 0.02;

struct points {
  std::vector<double> spend, log_spend, log_result, weight;
  double total = 0;
};

points clean(std::span<const double> spend, std::span<const double> result, std::span<const double> weights) {
  if (spend.size() != result.size())
    reject("result", std::to_string(result.size()) + " rows", "give one per spend, " + std::to_string(spend.size()));
  if (!weights.empty() && weights.size() != spend.size())
    reject("weights", std::to_string(weights.size()) + " rows", "give one per spend, " + std::to_string(spend.size()));
  points out;
  for (std::size_t i = 0; i < spend.size(); ++i) {
    const double w = weights.empty() ? 1.0 : weights[i];
    if (!(w >= 0) || std::isinf(w)) reject("weights", std::to_string(w), "give finite numbers, 0 or more");
    if (!(spend[i] > 0) || !(result[i] > 0) || std::isinf(spend[i]) || std::isinf(result[i]) || w == 0) continue;
    out.spend.push_back(spend[i]);
    out.log_spend.push_back(std::log(spend[i]));
    out.log_result.push_back(std::log(result[i]));
    out.weight.push_back(w);
    out.total += w;
  }
  return out;
}

double log_value(response_family family, double shape, double spend, double log_spend) {
  if (family == response_family::power) return shape * log_spend;
  if (family == response_family::logarithmic) return std::log(std::log1p(spend / shape));
  return log_spend - std::log(shape + spend);
}

double huber_weight(double residual, double scale, double bend) {
  const double away = std::abs(residual);
  return bend > 0 && away > bend * scale && away > 0 ? bend * scale / away : 1;
}

double huber_loss(double residual, double scale, double bend) {
  const double away = scale > 0 ? std::abs(residual) / scale : 0;
  return bend > 0 && away > bend ? bend * away - 0.5 * bend * bend : 0.5 * away * away;
}

struct level_fit {
  double level = 0, loss = 0;
};

// Robust location of log result - log shape, at a known scale.
level_fit fit_level(const points& p, const std::vector<double>& explained, double scale, double bend) {
  std::vector<double> away(p.spend.size());
  for (std::size_t i = 0; i < away.size(); ++i) away[i] = p.log_result[i] - explained[i];
  level_fit out;
  for (std::size_t i = 0; i < away.size(); ++i) out.level += p.weight[i] * away[i] / p.total;
  // The loss is made of parabolas and lines: Newton's steps end as soon as the same points stay within the bend.
  for (int step = 0; step < 50 && bend > 0 && scale > 0; ++step) {
    double pull = 0, within = 0;
    for (std::size_t i = 0; i < away.size(); ++i) {
      const double off = away[i] - out.level;
      pull += p.weight[i] * std::clamp(off, -bend * scale, bend * scale);
      if (std::abs(off) <= bend * scale) within += p.weight[i];
    }
    // With next to nothing within, a step as if all of it were.
    const double move = pull / (within > 0.1 * p.total ? within : p.total);
    out.level += move;
    if (std::abs(move) < 1e-10) break;
  }
  for (std::size_t i = 0; i < away.size(); ++i) out.loss += p.weight[i] * huber_loss(away[i] - out.level, scale, bend);
  return out;
}

struct line {
  double level = 0, slope = 1, scale = 0, variance = infinity;
};

// log result = level + slope log spend by iteratively reweighted least squares.
line fit_line(const points& p, double bend) {
  line out;
  std::vector<double> weight = p.weight, residual(p.spend.size());
  double x_squares = 0;
  for (int step = 0; step < 60; ++step) {
    double total = 0, x = 0, y = 0;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      total += weight[i];
      x += weight[i] * p.log_spend[i];
      y += weight[i] * p.log_result[i];
    }
    x /= total;
    y /= total;
    double xx = 0, xy = 0;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      xx += weight[i] * (p.log_spend[i] - x) * (p.log_spend[i] - x);
      xy += weight[i] * (p.log_spend[i] - x) * (p.log_result[i] - y);
    }
    x_squares = xx;
    const double slope = xx > 1e-9 * total ? xy / xx : 1;
    const bool done = step > 0 && std::abs(slope - out.slope) < 1e-12;
    out.slope = slope;
    out.level = y - slope * x;
    for (std::size_t i = 0; i < weight.size(); ++i) residual[i] = p.log_result[i] - out.level - out.slope * p.log_spend[i];
    out.scale = robust_spread(residual);
    if (done || bend == 0) break;
    for (std::size_t i = 0; i < weight.size(); ++i)
      weight[i] = p.weight[i] * (out.scale > 0 ? huber_weight(residual[i], out.scale, bend) : 1);
  }
  double squares = 0, total = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    squares += weight[i] * residual[i] * residual[i];
    total += weight[i];
  }
  const double kept = bend > 0 ? 2 * normal_cdf(bend) - 1 : 1;
  const auto n = static_cast<double>(weight.size());
  const double noise = n > 2 ? squares / total * n / (n - 2) / kept : infinity;
  out.scale = n > 2 ? std::sqrt(noise) : 0;
  out.variance = x_squares > 1e-6 * total && n > 2 ? noise * total / n / x_squares : infinity;
  return out;
}

}  // namespace

std::string_view to_string(response_family family) {
  switch (family) {
    case response_family::automatic:
      return "automatic";
    case response_family::power:
      return "power";
    case response_family::logarithmic:
      return "logarithmic";
    case response_family::hill:
      return "hill";
  }
  return "automatic";
}

double response_curve::value(double spend) const {
  if (!(spend > 0)) return spend == spend ? 0 : spend;
  switch (family) {
    case response_family::logarithmic:
      return scale * std::log1p(spend / shape);
    case response_family::hill:
      return scale * spend / (shape + spend);
    default:
      return scale * std::pow(spend, shape);
  }
}

double response_curve::slope(double spend) const {
  spend = std::max(spend, 0.0);
  switch (family) {
    case response_family::logarithmic:
      return scale / (shape + spend);
    case response_family::hill:
      return scale * shape / ((shape + spend) * (shape + spend));
    default:
      return shape == 1 ? scale : scale == 0 ? 0 : spend == 0 ? infinity : scale * shape * std::pow(spend, shape - 1);
  }
}

double response_curve::spend_at(double wanted) const {
  if (!(wanted > 0)) return infinity;
  if (wanted >= slope(0)) return 0;
  switch (family) {
    case response_family::logarithmic:
      return scale / wanted - shape;
    case response_family::hill:
      return std::sqrt(scale * shape / wanted) - shape;
    default:
      return shape == 1 ? infinity : std::pow(wanted / (scale * shape), 1 / (shape - 1));
  }
}

response_curve scale_response(response_family family, double shape, std::span<const double> spend, std::span<const double> result,
                              std::span<const double> weights) {
  if (family == response_family::automatic) reject("family", "automatic", "name one: power, logarithmic or hill");
  if (!(shape > 0) || (family == response_family::power && shape > 1))
    reject("shape", std::to_string(shape), "give a number above 0, for the power family at most 1");
  const points p = clean(spend, result, weights);
  response_curve out{family, 0, shape};
  if (p.spend.empty()) return out;
  std::vector<double> explained(p.spend.size()), away(p.spend.size());
  for (std::size_t i = 0; i < explained.size(); ++i) {
    explained[i] = log_value(family, shape, p.spend[i], p.log_spend[i]);
    away[i] = p.log_result[i] - explained[i];
  }
  out.scale = std::exp(fit_level(p, explained, robust_spread(away), response_options{}.huber).level);
  return out;
}

response_fit fit_response(std::span<const double> spend, std::span<const double> result, std::span<const double> weights,
                          const response_options& options) {
  core::check_options(options);
  const points p = clean(spend, result, weights);
  response_fit out;
  out.rows = p.spend.size();
  out.shape_variance = infinity;
  if (p.spend.empty()) return out;
  const auto [smallest, largest] = std::minmax_element(p.spend.begin(), p.spend.end());
  out.min_spend = *smallest;
  out.max_spend = *largest;
  const double z = normal_quantile(0.5 + options.level / 2);

  const line straight = fit_line(p, options.huber);
  const double scale = straight.scale;
  if (out.rows < 4 || std::isinf(straight.variance)) {
    std::vector<double> ratio(p.spend.size());
    for (std::size_t i = 0; i < ratio.size(); ++i) ratio[i] = std::exp(p.log_result[i] - p.log_spend[i]);
    out.curve = {response_family::power, weighted_quantiles(ratio, p.weight, std::vector<double>{0.5})[0], 1};
    out.shape_estimate = 1;
    out.shape_low = least_power;
    out.shape_high = 1;
    out.residual_sd = scale;
    return out;
  }

  out.identified = true;
  std::vector<double> explained(p.spend.size());
  const auto level_at = [&](response_family family, double shape) {
    for (std::size_t i = 0; i < explained.size(); ++i) explained[i] = log_value(family, shape, p.spend[i], p.log_spend[i]);
    return fit_level(p, explained, scale, options.huber);
  };

  // Scatter around the best curve of this shape.
  const auto scatter = [&](response_family family, double shape) {
    const double level = level_at(family, shape).level;
    double squares = 0, total = 0;
    for (std::size_t i = 0; i < explained.size(); ++i) {
      const double away = p.log_result[i] - explained[i] - level;
      const double w = p.weight[i] * huber_weight(away, scale, options.huber);
      squares += w * away * away;
      total += w;
    }
    const auto n = static_cast<double>(p.spend.size());
    const double kept = options.huber > 0 ? 2 * normal_cdf(options.huber) - 1 : 1;
    return std::sqrt(squares / total * n / (n - 2) / kept);
  };

  const bool any = options.family == response_family::automatic;
  if (any || options.family == response_family::power) {
    const double shape = std::clamp(straight.slope, least_power, 1.0), sd = std::sqrt(straight.variance);
    const level_fit at = level_at(response_family::power, shape);
    out.curve = {response_family::power, std::exp(at.level), shape};
    out.shape_estimate = straight.slope;
    out.shape_variance = straight.variance;
    out.shape_low = std::clamp(straight.slope - z * sd, least_power, 1.0);
    out.shape_high = std::clamp(straight.slope + z * sd, least_power, 1.0);
    out.loss = at.loss;
  }
  for (const auto family : {response_family::logarithmic, response_family::hill}) {
    if (!any && options.family != family) continue;
    const double from = std::log(out.min_spend / 100), to = std::log(out.max_spend * 100);
    const auto loss = [&](double t) { return level_at(family, std::exp(t)).loss; };
    constexpr int cells = 24;
    int best = 0;
    double best_loss = infinity;
    for (int cell = 0; cell <= cells; ++cell) {
      const double l = loss(from + (to - from) * cell / cells);
      if (l < best_loss) best_loss = l, best = cell;
    }
    double low = from + (to - from) * std::max(best - 1, 0) / cells,
           high = from + (to - from) * std::min(best + 1, cells) / cells;
    constexpr double golden = 0.6180339887498949;
    double a = high - golden * (high - low), b = low + golden * (high - low), at_a = loss(a), at_b = loss(b);
    while (high - low > 1e-5) {
      if (at_a <= at_b) {
        high = b, b = a, at_b = at_a, a = high - golden * (high - low), at_a = loss(a);
      } else {
        low = a, a = b, at_a = at_b, b = low + golden * (high - low), at_b = loss(b);
      }
    }
    const double t = 0.5 * (low + high), shape = std::exp(t);
    const level_fit at = level_at(family, shape);
    // The power family has the simplest story to tell: another must be better by more than chance (two log-likelihood units).
    if (any && at.loss > out.loss - (out.curve.family == response_family::power ? 2 : 0)) continue;
    double mean = 0, squares = 0;
    std::vector<double> derivative(p.spend.size());
    for (std::size_t i = 0; i < derivative.size(); ++i) {
      const double x = p.spend[i];
      derivative[i] = family == response_family::hill ? -shape / (shape + x) : -x / (shape + x) / std::log1p(x / shape);
      mean += p.weight[i] * derivative[i] / p.total;
    }
    for (std::size_t i = 0; i < derivative.size(); ++i) squares += p.weight[i] * (derivative[i] - mean) * (derivative[i] - mean);
    out.curve = {family, std::exp(at.level), shape};
    out.shape_estimate = t;
    const double noise = scatter(family, shape);
    out.shape_variance = squares > 0 ? noise * noise * p.total / static_cast<double>(out.rows) / squares : infinity;
    const double sd = std::sqrt(out.shape_variance);
    out.shape_low = std::exp(std::clamp(t - z * sd, from, to));
    out.shape_high = std::exp(std::clamp(t + z * sd, from, to));
    out.loss = at.loss;
  }

  out.residual_sd = scatter(out.curve.family, out.curve.shape);
  return out;
}

}  // namespace clarion::stats
