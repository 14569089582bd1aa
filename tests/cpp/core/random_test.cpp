#include "clarion/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using clarion::core::random_stream;

namespace {

struct moments {
  double mean, variance;
};

template <class Draw>
moments moments_of(Draw draw, int n = 200'000) {
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  return {sum / n, squares / n - sum / n * (sum / n)};
}

// A sample mean of n draws lies within 6 standard errors of the true one, except once in 5e8 seeds; the seeds here are fixed.
void check_mean(double got, double mean, double variance, int n = 200'000) {
  CHECK(std::abs(got - mean) < 6 * std::sqrt(variance / n));
}

}  // namespace

TEST_CASE("the first block is the published one of Philox4x32-10") {
  random_stream stream(0);
  CHECK(stream.bits() == 0x6627e8d5u);
  CHECK(stream.bits() == 0xe169c58du);
  CHECK(stream.bits() == 0xbc57ac4cu);
  CHECK(stream.bits() == 0x9b00dbd8u);
}

TEST_CASE("seed, key and room decide, and nothing else") {
  random_stream a(7, 3, 1), b(7, 3, 1);
  for (int i = 0; i < 100; ++i) CHECK(a.bits() == b.bits());
  auto copy = a;
  CHECK(copy.bits() == a.bits());
  CHECK(random_stream(7, 3, 1).bits() != random_stream(8, 3, 1).bits());
  CHECK(random_stream(7, 3, 1).bits() != random_stream(7, 4, 1).bits());
  CHECK(random_stream(7, 3, 1).bits() != random_stream(7, 3, 2).bits());
}

TEST_CASE("uniform draws fill [0, 1)") {
  random_stream stream(1);
  double low = 1, high = 0;
  const auto m = moments_of([&] {
    const double x = stream.uniform();
    low = std::min(low, x);
    high = std::max(high, x);
    return x;
  });
  CHECK(low >= 0);
  CHECK(high < 1);
  CHECK(low < 1e-4);
  CHECK(high > 1 - 1e-4);
  check_mean(m.mean, 0.5, 1.0 / 12);
}

TEST_CASE("whole numbers are unbiased") {
  random_stream stream(2);
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts[stream.below(7)];
  double chi = 0;
  for (const int count : counts) chi += (count - 10'000.0) * (count - 10'000.0) / 10'000.0;
  CHECK(chi < 38);  // 6 degrees of freedom: exceeded once in a million
  CHECK(stream.below(1) == 0);
  for (int i = 0; i < 100; ++i) CHECK(stream.below(UINT64_MAX) < UINT64_MAX);
}

TEST_CASE("the moments are those of the distribution") {
  random_stream stream(3);
  auto m = moments_of([&] { return stream.normal(); });
  check_mean(m.mean, 0, 1);
  CHECK(m.variance == doctest::Approx(1).epsilon(0.02));  // standard error of a variance: sqrt(2 / n) = 0.003

  m = moments_of([&] { return stream.exponential(); });
  check_mean(m.mean, 1, 1);
  CHECK(m.variance == doctest::Approx(1).epsilon(0.04));

  for (const double shape : {0.3, 1.0, 4.5}) {
    m = moments_of([&] { return stream.gamma(shape); });
    check_mean(m.mean, shape, shape);
    CHECK(m.variance == doctest::Approx(shape).epsilon(0.06));
  }

  m = moments_of([&] { return stream.beta(2, 5); });
  check_mean(m.mean, 2.0 / 7, 10.0 / (49 * 8));

  for (const double mean : {0.0, 0.5, 12.0, 80.0, 2000.0}) {
    m = moments_of([&] { return static_cast<double>(stream.poisson(mean)); }, 20'000);
    check_mean(m.mean, mean, std::max(mean, 1e-12), 20'000);
    CHECK(m.variance == doctest::Approx(mean).epsilon(0.06));
  }

  m = moments_of([&] { return stream.chance(0.2) ? 1.0 : 0.0; });
  check_mean(m.mean, 0.2, 0.16);
}
