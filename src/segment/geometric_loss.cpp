#include "segment/geometric_loss.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <initializer_list>
#include <memory>

#include "kernels/lifetime.hpp"
#include "segment/distinct_histories.hpp"
#include "segment/fit_parameters.hpp"
#include "segment/purchase_terms.hpp"
#include "segment/quadrature.hpp"
#include "segment/special.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t block = 4096;
constexpr double never = -1e300;  // log odds of having been lost before there was a chance to

// E sum over j < K of (b)_j / (a + b)_j: purchases until the loss, K being those of one who is never lost, negative binomial with
// `size` and odds time / scale. All terms are positive.
double until_lost(double size, double scale, double a, double b, double time) {
  if (!(time > 0)) return 0;
  const double z = time / (scale + time);
  double log_p = -size * std::log1p(time / scale);  // of K = 0
  double p = 1, below = 1, tail = -std::expm1(log_p), kept = 1, sum = 0;
  // Where K = 0 is next to impossible the probabilities are kept times e^-log_p.
  constexpr double tiny = -300, ceiling = 1e200;
  bool scaled = log_p < tiny;
  if (!scaled) p = std::exp(log_p);
  constexpr double most = 4e6;
  double j = 0;
  for (; j < most; ++j) {
    sum += kept * tail;
    const double growth = (size + j) / (j + 1) * z;
    p *= growth;
    double mass = p;  // of K = j + 1
    if (scaled) {
      below += p;
      if (p > ceiling) {
        p /= ceiling;
        below /= ceiling;
        log_p += std::log(ceiling);
      }
      const double unit = log_p < -700 ? 0 : std::exp(log_p);
      tail = std::max(0.0, 1 - below * unit);
      mass = p * unit;
    } else {
      tail = std::max(0.0, tail - p);
    }
    kept *= (b + j) / (a + b + j);
    // The masses to come fall at least by this. They bound the rest; the tail, a difference from 1, stays where rounding left it.
    const double fall = std::max((size + j + 1) / (j + 2) * z, z);
    if (fall < 1 && kept * mass * fall <= 1e-16 * (1 - fall) * (1 - fall) * sum) return sum;
  }
  // Far out the sum is an integral (Euler and Maclaurin): over ln j, in panels.
  const auto term = [&](double at) {
    const double steps = at - j;
    return kept * std::exp(log_rising(b + j, steps).log - log_rising(a + b + j, steps).log) * boost::math::ibeta(at + 1, size, z);
  };
  double rest = 0.5 * term(j);
  for (double from = std::log(j); from < 700; from += 0.125) {
    double panel = 0;
    legendre::over(from, from + 0.125, [&](double y, double weight) { panel += weight * std::exp(y) * term(std::exp(y)); });
    rest += panel;
    if (panel <= 1e-12 * (sum + rest)) break;
  }
  return sum + rest;
}

class terms final : public purchase_terms {
public:
  terms(std::span<const double> p, bool first) : r_(p[0]), alpha_(p[1]), a_(p[2]), b_(p[3]), first_(first ? 1 : 0) {}

  double alive(double x, double recency, double age) const override {
    const double m = x + first_;
    if (m == 0) return 1;
    const double odds = std::log(a_ / (b_ + m - 1)) + (r_ + x) * std::log1p((age - recency) / (alpha_ + recency));
    return logistic(-odds);
  }
  double if_alive(double x, double age, double time) const override {
    return until_lost(r_ + x, alpha_ + age, a_, b_ + x + first_, time);
  }
  double newcomer(double time) const override {
    const double stays = first_ > 0 ? b_ / (a_ + b_) : 1;
    return stays * until_lost(r_, alpha_, a_, b_ + first_, time);
  }
  void probabilities(double time, std::span<double> out) const override {
    const double log_z = std::log(time / (alpha_ + time)), none = -r_ * std::log1p(time / alpha_);
    double tail = 1;  // that one who is never lost buys n times or more
    for (std::size_t k = 0; k < out.size(); ++k) {
      const auto n = static_cast<double>(k);
      const double p = k == 0 ? std::exp(none) : std::exp(log_rising(r_, n).log - log_gamma(n + 1).log + none + n * log_z);
      const double m = n + first_;
      const double kept = std::exp(log_rising(b_, m).log - log_rising(a_ + b_, m).log);
      out[k] = kept * p;
      // Lost after the n-th.
      if (m > 0) out[k] += kept * a_ / (b_ + m - 1) * tail;
      tail = std::max(0.0, tail - p);
    }
  }

private:
  double r_, alpha_, a_, b_, first_;
};

}  // namespace

// p: r, alpha, a, b. m = x + first purchases could have been the last.
double geometric_log_likelihood(const distinct_histories& rows, bool may_be_first, kernels::loss_terms kernel,
                                std::span<const double> p, std::span<double> slopes, const run_options& run) {
  const double r = p[0], alpha = p[1], a = p[2], b = p[3], first = may_be_first ? 1 : 0;
  const double shift = b + first - 1, log_a = std::log(a);
  std::vector<double> odds(rows.groups()), share(rows.groups());
  log_and_slopes by_r, by_b, by_sum;
  rising_walk to_buy(r), to_stay(b), to_be(a + b);
  for (std::size_t g = 0; g < rows.groups(); ++g) {
    const double x = rows.x[rows.group[g]], m = x + first, w = rows.group_weight[g];
    const auto &bought = to_buy.to(x), &kept = to_stay.to(m), &chances = to_be.to(m);
    by_r.add(w, bought);
    by_b.add(w, kept);
    by_sum.add(w, chances);
    odds[g] = m > 0 ? log_a - std::log(shift + x) : never;
    share[g] = m > 0 ? 1 / (shift + x) : 0;
  }
  double sums[15];
  double value =
      sum_of_blocks(rows.size(), block, 16, sums, run, [&](std::size_t begin, std::size_t end, std::span<double> part) {
        double at[block], shares[block];
        auto g = static_cast<std::size_t>(std::upper_bound(rows.group.begin(), rows.group.end(), begin) - rows.group.begin() - 1);
        for (std::size_t i = begin; i < end; ++g)
          for (const std::size_t last = std::min(end, rows.group[g + 1]); i < last; ++i) {
            at[i - begin] = odds[g];
            shares[i - begin] = share[g];
          }
        const auto s = kernel(rows.x.data() + begin, rows.recency.data() + begin, rows.age.data() + begin,
                              rows.weight.data() + begin, at, shares, end - begin, r, alpha);
        std::ranges::copy(std::initializer_list<double>{s.by_r, s.by_alpha, s.lost, s.by_shift, s.share_squares}, part.begin());
        std::ranges::copy(s.curve, part.begin() + 5);
        return s.log_likelihood;
      });
  const double n = rows.customers, lost = sums[2], *curve = sums + 5;
  slopes[0] = by_r.slope + n * std::log(alpha) + sums[0];
  slopes[1] = n * r / alpha + sums[1];
  slopes[2] = lost / a - by_sum.slope;
  slopes[3] = by_b.slope - by_sum.slope - sums[3];
  // The odds of loss rise with ln a and fall with b, by the share.
  slopes[4] = by_r.curve + curve[0];
  slopes[5] = n / alpha + curve[1];
  slopes[6] = curve[2] - n * r / (alpha * alpha);
  slopes[7] = curve[3] / a;
  slopes[8] = curve[4] / a;
  slopes[9] = (curve[5] - lost) / (a * a) - by_sum.curve;
  slopes[10] = -curve[6];
  slopes[11] = -curve[7];
  slopes[12] = -curve[8] / a - by_sum.curve;
  slopes[13] = by_b.curve - by_sum.curve + curve[9] + sums[4];
  return value + by_r.log + by_b.log - by_sum.log + n * r * std::log(alpha);
}

parameter_fit fit_geometric(const purchase_history& history, bool first, const purchase_fit_options& options,
                            const run_options& run) {
  core::check_options(options);
  check_history(history);
  auto rows = collapsed(history, false, run);
  const double time = time_of(rows), purchases = purchases_of(rows), unit = time > 0 ? time / rows.customers : 1;
  fit_problem problem{{"r", "alpha", "a", "b"}, {}, {1, unit, 1, 1}, {}, 0, rows.customers, rows.size()};
  if (!(purchases > 0))
    return no_fit(
        problem, options,
        "no customer bought again: how often they would buy and when they are lost cannot be told apart, and none of r, "
        "alpha, a and b is identified");
  rescale(rows, unit);
  problem.shift = -purchases * std::log(unit);
  problem.start = {0.5, 0.35 * rows.customers / purchases, 1, 3};
  const auto kernel = kernels::choose_loss_terms(core::permitted_simd());
  const auto samples = thinned(rows);
  const auto add = [&](const distinct_histories& of) {
    problem.levels.push_back([&of, first, kernel](std::span<const double> p, std::span<double> slopes, const run_options& how) {
      return geometric_log_likelihood(of, first, kernel, p, slopes, how);
    });
  };
  for (const auto& sample : samples) add(sample);
  add(rows);
  return fit_parameters(problem, options, run);
}

std::unique_ptr<const purchase_terms> geometric_terms(std::span<const double> p, bool first) {
  return std::make_unique<terms>(p, first);
}

}  // namespace clarion::segment
