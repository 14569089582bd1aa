#include "clarion/segment/beta_binomial.hpp"

#include <cmath>
#include <limits>
#include <memory>

#include "segment/distinct_histories.hpp"
#include "segment/fit_parameters.hpp"
#include "segment/minimize.hpp"
#include "segment/purchase_terms.hpp"
#include "segment/special.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t block = 256;

struct odds_and_slopes {
  double log = -std::numeric_limits<double>::infinity();
  double by[slopes_of(4)] = {};
};

// Odds of having been lost before one of the occasions after the last purchase: the sum over them of what was survived until
// then, against all of it. p: alpha, beta, gamma, delta.
odds_and_slopes odds_of_loss(std::span<const double> p, double x, double recency, double occasions) {
  odds_and_slopes out;
  if (!(occasions > recency)) return out;
  const double alpha = p[0], beta = p[1], gamma = p[2], delta = p[3];
  const double left = occasions - recency, missed = recency - x;
  // Each term is what follows it that was not survived and not missed: rising products from occasion m to the last.
  const auto beta_rest = log_rising(beta + missed, left), both_rest = log_rising(alpha + beta + recency, left);
  const auto stay_rest = log_rising(delta + recency, left), life_rest = log_rising(gamma + delta + recency, left);
  const double life = gamma + delta + recency;
  // The first term over the survival of all.
  const double first = -beta_rest.log + both_rest.log - stay_rest.log + life_rest.log + std::log(gamma / life);
  double term = 1, sum = 0;
  // Slopes of the logarithm of a term.
  double by[4] = {both_rest.slope, both_rest.slope - beta_rest.slope, life_rest.slope + 1 / gamma - 1 / life,
                  life_rest.slope - stay_rest.slope - 1 / life};
  // How they change with alpha and beta, less with beta alone; with gamma and delta, less with delta alone.
  double both_curve = both_rest.curve, beta_curve = beta_rest.curve, life_curve = life_rest.curve + 1 / (life * life),
         stay_curve = stay_rest.curve;
  for (double i = 0; i < left; ++i) {
    sum += term;
    const double bend[10] = {both_curve, both_curve, both_curve - beta_curve, 0, 0, life_curve - 1 / (gamma * gamma), 0,
                             0,          life_curve, life_curve - stay_curve};
    for (std::size_t a = 0, k = 0; a < 4; ++a) {
      out.by[a] += term * by[a];
      for (std::size_t b = 0; b <= a; ++b, ++k) out.by[4 + k] += term * (by[a] * by[b] + bend[k]);
    }
    if (term < 1e-20 * sum) break;  // terms fall
    const double miss = beta + missed + i, chance = alpha + beta + recency + i, stay = delta + recency + i, next = life + i + 1;
    term *= miss / chance * (stay / next);
    by[0] -= 1 / chance;
    by[1] += 1 / miss - 1 / chance;
    by[2] -= 1 / next;
    by[3] += 1 / stay - 1 / next;
    both_curve += 1 / (chance * chance);
    beta_curve += 1 / (miss * miss);
    life_curve += 1 / (next * next);
    stay_curve += 1 / (stay * stay);
  }
  for (double& slope : out.by) slope /= sum;
  for (std::size_t a = 0, k = 4; a < 4; ++a)
    for (std::size_t b = 0; b <= a; ++b, ++k) out.by[k] -= out.by[a] * out.by[b];
  out.log = first + std::log(sum);
  return out;
}

class terms final : public purchase_terms {
public:
  explicit terms(std::span<const double> p) : p_{p[0], p[1], p[2], p[3]} {}

  double alive(double x, double recency, double occasions) const override {
    const double now = logistic(-odds_of_loss(p_, x, recency, occasions).log);
    return now * (p_[3] + occasions) / (p_[2] + p_[3] + occasions);  // and at the next occasion
  }
  double if_alive(double x, double occasions, double time) const override {
    return (p_[0] + x) / (p_[0] + p_[1] + occasions) * stays(occasions + 1, time);
  }
  double newcomer(double time) const override { return p_[0] / (p_[0] + p_[1]) * (p_[3] / (p_[2] + p_[3])) * stays(1, time); }
  void probabilities(double time, std::span<double> out) const override {
    const double alpha = p_[0], beta = p_[1], gamma = p_[2], delta = p_[3];
    // C(m, n) B(alpha + n, beta + m - n) / B(alpha, beta)
    const auto buys = [&](double m, double n) {
      const double choose = log_gamma(m + 1).log - log_gamma(n + 1).log - log_gamma(m - n + 1).log;
      return choose + log_rising(alpha, n).log + log_rising(beta, m - n).log - log_rising(alpha + beta, m).log;
    };
    for (std::size_t k = 0; k < out.size(); ++k) {
      const auto n = static_cast<double>(k);
      out[k] = 0;
      for (double m = n; m <= time; ++m) {
        const double lives = log_rising(delta, m).log - log_rising(gamma + delta, m).log;
        const double dies = m < time ? std::log(gamma / (gamma + delta + m)) : 0;
        out[k] += std::exp(buys(m, n) + lives + dies);
      }
    }
  }

private:
  // Sum over occasions from, from + 1, ..., `count` of them, of the probability to live at them given life at the first.
  double stays(double from, double count) const {
    double lives = 1, sum = 0;
    for (double j = 0; j < count; ++j) {
      sum += lives;
      lives *= (p_[3] + from + j) / (p_[2] + p_[3] + from + j);
    }
    return sum;
  }
  double p_[4];
};

}  // namespace

double binomial_log_likelihood(const distinct_histories& rows, std::span<const double> p, std::span<double> slopes,
                               const run_options& run) {
  const double alpha = p[0], beta = p[1], gamma = p[2], delta = p[3];
  return sum_of_blocks(rows.size(), block, 4, slopes, run, [&](std::size_t begin, std::size_t end, std::span<double> part) {
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const double w = rows.weight[i], x = rows.x[i], n = rows.age[i];
      const auto bought = log_rising(alpha, x), missed = log_rising(beta, n - x), both = log_rising(alpha + beta, n);
      const auto stayed = log_rising(delta, n), life = log_rising(gamma + delta, n);
      const auto lost = odds_of_loss(p, x, rows.recency[i], n);
      const double chance = logistic(lost.log);
      sum += w * (bought.log + missed.log - both.log + stayed.log - life.log + log1p_exp(lost.log));
      part[0] += w * (bought.slope - both.slope);
      part[1] += w * (missed.slope - both.slope);
      part[2] -= w * life.slope;
      part[3] += w * (stayed.slope - life.slope);
      part[4] += w * (bought.curve - both.curve);
      part[5] -= w * both.curve;
      part[6] += w * (missed.curve - both.curve);
      part[9] -= w * life.curve;
      part[12] -= w * life.curve;
      part[13] += w * (stayed.curve - life.curve);
      for (std::size_t a = 0, k = 4; a < 4; ++a) {
        part[a] += w * chance * lost.by[a];
        for (std::size_t b = 0; b <= a; ++b, ++k) part[k] += w * chance * (lost.by[k] + (1 - chance) * lost.by[a] * lost.by[b]);
      }
    }
    return sum;
  });
}

purchase_model fit_beta_binomial(const purchase_history& history, const purchase_fit_options& options, const run_options& run) {
  core::check_options(options);
  check_history(history, true);
  const auto rows = collapsed(history, false, run);
  fit_problem problem{{"alpha", "beta", "gamma", "delta"}, {1, 1, 0.5, 3}, {1, 1, 1, 1}, {}, 0, rows.customers, rows.size()};
  if (!(purchases_of(rows) > 0))
    return {
        purchase_family::beta_binomial,
        no_fit(problem, options,
               "no customer bought at any occasion: those who do not buy and those who are lost cannot be told apart, and none "
               "of alpha, beta, gamma and delta is identified")};
  problem.levels = {[&rows](std::span<const double> p, std::span<double> slopes, const run_options& how) {
    return binomial_log_likelihood(rows, p, slopes, how);
  }};
  return {purchase_family::beta_binomial, fit_parameters(problem, options, run)};
}

std::unique_ptr<const purchase_terms> binomial_terms(std::span<const double> p) { return std::make_unique<terms>(p); }

}  // namespace clarion::segment
