#include "clarion/stats/distributions.hpp"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"

namespace clarion::stats {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Boost computes in long double otherwise, for digits that a double does not hold, five times as slowly.
using in_double = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
using normal = boost::math::normal_distribution<double, in_double>;
using student = boost::math::students_t_distribution<double, in_double>;

void check_probability(double p) {
  if (!(p >= 0 && p <= 1)) reject("probability", std::to_string(p), "give a number from 0 to 1");
}

void check_degrees(double n) {
  if (!(n > 0)) reject("degrees_of_freedom", std::to_string(n), "give a number above 0");
}

}  // namespace

double normal_cdf(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); }

double normal_quantile(double p) {
  check_probability(p);
  if (p == 0) return -infinity;
  if (p == 1) return infinity;
  return boost::math::quantile(normal(), p);
}

double student_cdf(double x, double n) {
  check_degrees(n);
  if (std::isinf(x)) return x > 0 ? 1 : 0;
  if (std::isinf(n)) return normal_cdf(x);
  return boost::math::cdf(student(n), x);
}

double student_quantile(double p, double n) {
  check_probability(p);
  check_degrees(n);
  if (p == 0) return -infinity;
  if (p == 1) return infinity;
  if (std::isinf(n)) return normal_quantile(p);
  return boost::math::quantile(student(n), p);
}

}  // namespace clarion::stats
