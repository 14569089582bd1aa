#include "clarion/stats/calibration.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;

TEST_CASE("isotonic regression pools what is out of order, and equal scores") {
  const std::vector<double> scores{1, 2, 3, 4, 4, 5}, y{1, 3, 2, 4, 6, 3};
  const auto curve = stats::isotonic(scores, y);
  CHECK(curve(1) == 1);
  CHECK(curve(2) == 2.5);
  CHECK(curve(3) == 2.5);
  CHECK(curve(4) == Approx(13.0 / 3));
  CHECK(curve(5) == Approx(13.0 / 3));
  CHECK(curve(1.5) == Approx(1.75));
  CHECK(curve(-9) == 1);
  CHECK(curve(9) == Approx(13.0 / 3));
  CHECK(std::isnan(curve(std::nan(""))));
  const std::vector<double> weights{1, 1, 3, 0, 1, 1};
  const auto weighted = stats::isotonic(scores, y, weights);
  CHECK(weighted(2) == Approx(9.0 / 4));
  CHECK(weighted(5) == Approx(4.5));
  const std::vector<double> down{3, 2, 1}, three{1, 2, 3};
  CHECK(stats::isotonic(three, down).value == std::vector<double>{2, 2});
}

TEST_CASE("isotonic regression is the best of monotone fits, by brute force over its definition") {
  // max over starts of min over ends of means: Robertson, Wright and Dykstra, Order Restricted Statistical Inference, 1988.
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    core::random_stream random(seed);
    std::vector<double> s(12), y(12), w(12);
    for (std::size_t i = 0; i < 12; ++i) s[i] = static_cast<double>(i), y[i] = random.uniform(), w[i] = random.exponential();
    const auto curve = stats::isotonic(s, y, w);
    for (std::size_t i = 0; i < 12; ++i) {
      double best = -1;
      for (std::size_t a = 0; a <= i; ++a) {
        double least = 2, sum = 0, weight = 0;
        for (std::size_t b = a; b < 12; ++b) {
          sum += w[b] * y[b], weight += w[b];
          if (b >= i) least = std::min(least, sum / weight);
        }
        best = std::max(best, least);
      }
      CHECK(curve(s[i]) == Approx(best));
    }
  }
}

TEST_CASE("Platt scaling recovers a sigmoid and stays finite where classes are separated") {
  std::vector<double> s, y;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    core::random_stream random(5, i);
    s.push_back(100 + 10 * random.normal());
    y.push_back(random.chance(1 / (1 + std::exp(-(0.2 * s.back() - 21)))));
  }
  const auto curve = stats::platt(s, y);
  CHECK(curve.converged);
  CHECK(curve.slope == Approx(-0.2).epsilon(0.05));
  CHECK(curve.intercept == Approx(21).epsilon(0.05));
  const std::vector<double> apart{-1, -1, 1, 1}, labels{0, 0, 1, 1};
  const auto held = stats::platt(apart, labels);
  CHECK(held.converged);
  CHECK(held(1) == Approx(3.0 / 4).epsilon(1e-6));  // (2 + 1) / (2 + 2): the target itself
  CHECK(held(-1) == Approx(1.0 / 4).epsilon(1e-6));
  const std::vector<double> same(4, 7.0);
  CHECK(stats::platt(same, labels)(7) == Approx(0.5));
}

TEST_CASE("the parts of the Brier score add up, and bins are what they say") {
  std::vector<double> p, y, w;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    core::random_stream random(8, i);
    p.push_back(random.uniform());
    y.push_back(random.chance(p.back() * p.back()));
    w.push_back(random.exponential());
  }
  for (const char* by : {"quantile", "width"}) {
    const auto found = stats::reliability(p, y, w, {.bins = 8, .by = by});
    CHECK(found.bins.size() == 8);
    double brier = 0, weight = 0, ece = 0;
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < p.size(); ++i) brier += w[i] * (p[i] - y[i]) * (p[i] - y[i]), weight += w[i];
    for (const auto& bin : found.bins) {
      n += bin.n;
      ece += bin.weight / weight * std::abs(bin.predicted - bin.observed);
      CHECK(bin.low < bin.observed);
      CHECK(bin.high > bin.observed);
      CHECK(bin.from <= bin.predicted);
      CHECK(bin.to >= bin.predicted);
    }
    CHECK(n == 5000);
    CHECK(found.brier == Approx(brier / weight));
    CHECK(found.brier == Approx(found.miscalibration - found.resolution + found.uncertainty + found.within));
    CHECK(found.expected_error == Approx(ece));
    CHECK(found.expected_error == Approx(1.0 / 6).epsilon(0.15));  // the integral of p - p^2
  }
  // Equal probabilities share a bin, and then nothing is left within it.
  const std::vector<double> two{0.2, 0.2, 0.2, 0.8}, labels{0, 1, 0, 1};
  const auto small = stats::reliability(two, labels);
  CHECK(small.bins.size() == 2);
  CHECK(small.within == Approx(0).epsilon(1e-12));
  CHECK(small.bins[0].observed == Approx(1.0 / 3));
}

TEST_CASE("what calibration refuses") {
  const std::vector<double> one{0.5}, two{0.1, 0.2}, labels{0, 1}, odd{0, 0.5}, above{0.5, 1.5}, broken{0.1, std::nan("")},
      endless{0.1, std::numeric_limits<double>::infinity()}, none{0, 0}, negative{1, -1};
  CHECK_THROWS_AS(stats::isotonic(two, one), std::invalid_argument);
  CHECK_THROWS_AS(stats::isotonic({}, {}), std::invalid_argument);
  CHECK_THROWS_AS(stats::isotonic(broken, labels), std::invalid_argument);
  CHECK_THROWS_AS(stats::isotonic(endless, labels), std::invalid_argument);
  CHECK_THROWS_AS(stats::isotonic(two, labels, none), std::invalid_argument);
  CHECK_THROWS_AS(stats::platt(two, odd), std::invalid_argument);
  CHECK_THROWS_AS(stats::platt(two, labels, negative), std::invalid_argument);
  CHECK_THROWS_AS(stats::reliability(above, labels), std::invalid_argument);
  CHECK_THROWS_AS(stats::reliability(two, odd), std::invalid_argument);
  CHECK_THROWS_AS(stats::reliability(two, labels, {}, {.by = "magic"}), std::invalid_argument);
  CHECK_THROWS_AS(stats::reliability(two, labels, {}, {.bins = 0}), std::invalid_argument);
}
