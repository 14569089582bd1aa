#include "kernels/lifetime.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;

TEST_CASE("sums over customers are those of plain arithmetic at every level") {
  for (const std::size_t n : {0u, 1u, 3u, 7u, 8u, 9u, 64u, 131u}) {
    core::random_stream random(5, n);
    std::vector<double> x(n + 1), recency(n + 1), age(n + 1), weight(n + 1), odds(n + 1), share(n + 1);
    for (std::size_t i = 0; i < n; ++i) {
      x[i + 1] = static_cast<double>(random.below(30));
      age[i + 1] = 40 * random.uniform();
      recency[i + 1] = age[i + 1] * random.uniform();
      weight[i + 1] = static_cast<double>(1 + random.below(1000));
      share[i + 1] = random.uniform();
      odds[i + 1] = i % 5 == 0 ? -1e300 : random.normal() * (i % 7 == 0 ? 300 : 3);
    }
    // One past the start: unaligned.
    const auto loss = [&](core::simd_level level) {
      return kernels::choose_loss_terms(level)(x.data() + 1, recency.data() + 1, age.data() + 1, weight.data() + 1,
                                               odds.data() + 1, share.data() + 1, n, 0.6, 4.4);
    };
    const auto spend = [&](core::simd_level level) {
      return kernels::choose_spend_terms(level)(x.data() + 1, age.data() + 1, weight.data() + 1, n, 0.4);
    };
    const auto plain = loss(core::simd_level::scalar);
    const auto plain_spend = spend(core::simd_level::scalar);
    for (const auto level : {core::simd_level::avx2, core::simd_level::avx512}) {
      const auto fast = loss(level);
      // Logarithms and exponentials of both are exact to some 4 units in the last place, and terms cancel.
      const auto near = [](double value) { return doctest::Approx(value).epsilon(1e-12).scale(1); };
      CHECK(fast.log_likelihood == near(plain.log_likelihood));
      CHECK(fast.by_r == near(plain.by_r));
      CHECK(fast.by_alpha == near(plain.by_alpha));
      CHECK(fast.lost == near(plain.lost));
      CHECK(fast.by_shift == near(plain.by_shift));
      CHECK(fast.share_squares == near(plain.share_squares));
      for (std::size_t j = 0; j < 10; ++j) CHECK_MESSAGE(fast.curve[j] == near(plain.curve[j]), j);
      const auto fast_spend = spend(level);
      CHECK(fast_spend.log == near(plain_spend.log));
      CHECK(fast_spend.inverse == near(plain_spend.inverse));
      CHECK(fast_spend.square == near(plain_spend.square));
      CHECK(fast_spend.x_log == near(plain_spend.x_log));
      CHECK(fast_spend.x_inverse == near(plain_spend.x_inverse));
      CHECK(fast_spend.x_square == near(plain_spend.x_square));
    }
  }
}
