#include "clarion/stats/shrinkage.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;

namespace {
const double absent = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();
}  // namespace

TEST_CASE("Efron and Morris's baseball players") {
  // Stein's paradox in statistics, Scientific American 236 (1977): 18 averages after 45 times at bat, shrinking factor .212,
  // Clemente's .400 becomes .294 and Alvis's .156 becomes .242.
  const std::vector<double> y = {.400, .378, .356, .333, .311, .311, .289, .267, .244,
                                 .244, .222, .222, .222, .222, .222, .200, .178, .156};
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / 18;
  const std::vector<double> v(18, mean * (1 - mean) / 45);
  const auto s = stats::shrink(y, v);
  CHECK(s.mean == Approx(mean));
  CHECK(std::abs(s.weight[0] - 0.212) < 0.002);
  CHECK(std::abs(s.value[0] - 0.294) < 0.001);
  CHECK(std::abs(s.value[17] - 0.242) < 0.001);
}

TEST_CASE("two groups have a closed form") {
  // Paule and Mandel with k = 2 and equal variances: between = (a - b)^2 / 2 - variance.
  const auto s = stats::shrink(std::vector<double>{1, 5}, std::vector<double>{2, 2});
  CHECK(s.between == Approx(6));
  CHECK(s.mean == Approx(3));
  CHECK(s.value[0] == Approx(3 - 0.75 * 2));
  CHECK(s.mean_sd == Approx(2));
}

TEST_CASE("groups that differ by no more than their noise share one value") {
  const auto s = stats::shrink(std::vector<double>{1, 1.1, 0.9}, std::vector<double>{4, 4, 4});
  CHECK(s.between == 0);
  for (const double value : s.value) CHECK(value == Approx(1));
}

TEST_CASE("a group without data gets the mean and the spread of the others; one group stands alone") {
  const auto s = stats::shrink(std::vector<double>{1, 5, absent, 7}, std::vector<double>{2, 2, 2, infinity});
  CHECK(s.value[2] == Approx(3));
  CHECK(s.value[3] == Approx(3));
  CHECK(s.sd[2] == Approx(std::sqrt(6 + 4)));
  CHECK(s.weight[3] == 0);
  const auto one = stats::shrink(std::vector<double>{4}, std::vector<double>{9});
  CHECK(one.value[0] == 4);
  CHECK(one.sd[0] == Approx(3));
  CHECK(stats::shrink({}, {}).value.empty());
  CHECK(std::isnan(stats::shrink({}, {}).mean));
}

TEST_CASE("intervals hold the truth as often as they say") {
  int held = 0, all = 0;
  for (std::uint64_t world = 0; world < 400; ++world) {
    core::random_stream random(11, world);
    std::vector<double> truth(8), y(8), v(8);
    for (std::size_t j = 0; j < 8; ++j) {
      v[j] = 0.2 + random.uniform() * 2;
      truth[j] = 3 + random.normal();
      y[j] = truth[j] + std::sqrt(v[j]) * random.normal();
    }
    const auto s = stats::shrink(y, v, {.level = 0.8});
    for (std::size_t j = 0; j < 8; ++j) held += s.low[j] <= truth[j] && truth[j] <= s.high[j], ++all;
  }
  const double coverage = held / static_cast<double>(all);
  MESSAGE("coverage of 80% intervals: ", coverage);
  CHECK(coverage > 0.76);
  CHECK(coverage < 0.86);
}

TEST_CASE("shrunken estimates are nearer the truth than raw ones") {
  double raw = 0, shrunk = 0;
  for (std::uint64_t world = 0; world < 200; ++world) {
    core::random_stream random(12, world);
    std::vector<double> truth(10), y(10), v(10, 1.0);
    for (std::size_t j = 0; j < 10; ++j) truth[j] = random.normal(), y[j] = truth[j] + random.normal();
    const auto s = stats::shrink(y, v);
    for (std::size_t j = 0; j < 10; ++j) {
      raw += (y[j] - truth[j]) * (y[j] - truth[j]);
      shrunk += (s.value[j] - truth[j]) * (s.value[j] - truth[j]);
    }
  }
  // Equal variances of truth and noise: the ideal halves the squared error; estimating two parameters costs some.
  CHECK(shrunk < 0.65 * raw);
}

TEST_CASE("two_groups finds what stands out and nothing else") {
  int found = 0, falsely = 0, silent = 0;
  for (std::uint64_t world = 0; world < 100; ++world) {
    core::random_stream random(13, world);
    std::vector<double> x(80), v(80, 0.01);
    for (auto& value : x) value = 0.2 * random.normal();
    const auto quiet = stats::two_groups(x, v);
    for (const double p : quiet.probability) silent += p > 0.9;
    x[10] += 1.4;
    x[50] -= 1.4;
    const auto loud = stats::two_groups(x, v);
    for (std::size_t j = 0; j < 80; ++j) (j == 10 || j == 50 ? found : falsely) += loud.probability[j] > 0.9;
    CHECK(loud.spread > 0.1);
    CHECK(loud.spread < 0.25);
  }
  CHECK(found >= 190);   // of 200
  CHECK(falsely <= 80);  // of 7,800
  CHECK(silent <= 80);   // of 8,000
}

TEST_CASE("two_groups of few, equal or missing values") {
  const auto few = stats::two_groups(std::vector<double>{1, -1, 50}, std::vector<double>{1, 1, 1});
  CHECK(few.share == 0);
  CHECK(few.value[2] == 0);
  CHECK(few.high[2] == 0);
  const std::vector<double> zero(20, 0.0);
  const auto equal = stats::two_groups(zero, zero);
  for (std::size_t j = 0; j < 20; ++j) {
    CHECK(equal.value[j] == 0);
    CHECK(equal.probability[j] < 0.5);
  }
  std::vector<double> gap(20, 0.1);
  gap[3] = absent;
  const auto with_gap = stats::two_groups(gap, zero);
  CHECK(std::isnan(with_gap.value[3]));
  CHECK_FALSE(std::isnan(with_gap.value[4]));
  CHECK(stats::two_groups({}, {}).value.empty());
}

TEST_CASE("shrinkage refuses what cannot be") {
  CHECK_THROWS_AS(stats::shrink(std::vector<double>{1}, {}), std::invalid_argument);
  CHECK_THROWS_AS(stats::shrink(std::vector<double>{1}, std::vector<double>{0}), std::invalid_argument);
  CHECK_THROWS_AS(stats::two_groups(std::vector<double>{1}, std::vector<double>{-1}), std::invalid_argument);
  CHECK_THROWS_WITH_AS(stats::shrink(std::vector<double>{1}, std::vector<double>{1}, {.level = 1}),
                       "level: 1 is not allowed; give a number from 0.01 to 0.999", std::invalid_argument);
}
