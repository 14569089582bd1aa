#include "clarion/recommend/baseline.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "clarion/recommend/top_k.hpp"

using namespace clarion;

namespace {

// Three users and three items; days 0, 10 and 20.
recommend::interactions data(bool with_times) {
  static const std::vector<std::int64_t> user{0, 0, 1, 1, 2, 2}, item{0, 1, 0, 2, 0, 2}, time{0, 0, 10, 10, 20, 20};
  recommend::interaction_columns columns{.user = user, .item = item};
  if (with_times) columns.time = time;
  recommend::interaction_options options;
  options.unit = "days";
  return recommend::build_interactions(columns, options).data;
}

}  // namespace

TEST_CASE("popularity is the sum of weights, by segment and by age") {
  const auto overall = recommend::popular(data(false));
  CHECK(overall.factors == 1);
  CHECK(overall.item_factors == std::vector<float>{3, 1, 2});
  CHECK(overall.user_factors == std::vector<float>{1, 1, 1});
  const auto recent = recommend::popular(data(true), {.half_life = 10});
  CHECK(recent.item_factors == std::vector<float>{1.75f, 0.25f, 1.5f});
  const std::vector<std::uint32_t> segment{1, 0, 1};
  const auto by_segment = recommend::popular(data(false), {}, segment);
  CHECK(by_segment.factors == 3);
  CHECK(by_segment.item_factors == std::vector<float>{3, 1, 2, 1, 0, 1, 2, 1, 1});
  CHECK(by_segment.user_factors == std::vector<float>{0, 0, 1, 0, 1, 0, 0, 0, 1});
  const std::vector<std::uint32_t> few{1};
  CHECK_THROWS_AS(recommend::popular(data(false), {}, few), std::invalid_argument);
  CHECK_THROWS_AS(recommend::popular(data(false), {.half_life = 3}), std::invalid_argument);
  CHECK_THROWS_AS(recommend::popular(data(true), {.half_life = -1}), std::invalid_argument);
}

TEST_CASE("chance gives each item about the same share of places") {
  const std::size_t users = 4000, items = 50;
  const auto model = recommend::random_scores(users, items, 3, {.threads = 3});
  const auto again = recommend::random_scores(users, items, 3, {.threads = 1});
  CHECK(model.user_factors == again.user_factors);
  CHECK(recommend::random_scores(users, items, 4).item_factors != model.item_factors);
  // Of other items for another seed: averaged over seeds no item is ahead.
  std::vector<double> places(items);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto one = recommend::random_scores(200, items, seed);
    const auto lists =
        recommend::top_k({one.user_factors.data(), 200, one.factors}, {one.item_factors.data(), items, one.factors}, {.k = 10});
    for (const auto item : lists.items) places[item] += 1.0 / 60 / 200;
  }
  for (const double share : places) CHECK(share == doctest::Approx(0.2).epsilon(0.35));  // sixty draws of an item's vector
}
