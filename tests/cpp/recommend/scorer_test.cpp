#include "clarion/recommend/scorer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "clarion/core/random.hpp"
#include "clarion/recommend/top_k.hpp"

using namespace clarion;
using recommend::item_index;
using recommend::item_side;
using recommend::user_side;

namespace {

struct parts {
  std::size_t n_users, n_items, factors;
  std::vector<float> users, items, dense;
  core::sparse_rows history, weights;
  core::sparse_rows linked;  // what walks are over, by people of their own
  std::vector<float> terms{0.7f, -0.3f, 0.05f};
  std::vector<double> walked;  // n_items x n_items

  parts(std::size_t n_users_, std::size_t n_items_, std::size_t factors_, std::uint64_t seed)
      : n_users(n_users_), n_items(n_items_), factors(factors_) {
    core::random_stream random(seed);
    const auto drawn = [&](std::size_t size) {
      std::vector<float> out(size);
      for (auto& v : out) v = static_cast<float>(random.normal());
      return out;
    };
    users = drawn(n_users * factors);
    items = drawn(n_items * factors);
    const auto sparse = [&](std::size_t rows, std::size_t columns, double density) {
      core::sparse_rows out{rows, columns, {0}, {}, {}};
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::uint32_t c = 0; c < columns; ++c)
          if (random.chance(density)) {
            out.index.push_back(c);
            out.value.push_back(static_cast<float>(random.normal()));
          }
        out.offsets.push_back(out.index.size());
      }
      return out;
    };
    history = sparse(n_users, n_items, 0.2);
    weights = sparse(n_items, n_items, 0.1);
    dense.assign(n_items * n_items, 0);
    for (std::size_t j = 0; j < n_items; ++j)
      for (std::uint64_t e = weights.offsets[j]; e < weights.offsets[j + 1]; ++e)
        dense[j * n_items + weights.index[e]] = weights.value[e];
    linked = sparse(29, n_items, 0.1);
    for (float& value : linked.value) value /= 4;
    const std::size_t n = n_items;
    std::vector<double> once(n * n), power(n * n);
    for (std::size_t r = 0; r < linked.rows; ++r)
      for (std::uint64_t a = linked.offsets[r]; a < linked.offsets[r + 1]; ++a)
        for (std::uint64_t b = linked.offsets[r]; b < linked.offsets[r + 1]; ++b)
          once[linked.index[a] * n + linked.index[b]] += double{linked.value[a]} * linked.value[b];
    power = once;
    walked.assign(n * n, 0);
    for (const float term : terms) {
      for (std::size_t at = 0; at < n * n; ++at) walked[at] += term * power[at];
      std::vector<double> next(n * n);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
          for (std::size_t k = 0; k < n; ++k) next[i * n + k] += power[i * n + j] * once[j * n + k];
      power = next;
    }
  }

  double expected(std::size_t u, std::size_t i, bool with_factors, bool with_history, bool with_walks = false) const {
    double sum = 0;
    if (with_factors)
      for (std::size_t k = 0; k < factors; ++k) sum += double{users[u * factors + k]} * items[i * factors + k];
    if (with_history)
      for (std::uint64_t e = history.offsets[u]; e < history.offsets[u + 1]; ++e)
        sum += double{history.value[e]} *
               (with_walks ? walked[history.index[e] * n_items + i] : double{dense[history.index[e] * n_items + i]});
    return sum;
  }
};

}  // namespace

TEST_CASE("scores, ranks and contributions are those of every part") {
  const parts of(37, 70, 9, 1);
  for (const int kind : {0, 1, 2, 3, 4, 5, 6}) {
    CAPTURE(kind);
    const bool with_factors = kind == 0 || kind == 3 || kind == 4 || kind == 6, with_history = kind > 0;
    const bool walks = kind > 4, is_dense = kind == 2 || kind == 4 || walks;
    item_side items;
    user_side users;
    if (with_factors) {
      items.factors = {of.items.data(), of.n_items, of.factors};
      users.factors = {of.users.data(), of.n_users, of.factors};
    }
    if (with_history) users.history = of.history;
    if (with_history && is_dense && !walks) items.dense_weights = {of.dense.data(), of.n_items, of.n_items};
    if (walks) items.walks = {of.linked, of.terms};
    if (with_history && !is_dense) items.weights = of.weights;
    const item_index index(items);
    REQUIRE(index.size() == of.n_items);

    std::vector<std::uint32_t> u, i;
    for (std::uint32_t a = 0; a < of.n_users; ++a)
      for (std::uint32_t b = 0; b < of.n_items; ++b) {
        u.push_back(a);
        i.push_back(b);
      }
    const auto scores = recommend::score_pairs(index, users, u, i);
    for (std::size_t p = 0; p < u.size(); ++p)
      CHECK(scores[p] == doctest::Approx(of.expected(u[p], i[p], with_factors, with_history, walks)).epsilon(1e-5));
    // Of some pairs, in another order, threads sharing them.
    const std::vector<std::uint32_t> few_users{30, 2, 30, 11, 2}, few_items{5, 69, 0, 7, 69};
    const auto few = recommend::score_pairs(index, users, few_users, few_items, {.threads = 3});
    for (std::size_t p = 0; p < few.size(); ++p) CHECK(few[p] == scores[few_users[p] * of.n_items + few_items[p]]);

    const auto found = recommend::top_k(index, users, {.k = 70});
    for (std::size_t a = 0; a < of.n_users; ++a) {
      if (with_factors || is_dense) CHECK(found.lengths[a] == of.n_items);
      for (std::size_t at = 0; at < found.lengths[a]; ++at) {
        const auto item = found.items[a * 70 + at];
        CHECK(found.scores[a * 70 + at] == doctest::Approx(scores[a * of.n_items + item]).epsilon(1e-4));
        if (at > 0) CHECK(found.scores[a * 70 + at] <= found.scores[a * 70 + at - 1]);
      }
      // What is not returned has no weight from the history.
      if (!with_factors && !is_dense)
        for (std::uint32_t item = 0; item < of.n_items; ++item) {
          const auto* begin = found.items.data() + a * 70;
          if (std::find(begin, begin + found.lengths[a], item) == begin + found.lengths[a])
            CHECK(scores[a * of.n_items + item] == 0);
        }
    }

    core::sparse_rows pairs{of.n_users, of.n_items, {0}, {}, {}};
    for (std::uint32_t a = 0; a < of.n_users; ++a) {
      for (std::uint32_t item = a % 3; item < of.n_items; item += 17) pairs.index.push_back(item);
      pairs.offsets.push_back(pairs.index.size());
    }
    const core::sparse_view seen = of.history;
    const auto places = recommend::ranks(index, users, pairs, &seen, {.threads = 3});
    const auto all = recommend::top_k(index, users, {.k = 70}, {.exclude = &seen});
    for (std::size_t a = 0; a < of.n_users && (with_factors || is_dense); ++a)
      for (std::uint64_t e = pairs.offsets[a]; e < pairs.offsets[a + 1]; ++e) {
        const auto* begin = all.items.data() + a * 70;
        const auto* at = std::find(begin, begin + all.lengths[a], pairs.index[e]);
        CHECK(places[e] == static_cast<std::uint32_t>(at - begin));  // the end for what is excluded
      }

    for (const std::uint32_t a : {0u, 5u}) {
      const auto given = recommend::contributions(index, users, a, 3);
      double sum = with_factors ? of.expected(a, 3, true, false) : 0;
      for (const float part : given) sum += part;
      CHECK(sum == doctest::Approx(of.expected(a, 3, with_factors, with_history, walks)).epsilon(1e-5));
    }
  }
}

TEST_CASE("lists by walks are those of the same weights written out, whatever the filter and the users beside them") {
  const parts of(150, 70, 9, 4);
  std::vector<float> weights(of.walked.begin(), of.walked.end());
  const recommend::factor_view factors{of.items.data(), of.n_items, of.factors};
  const item_index written({.factors = factors, .dense_weights = {weights.data(), of.n_items, of.n_items}});
  const item_index walks({.factors = factors, .walks = {of.linked, of.terms}});
  const user_side users{.factors = {of.users.data(), of.n_users, of.factors}, .history = of.history};
  const core::sparse_view seen = of.history;
  std::vector<float> boost(of.n_items);
  std::vector<std::uint32_t> group(of.n_items);
  for (std::uint32_t i = 0; i < of.n_items; ++i) {
    boost[i] = 1 + static_cast<float>(i % 4) / 2;
    group[i] = i % 5;
  }
  const recommend::top_k_filter filters[] = {{}, {.exclude = &seen, .boost = boost, .group = group, .group_quota = 2}};
  for (const auto& filter : filters) {
    const auto found = recommend::top_k(walks, users, {.k = 12}, filter, {.threads = 2});
    const auto expected = recommend::top_k(written, users, {.k = 12}, filter);
    CHECK(found.lengths == expected.lengths);
    for (std::size_t at = 0; at < found.scores.size(); ++at)
      if (!std::isnan(expected.scores[at])) CHECK(found.scores[at] == doctest::Approx(expected.scores[at]).epsilon(1e-4));
    const auto alone = recommend::top_k(walks,
                                        {.factors = {of.users.data() + 70 * of.factors, 1, of.factors},
                                         .history = {1, of.n_items, of.history.offsets.data() + 70, seen.index, seen.value}},
                                        {.k = 12}, {.boost = filter.boost});
    const auto all = recommend::top_k(walks, users, {.k = 12}, {.boost = filter.boost}, {.threads = 3});
    CHECK(std::equal(alone.scores.begin(), alone.scores.end(), all.scores.begin() + 70 * 12));
    CHECK(std::equal(alone.items.begin(), alone.items.end(), all.items.begin() + 70 * 12));
  }
}

TEST_CASE("lists of sparse weights are the same with and without groups that bind nothing") {
  const parts of(60, 90, 9, 3);
  const item_index index({.weights = of.weights});
  const user_side users{.history = of.history};
  const core::sparse_view seen = of.history;
  std::vector<std::uint8_t> available(90, 1);
  std::vector<float> boost(90, 1.0f);
  std::vector<std::uint32_t> own(90);
  for (std::uint32_t i = 0; i < 90; ++i) {
    available[i] = i % 7 != 2;
    boost[i] = static_cast<float>(i % 4) / 2;  // 0 leaves ties
    own[i] = i;
  }
  for (const std::uint32_t k : {1u, 5u, 200u})
    for (const bool boosted : {false, true}) {
      recommend::top_k_filter filter{.exclude = &seen, .available = available};
      if (boosted) filter.boost = boost;
      const auto plain = recommend::top_k(index, users, {.k = k}, filter, {.threads = 2});
      filter.group = own;
      filter.group_quota = 1;
      const auto grouped = recommend::top_k(index, users, {.k = k}, filter);
      CHECK(plain.lengths == grouped.lengths);
      CHECK(plain.items == grouped.items);
      for (std::size_t at = 0; at < plain.scores.size(); ++at)
        CHECK((plain.scores[at] == grouped.scores[at] || (std::isnan(plain.scores[at]) && std::isnan(grouped.scores[at]))));
    }
}

TEST_CASE("a vector that is a sum of items is accounted for by them") {
  const parts of(5, 40, 12, 2);
  const recommend::factor_view items{of.items.data(), 40, 12};
  const std::vector<std::uint32_t> own{3, 11, 30};
  std::vector<float> user(12);
  for (std::size_t k = 0; k < 12; ++k) user[k] = items.row(3)[k] + 0.5f * items.row(11)[k] - items.row(30)[k];
  const auto shares = recommend::projected_contributions(items, user, own, 7);
  const auto product = [&](std::uint32_t a, std::uint32_t b) {
    double sum = 0;
    for (std::size_t k = 0; k < 12; ++k) sum += double{items.row(a)[k]} * items.row(b)[k];
    return sum;
  };
  // The ridge takes a little of each.
  CHECK(shares[0] == doctest::Approx(product(3, 7)).epsilon(0.05));
  CHECK(shares[1] == doctest::Approx(0.5 * product(11, 7)).epsilon(0.05));
  CHECK(shares[2] == doctest::Approx(-product(30, 7)).epsilon(0.05));
  CHECK(recommend::projected_contributions(items, user, {}, 7).empty());
  CHECK_THROWS_AS(recommend::projected_contributions(items, user, own, 40), std::invalid_argument);
  CHECK_THROWS_AS(recommend::projected_contributions({of.items.data(), 40, 11}, user, own, 7), std::invalid_argument);
}

TEST_CASE("parts that do not fit are refused") {
  const parts of(5, 8, 3, 2);
  const item_side factors{.factors = {of.items.data(), 8, 3}};
  const item_index index(factors);
  CHECK_THROWS_AS(recommend::score_pairs(index, {}, {}, {}), std::invalid_argument);
  CHECK_THROWS_AS(recommend::top_k(index, {.factors = {of.users.data(), 5, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(recommend::top_k(index, {.factors = {of.users.data(), 5, 3}, .history = of.history}), std::invalid_argument);
  const item_index weights({.weights = of.weights});
  CHECK_THROWS_AS(recommend::top_k(weights, {.factors = {of.users.data(), 5, 3}}), std::invalid_argument);
  CHECK_THROWS_AS(item_index({.weights = of.weights, .dense_weights = {of.dense.data(), 8, 8}}), std::invalid_argument);
  CHECK_THROWS_AS(item_index({.factors = {of.items.data(), 7, 3}, .weights = of.weights}), std::invalid_argument);
  CHECK_THROWS_AS(item_index({.factors = {of.items.data(), 7, 3}, .walks = {of.linked, of.terms}}), std::invalid_argument);
  CHECK_THROWS_AS(item_index({.weights = of.weights, .walks = {of.linked, of.terms}}), std::invalid_argument);
  CHECK_THROWS_AS(item_index({.walks = {of.linked, {}}}), std::invalid_argument);
  const std::vector<float> endless{std::numeric_limits<float>::infinity()};
  CHECK_THROWS_AS(item_index({.walks = {of.linked, endless}}), std::invalid_argument);
  const user_side users{.factors = {of.users.data(), 5, 3}};
  const std::vector<std::uint32_t> one{4}, far{8};
  CHECK_THROWS_AS(recommend::score_pairs(index, users, one, far), std::invalid_argument);
  CHECK_THROWS_AS(recommend::score_pairs(index, users, far, one), std::invalid_argument);
  CHECK_THROWS_AS(recommend::contributions(index, users, 5, 0), std::invalid_argument);
  auto bad = of.items;
  bad[11] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(item_index({.factors = {bad.data(), 8, 3}}), std::invalid_argument);
}
