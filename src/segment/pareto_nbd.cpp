#include "clarion/segment/pareto_nbd.hpp"

#include <algorithm>
#include <cmath>
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

class terms final : public purchase_terms {
public:
  explicit terms(std::span<const double> p) : r_(p[0]), alpha_(p[1]), s_(p[2]), beta_(p[3]) {}

  double alive(double x, double recency, double age) const override {
    return logistic(-kernels::pareto_odds({r_, alpha_, s_, beta_}, x, recency, age).value);
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

double pareto_log_likelihood(const distinct_histories& rows, kernels::pareto_terms kernel, std::span<const double> p,
                             std::span<double> slopes, const run_options& run) {
  const double r = p[0], alpha = p[1], n = rows.customers;
  const double value =
      sum_of_blocks(rows.size(), block, 2, slopes, run, [&](std::size_t begin, std::size_t end, std::span<double> part) {
        const auto sum = kernel(rows.x.data() + begin, rows.recency.data() + begin, rows.age.data() + begin,
                                rows.weight.data() + begin, end - begin, {r, alpha, p[2], p[3]});
        std::ranges::copy(sum.by, part.begin());
        return sum.value;
      });
  log_and_slopes bought;
  rising_walk to_buy(r);
  for (std::size_t g = 0; g < rows.groups(); ++g) bought.add(rows.group_weight[g], to_buy.to(rows.x[rows.group[g]]));
  slopes[0] += bought.slope + n * std::log(alpha);
  slopes[1] += n * r / alpha;
  slopes[4] += bought.curve;
  slopes[5] += n / alpha;
  slopes[6] -= n * r / (alpha * alpha);
  return value + bought.log + n * r * std::log(alpha);
}

purchase_model fit_pareto_nbd(const purchase_history& history, const purchase_fit_options& options, const run_options& run) {
  core::check_options(options);
  check_history(history);
  auto rows = collapsed(history, false, run);
  const double time = time_of(rows), purchases = purchases_of(rows), unit = time > 0 ? time / rows.customers : 1;
  fit_problem problem{{"r", "alpha", "s", "beta"}, {}, {1, unit, 1, unit}, {}, 0, rows.customers, rows.size()};
  if (!(purchases > 0))
    return {purchase_family::pareto_nbd,
            no_fit(problem, options,
                   "no customer bought again: how often they would buy and when they are lost cannot be told apart, and none of "
                   "r, alpha, s and beta is identified")};
  rescale(rows, unit);
  problem.shift = -purchases * std::log(unit);
  problem.start = {0.5, 0.35 * rows.customers / purchases, 0.6, 0.5};
  const auto kernel = kernels::choose_pareto_terms(core::permitted_simd());
  const auto samples = thinned(rows);
  const auto add = [&](const distinct_histories& of) {
    problem.levels.push_back([&of, kernel](std::span<const double> p, std::span<double> slopes, const run_options& how) {
      return pareto_log_likelihood(of, kernel, p, slopes, how);
    });
  };
  for (const auto& sample : samples) add(sample);
  add(rows);
  return {purchase_family::pareto_nbd, fit_parameters(problem, options, run)};
}

std::unique_ptr<const purchase_terms> pareto_terms(std::span<const double> p) { return std::make_unique<terms>(p); }

}  // namespace clarion::segment
