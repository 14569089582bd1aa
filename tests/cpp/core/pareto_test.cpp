#include "kernels/pareto.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;

TEST_CASE("sums over customers who may be lost at any time are those of plain arithmetic at every level") {
  for (const auto& p : {kernels::pareto_parameters{0.6, 4.4, 0.7, 9}, {1.5, 30, 2, 0.3}, {0.02, 900, 0.05, 1200}})
    for (const std::size_t n : {0u, 1u, 3u, 7u, 8u, 9u, 64u, 131u}) {
      core::random_stream random(5, n);
      std::vector<double> x(n + 1), recency(n + 1), age(n + 1), weight(n + 1);
      for (std::size_t i = 0; i < n; ++i) {
        x[i + 1] = static_cast<double>(random.below(i % 7 == 0 ? 3000 : 30));
        age[i + 1] = 40 * random.uniform();
        recency[i + 1] = i % 5 == 0 ? age[i + 1] : age[i + 1] * (i % 5 == 1 ? 1 - 1e-9 : random.uniform());
        weight[i + 1] = static_cast<double>(1 + random.below(1000));
      }
      // One past the start: unaligned.
      const auto sums = [&](core::simd_level level) {
        return kernels::choose_pareto_terms(level)(x.data() + 1, recency.data() + 1, age.data() + 1, weight.data() + 1, n, p);
      };
      const auto plain = sums(core::simd_level::scalar);
      for (const auto level : {core::simd_level::avx2, core::simd_level::avx512}) {
        const auto fast = sums(level);
        // Logarithms and exponentials of both are exact to some 4 units in the last place, and terms cancel.
        CHECK(fast.value == doctest::Approx(plain.value).epsilon(1e-12).scale(1));
        for (std::size_t j = 0; j < 14; ++j) CHECK_MESSAGE(fast.by[j] == doctest::Approx(plain.by[j]).epsilon(1e-11).scale(1), j);
      }
    }
}

TEST_CASE("odds of loss have the slopes of differences") {
  using kernels::pareto_parameters;
  double pareto_parameters::*const each[] = {&pareto_parameters::r, &pareto_parameters::alpha, &pareto_parameters::s,
                                             &pareto_parameters::beta};
  for (const auto& p : {pareto_parameters{0.6, 4.4, 0.7, 9}, {1.5, 30, 2, 0.3}})
    for (const double x : {0.0, 3.0, 40.0}) {
      const auto at = kernels::pareto_odds(p, x, 12, 35);
      for (std::size_t i = 0; i < 4; ++i) {
        auto up = p, down = p;
        const double step = 1e-5 * p.*each[i];
        up.*each[i] += step;
        down.*each[i] -= step;
        const auto above = kernels::pareto_odds(up, x, 12, 35), below = kernels::pareto_odds(down, x, 12, 35);
        const auto slope = [&](double high, double low) { return (high - low) / (2 * step); };
        CHECK(at.by[i] == doctest::Approx(slope(above.value, below.value)).epsilon(1e-7));
        for (std::size_t j = 0; j < 4; ++j) {
          const std::size_t high = i > j ? i : j, low = i > j ? j : i;
          CHECK(at.by[4 + high * (high + 1) / 2 + low] == doctest::Approx(slope(above.by[j], below.by[j])).epsilon(1e-6));
        }
      }
    }
}

TEST_CASE("where all are lost at one rate, only that rate counts") {
  // Along s and beta together the likelihood is flat, up to terms of 1 / s: what is left of its curvature is no rounding.
  const kernels::pareto_parameters p{0.6, 4.4, 1e7, 2e8};
  const std::vector<double> x{0, 1, 3, 40}, recency{0, 2, 7, 12}, age{9, 35, 35, 20}, weight{1, 2, 1, 1};
  for (const auto level : {core::simd_level::scalar, core::simd_level::avx2, core::simd_level::avx512}) {
    const auto sum = kernels::choose_pareto_terms(level)(x.data(), recency.data(), age.data(), weight.data(), 4, p);
    const double slope = p.s * sum.by[2] + p.beta * sum.by[3];
    CHECK(std::abs(slope) < 1e-5);
    CHECK(std::abs(slope + p.s * p.s * sum.by[9] + 2 * p.s * p.beta * sum.by[12] + p.beta * p.beta * sum.by[13]) < 1e-5);
  }
}
