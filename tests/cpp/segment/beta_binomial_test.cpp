#include "clarion/segment/beta_binomial.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <stdexcept>
#include <vector>

#include "histories.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

purchase_model with(std::vector<double> p) {
  purchase_model out{purchase_family::beta_binomial, {}};
  out.fit.value = std::move(p);
  return out;
}

// The mean over chances to buy and to be lost.
double by_integration(const std::vector<double>& p, double x, double recency, double n) {
  return histories::integral(0, 1, 1000, [&](double buy) {
    return histories::beta_density(buy, p[0], p[1]) * histories::integral(0, 1, 1000, [&](double lost) {
             double sum = std::pow(buy, x) * std::pow(1 - buy, n - x) * std::pow(1 - lost, n);
             for (double m = recency; m < n; ++m)
               sum += std::pow(buy, x) * std::pow(1 - buy, m - x) * lost * std::pow(1 - lost, m);
             return histories::beta_density(lost, p[2], p[3]) * sum;
           });
  });
}

histories::columns donors(std::size_t n, const std::vector<double>& truth) {
  histories::columns out;
  for (std::size_t i = 0; i < n; ++i) {
    core::random_stream random(4, i);
    const double buy = random.beta(truth[0], truth[1]), lost = random.beta(truth[2], truth[3]);
    const auto occasions = static_cast<double>(5 + random.below(6));
    double x = 0, last = 0;
    for (double m = 1; m <= occasions && !random.chance(lost); ++m)
      if (random.chance(buy)) {
        ++x;
        last = m;
      }
    out.x.push_back(x);
    out.recency.push_back(last);
    out.age.push_back(occasions);
  }
  return out;
}

}  // namespace

TEST_CASE("the likelihood is the mean over chances") {
  const std::vector<double> p{1.2, 1.75, 1.4, 2.8};
  for (const auto& [x, recency, n] : {std::array{0.0, 0.0, 6.0}, {1, 1, 6}, {3, 5, 6}, {6, 6, 6}, {0, 0, 0}}) {
    const std::vector<double> f{x}, t{recency}, T{n};
    CHECK(std::exp(log_likelihood(with(p), {f, t, T})) == doctest::Approx(by_integration(p, x, recency, n)).epsilon(1e-5));
  }
}

TEST_CASE("parameters of simulated donors are found") {
  const std::vector<double> truth{1.2, 0.75, 0.66, 2.8};
  const auto data = donors(40000, truth);
  const auto model = fit_beta_binomial(data.view());
  histories::check_recovered(model.fit, truth);
  histories::check_highest(model, data.view());
  CHECK(fit_beta_binomial(data.view(), {}, {.threads = 3}).fit.value == model.fit.value);
}

TEST_CASE("the gradient is that of differences") {
  const auto data = donors(300, {1.2, 0.75, 0.66, 2.8});
  for (const auto& p : {std::vector{0.6, 6.0, 0.8, 2.4}, {5.0, 0.3, 4.0, 0.2}, {0.01, 900.0, 0.02, 300.0}})
    histories::check_gradient(with(p), data.view());
}

TEST_CASE("predictions are sums over what may happen") {
  const std::vector<double> p{1.2, 0.75, 0.66, 2.8}, x{2}, t{4}, n{6};
  // The joint likelihood of the history and of buying at the next occasion, over that of the history.
  const auto both = [&](double f, double last, double of) {
    const std::vector<double> a{f}, b{last}, c{of};
    return std::exp(log_likelihood(with(p), {a, b, c}));
  };
  CHECK(expected_purchases(with(p), {x, t, n}, 1).value[0] == doctest::Approx(both(3, 7, 7) / both(2, 4, 6)).epsilon(1e-12));
  // A day's worth of occasions for a year.
  const std::vector<double> few{3}, early{20}, year{3650};
  CHECK(std::isfinite(log_likelihood(with(p), {few, early, year})));
  CHECK(alive_probability(with(p), {few, early, year})[0] < 1e-2);
  CHECK_THROWS_AS(expected_purchases(with(p), {x, t, n}, 1.5), std::invalid_argument);
}

TEST_CASE("nobody who buys, and histories that are none") {
  const std::vector<double> none(20), n(20, 5.0), three{3}, two{2}, five{5}, half{2.5};
  const auto model = fit_beta_binomial({none, none, n});
  CHECK_FALSE(model.fit.converged);
  CHECK(model.fit.reason.find("no customer bought at any occasion") == 0);
  CHECK_THROWS_AS(fit_beta_binomial({three, two, five}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_binomial({two, half, five}), std::invalid_argument);
}
