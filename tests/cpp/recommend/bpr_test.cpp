#include "clarion/recommend/bpr.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "clarion/core/random.hpp"
#include "kernels/bpr.hpp"

using namespace clarion;
using core::simd_level;
using recommend::bpr;

namespace {

constexpr simd_level levels[] = {simd_level::scalar, simd_level::avx2, simd_level::avx512};

// Two kinds of users, who like items of their kind.
core::sparse_rows drawn(std::size_t users, std::size_t items, std::uint64_t seed, double density = 0.15) {
  core::random_stream random(seed);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    for (std::uint32_t i = 0; i < items; ++i)
      if (u % 17 != 3 && random.chance((i + u) % 2 == 0 ? density * 1.95 : density * 0.05)) out.index.push_back(i);
    out.offsets.push_back(out.index.size());
  }
  return out;
}

struct state {
  std::size_t depth;
  std::vector<float> users, items, bias;

  state(std::size_t n_users, std::size_t n_items, std::size_t depth_) : depth(depth_) {
    core::random_stream random(3);
    for (auto& [of, size] : {std::pair{&users, n_users * depth}, {&items, n_items * depth}, {&bias, n_items}})
      for (std::size_t k = 0; k < size; ++k) of->push_back(static_cast<float>(0.3 * random.normal()));
  }
  double score(std::size_t u, std::size_t i) const {
    double sum = bias[i];
    for (std::size_t k = 0; k < depth; ++k) sum += double{users[u * depth + k]} * items[i * depth + k];
    return sum;
  }
  double order(std::size_t u, std::size_t i, std::size_t j) const { return std::log(1 + std::exp(-(score(u, i) - score(u, j)))); }
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double out = 0;
  for (std::size_t k = 0; k < a.size(); ++k) out = std::max(out, std::abs(double{a[k]} - b[k]));
  return out;
}

bool all_finite(const std::vector<float>& of) {
  return std::all_of(of.begin(), of.end(), [](float v) { return std::isfinite(v); });
}

// Share of pairs of an item that a user has and one that it has not whose scores are in that order.
double ordered(const recommend::bpr_model& model, const core::sparse_view& rows) {
  const std::size_t d = model.options.factors + 1;
  double right = 0, all = 0;
  for (std::size_t u = 0; u < rows.rows; ++u) {
    const auto has = rows.indices(u);
    std::vector<double> scores;
    for (std::size_t i = 0; i < rows.columns; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < d; ++k) sum += double{model.user_factors[u * d + k]} * model.item_factors[i * d + k];
      scores.push_back(sum);
    }
    for (const auto i : has)
      for (std::uint32_t j = 0; j < rows.columns; ++j)
        if (!std::binary_search(has.begin(), has.end(), j)) {
          right += scores[i] > scores[j];
          ++all;
        }
  }
  return right / all;
}

}  // namespace

TEST_CASE("a step goes down the gradient of what it minimises, at every level") {
  // One positive and one item that is left: the negative is known.
  for (const std::size_t depth : {16u, 48u, 64u, 128u})
    for (const auto level : levels) {
      const state before(2, 2, depth);
      state after = before;
      const std::uint32_t user[] = {1}, item[] = {0};
      std::uint8_t seen[2] = {};
      const kernels::bpr_step step{
          .rate = 1e-3f, .user = 0.1f, .positive = 0.2f, .negative = 0.3f, .bias = 0.4f, .candidates = 3};
      const auto sums = kernels::choose_bpr(level)(after.users.data(), after.items.data(), after.bias.data(), depth, 2, user,
                                                   item, 1, seen, 7, step);
      CHECK(sums.steps == 1);
      CHECK(sums.loss == doctest::Approx(before.order(1, 0, 1)).epsilon(1e-5));
      // Central differences of the loss and the penalty.
      const auto check = [&](std::vector<float> state::*of, std::size_t at, float penalty) {
        const float h = 1e-2f;
        state up = before, down = before;
        (up.*of)[at] += h;
        (down.*of)[at] -= h;
        const double slope = (up.order(1, 0, 1) - down.order(1, 0, 1)) / (2 * h) + penalty * (before.*of)[at];
        const double moved = (double{(after.*of)[at]} - (before.*of)[at]) / -1e-3;
        CHECK(moved == doctest::Approx(slope).epsilon(0.01).scale(0.05));
      };
      for (std::size_t k = 0; k < depth; ++k) {
        CHECK(after.users[k] == before.users[k]);
        check(&state::users, depth + k, 0.1f);
        check(&state::items, k, 0.2f);
        check(&state::items, depth + k, 0.3f);
      }
      check(&state::bias, 0, 0.4f);
      check(&state::bias, 1, 0.4f);
      CHECK(seen[0] + seen[1] == 0);
    }
}

TEST_CASE("levels agree, users alone move when items may not, and a user's own items are never negatives") {
  const std::size_t users = 30, items = 70;
  const auto rows = drawn(users, items, 5, 0.3);
  std::vector<std::uint32_t> user;
  for (std::size_t u = 0; u < users; ++u)
    user.insert(user.end(), rows.offsets[u + 1] - rows.offsets[u], static_cast<std::uint32_t>(u));
  for (const std::size_t depth : {16u, 48u, 64u, 128u})
    for (const bool items_move : {true, false}) {
      kernels::bpr_step step{.rate = 0.05f, .user = 0.01f, .positive = 0.01f, .negative = 0.01f, .bias = 0.01f};
      step.items_move = items_move;
      state first(users, items, depth);
      const state before = first;
      for (const auto level : levels) {
        state now = before;
        std::vector<std::uint8_t> seen(items);
        const auto sums = kernels::choose_bpr(level)(now.users.data(), now.items.data(), now.bias.data(), depth, items,
                                                     user.data(), rows.index.data(), user.size(), seen.data(), 11, step);
        CHECK(sums.steps == user.size());
        CHECK(std::count(seen.begin(), seen.end(), 0) == items);
        if (level == levels[0]) first = now;
        // A few hundred steps in single precision, summed in another order.
        CHECK(largest_difference(now.users, first.users) < 1e-4);
        CHECK(largest_difference(now.items, first.items) < 1e-4);
        CHECK((now.items == before.items) == !items_move);
        CHECK((now.bias == before.bias) == !items_move);
        CHECK(now.users != before.users);
      }
    }
  // Only item 3 is left to a user who has the others: it alone is pushed down.
  for (const auto level : levels)
    for (const std::uint32_t candidates : {1u, 64u}) {
      state now(1, 6, 16);
      const state before = now;
      const std::uint32_t one[] = {0, 0, 0, 0, 0}, has[] = {0, 1, 2, 4, 5};
      std::uint8_t seen[6] = {};
      kernels::choose_bpr(level)(now.users.data(), now.items.data(), now.bias.data(), 16, 6, one, has, 5, seen, 1,
                                 {.rate = 0.1f, .candidates = candidates});
      for (std::size_t i = 0; i < 6; ++i) CHECK((now.bias[i] > before.bias[i]) == (i != 3));
      // Who has all of them teaches nothing.
      const std::uint32_t all[] = {0, 1, 2, 3, 4, 5}, same[] = {0, 0, 0, 0, 0, 0};
      const auto sums = kernels::choose_bpr(level)(now.users.data(), now.items.data(), now.bias.data(), 16, 6, same, all, 6, seen,
                                                   1, {.rate = 0.1f, .candidates = candidates});
      CHECK(sums.steps == 0);
      CHECK(sums.loss == 0);
    }
}

TEST_CASE("it learns the order, better with candidates, and the loss of steps falls") {
  const auto rows = drawn(300, 200, 7);
  const recommend::bpr_options options{.factors = 8, .learning_rate = 0.1, .candidates = 1, .max_iter = 40};
  const auto plain = bpr(rows, options);
  CHECK(plain.loss.size() == 40);
  CHECK(plain.loss.front() == doctest::Approx(std::log(2.0)).epsilon(0.05));
  CHECK(plain.loss.back() < 0.5 * plain.loss.front());
  // Knowing the kinds alone gives 0.79.
  CHECK(ordered(plain, rows) > 0.85);
  auto harder = options;
  harder.candidates = 8;
  CHECK(bpr(rows, harder).loss.back() > plain.loss.back());
  CHECK(ordered(bpr(rows, harder), rows) > 0.85);
  // The last number of a vector is the bias, by which a user without items is served.
  for (std::size_t u = 0; u < 300; ++u) CHECK(plain.user_factors[u * 9 + 8] == 1);
  CHECK(std::all_of(plain.user_factors.begin() + 3 * 9, plain.user_factors.begin() + 3 * 9 + 8, [](float v) { return v == 0; }));
  CHECK(plain.item_factors[8] != 0);
}

TEST_CASE("the same bits for any number of threads, another seed another answer") {
  const auto rows = drawn(700, 1500, 11, 0.03);
  const recommend::bpr_options options{.factors = 20, .candidates = 3, .max_iter = 4};
  const auto one = bpr(rows, options, {.threads = 1});
  for (const unsigned threads : {2u, 5u}) {
    const auto many = bpr(rows, options, {.threads = threads});
    CHECK(one.user_factors == many.user_factors);
    CHECK(one.item_factors == many.item_factors);
    CHECK(one.loss == many.loss);
    CHECK(recommend::bpr_fold_in(one, rows, {.threads = threads}) == recommend::bpr_fold_in(one, rows, {.threads = 1}));
  }
  auto other = options;
  other.seed = 1;
  CHECK(bpr(rows, other).user_factors != one.user_factors);
  // Values have no part in it.
  auto weighted = rows;
  weighted.value.assign(rows.index.size(), 7.0f);
  CHECK(bpr(weighted, options).user_factors == one.user_factors);
}

TEST_CASE("users that come later are ranked for as those of the fit are, by their items alone") {
  const auto rows = drawn(300, 200, 7);
  const recommend::bpr_options options{.factors = 8, .learning_rate = 0.1, .max_iter = 40};
  const auto model = bpr(rows, options);
  auto later = model;
  later.user_factors = recommend::bpr_fold_in(model, rows);
  CHECK(ordered(later, rows) > ordered(model, rows) - 0.02);
  // Row 50 by itself.
  core::sparse_rows alone{1, 200, {0}, {}, {}};
  alone.index.assign(rows.index.begin() + static_cast<std::ptrdiff_t>(rows.offsets[50]),
                     rows.index.begin() + static_cast<std::ptrdiff_t>(rows.offsets[51]));
  alone.offsets.push_back(alone.index.size());
  const auto vector = recommend::bpr_fold_in(model, alone);
  CHECK(std::equal(vector.begin(), vector.end(), later.user_factors.begin() + 50 * 9));
  CHECK_THROWS_AS(recommend::bpr_fold_in(model, core::sparse_rows{1, 3, {0, 0}, {}, {}}), std::invalid_argument);
  later.item_factors.pop_back();
  CHECK_THROWS_AS(recommend::bpr_fold_in(later, rows), std::invalid_argument);
}

TEST_CASE("nothing, one interaction, everything, and what is not allowed") {
  const core::sparse_rows none{3, 4, {0, 0, 0, 0}, {}, {}};
  const auto empty = bpr(none, {.factors = 2, .max_iter = 2});
  CHECK(empty.user_factors == std::vector<float>{0, 0, 1, 0, 0, 1, 0, 0, 1});
  CHECK(empty.loss == std::vector<double>{0, 0});
  CHECK(bpr(core::sparse_rows{}, {.factors = 2}).user_factors.empty());
  CHECK(all_finite(bpr(core::sparse_rows{1, 1, {0, 1}, {0}, {}}, {.factors = 2}).user_factors));
  CHECK(recommend::bpr_fold_in(bpr(core::sparse_rows{2, 0, {0, 0, 0}, {}, {}}, {.factors = 2}),
                               core::sparse_rows{1, 0, {0, 0}, {}, {}}) == std::vector<float>{0, 0, 1});
  // Users who have everything, beside one who has all but one item.
  core::sparse_rows full{150, 140, {0}, {}, {}};
  for (std::size_t u = 0; u < 150; ++u) {
    for (std::uint32_t i = 0; i < 140; ++i)
      if (u != 77 || i != 99) full.index.push_back(i);
    full.offsets.push_back(full.index.size());
  }
  const auto everything = bpr(full, {.factors = 3, .max_iter = 5});
  CHECK(all_finite(everything.item_factors));
  CHECK(everything.loss.back() > 0);
  const auto least = std::min_element(everything.item_factors.begin(), everything.item_factors.end());
  CHECK(std::isfinite(*least));
  float lowest = std::numeric_limits<float>::infinity();
  std::size_t which = 0;
  for (std::size_t i = 0; i < 140; ++i)
    if (everything.item_factors[i * 4 + 3] < lowest) lowest = everything.item_factors[(which = i) * 4 + 3];
  CHECK(which == 99);

  CHECK_THROWS_AS(bpr(none, {.factors = 0}), std::invalid_argument);
  CHECK_THROWS_AS(bpr(none, {.learning_rate = 0}), std::invalid_argument);
  CHECK_THROWS_AS(bpr(none, {.candidates = 0}), std::invalid_argument);
  CHECK_THROWS_AS(bpr(none, {.candidates = 65}), std::invalid_argument);
  CHECK_THROWS_AS(bpr(none, {.user_regularization = -1}), std::invalid_argument);
  CHECK_THROWS_AS(bpr(core::sparse_rows{1, 1, {0, 1}, {1}, {}}), std::invalid_argument);
  CHECK_THROWS_AS(bpr(core::sparse_rows{1, 1, {0, 1}, {0}, {std::numeric_limits<float>::quiet_NaN()}}), std::invalid_argument);
  CHECK_THROWS_AS(bpr(core::sparse_rows{1, 5'000'000'000, {0, 0}, {}, {}}, {.factors = 4096}), error);
  CHECK_THROWS_AS(bpr(drawn(60, 40, 1), {.learning_rate = 10, .user_regularization = 1, .max_iter = 300}), error);

  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(bpr(drawn(100, 50, 1), {}, {.cancel = stop.get_token()}), cancelled);
}
