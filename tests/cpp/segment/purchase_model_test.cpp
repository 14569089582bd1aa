#include "clarion/segment/purchase_model.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/segment/beta_geo.hpp"
#include "histories.hpp"
#include "segment/minimize.hpp"
#include "segment/special.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

purchase_model with(purchase_family family, std::vector<double> p) {
  purchase_model out{family, {}};
  out.fit.value = std::move(p);
  return out;
}

// Means over simulated new customers: purchases by `time`, and how many make 0, 1, 2.
struct counted {
  double mean = 0;
  std::vector<double> share = std::vector<double>(3);
};

counted simulate(purchase_family family, const std::vector<double>& p, double time, std::size_t n) {
  counted out;
  for (std::size_t i = 0; i < n; ++i) {
    core::random_stream random(11, i);
    double x = 0;
    if (family == purchase_family::beta_binomial) {
      const double buy = random.beta(p[0], p[1]), lost = random.beta(p[2], p[3]);
      for (double m = 0; m < time && !random.chance(lost); ++m) x += random.chance(buy);
    } else {
      const double rate = random.gamma(p[0]) / p[1];
      const bool timed = family == purchase_family::pareto_nbd;
      const double end = timed ? std::min(time, random.exponential() / (random.gamma(p[2]) / p[3])) : time;
      const double loss = timed ? 0 : random.beta(p[2], p[3]);
      double at = 0;
      bool alive = family != purchase_family::modified_beta_geo || !random.chance(loss);
      while (alive && (at += random.exponential() / rate) <= end) {
        ++x;
        alive = !random.chance(loss);
      }
    }
    out.mean += x / static_cast<double>(n);
    if (x < 3) out.share[static_cast<std::size_t>(x)] += 1 / static_cast<double>(n);
  }
  return out;
}

const std::vector<std::pair<purchase_family, std::vector<double>>> models{
    {purchase_family::beta_geo, {0.6, 4.4, 0.8, 2.4}},
    {purchase_family::modified_beta_geo, {0.6, 4.4, 0.8, 2.4}},
    {purchase_family::pareto_nbd, {0.6, 10, 0.6, 12}},
    {purchase_family::beta_binomial, {1.2, 0.75, 0.66, 2.8}},
};

}  // namespace

TEST_CASE("means and probabilities of new customers are those of simulation") {
  for (const auto& [family, p] : models) {
    const auto model = with(family, p);
    const auto drawn = simulate(family, p, 30, 200000);
    // Three standard errors of 200,000 draws.
    CHECK(expected_purchases(model, 30) == doctest::Approx(drawn.mean).epsilon(0.03));
    const auto chances = purchase_probabilities(model, 30, 60);
    for (std::size_t n = 0; n < 3; ++n) CHECK(std::abs(chances[n] - drawn.share[n]) < 0.004);
    // A distribution, whose mean is the expectation.
    const auto all = purchase_probabilities(model, 30, 3000);
    CHECK(std::accumulate(all.begin(), all.end(), 0.0) == doctest::Approx(1).epsilon(1e-6));
    double mean = 0;
    for (std::size_t n = 0; n < all.size(); ++n) mean += static_cast<double>(n) * all[n];
    CHECK(mean == doctest::Approx(expected_purchases(model, 30)).epsilon(1e-6));
    CHECK(expected_purchases(model, 0) == 0);
  }
}

TEST_CASE("what a new customer is expected to buy is what one with an empty history is, and what two halves add up to") {
  for (const auto& [family, p] : models) {
    const auto model = with(family, p);
    const std::vector<double> zero{0};
    CHECK(expected_purchases(model, {zero, zero, zero}, 20).value[0] ==
          doctest::Approx(expected_purchases(model, 20)).epsilon(1e-12));
    if (family == purchase_family::beta_binomial) {
      // Over what may happen in 4 occasions, what is expected in the next 5: the tower rule.
      double sum = 0;
      for (double x = 0; x <= 4; ++x)
        for (double last = x; last <= (x > 0 ? 4 : 0); ++last) {
          const std::vector<double> f{x}, t{last}, n{4};
          const double ways = x > 0 ? std::tgamma(last) / (std::tgamma(x) * std::tgamma(last - x + 1)) : 1;
          sum += ways * std::exp(log_likelihood(model, {f, t, n})) * expected_purchases(model, {f, t, n}, 5).value[0];
        }
      CHECK(expected_purchases(model, 4) + sum == doctest::Approx(expected_purchases(model, 9)).epsilon(1e-12));
    }
  }
}

TEST_CASE("expected purchases far ahead and close at hand") {
  const std::vector<double> x{3}, t{20}, T{25};
  const auto geometric = [](double a) { return with(purchase_family::beta_geo, {0.6, 4.4, a, 2.4}); };
  // For a > 1 the purchases until the loss are (a + b' - 1) / (a - 1) in all, b' = b + x, where rates have no say.
  const double alive = alive_probability(geometric(3), {x, t, T})[0];
  CHECK(expected_purchases(geometric(3), {x, t, T}, 1e9).value[0] == doctest::Approx(alive * (3 + 5.4 - 1) / 2).epsilon(1e-9));
  // The closed form with a hypergeometric function divides by a - 1: there is no seam at 1.
  const double below = expected_purchases(geometric(1 - 1e-7), {x, t, T}, 40).value[0];
  const double at = expected_purchases(geometric(1), {x, t, T}, 40).value[0];
  const double above = expected_purchases(geometric(1 + 1e-7), {x, t, T}, 40).value[0];
  CHECK(at == doctest::Approx(0.5 * (below + above)).epsilon(1e-11));
  // Soon, it is the rate.
  const double soon = expected_purchases(geometric(0.8), {x, t, T}, 1e-9).value[0];
  CHECK(soon == doctest::Approx(alive_probability(geometric(0.8), {x, t, T})[0] * 3.6 / 29.4 * 1e-9).epsilon(1e-6));
  // It grows with time, through the bound on the terms of the sum.
  double before = 0;
  for (const double time : {1e2, 1e4, 1e5, 3e6, 1e7, 1e8, 1e10}) {
    const double now = expected_purchases(geometric(0.8), {x, t, T}, time).value[0];
    CHECK(now > before);
    before = now;
  }
}

TEST_CASE("intervals hold the truth as often as they say") {
  const std::vector<double> truth{0.8, 5, 0.9, 2.5};
  const auto model = with(purchase_family::beta_geo, truth);
  const double wanted = expected_purchases(model, 40);
  const std::vector<double> zero{0};
  int held = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto data = histories::simulated(
        1500, 40, 100 + seed, [&](auto& random) { return random.gamma(truth[0]) / truth[1]; },
        [&](auto& random) {
          return histories::geometric_loss{random.beta(truth[2], truth[3]), false};
        });
    const auto fit = fit_beta_geo(data.view());
    REQUIRE(fit.fit.converged);
    const auto found = expected_purchases(fit, {zero, zero, zero}, 40, true);
    held += found.low[0] <= wanted && wanted <= found.high[0];
  }
  // 57 of 60 are expected; fewer than 50 have a chance of 1 in 1000.
  CHECK(held >= 50);
}

TEST_CASE("expected histograms and tracked sums add up") {
  const auto data = histories::simulated(
      4000, 40, 3, [](auto& random) { return random.gamma(0.8) / 5; },
      [](auto& random) {
        return histories::geometric_loss{random.beta(1, 3), false};
      });
  const auto model = fit_beta_geo(data.view());
  const auto expected = expected_frequencies(model, data.view(), 7);
  REQUIRE(expected.size() == 9);
  CHECK(std::accumulate(expected.begin(), expected.end(), 0.0) == doctest::Approx(4000));
  double none = 0, all = 0;
  for (const double x : data.x) {
    none += x == 0;
    all += x;
  }
  CHECK(expected[0] == doctest::Approx(none).epsilon(0.03));
  const std::vector<double> times{0, 10, 40};
  const auto tracked = expected_tracking(model, data.view(), times);
  CHECK(tracked[0] == 0);
  CHECK(tracked[1] < tracked[2]);
  CHECK(tracked[2] == doctest::Approx(all).epsilon(0.05));
}

TEST_CASE("models that are none, and times that are none, are refused; a fit can be stopped") {
  const std::vector<double> x{1}, t{2}, T{5};
  CHECK_THROWS_AS(alive_probability(with(purchase_family::beta_geo, {1, 1}), {x, t, T}), std::invalid_argument);
  CHECK_THROWS_AS(alive_probability(with(purchase_family::beta_geo, {1, 1, -1, 1}), {x, t, T}), std::invalid_argument);
  CHECK_THROWS_AS(expected_purchases(with(purchase_family::beta_geo, {1, 1, 1, 1}), -1), std::invalid_argument);
  CHECK(expected_purchases(with(purchase_family::beta_geo, {1, 1, 1, 1}), {}, 1).value.empty());
  const auto unknown = with(purchase_family::beta_geo, std::vector<double>(4, std::nan("")));
  CHECK(std::isnan(expected_purchases(unknown, {x, t, T}, 3).value[0]));
  CHECK(std::isnan(expected_purchases(unknown, 3)));
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(fit_beta_geo({x, t, T}, {}, {.cancel = stop.get_token()}), cancelled);
}

TEST_CASE("special functions keep their digits") {
  for (const double a : {1e-8, 0.3, 1.0, 9.99, 10.0, 1e3, 1e9})
    for (const double n : {0.0, 1e-7, 0.5, 1.0, 7.0, 200.0, 1e6}) {
      const auto got = log_rising(a, n);
      const long double exact = std::lgamma(static_cast<long double>(a) + n) - std::lgamma(static_cast<long double>(a));
      // lgammal itself has 18 digits of what may be 2e10.
      const double slack = 1e-14 * std::abs(static_cast<double>(exact)) + 1e-18 * (a + n) * std::log(a + n + 3) + 1e-15;
      CHECK_MESSAGE(std::abs(got.log - static_cast<double>(exact)) < slack, a, " ", n);
    }
  rising_walk walk(0.3);
  for (const double n : {0.0, 1.0, 2.0, 9.0, 17.0, 18.0, 200.0}) {
    CHECK(walk.to(n).log == doctest::Approx(log_rising(0.3, n).log).epsilon(1e-14));
    CHECK(walk.to(n).slope == doctest::Approx(log_rising(0.3, n).slope).epsilon(1e-14));
    CHECK(walk.to(n).curve == doctest::Approx(log_rising(0.3, n).curve).epsilon(1e-14));
  }
  CHECK(log_gamma(1).slope == doctest::Approx(-0.57721566490153286).epsilon(1e-15));
  CHECK(log_gamma(1).curve == doctest::Approx(std::numbers::pi * std::numbers::pi / 6).epsilon(1e-15));
  for (const double a : {0.3, 1.0, 9.5, 1e3})
    for (const double n : {0.5, 7.0, 200.0})
      CHECK(log_rising(a, n).curve == doctest::Approx(log_gamma(a + n).curve - log_gamma(a).curve).epsilon(1e-12));
  CHECK(log_beta(1e-3, 1e9) == doctest::Approx(log_gamma(1e-3).log - 1e-3 * std::log(1e9)).epsilon(1e-12));
  CHECK(one_less_exp_over(0) == 1);
  CHECK(logistic(-1e300) == 0);
}

TEST_CASE("the minimiser passes saddles and valleys, and says when a coordinate runs away") {
  const auto rosenbrock = [](std::span<const double> x, std::span<double> g) {
    const double u = 1 - x[0], v = x[1] - x[0] * x[0];
    g[0] = -2 * u - 400 * x[0] * v;
    g[1] = 200 * v;
    g[2] = 2 - 400 * v + 800 * x[0] * x[0];
    g[3] = -400 * x[0];
    g[4] = 200;
    return u * u + 100 * v * v;
  };
  const auto found = minimize(rosenbrock, std::vector{-1.2, 1.0});
  CHECK(found.converged);
  CHECK(found.at[0] == doctest::Approx(1).epsilon(1e-6));
  const auto saddle = [](std::span<const double> x, std::span<double> g) {
    g[0] = 2 * x[0];
    g[1] = 4 * x[1] * x[1] * x[1] - 4 * x[1];
    g[2] = 2;
    g[3] = 0;
    g[4] = 12 * x[1] * x[1] - 4;
    return x[0] * x[0] + x[1] * x[1] * x[1] * x[1] - 2 * x[1] * x[1];
  };
  const auto off = minimize(saddle, std::vector{1.0, 0.0});
  CHECK(off.converged);
  CHECK(std::abs(off.at[1]) == doctest::Approx(1).epsilon(1e-6));
  const auto away = minimize(
      [](std::span<const double> x, std::span<double> g) {
        g[0] = -std::exp(-0.3 * x[0]);
        g[1] = 0.3 * std::exp(-0.3 * x[0]);
        return std::exp(-0.3 * x[0]) / 0.3;
      },
      std::vector{0.0});
  CHECK_FALSE(away.converged);
  CHECK(away.ran_away);
}
