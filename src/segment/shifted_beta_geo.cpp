#include "clarion/segment/shifted_beta_geo.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"
#include "segment/distinct_histories.hpp"
#include "segment/fit_parameters.hpp"
#include "segment/special.hpp"

namespace clarion::segment {

namespace {

// 2F1(1, b; c; z), c > b > 0, by Gauss's continued fraction (Lentz's algorithm), which converges for every z < 1.
double hypergeometric_from_one(double b, double c, double z) {
  constexpr double tiny = 1e-300;
  double f = 1, up = 1, down = 0;
  for (double k = 1; k < 2e7; ++k) {
    const double m = std::floor(k / 2);
    const double odd = (b + m) * (c + m - 1) / ((c + 2 * m - 1) * (c + 2 * m));
    const double even = m * (c - b + m - 1) / ((c + 2 * m - 2) * (c + 2 * m - 1));
    const double step = -z * (std::fmod(k, 2) == 1 ? odd : even);
    down = 1 + step * down;
    if (down == 0) down = tiny;
    up = 1 + step / up;
    if (up == 0) up = tiny;
    down = 1 / down;
    const double change = up * down;
    f *= change;
    if (std::abs(change - 1) < 1e-15) break;
  }
  return 1 / f;
}

double log_survival(double alpha, double beta, double t) { return log_rising(beta, t).log - log_rising(alpha + beta, t).log; }

}  // namespace

parameter_fit fit_shifted_beta_geo(std::span<const std::vector<double>> cohorts, const purchase_fit_options& options,
                                   const run_options& run) {
  core::check_options(options);
  if (cohorts.empty()) reject("survivors", "no cohort", "give at least one");
  // Over all cohorts: lost in period t, and still there after t.
  std::vector<double> lost, kept;
  fit_problem problem{{"alpha", "beta"}, {1, 1}, {1, 1}, {}, 0, 0, 0};
  for (std::size_t c = 0; c < cohorts.size(); ++c) {
    const auto& left = cohorts[c];
    const std::string name = cohorts.size() == 1 ? "survivors" : "survivors of cohort " + std::to_string(c);
    if (left.size() < 2) reject(name, std::to_string(left.size()) + " counts", "give those at the start and after one period");
    check_column(name, left, left.size());
    lost.resize(std::max(lost.size(), left.size()));
    kept.resize(lost.size());
    for (std::size_t t = 1; t < left.size(); ++t) {
      if (left[t] > left[t - 1]) reject(name, at_row(left[t], t), "give counts that do not grow");
      lost[t] += left[t - 1] - left[t];
    }
    kept[left.size() - 1] += left.back();
    problem.customers += left.front();
    problem.distinct += left.size() - 1;
  }
  double all_lost = 0, all_kept = 0, periods = 0;
  for (std::size_t t = 0; t < lost.size(); ++t) {
    all_lost += lost[t];
    all_kept += kept[t];
    periods += static_cast<double>(t) * (lost[t] + kept[t]);
  }
  if (!(problem.customers > 0)) return no_fit(problem, options, "no customer at the start: neither alpha nor beta is identified");
  if (all_lost == 0) return no_fit(problem, options, "no customer was lost: neither alpha nor beta is identified");
  if (all_kept == 0 && lost.size() > 1 && lost[1] == all_lost)
    return no_fit(problem, options, "every customer was lost in the first period: neither alpha nor beta is identified");
  // With alpha 1 the mean chance of a loss is 1 / (1 + beta).
  problem.start[1] = std::clamp(periods / all_lost - 1, 0.2, 1e3);
  problem.levels = {[&](std::span<const double> p, std::span<double> slopes, const run_options&) {
    const double alpha = p[0], beta = p[1];
    // Whoever is lost in period t stayed t - 1, and was then lost with chance alpha / (alpha + beta + t - 1).
    log_and_slopes stays, all;
    for (std::size_t t = 1; t < lost.size(); ++t) {
      const double after = static_cast<double>(t), before = after - 1, at = 1 / (alpha + beta + before);
      if (kept[t] > 0) {
        stays.add(kept[t], log_rising(beta, after));
        all.add(kept[t], log_rising(alpha + beta, after));
      }
      if (lost[t] > 0) {
        stays.add(lost[t], log_rising(beta, before));
        all.add(lost[t], log_rising(alpha + beta, before));
        all.add(lost[t], {-std::log(alpha * at), at, -at * at});
      }
    }
    slopes[0] = all_lost / alpha - all.slope;
    slopes[1] = stays.slope - all.slope;
    slopes[2] = -all_lost / (alpha * alpha) - all.curve;
    slopes[3] = -all.curve;
    slopes[4] = stays.curve - all.curve;
    return stays.log - all.log;
  }};
  return fit_parameters(problem, options, run);
}

prediction survival(const parameter_fit& fit, std::uint32_t periods) {
  return predicted(fit, true, [&](std::span<const double> p) {
    std::vector<double> out(periods + 1, 1.0);
    for (std::uint32_t t = 1; t <= periods; ++t) out[t] = std::exp(log_survival(p[0], p[1], t));
    return out;
  });
}

prediction retention(const parameter_fit& fit, std::uint32_t periods) {
  return predicted(fit, true, [&](std::span<const double> p) {
    std::vector<double> out(periods);
    for (std::uint32_t t = 0; t < periods; ++t) out[t] = (p[1] + t) / (p[0] + p[1] + t);
    return out;
  });
}

prediction residual_lifetime(const parameter_fit& fit, std::uint32_t renewals, double discount) {
  if (!(discount >= 0) || std::isinf(discount)) reject("discount", std::to_string(discount), "give a finite number, 0 or more");
  return predicted(fit, true, [&](std::span<const double> p) -> std::vector<double> {
    const double stay = p[1] + renewals, all = p[0] + stay;
    if (discount == 0) {
      // A limit that is not finite has no interval either.
      return {p[0] > 1 ? stay / (p[0] - 1) : p[0] == p[0] ? std::numeric_limits<double>::infinity() : p[0]};
    }
    return {stay / all * hypergeometric_from_one(stay + 1, all + 1, 1 / (1 + discount))};
  });
}

}  // namespace clarion::segment
