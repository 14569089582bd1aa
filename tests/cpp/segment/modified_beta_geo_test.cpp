#include "clarion/segment/modified_beta_geo.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include "histories.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

purchase_model with(std::vector<double> p) {
  purchase_model out{purchase_family::modified_beta_geo, {}};
  out.fit.value = std::move(p);
  return out;
}

double by_integration(const std::vector<double>& p, double x, double recency, double age) {
  const auto given = [&](double rate, double loss) {
    const double bought = std::pow(1 - loss, x) * std::pow(rate, x);
    return bought * (1 - loss) * std::exp(-rate * age) + bought * loss * std::exp(-rate * recency);
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

TEST_CASE("parameters of simulated customers are found") {
  const std::vector<double> truth{0.8, 6, 0.7, 2.4};
  const auto data = histories::simulated(
      30000, 60, 1, [&](auto& random) { return random.gamma(truth[0]) / truth[1]; },
      [&](auto& random) {
        return histories::geometric_loss{random.beta(truth[2], truth[3]), true};
      });
  const auto model = fit_modified_beta_geo(data.view());
  histories::check_recovered(model.fit, truth);
  histories::check_highest(model, data.view());
  CHECK(fit_modified_beta_geo(data.view(), {}, {.threads = 3}).fit.value == model.fit.value);
}

TEST_CASE("the gradient is that of differences") {
  const auto data = histories::simulated(
      300, 60, 5, [](auto& random) { return random.gamma(0.6) / 6; },
      [](auto& random) {
        return histories::geometric_loss{random.beta(0.8, 2.4), true};
      });
  for (const auto& p : {std::vector{0.6, 6.0, 0.8, 2.4}, {5.0, 0.3, 4.0, 0.2}, {0.01, 900.0, 0.02, 300.0}})
    histories::check_gradient(with(p), data.view());
}

TEST_CASE("who never bought again may be lost") {
  const std::vector<double> zero{0}, soon{1}, late{100};
  const auto model = with({0.5, 5, 1, 2});
  const double first = alive_probability(model, {zero, zero, soon})[0], then = alive_probability(model, {zero, zero, late})[0];
  CHECK(first < 1);
  CHECK(then < first);
  // Without time to buy, it is the chance to stay after the first purchase.
  CHECK(alive_probability(model, {zero, zero, zero})[0] == doctest::Approx(2.0 / 3));
}

TEST_CASE("nobody who buys again is a reason") {
  const std::vector<double> none(20), age(20, 5.0);
  const auto model = fit_modified_beta_geo({none, none, age});
  CHECK_FALSE(model.fit.converged);
  CHECK(model.fit.reason.find("no customer bought again") == 0);
}
