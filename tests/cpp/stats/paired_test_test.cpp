#include "clarion/stats/paired_test.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using stats::holm;
using stats::paired_test;

namespace {
constexpr double not_there = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("Darwin's maize, which Fisher tested both ways") {
  // Fisher, The Design of Experiments, 1935, chapters 3 and 21: differences in eighths of an inch; t = 2.148, 1,726 of the 2^15
  // choices of signs are as extreme.
  const std::vector<double> d{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}, zero(d.size(), 0);
  const auto found = paired_test(d, zero, {.permutations = 40000});
  CHECK(found.n == 15);
  CHECK(found.difference == doctest::Approx(314.0 / 15));
  CHECK(found.t == doctest::Approx(2.148).epsilon(5e-4));
  CHECK(found.p_t == doctest::Approx(0.0497).epsilon(5e-3));
  CHECK(found.exact);
  CHECK(found.p_sign_flip == doctest::Approx(1726.0 / 32768));
  CHECK(found.low > 0);
  const auto turned = paired_test(zero, d, {.permutations = 40000});
  CHECK(turned.t == -found.t);
  CHECK(turned.p_sign_flip == found.p_sign_flip);
  const auto sampled = paired_test(d, zero, {.permutations = 20000});
  CHECK_FALSE(sampled.exact);
  // Three standard errors of 20,000 draws.
  CHECK(sampled.p_sign_flip == doctest::Approx(found.p_sign_flip).epsilon(0.09));
}

TEST_CASE("with nothing to find, p is uniform") {
  int below = 0;
  for (std::uint64_t trial = 0; trial < 400; ++trial) {
    core::random_stream random(7, trial);
    std::vector<double> a(37), b(37);
    for (auto& v : a) v = random.exponential();
    for (auto& v : b) v = random.exponential();
    below += paired_test(a, b, {.permutations = 499, .seed = trial}).p_sign_flip <= 0.1;
  }
  CHECK(below > 22);  // 40, less and more three standard deviations of 6
  CHECK(below < 58);
}

TEST_CASE("few pairs, equal pairs and pairs that are not there") {
  const std::vector<double> a{1, not_there, 3}, b{1, 2, not_there};
  const auto one = paired_test(a, b);
  CHECK(one.n == 1);
  CHECK(one.difference == 0);
  CHECK(std::isnan(one.low));
  CHECK(one.p_t == 1);
  CHECK(one.p_sign_flip == 1);
  const auto same = paired_test(b, b);
  CHECK(same.t == 0);
  CHECK(same.p_t == 1);
  CHECK(same.p_sign_flip == 1);
  const std::vector<double> up(10, 2), down(10, 1);
  const auto apart = paired_test(up, down);
  CHECK(apart.p_t == 0);
  CHECK(apart.p_sign_flip == doctest::Approx(2.0 / 1024));
  CHECK(apart.exact);
  CHECK(std::isnan(paired_test({}, {}).difference));
}

TEST_CASE("the same bits for any number of threads") {
  core::random_stream random(3);
  std::vector<double> a(1000), b(1000);
  for (auto& v : a) v = random.normal();
  for (auto& v : b) v = random.normal();
  const auto one = paired_test(a, b, {.seed = 2}, {.threads = 1}), many = paired_test(a, b, {.seed = 2}, {.threads = 5});
  CHECK(one.p_sign_flip == many.p_sign_flip);
  CHECK(one.p_t == many.p_t);
  // Both tests agree where there is much to go by.
  CHECK(one.p_sign_flip == doctest::Approx(one.p_t).epsilon(0.1));
}

TEST_CASE("Holm's adjustment") {
  const std::vector<double> p{0.01, 0.04, not_there, 0.03, 0.005};  // R: p.adjust(c(.01, .04, .03, .005), "holm")
  const auto found = holm(p);
  CHECK(found[0] == doctest::Approx(0.03));
  CHECK(found[1] == doctest::Approx(0.06));
  CHECK(std::isnan(found[2]));
  CHECK(found[3] == doctest::Approx(0.06));
  CHECK(found[4] == doctest::Approx(0.02));
  CHECK(holm({}).empty());
  const std::vector<double> high{0.9, 0.8};
  CHECK(holm(high)[0] == 1);
}

TEST_CASE("bad arguments are refused") {
  const std::vector<double> two{1, 2}, three{1, 2, 3}, endless{1, std::numeric_limits<double>::infinity()}, wrong{0.5, 1.5};
  CHECK_THROWS_AS(paired_test(two, three), std::invalid_argument);
  CHECK_THROWS_AS(paired_test(two, endless), std::invalid_argument);
  CHECK_THROWS_AS(paired_test(two, two, {.permutations = 0}), std::invalid_argument);
  CHECK_THROWS_AS(holm(wrong), std::invalid_argument);
}
