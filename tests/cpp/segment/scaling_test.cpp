#include "clarion/segment/scaling.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clarion/stats/quantile.hpp"
#include "segment/yeo_johnson.hpp"

using namespace clarion;
using segment::fit_scaling;
using segment::scaled;
using segment::unscaled;

namespace {

const char* const methods[] = {"standard", "robust", "minmax", "log1p", "yeo_johnson"};

// Normal, skewed money with returns, a share, and a constant.
std::vector<double> drawn(std::size_t rows) {
  core::random_stream random(3);
  std::vector<double> out;
  for (std::size_t i = 0; i < rows; ++i) {
    out.push_back(50 + 10 * random.normal());
    out.push_back(std::exp(3 + 2 * random.normal()) * (random.chance(0.1) ? -1 : 1));
    out.push_back(random.uniform());
    out.push_back(0.1);
  }
  return out;
}

std::vector<double> column(const std::vector<double>& x, std::size_t columns, std::size_t c) {
  std::vector<double> out;
  for (std::size_t i = c; i < x.size(); i += columns) out.push_back(x[i]);
  return out;
}

double mean(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); }
double deviation(const std::vector<double>& x) {
  double out = 0;
  for (const double v : x) out += (v - mean(x)) * (v - mean(x));
  return std::sqrt(out / static_cast<double>(x.size()));
}

}  // namespace

TEST_CASE("scaled columns are what their method says, and come back") {
  const auto x = drawn(2001);
  for (const char* method : methods) {
    CAPTURE(method);
    const auto by = fit_scaling(x, 4, {.method = method});
    CHECK(by.constant == std::vector<std::uint32_t>{3});
    CHECK(by.scale[3] == 1);
    const auto out = scaled(by, x);
    for (std::size_t c = 0; c < 3; ++c) {
      const auto values = column(out, 4, c);
      if (std::string(method) == "minmax") {
        CHECK(*std::min_element(values.begin(), values.end()) == 0);
        CHECK(*std::max_element(values.begin(), values.end()) == doctest::Approx(1));
      } else if (std::string(method) == "robust") {
        CHECK(stats::quantile(values, 0.5) == doctest::Approx(0));
        CHECK(stats::quantile(values, 0.75) - stats::quantile(values, 0.25) == doctest::Approx(1));
      } else {
        CHECK(mean(values) == doctest::Approx(0).epsilon(1e-9));
        CHECK(deviation(values) == doctest::Approx(1));
      }
    }
    for (const double v : column(out, 4, 3)) CHECK(v == 0);
    const auto back = unscaled(by, out);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(back[i] == doctest::Approx(x[i]).epsilon(1e-9));
    // Other rows by the same parameters.
    const std::vector<double> row{60, 100, 0.5, 7};
    CHECK(unscaled(by, scaled(by, row))[1] == doctest::Approx(100));
  }
}

TEST_CASE("powers are the most likely") {
  core::random_stream random(9);
  const auto likelihood = [](const std::vector<double>& x, double power) {
    std::vector<double> y;
    double logs = 0;
    for (const double v : x) {
      y.push_back(segment::yeo_johnson(v, power));
      logs += std::copysign(std::log1p(std::abs(v)), v);
    }
    return -0.5 * std::log(deviation(y) * deviation(y)) + (power - 1) * logs / static_cast<double>(x.size());
  };
  for (const int kind : {0, 1, 2, 3}) {
    std::vector<double> x;
    for (int i = 0; i < 3000; ++i) {
      const double z = random.normal();
      x.push_back(kind == 0 ? std::exp(z) : kind == 1 ? -std::exp(z) : kind == 2 ? z * z - 0.5 : 5 + z);
    }
    const double power = segment::fitted_power(x, {});
    for (const double other : {power - 0.01, power + 0.01}) CHECK(likelihood(x, other) < likelihood(x, power));
    for (const double other : {-2.0, -1.0, 0.0, 1.0, 2.0, 3.0}) CHECK(likelihood(x, other) <= likelihood(x, power));
  }
  for (const double power : {-1.5, 0.0, 0.5, 1.0, 2.0, 3.0})
    for (const double v : {-1e3, -2.0, -1e-9, 0.0, 1e-9, 3.0, 1e3})
      CHECK(segment::yeo_johnson_inverse(segment::yeo_johnson(v, power), power) == doctest::Approx(v).epsilon(1e-6));
  CHECK(std::isnan(segment::yeo_johnson_inverse(5, -1)));
}

TEST_CASE("amounts far from 1 keep their digits") {
  std::vector<double> large, years;
  core::random_stream random(2);
  for (int i = 0; i < 500; ++i) {
    large.push_back(1e12 + 1e6 * random.normal());
    years.push_back(1950.0 + static_cast<double>(random.below(60)));
  }
  for (const char* method : methods) {
    CAPTURE(method);
    for (const auto& x : {large, years, std::vector<double>{1, 1e12, 3, 1e9, 0}}) {
      const auto by = fit_scaling(x, 1, {.method = method});
      const auto out = scaled(by, x), back = unscaled(by, out);
      CHECK(by.constant.empty());
      for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(std::isfinite(out[i]));
        CHECK(back[i] == doctest::Approx(x[i]).epsilon(1e-5));
      }
    }
  }
  for (const double v :
       scaled(fit_scaling(std::vector<double>{-1e300, 1, 2, 1e300}, 1, {.method = "log1p"}), std::vector<double>{-1e300, 1}))
    CHECK(std::isfinite(v));
  CHECK_THROWS_WITH_AS(fit_scaling(std::vector<double>{-1e300, 1, 2, 1e300}, 1), doctest::Contains("column 0"),
                       std::invalid_argument);
}

TEST_CASE("constant and collapsed columns are named") {
  std::vector<double> x;
  for (int i = 0; i < 100; ++i) {
    x.push_back(i % 10 == 0 ? 5.0 * i : 0);  // nine in ten spend nothing
    x.push_back(7);
    x.push_back(0.3 + (i % 2 == 0 ? 5e-17 : 0));  // rounding
  }
  const auto by = fit_scaling(x, 3, {.method = "robust"});
  CHECK(by.constant == std::vector<std::uint32_t>{1, 2});
  CHECK(by.collapsed == std::vector<std::uint32_t>{0});
  CHECK(deviation(column(scaled(by, x), 3, 0)) == doctest::Approx(1));
  const auto plain = segment::scaling_findings(by);
  REQUIRE(plain.size() == 2);
  CHECK(plain[0].code == "G301");
  CHECK(plain[0].message == "Columns 1 and 2 are the same in every row: not scaled.");
  const std::vector<std::string> names{"spend", "country", "share"};
  const auto named = segment::scaling_findings(by, names);
  CHECK(named[1].column == "spend");
  CHECK(named[1].code == "G302");
  CHECK(segment::scaling_findings(fit_scaling(x, 3)).size() == 1);
  // One row: every column is constant.
  CHECK(fit_scaling(std::vector<double>{1, 2}, 2, {.method = "yeo_johnson"}).constant.size() == 2);
}

TEST_CASE("the same bits for any number of threads") {
  const auto x = drawn(20000);
  for (const char* method : methods) {
    const auto one = fit_scaling(x, 4, {.method = method}, {.threads = 1}),
               four = fit_scaling(x, 4, {.method = method}, {.threads = 4});
    CHECK(one.center == four.center);
    CHECK(one.scale == four.scale);
    CHECK(one.power == four.power);
    CHECK(scaled(one, x, {.threads = 1}) == scaled(one, x, {.threads = 3}));
  }
}

TEST_CASE("what is not allowed") {
  const std::vector<double> x{1, 2, 3, 4};
  CHECK_THROWS_WITH_AS(fit_scaling(x, 2, {.method = "magic"}), doctest::Contains("method: \"magic\""), std::invalid_argument);
  CHECK_THROWS_AS(fit_scaling({}, 2), std::invalid_argument);
  CHECK_THROWS_AS(fit_scaling(x, 3), std::invalid_argument);
  CHECK_THROWS_WITH_AS(fit_scaling(std::vector<double>{1, 2, 3, std::nan("")}, 2), doctest::Contains("NaN of column 1"),
                       std::invalid_argument);
  CHECK_THROWS_AS(scaled(fit_scaling(x, 2), std::vector<double>{1, 2, 3}), std::invalid_argument);
  CHECK_THROWS_AS(scaled({}, x), std::invalid_argument);
  CHECK(scaled(fit_scaling(x, 2), {}).empty());
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(fit_scaling(x, 2, {}, {.cancel = stop.get_token()}), cancelled);
}
