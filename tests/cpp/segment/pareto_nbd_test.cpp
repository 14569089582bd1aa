#include "clarion/segment/pareto_nbd.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include "histories.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

purchase_model with(std::vector<double> p) {
  purchase_model out{purchase_family::pareto_nbd, {}};
  out.fit.value = std::move(p);
  return out;
}

// The mean over rates and losses, where the time of the loss has been integrated out by hand.
double by_integration(const std::vector<double>& p, double x, double recency, double age) {
  const auto given = [&](double rate, double loss) {
    const double both = rate + loss;
    return std::pow(rate, x) * (loss / both * std::exp(-both * recency) + rate / both * std::exp(-both * age));
  };
  return histories::integral(0, 60 / p[1] + 3 * (x + 1) / (age + 1), 1500, [&](double rate) {
    return histories::gamma_density(rate, p[0], p[1]) * histories::integral(0, 60 / p[3], 1500, [&](double loss) {
             return histories::gamma_density(loss, p[2], p[3]) * given(rate, loss);
           });
  });
}

double hypergeometric(double a, double b, double c, double z) {
  double term = 1, sum = 0;
  for (double k = 0; term > 1e-18 * sum; ++k) {
    sum += term;
    term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z;
  }
  return sum;
}

// Fader and Hardie's form (2005), for alpha >= beta.
double by_hypergeometric(const std::vector<double>& p, double x, double recency, double age) {
  const double r = p[0], alpha = p[1], s = p[2], beta = p[3], sum = r + s + x;
  const auto term = [&](double t) {
    const double z = (alpha - beta) / (alpha + t);
    return hypergeometric(sum, s + 1, sum + 1, z) * std::pow(alpha + t, -sum);
  };
  const double lost = s / sum * (term(recency) - term(age));
  return std::lgamma(r + x) - std::lgamma(r) + r * std::log(alpha) + s * std::log(beta) +
         std::log(std::pow(alpha + age, -(r + x)) * std::pow(beta + age, -s) + lost);
}

}  // namespace

TEST_CASE("the likelihood is the mean over rates and losses") {
  for (const auto& p : {std::vector{1.4, 5.0, 1.3, 8.0}, {1.4, 8.0, 1.6, 5.0}})
    for (const auto& [x, recency, age] : {std::array{0.0, 0.0, 20.0}, {1, 3, 20}, {4, 19, 20}, {7, 6.5, 30}}) {
      const std::vector<double> f{x}, t{recency}, T{age};
      // The midpoint rule is exact to four digits here.
      CHECK(std::exp(log_likelihood(with(p), {f, t, T})) == doctest::Approx(by_integration(p, x, recency, age)).epsilon(2e-4));
    }
}

TEST_CASE("the likelihood is that of the hypergeometric functions where they can be computed") {
  for (const auto& p : {std::vector{0.553, 12.0, 0.606, 11.656}, {0.6, 30.0, 2.0, 4.0}, {3.0, 9.0, 0.2, 0.5}})
    for (const auto& [x, recency, age] : {std::array{0.0, 0.0, 20.0}, {1, 3, 20}, {4, 19, 20}, {7, 6.5, 30}, {40, 20, 39}}) {
      const std::vector<double> f{x}, t{recency}, T{age};
      CHECK(log_likelihood(with(p), {f, t, T}) == doctest::Approx(by_hypergeometric(p, x, recency, age)).epsilon(1e-11));
    }
}

TEST_CASE("parameters of simulated customers are found") {
  const std::vector<double> truth{0.8, 6, 0.9, 20};
  const auto data = histories::simulated(
      8000, 80, 1, [&](auto& random) { return random.gamma(truth[0]) / truth[1]; },
      [&](auto& random) { return histories::timed_loss{random.exponential() / (random.gamma(truth[2]) / truth[3])}; });
  const auto model = fit_pareto_nbd(data.view());
  histories::check_recovered(model.fit, truth);
  histories::check_highest(model, data.view());
  CHECK(fit_pareto_nbd(data.view(), {}, {.threads = 3}).fit.value == model.fit.value);
}

TEST_CASE("the gradient is that of differences") {
  const auto data = histories::simulated(
      200, 60, 5, [](auto& random) { return random.gamma(0.6) / 3; }, [](auto&) { return histories::timed_loss{25}; });
  for (const auto& p : {std::vector{0.6, 6.0, 0.8, 2.4}, {5.0, 0.3, 4.0, 0.2}, {0.01, 900.0, 0.02, 300.0}, {0.5, 0.1, 2.0, 1e4}})
    histories::check_gradient(with(p), data.view());
}

TEST_CASE("predictions of published parameters") {
  // BTYD walkthrough on CDNOW; parameters and recency are printed to three decimals there.
  const auto model = with({0.553, 10.580, 0.606, 11.656});
  CHECK(expected_purchases(model, 52) == doctest::Approx(1.473434).epsilon(1e-3));
  const std::vector<double> x{26}, t{30.857}, T{31};
  CHECK(expected_purchases(model, {x, t, T}, 52).value[0] == doctest::Approx(25.45647).epsilon(1e-3));
  CHECK(alive_probability(model, {x, t, T})[0] == doctest::Approx(0.997874).epsilon(1e-5));
}

TEST_CASE("large counts and long silence keep their digits") {
  const std::vector<double> p{0.55, 10.58, 0.6, 11.66}, many{1e5}, early{10}, late{1000};
  const auto busy = alive_probability(with(p), {many, late, late});
  CHECK(busy[0] == 1);
  CHECK(alive_probability(with(p), {many, early, late})[0] == 0);
  CHECK(std::isfinite(log_likelihood(with(p), {many, early, late})));
  // A rate of loss of 1: the limit of the mean is no 0 / 0.
  const auto beside = expected_purchases(with({0.55, 10, 1 + 1e-9, 12}), 50),
             at = expected_purchases(with({0.55, 10, 1, 12}), 50);
  CHECK(beside == doctest::Approx(at).epsilon(1e-8));
  CHECK(at == doctest::Approx(0.55 / 10 * 12 * std::log(1 + 50.0 / 12)).epsilon(1e-12));
}

TEST_CASE("nobody who buys again is a reason") {
  const std::vector<double> none(20), age(20, 5.0);
  const auto model = fit_pareto_nbd({none, none, age});
  CHECK_FALSE(model.fit.converged);
  CHECK(model.fit.reason.find("no customer bought again") == 0);
}
