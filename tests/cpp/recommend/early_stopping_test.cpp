#include "clarion/recommend/early_stopping.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"
#include "clarion/recommend/implicit_als.hpp"

using namespace clarion;

TEST_CASE("the best round is kept, and rounds end where they no longer help") {
  const std::size_t users = 4, items = 5;
  const core::sparse_rows train{users, items, {0, 1, 2, 2, 2}, {0, 1}, {}},
      held_out{users, items, {0, 1, 2, 2, 3}, {3, 4, 0}, {}};
  recommend::early_stopping stopping(train, held_out, {.k = 2, .patience = 2});
  // Users of vectors that point at an item each: first at what was held out, of all of them, of none, of one.
  std::vector<float> y(items * items), x(users * items);
  for (std::size_t i = 0; i < items; ++i) y[i * items + i] = 1;
  const auto at = [&](std::initializer_list<std::size_t> of) {
    std::fill(x.begin(), x.end(), 0.0f);
    std::size_t u = 0;
    for (const std::size_t item : of) x[u++ * items + item] = 1;
    return stopping.goes_on({x.data(), users, items}, {y.data(), items, items});
  };
  CHECK(at({3, 0, 0, 1}));
  CHECK(at({3, 4, 0, 0}));
  const auto best = x;
  CHECK(at({3, 4, 0, 2}));
  CHECK_FALSE(at({3, 4, 0, 0}));  // no better, for the second time
  CHECK(stopping.best_round() == 1);
  CHECK(stopping.user_factors() == best);
  REQUIRE(stopping.ndcg().size() == 4);
  CHECK(stopping.ndcg()[1] == doctest::Approx(1));
  CHECK(stopping.ndcg()[0] < 1);
  const core::sparse_rows none{users, items, {0, 0, 0, 0, 0}, {}, {}}, narrow{users, 4, {0, 0, 0, 0, 0}, {}, {}};
  CHECK_THROWS_AS(recommend::early_stopping(train, none), std::invalid_argument);
  CHECK_THROWS_AS(recommend::early_stopping(train, narrow), std::invalid_argument);
  CHECK_THROWS_AS(recommend::early_stopping(train, held_out, {.patience = 0}), std::invalid_argument);
}

TEST_CASE("a fit that stops is the fit of that many rounds") {
  core::random_stream random(3);
  core::sparse_rows train{200, 60, {0}, {}, {}}, held_out{200, 60, {0}, {}, {}};
  for (std::size_t u = 0; u < 200; ++u) {
    for (std::uint32_t i = 0; i < 60; ++i)
      if (random.chance((i + u) % 4 == 0 ? 0.5 : 0.1)) (random.chance(0.2) ? held_out : train).index.push_back(i);
    train.offsets.push_back(train.index.size());
    held_out.offsets.push_back(held_out.index.size());
  }
  recommend::implicit_als_options options{.factors = 8, .regularization = 1e-4, .unobserved_weight = 0.3, .max_iter = 40};
  recommend::early_stopping stopping(train, held_out, {.patience = 2});
  const auto model = recommend::implicit_als(train, options, {}, nullptr, &stopping);
  CHECK(model.loss.size() == stopping.ndcg().size());
  CHECK(model.loss.size() <= stopping.best_round() + 3);
  options.max_iter = static_cast<std::uint32_t>(stopping.best_round()) + 1;
  CHECK(recommend::implicit_als(train, options).user_factors == model.user_factors);
}
