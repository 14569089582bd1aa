#include "clarion/stats/random_effects.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;

TEST_CASE("a balanced one-way layout has a closed form") {
  // Searle, Casella and McCulloch (1992), ch. 3: with a groups of m rows, MSA = m sum (group mean - mean)^2 / (a - 1),
  // residual variance = MSE, between = (MSA - MSE) / m, effect = between / (between + MSE / m) (group mean - mean).
  const std::vector<double> y = {6, 7, 8, 9, 12, 13, 14, 17, 4, 4, 6, 6, 10, 9, 12, 13};
  std::vector<std::uint32_t> group(16);
  double mean = 0, means[4] = {};
  for (std::size_t i = 0; i < 16; ++i) {
    group[i] = static_cast<std::uint32_t>(i / 4);
    means[i / 4] += y[i] / 4;
    mean += y[i] / 16;
  }
  double between = 0, within = 0;
  for (const double m : means) between += 4 * (m - mean) * (m - mean) / 3;
  for (std::size_t i = 0; i < 16; ++i) within += (y[i] - means[i / 4]) * (y[i] - means[i / 4]) / 12;
  const double expected = (between - within) / 4;

  const std::vector<double> ones(16, 1.0);
  const std::vector<stats::factor> factors = {{group, 4}};
  const auto fit = stats::fit_random_effects(y, ones, factors, {.iterations = 5000, .tolerance = 1e-12, .huber = 0});
  CHECK(fit.mean == Approx(mean));
  CHECK(fit.residual_variance == Approx(within).epsilon(1e-6));
  CHECK(fit.variance[0] == Approx(expected).epsilon(1e-6));
  const double pull = expected / (expected + within / 4);
  for (std::size_t g = 0; g < 4; ++g) CHECK(fit.effect[0][g] == Approx(pull * (means[g] - mean)).epsilon(1e-6));
  const auto known = fit.predict(std::vector<std::uint32_t>{2});
  CHECK(known.value == Approx(mean + pull * (means[2] - mean)).epsilon(1e-6));
  const auto unknown = fit.predict(std::vector<std::uint32_t>{stats::no_level});
  CHECK(unknown.value == Approx(mean));
  CHECK(unknown.sd == Approx(std::sqrt(expected + (expected + within / 4) / 4)).epsilon(1e-6));
}

TEST_CASE("crossed effects come back, and predictions hold the truth as often as they say") {
  int held = 0, all = 0;
  for (std::uint64_t world = 0; world < 200; ++world) {
    core::random_stream random(21, world);
    double a[8], b[12];
    for (auto& v : a) v = 0.6 * random.normal();
    for (auto& v : b) v = 0.3 * random.normal();
    std::vector<double> y(120), w(120, 1.0);
    std::vector<std::uint32_t> fa(120), fb(120);
    for (std::size_t i = 0; i < 120; ++i) {
      fa[i] = static_cast<std::uint32_t>(random.below(8));
      fb[i] = static_cast<std::uint32_t>(random.below(12));
      y[i] = 1 + a[fa[i]] + b[fb[i]] + 0.4 * random.normal();
    }
    const std::vector<stats::factor> factors = {{fa, 8}, {fb, 12}};
    const auto fit = stats::fit_random_effects(y, w, factors);
    for (std::uint32_t l = 0; l < 8; ++l) {
      const auto p = fit.predict(std::vector<std::uint32_t>{l, l});
      const double truth = 1 + a[l] + b[l];
      held += std::abs(p.value - truth) < 1.2816 * p.sd;
      ++all;
    }
  }
  const double coverage = held / static_cast<double>(all);
  MESSAGE("coverage of 80% intervals: ", coverage);
  CHECK(coverage > 0.75);
  CHECK(coverage < 0.85);
}

TEST_CASE("a wild row does not move its small group") {
  core::random_stream random(22);
  std::vector<double> y(60), w(60, 1.0);
  std::vector<std::uint32_t> group(60);
  for (std::size_t i = 0; i < 60; ++i) {
    group[i] = static_cast<std::uint32_t>(i % 10);
    y[i] = 0.1 * random.normal();
  }
  y[0] = 8;
  const std::vector<stats::factor> factors = {{group, 10}};
  const auto robust = stats::fit_random_effects(y, w, factors);
  const auto plain = stats::fit_random_effects(y, w, factors, {.huber = 0});
  CHECK(std::abs(robust.mean + robust.effect[0][0]) < 0.15);
  CHECK(plain.residual_variance > 10 * robust.residual_variance);
  CHECK(robust.row_weight[0] == 0);
}

TEST_CASE("weights are numbers of equal rows; a weight of zero is no row") {
  const std::vector<double> y = {1, 2, 4, 7, 3}, w = {2, 1, 1, 1, 0};
  const std::vector<std::uint32_t> g = {0, 0, 1, 1, 2};
  const std::vector<stats::factor> factors = {{g, 3}};
  const auto fit = stats::fit_random_effects(y, w, factors, {.huber = 0});
  CHECK(fit.effect[0][2] == 0);
  CHECK(fit.residual[4] == 0);
  const auto p = fit.predict(std::vector<std::uint32_t>{2});
  CHECK(p.sd * p.sd >= fit.variance[0]);
}

TEST_CASE("all equal, two rows, no factor") {
  const std::vector<double> same(9, 3.0), ones(9, 1.0);
  const std::vector<std::uint32_t> g = {0, 0, 0, 1, 1, 1, 2, 2, 2};
  const std::vector<stats::factor> factors = {{g, 3}};
  const auto fit = stats::fit_random_effects(same, ones, factors);
  CHECK(fit.mean == 3);
  CHECK(fit.residual_variance == 0);
  CHECK(fit.predict(std::vector<std::uint32_t>{1}).value == 3);
  const std::vector<double> two = {1, 3}, both = {1, 1};
  const auto plain = stats::fit_random_effects(two, both, {}, {.huber = 0});
  CHECK(plain.mean == Approx(2));
  CHECK(plain.residual_variance == Approx(2));
  CHECK(plain.predict({}).sd == Approx(1));
}

TEST_CASE("a belief about a factor's spread weighs as many levels as it is given") {
  core::random_stream random(23);
  std::vector<double> y(40), w(40, 1.0);
  std::vector<std::uint32_t> group(40);
  for (std::size_t i = 0; i < 40; ++i) {
    group[i] = static_cast<std::uint32_t>(i % 20);
    y[i] = random.normal();
  }
  const auto sd = [&](double weight) {
    const std::vector<stats::factor> factors = {{group, 20, 0.5, weight}};
    return std::sqrt(stats::fit_random_effects(y, w, factors, {.huber = 0}).variance[0]);
  };
  CHECK(std::abs(sd(1e6) - 0.5) < 1e-3);
  CHECK(std::abs(sd(20) - 0.5) < std::abs(sd(0) - 0.5) + 1e-9);
  const std::vector<stats::factor> wrong = {{group, 20, -1, 1}};
  CHECK_THROWS_AS(stats::fit_random_effects(y, w, wrong), std::invalid_argument);
}

TEST_CASE("bad input is refused by name") {
  const std::vector<double> y = {1, 2}, w = {1, 1};
  const std::vector<std::uint32_t> g = {0, 5};
  const std::vector<stats::factor> factors = {{g, 3}};
  CHECK_THROWS_WITH_AS(stats::fit_random_effects(y, w, factors), "factor: level 5 is not allowed; give codes below 3",
                       std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_random_effects(y, std::vector<double>{1}, {}), std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_random_effects(std::vector<double>{1, std::nan("")}, w, {}), std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_random_effects(std::vector<double>{1}, std::vector<double>{1}, {}), std::invalid_argument);
}
