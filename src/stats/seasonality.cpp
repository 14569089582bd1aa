#include "clarion/stats/seasonality.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <string>
#include <tuple>

#include "clarion/core/error.hpp"

namespace clarion::stats {

namespace {

constexpr std::size_t months = 12;

void check(const seasonal_data& data) {
  const std::size_t n = data.log_rate.size();
  const auto same_length = [&](const char* field, std::size_t length) {
    if (length != n)
      reject(field, std::to_string(length) + " values", "give one for each of the " + std::to_string(n) + " rates");
  };
  same_length("month", data.month.size());
  if (!data.weight.empty()) same_length("weight", data.weight.size());
  for (const auto& codes : data.levels) same_length("levels", codes.size());
  for (const auto& codes : data.seasons) same_length("seasons", codes.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(data.log_rate[i])) reject("log_rate", std::to_string(data.log_rate[i]), "leave the row out");
    if (data.month[i] >= months) reject("month", std::to_string(data.month[i]), "give 0 (January) to 11 (December)");
    if (!data.weight.empty() && !(data.weight[i] > 0 && std::isfinite(data.weight[i])))
      reject("weight", std::to_string(data.weight[i]), "give a positive number");
  }
}

std::size_t code_count(std::span<const std::uint32_t> codes) {
  std::size_t count = 0;
  for (const auto code : codes) count = std::max(count, std::size_t{code} + 1);
  return count;
}

// One additive term of the model while it is fitted: the cell of each row, and the posterior of each cell.
struct fitted_term {
  std::vector<std::size_t> cell;
  std::vector<double> mean, variance, weight, sum;
  double prior_variance = 1;

  fitted_term(std::vector<std::size_t> cells, std::size_t count, double variance_before, std::span<const double> row_weight)
      : cell(std::move(cells)),
        mean(count),
        variance(count, variance_before),
        weight(count),
        sum(count),
        prior_variance(variance_before) {
    for (std::size_t i = 0; i < cell.size(); ++i) weight[cell[i]] += row_weight[i];
  }

  // One coordinate step: the posterior of every cell given the residual that the other terms leave.
  double update(std::vector<double>& residual, std::span<const double> row_weight, double noise) {
    std::fill(sum.begin(), sum.end(), 0.0);
    for (std::size_t i = 0; i < cell.size(); ++i) sum[cell[i]] += row_weight[i] * (residual[i] + mean[cell[i]]);
    double moved = 0;
    std::vector<double> before = mean;
    for (std::size_t c = 0; c < mean.size(); ++c) {
      const double precision = weight[c] / noise + 1 / prior_variance;
      mean[c] = sum[c] / noise / precision;
      variance[c] = 1 / precision;
      moved = std::max(moved, std::abs(mean[c] - before[c]));
    }
    for (std::size_t i = 0; i < cell.size(); ++i) residual[i] += before[cell[i]] - mean[cell[i]];
    return moved;
  }

  // The variance of the term from what its cells show, with a weak inverse-gamma prior (worth two cells) around `scale`.
  void update_prior(double scale) {
    double squares = 0, seen = 0;
    for (std::size_t c = 0; c < mean.size(); ++c) {
      if (weight[c] <= 0) continue;
      squares += mean[c] * mean[c] + variance[c];
      ++seen;
    }
    prior_variance = (squares + 2 * scale) / (seen + 2);
  }
};

}  // namespace

seasonality fit_seasonality(const seasonal_data& data, const seasonal_options& options) {
  core::check_options(options);
  check(data);
  const std::size_t n = data.log_rate.size();
  std::vector<double> weight(data.weight.begin(), data.weight.end());
  if (weight.empty()) weight.assign(n, 1.0);

  seasonality out;
  out.z_ = boost::math::quantile(boost::math::normal(), 0.5 + options.coverage / 2);
  for (const double w : weight) out.total_weight_ += w;
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) mean += weight[i] * data.log_rate[i];
  if (n > 0) mean /= out.total_weight_;
  double spread = 0;
  for (std::size_t i = 0; i < n; ++i) spread += weight[i] * (data.log_rate[i] - mean) * (data.log_rate[i] - mean);
  const double total_variance = n > 0 ? spread / out.total_weight_ : 0;

  const double season_scale = options.prior_sd * options.prior_sd;
  // A level may be anything that the rates themselves span.
  const double level_scale = std::max(4 * total_variance, season_scale);

  std::vector<fitted_term> levels, seasons;
  std::vector<std::span<const std::uint32_t>> level_codes = data.levels;
  level_codes.insert(level_codes.end(), data.seasons.begin(), data.seasons.end());
  for (const auto& codes : level_codes)
    levels.emplace_back(std::vector<std::size_t>(codes.begin(), codes.end()), code_count(codes), level_scale, weight);
  fitted_term month(std::vector<std::size_t>(data.month.begin(), data.month.end()), months, season_scale, weight);
  for (const auto& codes : data.seasons) {
    std::vector<std::size_t> cells(n);
    for (std::size_t i = 0; i < n; ++i) cells[i] = codes[i] * months + data.month[i];
    seasons.emplace_back(std::move(cells), code_count(codes) * months, season_scale, weight);
  }

  std::vector<double> residual(n);
  for (std::size_t i = 0; i < n; ++i) residual[i] = data.log_rate[i] - mean;
  const double least_noise = std::max(1e-8, 1e-4 * total_variance);
  double noise = std::max(total_variance / 2, least_noise);
  for (std::size_t sweep = 0; n > 0 && sweep < options.iterations; ++sweep) {
    double shift = 0;
    for (std::size_t i = 0; i < n; ++i) shift += weight[i] * residual[i];
    shift /= out.total_weight_;
    mean += shift;
    for (auto& r : residual) r -= shift;

    double moved = std::abs(shift);
    for (auto& term : levels) moved = std::max(moved, term.update(residual, weight, noise));
    moved = std::max(moved, month.update(residual, weight, noise));
    for (auto& term : seasons) moved = std::max(moved, term.update(residual, weight, noise));

    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double variance = month.variance[month.cell[i]];
      for (const auto& term : levels) variance += term.variance[term.cell[i]];
      for (const auto& term : seasons) variance += term.variance[term.cell[i]];
      squares += weight[i] * (residual[i] * residual[i] + variance);
    }
    const double before = noise;
    noise = std::max(squares / out.total_weight_, least_noise);
    month.update_prior(season_scale);
    for (auto& term : seasons) term.update_prior(season_scale);
    if (moved < 1e-7 && std::abs(noise - before) < 1e-7 * noise) break;
  }

  out.intercept_ = mean;
  out.noise_sd_ = std::sqrt(noise);
  const auto keep = [](fitted_term& term) {
    return seasonality::term{std::move(term.mean), std::move(term.variance), std::move(term.weight)};
  };
  for (auto& term : levels) out.levels_.push_back(keep(term));
  out.month_ = keep(month);
  for (auto& term : seasons) out.seasons_.push_back(keep(term));
  return out;
}

seasonal_index seasonality::overall(unsigned month) const { return of(month, {}); }

seasonal_index seasonality::of(unsigned month, std::span<const std::uint32_t> codes) const {
  if (month >= months) reject("month", std::to_string(month), "give 0 (January) to 11 (December)");
  if (codes.size() > seasons_.size())
    reject("codes", std::to_string(codes.size()) + " codes",
           "give one for each of the first seasons, at most " + std::to_string(seasons_.size()));
  double effect = 0, variance = 0;
  seasonal_index out;
  const auto add = [&](const term& effects, std::size_t first) {
    if (first + months > effects.mean.size()) return;
    double average = 0, average_variance = 0;
    for (std::size_t m = 0; m < months; ++m) {
      average += effects.mean[first + m] / months;
      average_variance += effects.variance[first + m] / (months * months);
    }
    effect += effects.mean[first + month] - average;
    variance += effects.variance[first + month] * (1 - 2.0 / months) + average_variance;
    out.weight = effects.weight[first + month];
  };
  add(month_, 0);
  for (std::size_t s = 0; s < codes.size(); ++s) {
    out.weight = 0;
    add(seasons_[s], std::size_t{codes[s]} * months);
  }
  const double sd = std::sqrt(variance);
  out.index = std::exp(effect);
  out.low = std::exp(effect - z_ * sd);
  out.high = std::exp(effect + z_ * sd);
  return out;
}

double seasonality::log_level(std::span<const std::uint32_t> codes) const {
  double out = intercept_;
  for (std::size_t l = 0; l < codes.size() && l < levels_.size(); ++l)
    if (codes[l] < levels_[l].mean.size()) out += levels_[l].mean[codes[l]];
  return out;
}

}  // namespace clarion::stats
