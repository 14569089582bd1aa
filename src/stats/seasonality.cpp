#include "clarion/stats/seasonality.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/stats/distributions.hpp"

namespace clarion::stats {

namespace {

constexpr std::size_t months = 12;

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

// Codes in the order of their first use.
struct compact {
  std::vector<std::uint32_t> code;
  std::unordered_map<std::uint64_t, std::uint32_t> known;

  void add(std::uint64_t key) { code.push_back(known.try_emplace(key, static_cast<std::uint32_t>(known.size())).first->second); }
};

}  // namespace

seasonality fit_seasonality(const seasonal_data& data, const seasonal_options& options) {
  core::check_options(options);
  const auto of = check(data);
  const std::size_t n = data.log_rate.size(), parts = of.observation.size();

  seasonality out;
  out.size_ = n;
  out.coverage_ = options.coverage;
  std::vector<compact> groups;
  std::vector<factor> factors;
  groups.reserve(1 + 2 * data.seasons.size() + data.levels.size());
  const auto add = [&](double sd, double weight, auto&& key_of_part) {
    auto& group = groups.emplace_back();
    for (std::size_t e = 0; e < parts; ++e) group.add(key_of_part(e));
    factors.push_back({group.code, group.known.size(), sd, weight, of.share, of.observation});
  };
  // Two cells' worth of belief: no season is taken for granted, and none is ruled out.
  constexpr double cells = 2;
  add(options.prior_sd, cells, [&](std::size_t e) { return std::uint64_t{data.month[e]}; });
  for (const auto& codes : data.seasons)
    add(options.prior_sd, cells, [&](std::size_t e) { return std::uint64_t{codes[e]} * months + data.month[e]; });
  for (auto& group : groups) {
    auto& term = out.terms_.emplace_back();
    term.weight.assign(group.known.size(), 0.0);
    for (std::size_t e = 0; e < parts; ++e) term.weight[group.code[e]] += of.share[e];
    term.cell = group.known;
  }
  for (const auto& codes : data.seasons) add(options.prior_sd, cells, [&](std::size_t e) { return std::uint64_t{codes[e]}; });

  const double mean = std::accumulate(data.log_rate.begin(), data.log_rate.end(), 0.0) / static_cast<double>(n);
  double total = 0;
  for (const double rate : data.log_rate) total += (rate - mean) * (rate - mean) / static_cast<double>(n);
  if (n < 2 || !(total > 1e-20 * (1 + mean * mean))) {
    // Nothing to learn from: what is believed stands.
    for (auto& term : out.terms_) term.cell.clear();
    out.fit_.variance.assign(factors.size(), options.prior_sd * options.prior_sd);
    out.fit_.effect.resize(factors.size());
    out.fit_.covariance = {0};
    out.fit_.log_variance_covariance.assign((factors.size() + 1) * (factors.size() + 1), 0.0);
    return out;
  }
  // What is true all year round may be anything that the rates themselves span.
  const double wide = std::sqrt(std::max(4 * total, options.prior_sd * options.prior_sd));
  for (const auto& codes : data.levels)
    add(wide, std::numeric_limits<double>::infinity(), [&](std::size_t e) { return std::uint64_t{codes[e]}; });
  const std::vector<double> ones(n, 1.0);
  out.fit_ = fit_random_effects(
      data.log_rate, ones, factors,
      {.iterations = options.iterations, .tolerance = 0.005, .huber = options.huber, .biweight = 0, .interior = 0},
      data.covariates);
  return out;
}

double seasonality::noise_sd() const { return std::sqrt(fit_.residual_variance); }

seasonal_index seasonality::overall(unsigned month) const { return of(month, std::span<const seasonal_share>{}); }

seasonal_index seasonality::of(unsigned month, std::span<const std::uint32_t> codes) const {
  if (codes.size() >= terms_.size())
    reject("codes", std::to_string(codes.size()) + " codes",
           "give one for each of the first seasons, at most " + std::to_string(terms_.size() - 1));
  // The finest group first: the weight is that of its cell.
  std::vector<seasonal_share> groups;
  for (std::size_t s = codes.size(); s-- > 0;)
    if (codes[s] != any) groups.push_back({static_cast<std::uint32_t>(s), codes[s], 1});
  return of(month, groups);
}

seasonal_index seasonality::of(unsigned month, std::span<const seasonal_share> groups) const {
  if (month >= months) reject("month", std::to_string(month), "give 0 (January) to 11 (December)");
  seasonal_index out;
  std::vector<loading> at;
  // A month of a group against the mean of its twelve.
  const auto add = [&](std::size_t number, std::uint64_t first, double share) {
    const auto& cells = terms_[number];
    double weight = 0;
    for (unsigned m = 0; m < months; ++m) {
      const auto seen = cells.cell.find(first + m);
      const auto level = seen == cells.cell.end() ? no_level : seen->second;
      at.push_back({static_cast<std::uint32_t>(number), level, share * ((m == month ? 1.0 : 0.0) - 1.0 / months)});
      if (m == month && level != no_level) weight = cells.weight[level];
    }
    return weight;
  };
  out.weight = add(0, 0, 1);
  bool first = true;
  for (const auto& group : groups) {
    if (group.season + 1 >= terms_.size())
      reject("season", std::to_string(group.season), "give numbers below " + std::to_string(terms_.size() - 1));
    const double weight = add(group.season + 1, std::uint64_t{group.code} * months, group.share);
    if (first) out.weight = weight;
    first = false;
  }
  const std::vector<double> no_covariates(fit_.slope.size(), 0.0);
  const auto effect = fit_.combine(at, no_covariates, 0, 0);
  const double reach = student_quantile(0.5 + coverage_ / 2, effect.degrees_of_freedom) * effect.sd;
  out.index = std::exp(effect.value);
  out.low = std::exp(effect.value - reach);
  out.high = std::exp(effect.value + reach);
  return out;
}

}  // namespace clarion::stats
