#include "clarion/segment/gamma_gamma.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "histories.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

struct spends {
  std::vector<double> x, z, weight;
  spend_history view() const { return {x, z, weight}; }
};

spends drawn(std::size_t n, const std::vector<double>& truth, double unit = 1) {
  spends out;
  for (std::size_t i = 0; i < n; ++i) {
    core::random_stream random(7, i);
    const double nu = random.gamma(truth[1]) / truth[2];
    const auto x = static_cast<double>(random.below(6));
    double sum = 0;
    for (double k = 0; k < x; ++k) sum += random.gamma(truth[0]) / nu;
    out.x.push_back(x);
    out.z.push_back(x > 0 ? unit * sum / x : 0);
  }
  return out;
}

// The mean over nu of the density of a mean of x gamma values.
double log_density(const std::vector<double>& p, double x, double z) {
  return std::log(histories::integral(0, 60 / p[2] * (p[1] + 1), 20000, [&](double nu) {
    return histories::gamma_density(nu, p[1], p[2]) * histories::gamma_density(z, p[0] * x, nu * x);
  }));
}

}  // namespace

TEST_CASE("parameters of simulated customers are found, at the highest likelihood") {
  const std::vector<double> truth{6.25, 3.74, 15.4};
  const auto data = drawn(5000, truth);
  const auto fit = fit_gamma_gamma(data.view());
  histories::check_recovered(fit, truth);
  CHECK(fit.reason.empty());
  CHECK(fit_gamma_gamma(data.view(), {}, {.threads = 3}).value == fit.value);

  // The reported likelihood is the sum of densities.
  const auto some = drawn(40, truth);
  const auto small = fit_gamma_gamma(some.view());
  REQUIRE_MESSAGE(small.converged, small.reason);
  double sum = 0;
  for (std::size_t i = 0; i < some.x.size(); ++i)
    if (some.x[i] > 0) sum += log_density(small.value, some.x[i], some.z[i]);
  CHECK(small.log_likelihood == doctest::Approx(sum).epsilon(1e-6));
}

TEST_CASE("the unit of money changes v alone, up to amounts of 1e12") {
  const std::vector<double> truth{6.25, 3.74, 15.4};
  const auto one = fit_gamma_gamma(drawn(3000, truth).view()), large = fit_gamma_gamma(drawn(3000, truth, 1e12).view());
  CHECK(large.value[0] == doctest::Approx(one.value[0]).epsilon(1e-6));
  CHECK(large.value[1] == doctest::Approx(one.value[1]).epsilon(1e-6));
  CHECK(large.value[2] == doctest::Approx(1e12 * one.value[2]).epsilon(1e-6));
}

TEST_CASE("expected values lie between a customer's mean and that of all") {
  parameter_fit fit;
  fit.value = {6.25, 3.74, 15.44};
  const std::vector<double> x{0, 1, 10, 1000}, z{0, 100, 100, 100};
  const auto found = expected_spend(fit, {x, z}).value;
  CHECK(found[0] == doctest::Approx(6.25 * 15.44 / 2.74));
  CHECK(found[1] == doctest::Approx(6.25 * (15.44 + 100) / (6.25 + 2.74)));
  CHECK(found[2] > found[1]);
  CHECK(found[3] == doctest::Approx(100).epsilon(0.01));
  fit.value[1] = 0.9;
  CHECK(std::isinf(expected_spend(fit, {x, z}).value[0]));
}

TEST_CASE("what is not identified is said, and what is no amount refused") {
  const std::vector<double> none(9), one(9, 1.0), same(9, 20.0);
  CHECK(fit_gamma_gamma({none, same}).reason.find("no customer has a transaction") == 0);
  CHECK(fit_gamma_gamma({one, same}).reason.find("every mean value is the same") == 0);
  const std::vector<double> x{1}, zero{0}, less{-5}, nan{std::numeric_limits<double>::quiet_NaN()};
  for (const auto& z : {zero, less, nan}) CHECK_THROWS_AS(fit_gamma_gamma({x, z}), std::invalid_argument);
  CHECK_FALSE(fit_gamma_gamma({x, {x}}).converged);
}
