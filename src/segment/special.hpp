#pragma once

// Logarithms of the gamma function, of its ratios and of beta functions, with their derivatives, for counts of any size.

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clarion::segment {

namespace series {

// From here on Stirling's series is exact to the last digit.
inline constexpr double from = 10;

/// lgamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2), x >= from.
inline double log_gamma_rest(double x) {
  const double u = 1 / (x * x);
  return (1.0 / 12 - u * (1.0 / 360 - u * (1.0 / 1260 - u * (1.0 / 1680 - u * (1.0 / 1188 - u * (691.0 / 360360 - u / 156)))))) /
         x;
}

/// ln x - digamma(x), x >= from.
inline double digamma_rest(double x) {
  const double u = 1 / (x * x);
  return 0.5 / x +
         u * (1.0 / 12 - u * (1.0 / 120 - u * (1.0 / 252 - u * (1.0 / 240 - u * (1.0 / 132 - u * (691.0 / 32760 - u / 12))))));
}

/// trigamma(x) - 1 / x, x >= from.
inline double trigamma_rest(double x) {
  const double u = 1 / (x * x);
  return u * (0.5 +
              (1.0 / 6 - u * (1.0 / 30 - u * (1.0 / 42 - u * (1.0 / 30 - u * (5.0 / 66 - u * (691.0 / 2730 - u * 7 / 6)))))) / x);
}

}  // namespace series

/// A logarithm and its two derivatives by the first argument.
struct log_and_slopes {
  double log = 0, slope = 0, curve = 0;
  void add(double weight, const log_and_slopes& other) {
    log += weight * other.log;
    slope += weight * other.slope;
    curve += weight * other.curve;
  }
};

/// lgamma(x), digamma(x) and trigamma(x), x > 0.
inline log_and_slopes log_gamma(double x) {
  log_and_slopes out;
  double product = 1;
  for (; x < series::from; ++x) {
    const double inverse = 1 / x;
    product *= x;
    out.slope -= inverse;
    out.curve += inverse * inverse;
  }
  const double log = std::log(x);
  out.log = (x - 0.5) * log - x + 0.5 * std::log(2 * std::numbers::pi) + series::log_gamma_rest(x) - std::log(product);
  out.slope += log - series::digamma_rest(x);
  out.curve += 1 / x + series::trigamma_rest(x);
  return out;
}

/// ln(Gamma(a + n) / Gamma(a)) and its derivatives by a, a > 0, n >= 0: no digits are lost where a or n is large.
inline log_and_slopes log_rising(double a, double n) {
  log_and_slopes out;
  double product = 1;
  for (; a < series::from; ++a) {
    const double inverse = 1 / a, at_end = 1 / (a + n), slope = n * inverse * at_end;
    product *= a / (a + n);
    out.slope += slope;
    out.curve -= slope * (inverse + at_end);
  }
  const double end = a + n, grown = std::log1p(n / a);
  out.log =
      std::log(product) + (a - 0.5) * grown + n * (std::log(end) - 1) + (series::log_gamma_rest(end) - series::log_gamma_rest(a));
  out.slope += grown - (series::digamma_rest(end) - series::digamma_rest(a));
  out.curve += (series::trigamma_rest(end) - series::trigamma_rest(a)) - n / (a * end);
  return out;
}

/// log_rising(a, n) for whole n that ascend: each from the one before it, for a logarithm and n divisions.
class rising_walk {
public:
  explicit rising_walk(double a) : a_(a) {}
  const log_and_slopes& to(double n) {
    if (n - n_ > 8) {
      sum_.add(1, log_rising(a_ + n_, n - n_));
    } else if (n > n_) {
      double product = 1;
      for (double at = a_ + n_; n_ < n; ++n_, ++at) {
        const double inverse = 1 / at;
        product *= at;
        sum_.slope += inverse;
        sum_.curve -= inverse * inverse;
      }
      sum_.log += std::log(product);
    }
    n_ = n;
    return sum_;
  }

private:
  double a_, n_ = 0;
  log_and_slopes sum_;
};

/// ln B(a, b).
inline double log_beta(double a, double b) {
  return a < b ? log_gamma(a).log - log_rising(b, a).log : log_gamma(b).log - log_rising(a, b).log;
}

/// ln(1 + e^x).
inline double log1p_exp(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// e^x / (1 + e^x).
inline double logistic(double x) {
  const double t = std::exp(-std::abs(x));
  return (x < 0 ? t : 1) / (1 + t);
}

/// (1 - e^-x) / x, 1 at 0.
inline double one_less_exp_over(double x) { return std::abs(x) < 1e-300 ? 1 : -std::expm1(-x) / x; }

}  // namespace clarion::segment
