#include "clarion/stats/seasonality.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"

namespace clarion::stats {

namespace {

constexpr std::size_t months = 12;
using matrix = Eigen::MatrixXd;
using vector = Eigen::VectorXd;

// The parts of the observations, with what was left empty filled in.
struct parts {
  std::vector<std::uint32_t> observation;
  std::vector<double> share;
};

parts check(const seasonal_data& data) {
  const std::size_t n = data.log_rate.size(), m = data.month.size();
  const auto same_length = [](const char* field, std::size_t length, std::size_t wanted) {
    if (length != wanted) reject(field, std::to_string(length) + " values", "give " + std::to_string(wanted));
  };
  parts out;
  if (data.observation.empty()) {
    same_length("month", m, n);
    out.observation.resize(n);
    std::iota(out.observation.begin(), out.observation.end(), 0u);
  } else {
    same_length("observation", data.observation.size(), m);
    out.observation.assign(data.observation.begin(), data.observation.end());
  }
  if (data.share.empty()) {
    out.share.assign(m, 1.0);
  } else {
    same_length("share", data.share.size(), m);
    out.share.assign(data.share.begin(), data.share.end());
  }
  for (const auto& values : data.covariates) {
    same_length("covariates", values.size(), n);
    for (const double value : values)
      if (!std::isfinite(value)) reject("covariates", std::to_string(value), "leave the observation out");
  }
  for (const auto& codes : data.levels) same_length("levels", codes.size(), m);
  for (const auto& codes : data.seasons) same_length("seasons", codes.size(), m);
  for (const double value : data.log_rate)
    if (!std::isfinite(value)) reject("log_rate", std::to_string(value), "leave the observation out");
  std::vector<bool> seen(n);
  for (std::size_t e = 0; e < m; ++e) {
    if (data.month[e] >= months) reject("month", std::to_string(data.month[e]), "give 0 (January) to 11 (December)");
    if (!(out.share[e] > 0 && std::isfinite(out.share[e])))
      reject("share", std::to_string(out.share[e]), "give a positive number");
    if (out.observation[e] >= n)
      reject("observation", std::to_string(out.observation[e]), "give one of the " + std::to_string(n) + " observations");
    seen[out.observation[e]] = true;
  }
  for (std::size_t i = 0; i < n; ++i)
    if (!seen[i]) reject("observation", "none for " + std::to_string(i), "give each observation a part");
  return out;
}

}  // namespace

seasonality fit_seasonality(const seasonal_data& data, const seasonal_options& options) {
  core::check_options(options);
  const auto of = check(data);
  const std::size_t n = data.log_rate.size();
  const auto size = static_cast<Eigen::Index>(n);
  using member = seasonality::member;

  seasonality out;
  out.z_ = boost::math::quantile(boost::math::normal(), 0.5 + options.coverage / 2);

  // Cells of a term: the observations in each, with the share that they have there.
  const auto cells_of = [&](auto&& cell_of_part) {
    std::vector<std::vector<member>> cells;
    for (std::size_t e = 0; e < of.observation.size(); ++e) {
      const std::size_t cell = cell_of_part(e);
      if (cell >= cells.size()) cells.resize(cell + 1);
      auto& list = cells[cell];
      const auto at = std::ranges::find(list, of.observation[e], &member::observation);
      if (at == list.end())
        list.push_back({of.observation[e], of.share[e]});
      else
        at->share += of.share[e];
    }
    return cells;
  };
  const auto kernel_of = [&](const std::vector<std::vector<member>>& cells) {
    matrix kernel = matrix::Zero(size, size);
    for (const auto& cell : cells)
      for (const auto& a : cell)
        for (const auto& b : cell) kernel(a.observation, b.observation) += a.share * b.share;
    return kernel;
  };

  const double season_variance = options.prior_sd * options.prior_sd;
  out.terms_.push_back({season_variance, cells_of([&](std::size_t e) { return std::size_t{data.month[e]}; })});
  for (const auto& codes : data.seasons)
    out.terms_.push_back({season_variance, cells_of([&](std::size_t e) { return codes[e] * months + data.month[e]; })});
  if (n == 0) return out;

  const vector rate = Eigen::Map<const vector>(data.log_rate.data(), size);
  const double mean = rate.mean();
  const vector centred = rate.array() - mean;
  const double total = centred.squaredNorm() / static_cast<double>(n);
  // What is true all year round may be anything that the rates themselves span.
  const double wide = std::max(4 * total, season_variance);
  matrix fixed = matrix::Constant(size, size, wide);
  for (const auto& values : data.covariates) {
    const vector x = Eigen::Map<const vector>(values.data(), size);
    const vector deviation = x.array() - x.mean();
    const double spread = deviation.squaredNorm() / static_cast<double>(n);
    if (spread > 0) fixed.noalias() += wide / spread * deviation * deviation.transpose();
  }
  const auto level_of = [&](std::span<const std::uint32_t> codes) {
    return kernel_of(cells_of([&](std::size_t e) { return std::size_t{codes[e]}; }));
  };
  for (const auto& codes : data.levels) fixed += wide * level_of(codes);

  // Month, seasons, then the levels of the seasons: each with a variance of its own.
  std::vector<matrix> kernels;
  for (const auto& term : out.terms_) kernels.push_back(kernel_of(term.cells));
  for (const auto& codes : data.seasons) kernels.push_back(level_of(codes));
  std::vector<double> variances(kernels.size(), season_variance);

  const double least_noise = std::max(1e-6, 1e-4 * season_variance);
  double noise = std::max(std::min(total / 4, 4 * season_variance), least_noise);
  vector weight = vector::Ones(size);
  matrix precision;
  vector alpha;
  const auto solve = [&] {
    matrix covariance = fixed;
    for (std::size_t t = 0; t < kernels.size(); ++t) covariance += variances[t] * kernels[t];
    covariance.diagonal().array() += noise / weight.array();
    precision = covariance.llt().solve(matrix::Identity(size, size));
    alpha = precision * centred;
  };
  const int rounds = options.huber > 0 ? 3 : 1;
  for (int round = 0; round < rounds; ++round) {
    for (std::uint32_t step = 0; step < options.iterations; ++step) {
      solve();
      double moved = 0;
      for (std::size_t t = 0; t < kernels.size(); ++t) {
        auto& variance = variances[t];
        const double trace = precision.cwiseProduct(kernels[t]).sum();
        const double fit = variance * variance * alpha.dot(kernels[t] * alpha);
        // Maximum of the minorising function plus the log prior, whose mode is season_variance.
        const double next = (-1 + std::sqrt(1 + trace * (fit + 2 * season_variance))) / std::max(trace, 1e-300);
        moved = std::max(moved, std::abs(std::log(next / variance)));
        variance = next;
      }
      const double trace = (precision.diagonal().array() / weight.array()).sum();
      const double fit = noise * noise * (alpha.array().square() / weight.array()).sum();
      const double next = std::max(std::sqrt(fit / trace), least_noise);
      moved = std::max(moved, std::abs(std::log(next / noise)));
      noise = next;
      if (moved < 0.005) break;
    }
    if (round + 1 < rounds) {
      solve();
      const double scale = options.huber * std::sqrt(noise);
      for (Eigen::Index i = 0; i < size; ++i) {
        const double residual = std::abs(noise / weight[i] * alpha[i]);
        weight[i] = residual > scale ? scale / residual : 1.0;
      }
    }
  }
  solve();

  for (std::size_t t = 0; t < out.terms_.size(); ++t) out.terms_[t].variance = variances[t];
  out.noise_sd_ = std::sqrt(noise);
  out.alpha_.assign(alpha.data(), alpha.data() + n);
  out.precision_.assign(precision.data(), precision.data() + n * n);
  return out;
}

seasonal_index seasonality::overall(unsigned month) const { return of(month, {}); }

seasonal_index seasonality::of(unsigned month, std::span<const std::uint32_t> codes) const {
  if (month >= months) reject("month", std::to_string(month), "give 0 (January) to 11 (December)");
  if (codes.size() >= terms_.size())
    reject("codes", std::to_string(codes.size()) + " codes",
           "give one for each of the first seasons, at most " + std::to_string(terms_.size() - 1));
  const std::size_t n = alpha_.size();
  std::vector<double> covariance(n);
  double prior = 0;
  seasonal_index out;
  const auto add = [&](const term& effects, std::size_t first) {
    prior += effects.variance * (1 - 1.0 / months);
    out.weight = 0;
    for (std::size_t m = 0; m < months; ++m) {
      if (first + m >= effects.cells.size()) break;
      const double coefficient = effects.variance * ((m == month ? 1.0 : 0.0) - 1.0 / months);
      for (const auto& at : effects.cells[first + m]) {
        covariance[at.observation] += coefficient * at.share;
        if (m == month) out.weight += at.share;
      }
    }
  };
  add(terms_[0], 0);
  for (std::size_t s = 0; s < codes.size(); ++s)
    if (codes[s] != any) add(terms_[s + 1], std::size_t{codes[s]} * months);
  double effect = 0, explained = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (covariance[i] == 0) continue;
    effect += covariance[i] * alpha_[i];
    const double* row = precision_.data() + i * n;
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += row[j] * covariance[j];
    explained += covariance[i] * sum;
  }
  const double sd = std::sqrt(std::max(prior - explained, 0.0));
  out.index = std::exp(effect);
  out.low = std::exp(effect - z_ * sd);
  out.high = std::exp(effect + z_ * sd);
  return out;
}

}  // namespace clarion::stats
