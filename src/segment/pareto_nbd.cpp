#include "clarion/segment/pareto_nbd.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "segment/distinct_histories.hpp"
#include "segment/fit_parameters.hpp"
#include "segment/purchase_terms.hpp"
#include "segment/quadrature.hpp"
#include "segment/special.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t block = 512;

struct loss_odds {
  double log = -std::numeric_limits<double>::infinity();
  double by_r = 0, by_alpha = 0, by_s = 0, by_beta = 0;  // of the logarithm
};

// Odds of having been lost in (recency, age]: the integral over that time u of
// s ((alpha + age) / (alpha + u))^rate ((beta + age) / (beta + u))^s / (beta + u). With u on the scale of ln(min(alpha, beta) +
// u) the nearest singularity is pi away, and panels are as wide as the integrand is smooth.
loss_odds odds_of_loss(double rate, double alpha, double s, double beta, double recency, double age) {
  loss_odds out;
  if (!(age > recency)) return out;
  const bool by_alpha = alpha < beta;
  const double base = std::min(alpha, beta) + recency;
  const double a = alpha + recency, b = beta + recency;
  const double length = std::log1p((age - recency) / base);
  const double log_a = std::log1p((age - recency) / a), log_b = std::log1p((age - recency) / b);
  double sum = 0, sum_a = 0, sum_b = 0, over_a = 0, over_b = 0;
  double from = 0;
  while (from < length) {
    const double e = base * std::exp(from), v = e - base;
    const double steep = rate * e / (a + v) + s * e / (b + v);
    const double to = std::min(length, from + std::min(1.0, 4 / steep));
    legendre::over(from, to, [&](double y, double weight) {
      const double past = base * std::expm1(y), in_a = a + past, in_b = b + past;
      const double y_a = by_alpha ? y : std::log1p(past / a), y_b = by_alpha ? std::log1p(past / b) : y;
      const double w = weight * std::exp(-rate * y_a - s * y_b) * (base + past) / in_b;
      sum += w;
      sum_a += w * y_a;
      sum_b += w * y_b;
      over_a += w / in_a;
      over_b += w / in_b;
    });
    const double past = base * std::expm1(to);
    if (rate * std::log1p(past / a) + s * std::log1p(past / b) > 40) break;
    from = to;
  }
  out.log = std::log(s) + rate * log_a + s * log_b + std::log(sum);
  out.by_r = log_a - sum_a / sum;
  out.by_alpha = rate * (1 / (alpha + age) - over_a / sum);
  out.by_s = 1 / s + log_b - sum_b / sum;
  out.by_beta = s / (beta + age) - (s + 1) * over_b / sum;
  return out;
}

class terms final : public purchase_terms {
public:
  explicit terms(std::span<const double> p) : r_(p[0]), alpha_(p[1]), s_(p[2]), beta_(p[3]) {}

  double alive(double x, double recency, double age) const override {
    return logistic(-odds_of_loss(r_ + x, alpha_, s_, beta_, recency, age).log);
  }
  double if_alive(double x, double age, double time) const override {
    const double passed = std::log1p(time / (beta_ + age));
    return (r_ + x) / (alpha_ + age) * (beta_ + age) * passed * one_less_exp_over((s_ - 1) * passed);
  }
  double newcomer(double time) const override { return if_alive(0, 0, time); }
  void probabilities(double time, std::span<double> out) const override {
    std::fill(out.begin(), out.end(), 0.0);
    // weight x the negative binomial probabilities of what is bought in u
    const auto add = [&](double u, double weight) {
      double p = weight * std::exp(-r_ * std::log1p(u / alpha_));
      const double z = u / (alpha_ + u);
      for (std::size_t n = 0; n < out.size(); ++n) {
        out[n] += p;
        p *= (r_ + static_cast<double>(n)) / static_cast<double>(n + 1) * z;
      }
    };
    add(time, std::exp(-s_ * std::log1p(time / beta_)));
    const double base = std::min(alpha_, beta_), length = std::log1p(time / base);
    for (double from = 0; from < length;) {
      const double to = std::min(length, from + std::min(0.5, 4 / (r_ + s_)));
      legendre::over(from, to, [&](double y, double weight) {
        const double u = base * std::expm1(y);
        add(u, weight * (base + u) * s_ / (beta_ + u) * std::exp(-s_ * std::log1p(u / beta_)));
      });
      from = to;
    }
  }

private:
  double r_, alpha_, s_, beta_;
};

}  // namespace

double pareto_log_likelihood(const distinct_histories& rows, std::span<const double> p, std::span<double> gradient,
                             const run_options& run) {
  const double r = p[0], alpha = p[1], s = p[2], beta = p[3];
  double value =
      sum_of_blocks(rows.size(), block, 2, gradient, run, [&](std::size_t begin, std::size_t end, std::span<double> part) {
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i) {
          const double w = rows.weight[i], rate = r + rows.x[i], age = rows.age[i];
          const double in_alpha = alpha + age, in_beta = beta + age, log_alpha = std::log(in_alpha),
                       log_beta = std::log1p(age / beta);
          const auto lost = odds_of_loss(rate, alpha, s, beta, rows.recency[i], age);
          const double chance = logistic(lost.log);
          sum += w * (log1p_exp(lost.log) - rate * log_alpha - s * log_beta);
          part[0] += w * (chance * lost.by_r - log_alpha);
          part[1] += w * (chance * lost.by_alpha - rate / in_alpha);
          part[2] += w * (chance * lost.by_s - log_beta);
          part[3] += w * (chance * lost.by_beta + s * age / (beta * in_beta));
        }
        return sum;
      });
  rising_walk to_buy(r);
  for (std::size_t g = 0; g < rows.groups(); ++g) {
    const auto& bought = to_buy.to(rows.x[rows.group[g]]);
    value += rows.group_weight[g] * bought.log;
    gradient[0] += rows.group_weight[g] * bought.slope;
  }
  value += rows.customers * r * std::log(alpha);
  gradient[0] += rows.customers * std::log(alpha);
  gradient[1] += rows.customers * r / alpha;
  return value;
}

purchase_model fit_pareto_nbd(const purchase_history& history, const purchase_fit_options& options, const run_options& run) {
  core::check_options(options);
  check_history(history);
  auto rows = collapsed(history, false, run);
  const double time = time_of(rows), purchases = purchases_of(rows), unit = time > 0 ? time / rows.customers : 1;
  fit_problem problem{{"r", "alpha", "s", "beta"}, {}, {1, unit, 1, unit}, {}, {}, 0, rows.customers, rows.size()};
  if (!(purchases > 0))
    return {purchase_family::pareto_nbd,
            no_fit(problem, options,
                   "no customer bought again: how often they would buy and when they are lost cannot be told apart, and none of "
                   "r, alpha, s and beta is identified")};
  rescale(rows, unit);
  problem.shift = -purchases * std::log(unit);
  problem.start = {0.5, 0.35 * rows.customers / purchases, 0.6, 0.5};
  problem.all = [&rows](std::span<const double> p, std::span<double> gradient, const run_options& how) {
    return pareto_log_likelihood(rows, p, gradient, how);
  };
  distinct_histories few;
  if (rows.size() > 1024) {
    few = thinned(rows, 512);
    problem.few = [&few](std::span<const double> p, std::span<double> gradient, const run_options& how) {
      return pareto_log_likelihood(few, p, gradient, how);
    };
  }
  return {purchase_family::pareto_nbd, fit_parameters(problem, options, run)};
}

std::unique_ptr<const purchase_terms> pareto_terms(std::span<const double> p) { return std::make_unique<terms>(p); }

}  // namespace clarion::segment
