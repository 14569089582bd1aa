#include "clarion/segment/beta_geo.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "histories.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

purchase_model with(std::vector<double> p) {
  purchase_model out;
  out.fit.value = std::move(p);
  return out;
}

// The likelihood of one history as it is defined: the mean over rates and chances of loss.
double by_integration(const std::vector<double>& p, double x, double recency, double age) {
  const auto given = [&](double rate, double loss) {
    const double stays = std::pow(1 - loss, x) * std::pow(rate, x) * std::exp(-rate * age);
    const double lost = x > 0 ? loss * std::pow(1 - loss, x - 1) * std::pow(rate, x) * std::exp(-rate * recency) : 0;
    return stays + lost;
  };
  return histories::integral(0, 60 / p[1] + 3 * (x + 1) / (age + 1), 3000, [&](double rate) {
    return histories::gamma_density(rate, p[0], p[1]) * histories::integral(0, 1, 300, [&](double loss) {
             return histories::beta_density(loss, p[2], p[3]) * given(rate, loss);
           });
  });
}

}  // namespace

TEST_CASE("the likelihood is the mean over rates and losses") {
  const std::vector<double> p{1.4, 5, 1.3, 2.5};
  for (const auto& [x, recency, age] : {std::array{0.0, 0.0, 20.0}, {1, 3, 20}, {4, 19, 20}, {7, 6.5, 30}}) {
    const std::vector<double> f{x}, t{recency}, T{age};
    // The midpoint rule is exact to five digits here.
    CHECK(std::exp(log_likelihood(with(p), {f, t, T})) == doctest::Approx(by_integration(p, x, recency, age)).epsilon(2e-5));
  }
}

TEST_CASE("parameters of simulated customers are found, and the likelihood is highest there") {
  const std::vector<double> truth{0.6, 6, 0.8, 2.4};
  const auto data = histories::simulated(
      20000, 60, 1, [&](auto& random) { return random.gamma(truth[0]) / truth[1]; },
      [&](auto& random) {
        return histories::geometric_loss{random.beta(truth[2], truth[3]), false};
      });
  const auto model = fit_beta_geo(data.view());
  histories::check_recovered(model.fit, truth);
  histories::check_highest(model, data.view());
  CHECK(model.fit.distinct == 20000 - static_cast<std::size_t>(std::count(data.x.begin(), data.x.end(), 0.0)) + 30);
}

TEST_CASE("the gradient is that of differences") {
  const auto data = histories::simulated(
      300, 60, 5, [](auto& random) { return random.gamma(0.6) / 6; },
      [](auto& random) {
        return histories::geometric_loss{random.beta(0.8, 2.4), false};
      });
  for (const auto& p : {std::vector{0.6, 6.0, 0.8, 2.4}, {5.0, 0.3, 4.0, 0.2}, {0.01, 900.0, 0.02, 300.0}})
    histories::check_gradient(with(p), data.view());
}

TEST_CASE("threads, the order of rows and weights for copies change nothing") {
  const auto data = histories::simulated(
      30000, 40, 2, [](auto& random) { return random.gamma(0.8) / 5; },
      [](auto& random) {
        return histories::geometric_loss{random.beta(1, 3), false};
      });
  const auto one = fit_beta_geo(data.view(), {}, {.threads = 1});
  const auto many = fit_beta_geo(data.view(), {}, {.threads = 5});
  CHECK(one.fit.value == many.fit.value);
  CHECK(one.fit.log_likelihood == many.fit.log_likelihood);
  CHECK(one.fit.covariance == many.fit.covariance);
  histories::columns turned = data, twice = data;
  std::reverse(turned.x.begin(), turned.x.end());
  std::reverse(turned.recency.begin(), turned.recency.end());
  std::reverse(turned.age.begin(), turned.age.end());
  CHECK(fit_beta_geo(turned.view()).fit.value == one.fit.value);
  for (auto* column : {&twice.x, &twice.recency, &twice.age})
    column->insert(column->end(), column->begin(), column->begin() + 30000);
  auto weighed = data;
  weighed.weight.assign(30000, 2.0);
  CHECK(fit_beta_geo(twice.view()).fit.value == fit_beta_geo(weighed.view()).fit.value);
}

TEST_CASE("the unit of time changes alpha alone") {
  auto data = histories::simulated(
      3000, 40, 3, [](auto& random) { return random.gamma(0.8) / 5; },
      [](auto& random) {
        return histories::geometric_loss{random.beta(1, 3), false};
      });
  const auto weeks = fit_beta_geo(data.view());
  for (auto* column : {&data.recency, &data.age})
    for (double& t : *column) t *= 7;
  const auto days = fit_beta_geo(data.view());
  REQUIRE(weeks.fit.converged);
  for (const std::size_t j : {0u, 2u, 3u}) CHECK(days.fit.value[j] == doctest::Approx(weeks.fit.value[j]).epsilon(1e-7));
  CHECK(days.fit.value[1] == doctest::Approx(7 * weeks.fit.value[1]).epsilon(1e-7));
}

TEST_CASE("a fit that cannot be says why") {
  const std::vector<double> none(50), age(50, 10.0), last(50, 4.0), twice(50, 2.0);
  const auto once = fit_beta_geo({none, none, age});
  CHECK_FALSE(once.fit.converged);
  CHECK(once.fit.reason.find("no customer bought again") == 0);
  CHECK(std::isnan(once.fit.value[0]));
  const auto alike = fit_beta_geo({twice, last, age});
  CHECK_FALSE(alike.fit.converged);
  CHECK_FALSE(alike.fit.reason.empty());
  CHECK(alike.fit.covariance.empty());
  const std::vector<double> two{2}, five{5}, nine{9};
  CHECK_FALSE(fit_beta_geo({two, five, nine}).fit.converged);
  CHECK(fit_beta_geo({twice, last, age}, {.penalizer = 0.1}).fit.converged);
}

TEST_CASE("histories that are none are refused by name") {
  const std::vector<double> x{1}, t{2}, T{5}, half{0.5}, nan{std::numeric_limits<double>::quiet_NaN()}, less{-1}, late{6},
      zero{0};
  const std::vector<double> none;
  CHECK_THROWS_AS(fit_beta_geo({none, none, none}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({half, t, T}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({nan, t, T}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({x, nan, T}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({x, less, T}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({x, late, T}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({x, zero, T}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({zero, t, T}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({x, t, T, zero}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({x, t, none}), std::invalid_argument);
  CHECK_THROWS_AS(fit_beta_geo({x, t, T}, {.level = 1}), std::invalid_argument);
}

TEST_CASE("predictions of published parameters") {
  // BTYD walkthrough on CDNOW (Dziurzynski, Wadsworth and McCarthy): a new customer, and one with 26 repeat purchases.
  const auto model = with({0.2425982, 4.4136842, 0.7929899, 2.4261667});
  CHECK(expected_purchases(model, 52) == doctest::Approx(1.444004).epsilon(1e-6));
  const std::vector<double> x{26}, t{30.857}, T{31};
  // The published values are of the exact recency, which is printed to three decimals.
  CHECK(expected_purchases(model, {x, t, T}, 52).value[0] == doctest::Approx(25.75659).epsilon(1e-5));
  CHECK(alive_probability(model, {x, t, T})[0] == doctest::Approx(0.9688523).epsilon(1e-5));
}

TEST_CASE("large counts keep their digits") {
  // The log-likelihood of one customer (pymc-marketing's tests of numerical stability): x = 200, t_x = 38, T = 40.
  const std::vector<double> p{0.25, 4, 0.8, 2.5}, x{200}, t{38}, T{40}, zero{0};
  CHECK(log_likelihood(with(p), {zero, zero, T}) == doctest::Approx(-0.59947382).epsilon(1e-7));
  CHECK(log_likelihood(with(p), {x, t, T}) == doctest::Approx(100.7957).epsilon(1e-6));
  CHECK(alive_probability(with(p), {x, t, T})[0] > 0);
  // Bought a million times, then was silent for long: lost, and no number overflows.
  const std::vector<double> many{1e6}, early{10}, late{1000};
  CHECK(alive_probability(with(p), {many, early, late})[0] == 0);
  CHECK(alive_probability(with(p), {many, late, late})[0] == doctest::Approx(1).epsilon(1e-5));
  const auto soon = expected_purchases(with(p), {many, late, late}, 1).value[0];
  CHECK(soon == doctest::Approx(1000).epsilon(0.01));
}

TEST_CASE("customers who are hardly ever lost buy at their rate, and asking does not take long") {
  const auto model = with({0.83, 9.8, 1e-7, 6.7});
  std::vector<double> x, t, T;
  for (int row = 0; row < 5000; ++row) {
    x.push_back(row % 50);
    t.push_back(row % 50 == 0 ? 0 : 20 + row % 7);
    T.push_back(30 + 0.004 * row);
  }
  const auto found = expected_purchases(model, {x, t, T}, 52).value;
  const auto alive = alive_probability(model, {x, t, T});
  for (std::size_t row = 0; row < x.size(); ++row)
    CHECK(found[row] == doctest::Approx(alive[row] * (0.83 + x[row]) / (9.8 + T[row]) * 52).epsilon(1e-5));
}
