#include "clarion/segment/shifted_beta_geo.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "histories.hpp"

using namespace clarion::segment;

TEST_CASE("the cohorts of Fader and Hardie") {
  // "How to project customer retention" (2007): survivors of 1,000 customers, the first seven renewals.
  const std::vector<std::vector<double>> high{{1000, 869, 743, 653, 593, 551, 517, 491}},
      regular{{1000, 631, 468, 382, 326, 289, 262, 241}};
  const auto one = fit_shifted_beta_geo(high), other = fit_shifted_beta_geo(regular);
  REQUIRE(one.converged);
  CHECK(one.value[0] == doctest::Approx(0.668).epsilon(1e-3));
  CHECK(one.value[1] == doctest::Approx(3.806).epsilon(1e-3));
  CHECK(one.log_likelihood == doctest::Approx(-1611.2).epsilon(1e-4));
  REQUIRE(other.converged);
  CHECK(other.value[0] == doctest::Approx(0.704).epsilon(1e-3));
  CHECK(other.value[1] == doctest::Approx(1.182).epsilon(1e-3));
  CHECK(other.log_likelihood == doctest::Approx(-1680.3).epsilon(1e-4));

  const auto left = survival(one, 12), stay = retention(one, 12);
  CHECK(left.value[0] == 1);
  CHECK(left.sd[0] == 0);
  double product = 1;
  for (std::size_t t = 0; t < 12; ++t) {
    product *= stay.value[t];
    CHECK(left.value[t + 1] == doctest::Approx(product).epsilon(1e-12));
    CHECK(left.low[t + 1] < left.value[t + 1]);
    CHECK(left.high[t + 1] > left.value[t + 1]);
    if (t > 0) CHECK(stay.value[t] > stay.value[t - 1]);
  }
  // Two cohorts are one likelihood.
  const auto both = fit_shifted_beta_geo(std::vector{high[0], regular[0]});
  CHECK(both.customers == 2000);
  CHECK(both.log_likelihood < one.log_likelihood + other.log_likelihood);
}

TEST_CASE("the residual lifetime is the sum that it stands for") {
  for (const auto& p : {std::vector{0.668, 3.806}, {3.0, 1.5}, {0.05, 40.0}})
    for (const double discount : {0.5, 0.1, 0.002})
      for (const std::uint32_t renewals : {0u, 3u, 50u}) {
        parameter_fit fit;
        fit.value = p;
        double sum = 0, lives = 1, worth = 1;
        for (std::uint32_t j = 0; worth > 1e-18; ++j) {
          lives *= (p[1] + renewals + j) / (p[0] + p[1] + renewals + j);
          sum += lives * worth;
          worth /= 1 + discount;
        }
        CHECK(residual_lifetime(fit, renewals, discount).value[0] == doctest::Approx(sum).epsilon(1e-10));
      }
  parameter_fit fit;
  fit.value = {3.0, 1.5};
  CHECK(residual_lifetime(fit, 2, 0).value[0] == doctest::Approx(3.5 / 2));
  CHECK(residual_lifetime(fit, 2, 1e-9).value[0] == doctest::Approx(3.5 / 2).epsilon(1e-6));
  fit.value = {0.9, 1.5};
  CHECK(std::isinf(residual_lifetime(fit, 2, 0).value[0]));
  CHECK_THROWS_AS(residual_lifetime(fit, 2, -0.1), std::invalid_argument);
}

TEST_CASE("cohorts of which nothing can be learnt") {
  using cohorts = std::vector<std::vector<double>>;
  CHECK(fit_shifted_beta_geo(cohorts{{100, 100, 100}}).reason.find("no customer was lost") == 0);
  CHECK(fit_shifted_beta_geo(cohorts{{100, 0, 0}}).reason.find("every customer was lost in the first period") == 0);
  CHECK(fit_shifted_beta_geo(cohorts{{0, 0}}).reason.find("no customer at the start") == 0);
  // One period tells the mean chance alone.
  const auto one = fit_shifted_beta_geo(cohorts{{100, 60}});
  CHECK_FALSE(one.converged);
  CHECK_FALSE(one.reason.empty());
  // Everyone alike: retention does not grow.
  const auto alike = fit_shifted_beta_geo(cohorts{{1000, 500, 250, 125, 62}});
  CHECK_FALSE(alike.converged);
  CHECK_THROWS_AS(fit_shifted_beta_geo(cohorts{}), std::invalid_argument);
  CHECK_THROWS_AS(fit_shifted_beta_geo(cohorts{{100}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_shifted_beta_geo(cohorts{{100, 101}}), std::invalid_argument);
  CHECK_THROWS_AS(fit_shifted_beta_geo(cohorts{{100, std::numeric_limits<double>::quiet_NaN()}}), std::invalid_argument);
}
