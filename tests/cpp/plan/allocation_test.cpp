#include "clarion/plan/allocation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;
using stats::response_curve;
using stats::response_family;

namespace {

double cents(const std::vector<double>& amounts) {
  double sum = 0;
  for (const double a : amounts) sum += std::round(a * 100);
  return sum;
}

}  // namespace

TEST_CASE("power curves of one elasticity share in a closed form") {
  // max sum a_i x_i^b, sum x_i = T: x_i in proportion to a_i^(1 / (1 - b)).
  const std::vector<response_curve> curves = {
      {response_family::power, 1, 0.5}, {response_family::power, 2, 0.5}, {response_family::power, 3, 0.5}};
  const std::vector<double> low(3, 0), high(3, 1e6);
  const auto got = plan::allocate(curves, low, high, 1400);
  CHECK(got.amount[0] == Approx(100).epsilon(1e-4));
  CHECK(got.amount[1] == Approx(400).epsilon(1e-4));
  CHECK(got.amount[2] == Approx(900).epsilon(1e-4));
  CHECK(cents(got.amount) == 140000);
  CHECK(got.price == Approx(0.05).epsilon(1e-4));
}

TEST_CASE("no exchange of money between two curves helps, and the total holds to the cent") {
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    core::random_stream random(41, trial);
    const std::size_t n = 2 + random.below(12);
    std::vector<response_curve> curves;
    std::vector<double> low, high;
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto family = static_cast<response_family>(1 + random.below(3));
      const double shape = family == response_family::power ? (random.chance(0.2) ? 1 : 0.2 + 0.7 * random.uniform())
                                                            : 1000 * std::exp(3 * random.uniform());
      curves.push_back({family, std::exp(6 * random.uniform()), shape});
      const double before = std::round(100 * std::exp(5 + 4 * random.uniform())) / 100;
      low.push_back(before * 0.5);
      high.push_back(before * 1.5);
      total += before;
    }
    const auto got = plan::allocate(curves, low, high, total);
    CHECK(cents(got.amount) == std::round(total * 100));
    double value = 0;
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(got.amount[i] >= low[i] - 0.005001);
      CHECK(got.amount[i] <= high[i] + 0.005001);
      value += curves[i].value(got.amount[i]);
    }
    CHECK(got.value == Approx(value));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        for (const double step : {0.05, 1.0, 50.0}) {
          if (i == j || got.amount[i] - step < low[i] || got.amount[j] + step > high[j]) continue;
          const double gain = curves[j].value(got.amount[j] + step) - curves[j].value(got.amount[j]) -
                              (curves[i].value(got.amount[i]) - curves[i].value(got.amount[i] - step));
          // A cent of rounding at a slope is all that may be won back.
          CHECK(gain <= 0.02 * (curves[j].slope(got.amount[j]) + curves[i].slope(got.amount[i])) * 0.01 + 1e-9 * value);
        }
  }
}

TEST_CASE("straight and flat curves, bounds that leave no room, nothing to spend") {
  const std::vector<response_curve> lines = {{response_family::power, 2, 1},
                                             {response_family::power, 2, 1},
                                             {response_family::power, 1, 1},
                                             {response_family::power, 0, 1}};
  const auto got = plan::allocate(lines, std::vector<double>(4, 0), std::vector<double>{10, 10, 10, 10}, 25);
  CHECK(got.amount[0] + got.amount[1] == Approx(20));
  CHECK(got.amount[2] == Approx(5));
  CHECK(got.amount[3] == 0);
  const auto all = plan::allocate(lines, std::vector<double>(4, 0), std::vector<double>{10, 10, 10, 10}, 38.5);
  CHECK(all.amount[3] == Approx(8.5));
  const auto fixed = plan::allocate(lines, std::vector<double>{1, 2, 3, 4}, std::vector<double>{1, 2, 3, 4}, 10);
  CHECK(fixed.amount == std::vector<double>{1, 2, 3, 4});
  CHECK(std::isnan(fixed.price));
  const auto none = plan::allocate(lines, std::vector<double>(4, 0), std::vector<double>(4, 5), 0);
  CHECK(none.value == 0);
  CHECK(plan::allocate({}, {}, {}, 0).amount.empty());
}

TEST_CASE("what cannot be spread is refused with the amount") {
  const std::vector<response_curve> one = {{response_family::power, 1, 0.5}};
  CHECK_THROWS_WITH_AS(plan::allocate(one, std::vector<double>{5}, std::vector<double>{9}, 4),
                       "total: 4.000000 is not allowed; the floors alone take 1.000000 more", std::invalid_argument);
  CHECK_THROWS_WITH_AS(plan::allocate(one, std::vector<double>{5}, std::vector<double>{9}, 11),
                       "total: 11.000000 is not allowed; the ceilings leave 2.000000 without a place", std::invalid_argument);
  CHECK_THROWS_AS(plan::allocate(one, std::vector<double>{5}, std::vector<double>{4}, 5), std::invalid_argument);
  CHECK_THROWS_AS(plan::allocate(one, std::vector<double>{-1}, std::vector<double>{4}, 1), std::invalid_argument);
  CHECK_THROWS_AS(plan::allocate(one, std::vector<double>{std::nan("")}, std::vector<double>{4}, 1), std::invalid_argument);
  CHECK_THROWS_AS(plan::allocate(one, {}, std::vector<double>{4}, 1), std::invalid_argument);
}
