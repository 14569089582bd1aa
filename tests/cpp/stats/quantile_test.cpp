#include "clarion/stats/quantile.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;

namespace {
const double absent = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("quantiles interpolate the order statistics as NumPy does") {
  const std::vector<double> x = {7, 1, 3, 10};
  const std::vector<double> p = {0, 0.1, 0.25, 0.5, 0.9, 1};
  // numpy.quantile([7, 1, 3, 10], p)
  const std::vector<double> expected = {1, 1.6, 2.5, 5, 9.1, 10};
  const auto q = stats::quantiles(x, p);
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(q[i] == Approx(expected[i]));
}

TEST_CASE("equal weights give the plain quantiles, at any scale") {
  core::random_stream random(3);
  for (const std::size_t n : {1, 2, 5, 40}) {
    std::vector<double> x(n), w(n, 0.37);
    for (auto& v : x) v = random.normal();
    const std::vector<double> p = {0, 0.05, 0.25, 0.5, 0.77, 1};
    const auto plain = stats::quantiles(x, p), weighted = stats::weighted_quantiles(x, w, p);
    for (std::size_t i = 0; i < p.size(); ++i) CHECK(weighted[i] == Approx(plain[i]));
  }
}

TEST_CASE("a weight of zero and a NaN value take no part") {
  const std::vector<double> x = {1, 2, 3, 900, absent}, w = {1, 1, 1, 0, 5}, p = {0, 0.5, 1};
  const auto q = stats::weighted_quantiles(x, w, p);
  CHECK(q[0] == Approx(1));
  CHECK(q[1] == Approx(2));
  CHECK(q[2] == Approx(3));
}

TEST_CASE("weighted quantiles agree with the integral they are defined by") {
  core::random_stream random(5);
  std::vector<double> x(12), w(12);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = random.normal();
    w[i] = random.uniform() + 0.05;
  }
  const double size = stats::effective_size(w);
  std::vector<std::size_t> order(x.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return x[a] < x[b]; });
  double total = 0;
  for (const double v : w) total += v;
  for (const double p : {0.0, 0.2, 0.5, 0.81, 1.0}) {
    const double left = p * (size - 1) / size;
    const int steps = 200000;
    double mean = 0;
    for (int s = 0; s < steps; ++s) {
      const double at = (left + (s + 0.5) / steps / size) * total;
      double reached = 0;
      std::size_t i = 0;
      while (i + 1 < order.size() && reached + w[order[i]] < at) reached += w[order[i++]];
      mean += x[order[i]] / steps;
    }
    // Midpoint sum of a step function: each of at most 12 steps is off by one of 200,000 cells.
    CHECK(stats::weighted_quantiles(x, w, std::vector<double>{p})[0] == Approx(mean).epsilon(1e-3));
  }
}

TEST_CASE("nothing to sort is not a number, bad arguments name themselves") {
  CHECK(std::isnan(stats::quantile({}, 0.5)));
  CHECK(std::isnan(stats::quantile(std::vector<double>{absent}, 0.5)));
  CHECK(std::isnan(stats::weighted_quantiles({}, {}, std::vector<double>{0.5})[0]));
  CHECK(std::isnan(stats::robust_spread({})));
  CHECK_THROWS_WITH_AS(stats::quantile(std::vector<double>{1}, 1.5),
                       "probability: 1.500000 is not allowed; give a number from 0 to 1", std::invalid_argument);
  CHECK_THROWS_AS(stats::weighted_quantiles(std::vector<double>{1}, {}, std::vector<double>{0.5}), std::invalid_argument);
  CHECK_THROWS_AS(stats::weighted_quantiles(std::vector<double>{1}, std::vector<double>{-1}, std::vector<double>{0.5}),
                  std::invalid_argument);
}

TEST_CASE("robust_spread is the standard deviation of normal data and ignores outliers") {
  core::random_stream random(8);
  std::vector<double> x(20000);
  for (auto& v : x) v = 4 + 2 * random.normal();
  // Asymptotic standard error of the MAD estimate: 1.17 sd / sqrt(n) = 0.0165; five of them.
  CHECK(std::abs(stats::robust_spread(x) - 2) < 0.083);
  for (std::size_t i = 0; i < 200; ++i) x[i] = 1e9;
  CHECK(std::abs(stats::robust_spread(x) - 2) < 0.12);
}
