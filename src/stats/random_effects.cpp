#include "clarion/stats/random_effects.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "stats/mixed_model.hpp"

namespace clarion::stats {

namespace {

using Eigen::Index;
using squared = Eigen::Map<const Eigen::MatrixXd>;

void check_length(const std::string& field, std::size_t got, std::size_t rows) {
  if (got != rows) reject(field, std::to_string(got) + " rows", "give one per value of y, " + std::to_string(rows));
}

void check(std::span<const double> y, std::span<const double> weights, std::span<const factor> factors,
           std::span<const std::span<const double>> covariates) {
  check_length("weights", weights.size(), y.size());
  std::size_t used = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (!std::isfinite(y[i])) reject("y", std::to_string(y[i]), "give finite numbers");
    if (!(weights[i] >= 0) || std::isinf(weights[i]))
      reject("weights", std::to_string(weights[i]), "give finite numbers, 0 or more");
    used += weights[i] > 0;
  }
  if (used < 2) reject("y", std::to_string(used) + " rows with a weight", "give at least 2");
  for (const auto& values : covariates) {
    check_length("covariates", values.size(), y.size());
    for (const double value : values)
      if (!std::isfinite(value)) reject("covariates", std::to_string(value), "give finite numbers");
  }
  for (const auto& f : factors) {
    if (f.rows.empty()) check_length("factor", f.codes.size(), y.size());
    if (!f.rows.empty() && f.rows.size() != f.codes.size())
      reject("rows", std::to_string(f.rows.size()) + " of them", "give one per code, " + std::to_string(f.codes.size()));
    if (!f.values.empty() && f.values.size() != f.codes.size())
      reject("values", std::to_string(f.values.size()) + " of them", "give one per code, " + std::to_string(f.codes.size()));
    if (!(f.prior_sd >= 0) || std::isinf(f.prior_sd))
      reject("prior_sd", std::to_string(f.prior_sd), "give a finite number, 0 or more");
    if (!(f.prior_weight >= 0)) reject("prior_weight", std::to_string(f.prior_weight), "give a number, 0 or more");
    for (const auto code : f.codes)
      if (code != no_level && code >= f.levels)
        reject("factor", "level " + std::to_string(code), "give codes below " + std::to_string(f.levels));
    for (const auto row : f.rows)
      if (row >= y.size()) reject("rows", std::to_string(row), "give rows below " + std::to_string(y.size()));
    for (const double value : f.values)
      if (!std::isfinite(value)) reject("values", std::to_string(value), "give finite numbers");
  }
}

}  // namespace

random_effects fit_random_effects(std::span<const double> y, std::span<const double> weights, std::span<const factor> factors,
                                  const random_effects_options& options, std::span<const std::span<const double>> covariates) {
  core::check_options(options);
  check(y, weights, factors, covariates);
  const auto n = static_cast<Index>(y.size());
  detail::mixed::problem problem;
  problem.y = Eigen::Map<const Eigen::VectorXd>(y.data(), n);
  problem.weight = Eigen::Map<const Eigen::VectorXd>(weights.data(), n);
  problem.x.resize(n, static_cast<Index>(covariates.size()) + 1);
  problem.x.col(0).setOnes();
  for (std::size_t c = 0; c < covariates.size(); ++c)
    problem.x.col(static_cast<Index>(c) + 1) = Eigen::Map<const Eigen::VectorXd>(covariates[c].data(), n);
  problem.noise_sd = options.noise_sd;
  problem.noise_weight = options.noise_weight;
  for (const auto& f : factors) {
    auto& term = problem.terms.emplace_back(detail::mixed::term{f.levels, {}, f.prior_sd, f.prior_weight});
    for (std::size_t e = 0; e < f.codes.size(); ++e)
      if (f.codes[e] != no_level)
        term.entries.push_back(
            {f.rows.empty() ? static_cast<std::uint32_t>(e) : f.rows[e], f.codes[e], f.values.empty() ? 1.0 : f.values[e]});
  }
  const auto fit = detail::mixed::solve(problem, {.iterations = options.iterations,
                                                  .tolerance = options.tolerance,
                                                  .huber = options.huber,
                                                  .biweight = options.biweight,
                                                  .interior = options.interior});

  random_effects out;
  out.mean = fit.coefficient[0];
  for (std::size_t c = 0; c < covariates.size(); ++c) out.slope.push_back(fit.coefficient[static_cast<Index>(c) + 1]);
  out.variance = fit.variance;
  out.residual_variance = fit.noise;
  out.degrees_of_freedom = fit.degrees_of_freedom;
  out.converged = fit.converged;
  out.residual.assign(fit.residual.begin(), fit.residual.end());
  out.leverage.assign(fit.leverage.begin(), fit.leverage.end());
  out.row_weight.assign(fit.weight.begin(), fit.weight.end());
  out.log_variance_covariance.assign(fit.uncertainty.data(), fit.uncertainty.data() + fit.uncertainty.size());
  // Levels without a row have the variance of their factor.
  std::vector<std::uint32_t> place(covariates.size() + 1);
  std::iota(place.begin(), place.end(), 0u);
  std::vector<double> alone(place.size(), 0.0);
  for (std::size_t f = 0; f < factors.size(); ++f) {
    auto& effect = out.effect.emplace_back(factors[f].levels, 0.0);
    for (std::size_t level = 0; level < factors[f].levels; ++level) {
      const auto c = fit.column[f][level];
      place.push_back(c);
      alone.push_back(fit.variance[f]);
      if (c != detail::mixed::absent) effect[level] = fit.coefficient[c];
    }
  }
  const std::size_t size = place.size();
  out.covariance.assign(size * size, 0.0);
  for (std::size_t r = 0; r < size; ++r) {
    if (place[r] == detail::mixed::absent) {
      out.covariance[r * size + r] = alone[r];
      continue;
    }
    for (std::size_t c = 0; c < size; ++c)
      if (place[c] != detail::mixed::absent) out.covariance[r * size + c] = fit.covariance(place[r], place[c]);
  }
  return out;
}

level_prediction random_effects::predict(std::span<const std::uint32_t> levels) const {
  if (levels.size() != effect.size())
    reject("levels", std::to_string(levels.size()) + " of them", "give one per factor, " + std::to_string(effect.size()));
  std::vector<loading> at;
  for (std::size_t f = 0; f < levels.size(); ++f) at.push_back({static_cast<std::uint32_t>(f), levels[f]});
  return combine(at);
}

level_prediction random_effects::combine(std::span<const loading> levels, std::span<const double> covariates, double noise,
                                         double intercept) const {
  if (covariates.size() != slope.size())
    reject("covariates", std::to_string(covariates.size()) + " of them", "give one per slope, " + std::to_string(slope.size()));
  const std::size_t factors = effect.size();
  std::vector<std::size_t> first(factors + 1, 1 + slope.size());
  for (std::size_t f = 0; f < factors; ++f) first[f + 1] = first[f] + effect[f].size();
  const std::size_t size = first[factors];

  level_prediction out{intercept * mean, 0, 0};
  // By factor, and the residual: what the variance and the value would gain per unit of the logarithm of its variance.
  Eigen::VectorXd variance_slope = Eigen::VectorXd::Zero(static_cast<Index>(factors) + 1), value_slope = variance_slope;
  std::vector<std::pair<std::size_t, double>> cells{{0, intercept}};
  double unseen = 0;
  for (std::size_t c = 0; c < covariates.size(); ++c) {
    out.value += covariates[c] * slope[c];
    cells.emplace_back(c + 1, covariates[c]);
  }
  for (const auto& l : levels) {
    if (l.factor >= factors) reject("factor", std::to_string(l.factor), "give numbers below " + std::to_string(factors));
    if (l.level < effect[l.factor].size()) {
      out.value += l.value * effect[l.factor][l.level];
      cells.emplace_back(first[l.factor] + l.level, l.value);
    } else {
      const double own = l.value * l.value * variance[l.factor];
      unseen += own;
      variance_slope[l.factor] += own;
    }
  }
  const squared all(covariance.data(), static_cast<Index>(size), static_cast<Index>(size));
  Eigen::VectorXd carried = Eigen::VectorXd::Zero(static_cast<Index>(size));
  for (const auto& [c, value] : cells) carried += value * all.col(static_cast<Index>(c));
  double seen = 0;
  for (const auto& [c, value] : cells) seen += value * carried[static_cast<Index>(c)];
  double of_noise = seen, value_of_noise = 0;
  for (std::size_t f = 0; f < factors; ++f) {
    if (!(variance[f] > 0)) continue;
    double squares = 0, pulled = 0;
    for (std::size_t level = 0; level < effect[f].size(); ++level) {
      const double t = carried[static_cast<Index>(first[f] + level)];
      squares += t * t;
      pulled += t * effect[f][level];
    }
    variance_slope[static_cast<Index>(f)] += squares / variance[f];
    value_slope[static_cast<Index>(f)] = pulled / variance[f];
    of_noise -= squares / variance[f];
    value_of_noise -= pulled / variance[f];
  }
  variance_slope[static_cast<Index>(factors)] = std::max(of_noise, 0.0) + noise * residual_variance;
  value_slope[static_cast<Index>(factors)] = value_of_noise;
  const squared unsure(log_variance_covariance.data(), static_cast<Index>(factors) + 1, static_cast<Index>(factors) + 1);
  const double given = std::max(seen, 0.0) + unseen + noise * residual_variance;
  const double spread = variance_slope.dot(unsure * variance_slope);
  out.sd = std::sqrt(given + std::max(value_slope.dot(unsure * value_slope), 0.0));
  out.degrees_of_freedom = spread > 0 ? std::clamp(2 * given * given / spread, 1.0, 1e6) : 1e6;
  return out;
}

}  // namespace clarion::stats
