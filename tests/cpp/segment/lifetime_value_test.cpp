#include "clarion/segment/lifetime_value.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "clarion/segment/beta_geo.hpp"
#include "histories.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

struct shop {
  histories::columns data = histories::simulated(
      3000, 40, 3, [](auto& random) { return random.gamma(0.8) / 5; },
      [](auto& random) {
        return histories::geometric_loss{random.beta(1, 3), false};
      });
  std::vector<double> z;
  purchase_model model;
  parameter_fit spend;

  shop() {
    for (std::size_t i = 0; i < data.x.size(); ++i) {
      core::random_stream random(8, i);
      const double nu = random.gamma(4) / 15;
      double sum = 0;
      for (double k = 0; k < data.x[i]; ++k) sum += random.gamma(6) / nu;
      z.push_back(data.x[i] > 0 ? sum / data.x[i] : 0);
    }
    model = fit_beta_geo(data.view());
    spend = fit_gamma_gamma(money());
  }
  spend_history money() const { return {data.x, z}; }
};

}  // namespace

TEST_CASE("a value is what is expected in each period, discounted") {
  const shop of;
  REQUIRE(of.model.fit.converged);
  REQUIRE(of.spend.converged);
  const auto found =
      lifetime_value(of.model, of.data.view(), of.spend, of.money(), {.horizon = 6, .period = 4, .discount = 0.02});
  std::vector<double> expected(3000), before(3000);
  const auto each = expected_spend(of.spend, of.money()).value;
  for (int k = 1; k <= 6; ++k) {
    const auto until = expected_purchases(of.model, of.data.view(), 4.0 * k).value;
    for (std::size_t i = 0; i < 3000; ++i) expected[i] += (until[i] - before[i]) * each[i] / std::pow(1.02, k);
    before = until;
  }
  double total = 0;
  for (std::size_t i = 0; i < 3000; ++i) {
    CHECK(found.customer.value[i] == doctest::Approx(expected[i]).epsilon(1e-11));
    CHECK(found.customer.low[i] < found.customer.value[i]);
    CHECK(found.customer.high[i] > found.customer.value[i]);
    total += expected[i];
  }
  CHECK(found.total == doctest::Approx(total));
  CHECK(found.total_low < total);
  CHECK(found.total_high > total);
  // What is shared by all does not average out, what is not does.
  CHECK(found.total_sd / found.total < 0.2);
  const auto plain = lifetime_value(of.model, of.data.view(), of.spend, of.money(),
                                    {.horizon = 6, .period = 4, .discount = 0.02, .intervals = false}, {.threads = 3});
  CHECK(plain.customer.value == found.customer.value);
  CHECK(plain.customer.sd.empty());
}

TEST_CASE("intervals of values are those of moved parameters") {
  const shop of;
  const std::vector<double> x{4}, t{30}, T{35}, z{30};
  const lifetime_value_options how{.horizon = 10};
  const auto found = lifetime_value(of.model, {x, t, T}, of.spend, {x, z}, how);
  // The variance of the logarithm, by differences.
  const auto value = [&](const purchase_model& m, const parameter_fit& s) {
    return std::log(lifetime_value(m, {x, t, T}, s, {x, z}, how).customer.value[0]);
  };
  double variance = 0;
  const auto slopes = [&](auto& fit, auto&& moved) {
    const std::size_t n = fit.value.size();
    std::vector<double> g(n);
    for (std::size_t j = 0; j < n; ++j) {
      auto up = fit, down = fit;
      up.value[j] *= std::exp(1e-3);
      down.value[j] *= std::exp(-1e-3);
      g[j] = (moved(up) - moved(down)) / 2e-3;
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) variance += g[i] * g[j] * fit.covariance[i * n + j];
  };
  slopes(of.model.fit, [&](const parameter_fit& fit) { return value({of.model.family, fit}, of.spend); });
  slopes(of.spend, [&](const parameter_fit& fit) { return value(of.model, fit); });
  CHECK(found.customer.sd[0] / found.customer.value[0] == doctest::Approx(std::sqrt(variance)).epsilon(1e-4));
  CHECK(found.total_sd == doctest::Approx(found.customer.sd[0]).epsilon(1e-9));
}

TEST_CASE("what does not fit together is refused") {
  const shop of;
  const std::vector<double> x{4}, t{30}, T{35}, z{30}, two{1, 1};
  CHECK_THROWS_AS(lifetime_value(of.model, {x, t, T}, of.spend, {two, two}), std::invalid_argument);
  CHECK_THROWS_AS(lifetime_value(of.model, {x, t, T}, of.model.fit, {x, z}), std::invalid_argument);
  CHECK_THROWS_AS(lifetime_value(of.model, {x, t, T}, of.spend, {x, z}, {.horizon = 0}), std::invalid_argument);
  CHECK(lifetime_value(of.model, {}, of.spend, {}).customer.value.empty());
}
