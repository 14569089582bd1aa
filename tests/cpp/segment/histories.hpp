#pragma once

// Simulated customers, and numerical checks that several tests of the room make.

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <span>
#include <vector>

#include "clarion/core/random.hpp"
#include "clarion/segment/purchase_model.hpp"

namespace histories {

struct columns {
  std::vector<double> x, recency, age, weight;
  clarion::segment::purchase_history view() const { return {x, recency, age, weight}; }
};

/// Purchases at rate `rate` until the loss that lost(time of the purchase, or 0 for the first) brings, at the latest at `age`.
template <class Rate, class Lost>
columns simulated(std::size_t n, double most_age, std::uint64_t seed, Rate&& rate, Lost&& lost) {
  columns out;
  for (std::size_t i = 0; i < n; ++i) {
    clarion::core::random_stream random(seed, i);
    const double age = std::ceil(most_age * (0.5 + 0.5 * random.uniform())), own = rate(random);
    auto until = lost(random);  // a function: whether the customer is gone before this time, after that many purchases
    double time = 0, last = 0, x = 0;
    while (!until.after_purchase(random)) {
      time += random.exponential() / own;
      if (time > age || until.before(time)) break;
      ++x;
      last = time;
    }
    out.x.push_back(x);
    out.recency.push_back(last);
    out.age.push_back(age);
  }
  return out;
}

/// Lost after a purchase with probability p, from the first or the second on.
struct geometric_loss {
  double p;
  bool first;
  bool after_purchase(clarion::core::random_stream& random) {
    if (!first) {
      first = true;
      return false;
    }
    return random.chance(p);
  }
  static bool before(double) { return false; }
};

/// Lost at a time.
struct timed_loss {
  double time;
  static bool after_purchase(clarion::core::random_stream&) { return false; }
  bool before(double when) const { return when > time; }
};

/// Integral over [from, to] by the midpoint rule after t -> from + (to - from) s^2 (3 - 2 s), whose ends are flat: exact enough
/// for integrands with a root at an end.
inline double integral(double from, double to, std::size_t steps, const std::function<double(double)>& f) {
  double sum = 0;
  for (std::size_t k = 0; k < steps; ++k) {
    const double s = (static_cast<double>(k) + 0.5) / static_cast<double>(steps);
    sum += f(from + (to - from) * s * s * (3 - 2 * s)) * 6 * s * (1 - s);
  }
  return sum * (to - from) / static_cast<double>(steps);
}

inline double gamma_density(double x, double shape, double rate) {
  return std::exp(shape * std::log(rate) + (shape - 1) * std::log(x) - rate * x - std::lgamma(shape));
}

inline double beta_density(double p, double a, double b) {
  return std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + (a - 1) * std::log(p) + (b - 1) * std::log1p(-p));
}

/// The parameters of the fit lie within their intervals, and are not a mile wide.
inline void check_recovered(const clarion::segment::parameter_fit& fit, std::span<const double> truth) {
  REQUIRE_MESSAGE(fit.converged, fit.reason);
  for (std::size_t j = 0; j < truth.size(); ++j) {
    const double sd = fit.sd[j] / fit.value[j];
    CHECK_MESSAGE(std::abs(std::log(fit.value[j] / truth[j])) < 3.5 * sd, fit.name[j], " ", fit.value[j], " of ", truth[j]);
    CHECK(sd < 0.5);
  }
}

/// The derivatives by the parameters are those by differences.
inline void check_gradient(const clarion::segment::purchase_model& model, const clarion::segment::purchase_history& history) {
  std::vector<double> slope(4);
  clarion::segment::log_likelihood(model, history, slope);
  for (std::size_t j = 0; j < 4; ++j) {
    auto up = model, down = model;
    const double step = 1e-5 * model.fit.value[j];
    up.fit.value[j] += step;
    down.fit.value[j] -= step;
    const double above = log_likelihood(up, history), below = log_likelihood(down, history);
    // Differences of values of size |above| lose the digits below 1e-16 |above| / step.
    const double slack = 1e-6 * std::abs(slope[j]) + 1e-14 * std::abs(above) / step;
    CHECK_MESSAGE(std::abs(slope[j] - (above - below) / (2 * step)) < slack, j);
  }
}

/// The likelihood falls on all sides of the fit, and as fast as its intervals say.
inline void check_highest(const clarion::segment::purchase_model& model, const clarion::segment::purchase_history& history) {
  const double best = log_likelihood(model, history);
  CHECK(model.fit.log_likelihood == doctest::Approx(best).epsilon(1e-11));
  for (std::size_t i = 0; i < 4; ++i) {
    // Along column i of the covariance, to one standard deviation of parameter i, the loss is 1/2.
    for (const double side : {0.05, -0.05}) {
      auto p = model;
      const double sd = std::sqrt(model.fit.covariance[i * 5]);
      for (std::size_t j = 0; j < 4; ++j) p.fit.value[j] *= std::exp(side * model.fit.covariance[i * 4 + j] / sd);
      CHECK((best - log_likelihood(p, history)) / (side * side) == doctest::Approx(0.5).epsilon(0.02));
    }
  }
}

}  // namespace histories
