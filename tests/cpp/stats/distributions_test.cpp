#include "clarion/stats/distributions.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

using namespace clarion;
using doctest::Approx;

TEST_CASE("normal and t agree with printed tables") {
  // Abramowitz and Stegun, tables 26.1 and 26.10.
  CHECK(stats::normal_cdf(1) == Approx(0.841344746068543).epsilon(1e-14));
  CHECK(stats::normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-14));
  CHECK(stats::student_quantile(0.95, 4) == Approx(2.132).epsilon(2e-4));
  CHECK(stats::student_quantile(0.975, 10) == Approx(2.228).epsilon(2e-4));
}

TEST_CASE("quantile inverts cdf and the t with infinite degrees is the normal") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double p : {1e-8, 0.03, 0.5, 0.8, 1 - 1e-6}) {
    CHECK(stats::normal_cdf(stats::normal_quantile(p)) == Approx(p).epsilon(1e-10));
    CHECK(stats::student_cdf(stats::student_quantile(p, 2.5), 2.5) == Approx(p).epsilon(1e-10));
    CHECK(stats::student_quantile(p, inf) == stats::normal_quantile(p));
  }
  CHECK(stats::normal_quantile(0) == -inf);
  CHECK(stats::student_quantile(1, 3) == inf);
  CHECK(stats::student_cdf(-inf, 3) == 0);
}

TEST_CASE("impossible arguments are refused") {
  CHECK_THROWS_AS(stats::normal_quantile(1.01), std::invalid_argument);
  CHECK_THROWS_AS(stats::normal_quantile(std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS(stats::student_quantile(0.5, 0), std::invalid_argument);
}
