#include "clarion/stats/bootstrap.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using stats::bootstrap_means;

namespace {

constexpr double not_there = std::numeric_limits<double>::quiet_NaN();

std::vector<double> drawn(std::size_t n, std::uint64_t key, bool skewed = false) {
  core::random_stream random(1, key);
  std::vector<double> out(n);
  for (auto& v : out) v = skewed ? random.exponential() : random.normal();
  return out;
}

}  // namespace

TEST_CASE("an interval of a normal mean is about that of Student") {
  const auto values = drawn(400, 1);
  const auto found = bootstrap_means(values, values.size(), {.replicates = 4000}).front();
  CHECK(found.n == 400);
  // 1 / sqrt(400), up to the sample's own deviation and the noise of 4000 draws.
  CHECK(found.sd == doctest::Approx(0.05).epsilon(0.1));
  CHECK(found.mean - found.low == doctest::Approx(1.96 * found.sd).epsilon(0.1));
  CHECK(found.high - found.mean == doctest::Approx(1.96 * found.sd).epsilon(0.1));
}

TEST_CASE("intervals of skewed values hold their mean about as often as they say, and lean to the long side") {
  int inside = 0, leaning = 0;
  constexpr int trials = 300;
  for (int trial = 0; trial < trials; ++trial) {
    const auto values = drawn(60, 100 + static_cast<std::uint64_t>(trial), true);
    const auto found = bootstrap_means(values, values.size(), {.replicates = 500, .level = 0.9}).front();
    inside += found.low <= 1 && 1 <= found.high;
    leaning += found.high - found.mean > found.mean - found.low;
  }
  CHECK(inside > 0.84 * trials);  // 90 % less three standard errors
  CHECK(leaning > 0.8 * trials);
}

TEST_CASE("columns are drawn together: a difference has the interval of its pairs") {
  const auto noise = drawn(300, 2);
  std::vector<double> columns(900);
  for (std::size_t i = 0; i < 300; ++i) {
    columns[i] = noise[i] + 1;
    columns[300 + i] = noise[i];
    columns[600 + i] = 1;
  }
  const auto found = bootstrap_means(columns, 300);
  CHECK(found[0].low - found[1].low == doctest::Approx(1));
  CHECK(found[2].low == 1);
  CHECK(found[2].high == 1);
}

TEST_CASE("values that are not there are left out") {
  const std::vector<double> columns{1, not_there, 3, not_there, not_there, not_there, 5, not_there, not_there};
  const auto found = bootstrap_means(columns, 3);
  CHECK(found[0].n == 2);
  CHECK(found[0].mean == 2);
  CHECK(found[1].n == 0);
  CHECK(std::isnan(found[1].mean));
  CHECK(found[2].mean == 5);
  CHECK(std::isnan(found[2].low));
  CHECK(bootstrap_means({}, 0).empty());
}

TEST_CASE("the same bits for any number of threads") {
  const auto values = drawn(500, 3, true);
  const auto one = bootstrap_means(values, 100, {.replicates = 203, .seed = 5}, {.threads = 1});
  for (const unsigned threads : {2u, 7u}) {
    const auto many = bootstrap_means(values, 100, {.replicates = 203, .seed = 5}, {.threads = threads});
    for (std::size_t c = 0; c < 5; ++c) {
      CHECK(one[c].low == many[c].low);
      CHECK(one[c].high == many[c].high);
      CHECK(one[c].sd == many[c].sd);
    }
  }
  CHECK(bootstrap_means(values, 100, {.replicates = 203, .seed = 6}).front().low != one.front().low);
}

TEST_CASE("bad arguments are refused") {
  const std::vector<double> values{1, 2, 3};
  CHECK_THROWS_AS(bootstrap_means(values, 2), std::invalid_argument);
  CHECK_THROWS_AS(bootstrap_means(values, 0), std::invalid_argument);
  CHECK_THROWS_AS(bootstrap_means(values, 3, {.replicates = 1}), std::invalid_argument);
  CHECK_THROWS_AS(bootstrap_means(values, 3, {.level = not_there}), std::invalid_argument);
  const std::vector<double> endless{1, std::numeric_limits<double>::infinity()};
  CHECK_THROWS_AS(bootstrap_means(endless, 2), std::invalid_argument);
}
