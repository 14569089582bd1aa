#include "clarion/stats/response.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;
using stats::response_curve;
using stats::response_family;

namespace {

const std::vector<response_curve> truths = {
    {response_family::power, 30, 0.6}, {response_family::logarithmic, 20000, 8000}, {response_family::hill, 90000, 15000}};

struct world {
  std::vector<double> spend, result;
};

world make(const response_curve& truth, std::size_t n, double noise, std::uint64_t key) {
  core::random_stream random(31, key);
  world out;
  for (std::size_t i = 0; i < n; ++i) {
    out.spend.push_back(500 * std::exp(5 * random.uniform()));
    out.result.push_back(truth.value(out.spend.back()) * std::exp(noise * random.normal()));
  }
  return out;
}

}  // namespace

TEST_CASE("slope is the derivative, spend_at inverts it, every family is concave") {
  for (const auto& curve : truths)
    for (const double x : {10.0, 500.0, 40000.0}) {
      const double h = x * 1e-5;
      CHECK(curve.slope(x) == Approx((curve.value(x + h) - curve.value(x - h)) / (2 * h)).epsilon(1e-6));
      CHECK(curve.spend_at(curve.slope(x)) == Approx(x).epsilon(1e-9));
      CHECK(curve.slope(2 * x) < curve.slope(x));
      CHECK(curve.value(0) == 0);
    }
  const response_curve line{response_family::power, 3, 1};
  CHECK(line.slope(0) == 3);
  CHECK(line.spend_at(3.1) == 0);
  CHECK(std::isinf(line.spend_at(2.9)));
}

TEST_CASE("without noise each family is recovered exactly") {
  for (const auto& truth : truths) {
    const auto data = make(truth, 30, 0, 1);
    const auto fit = stats::fit_response(data.spend, data.result, {}, {.family = truth.family});
    CHECK(fit.identified);
    CHECK(fit.curve.shape == Approx(truth.shape).epsilon(1e-4));
    CHECK(fit.curve.scale == Approx(truth.scale).epsilon(1e-4));
  }
}

TEST_CASE("with noise and plenty of rows the family is told") {
  for (const auto& truth : truths) {
    const auto data = make(truth, 400, 0.2, 2);
    CHECK(stats::fit_response(data.spend, data.result).curve.family == truth.family);
  }
}

TEST_CASE("the power family without robustness is the least-squares line through logarithms") {
  const auto data = make(truths[0], 25, 0.3, 3);
  double x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < 25; ++i) x += std::log(data.spend[i]) / 25, y += std::log(data.result[i]) / 25;
  for (std::size_t i = 0; i < 25; ++i) {
    xx += (std::log(data.spend[i]) - x) * (std::log(data.spend[i]) - x);
    xy += (std::log(data.spend[i]) - x) * (std::log(data.result[i]) - y);
  }
  double squares = 0;
  for (std::size_t i = 0; i < 25; ++i) {
    const double away = std::log(data.result[i]) - y - xy / xx * (std::log(data.spend[i]) - x);
    squares += away * away;
  }
  const auto fit = stats::fit_response(data.spend, data.result, {}, {.family = response_family::power, .huber = 0});
  CHECK(fit.shape_estimate == Approx(xy / xx));
  CHECK(fit.shape_variance == Approx(squares / 23 / xx));
  CHECK(fit.residual_sd == Approx(std::sqrt(squares / 23)).epsilon(1e-6));
}

TEST_CASE("shape intervals hold the truth as often as they say") {
  for (const auto& truth : truths) {
    int held = 0;
    for (std::uint64_t key = 0; key < 300; ++key) {
      const auto data = make(truth, 40, 0.25, 100 + key);
      const auto fit = stats::fit_response(data.spend, data.result, {}, {.family = truth.family, .level = 0.8});
      held += fit.shape_low <= truth.shape && truth.shape <= fit.shape_high;
    }
    MESSAGE(stats::to_string(truth.family), ": coverage of 80% intervals ", held / 300.0);
    // 300 trials: three standard errors are 0.07.
    CHECK(held / 300.0 > 0.72);
    CHECK(held / 300.0 < 0.88);
  }
}

TEST_CASE("a few wild results do not bend the curve") {
  auto data = make(truths[0], 40, 0.1, 5);
  for (std::size_t i = 0; i < 4; ++i) data.result[i * 9] *= 40;
  const auto fit = stats::fit_response(data.spend, data.result, {}, {.family = response_family::power});
  CHECK(std::abs(fit.curve.shape - 0.6) < 0.08);
}

TEST_CASE("few rows, equal spends and empty columns are not identified") {
  const auto none = stats::fit_response({}, {});
  CHECK(none.rows == 0);
  CHECK_FALSE(none.identified);
  const std::vector<double> same(10, 100.0), result = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const auto equal = stats::fit_response(same, result);
  CHECK_FALSE(equal.identified);
  CHECK(std::isinf(equal.shape_variance));
  CHECK(equal.curve.value(100) == Approx(5.5));
  const std::vector<double> bad = {std::nan(""), -1, 0, 5}, r4 = {1, 1, 1, 10};
  const auto one = stats::fit_response(bad, r4);
  CHECK(one.rows == 1);
  CHECK(one.curve.value(5) == Approx(10));
  CHECK_THROWS_AS(stats::fit_response(same, bad), std::invalid_argument);
  CHECK_THROWS_AS(stats::scale_response(response_family::automatic, 1, same, result), std::invalid_argument);
}
