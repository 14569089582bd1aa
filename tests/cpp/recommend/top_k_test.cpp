#include "clarion/recommend/top_k.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

#include "clarion/core/kernels.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::factor_view;
using recommend::top_k;
using recommend::top_k_filter;
using recommend::top_k_result;

namespace {

std::vector<float> drawn(std::size_t rows, std::size_t factors, std::uint64_t seed, bool coarse) {
  core::random_stream random(seed);
  std::vector<float> out(rows * factors);
  // Coarse values make equal scores.
  for (auto& v : out) v = coarse ? static_cast<float>(random.below(3)) - 1 : static_cast<float>(random.normal());
  return out;
}

core::sparse_rows drawn_lists(std::size_t rows, std::size_t columns, double density, std::uint64_t seed) {
  core::random_stream random(seed);
  core::sparse_rows out{rows, columns, {0}, {}, {}};
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < columns; ++c)
      if (r % 3 != 1 && random.chance(r % 7 == 2 ? 1.0 : density)) out.index.push_back(c);
    out.offsets.push_back(out.index.size());
  }
  return out;
}

bool holds(const core::sparse_view& of, std::size_t row, std::uint32_t column) {
  const auto all = of.indices(row);
  return std::binary_search(all.begin(), all.end(), column);
}

// Whether products are rounded before they are added, as they are where the CPU or the level has no fused form.
bool fused() {
#if defined(__x86_64__)
  return core::permitted_simd() != core::simd_level::scalar && __builtin_cpu_supports("fma");
#else
  return core::permitted_simd() != core::simd_level::scalar;
#endif
}

// Every score of every item, sorted, and taken as the filter says.
std::vector<std::vector<std::pair<float, std::uint32_t>>> brute_force(const factor_view& users, const factor_view& items,
                                                                      std::size_t k, const top_k_filter& filter) {
  std::vector<std::vector<std::pair<float, std::uint32_t>>> out;
  for (std::size_t u = 0; u < users.rows; ++u) {
    std::vector<std::pair<float, std::uint32_t>> all;
    for (std::uint32_t i = 0; i < items.rows; ++i) {
      if (!filter.available.empty() && filter.available[i] == 0) continue;
      if (filter.exclude != nullptr && holds(*filter.exclude, u, i)) continue;
      if (filter.allow != nullptr && filter.allow->length(u) > 0 && !holds(*filter.allow, u, i)) continue;
      float sum = 0;
      for (std::size_t f = 0; f < users.factors; ++f) {
        const float x = users.data[u * users.factors + f],
                    y = (filter.boost.empty() ? 1.0f : filter.boost[i]) * items.data[i * users.factors + f];
        sum = fused() ? std::fma(x, y, sum) : sum + x * y;
      }
      all.emplace_back(-sum, i);
    }
    std::sort(all.begin(), all.end());
    std::map<std::uint32_t, std::uint32_t> taken;
    auto& list = out.emplace_back();
    for (const auto& [score, item] : all) {
      if (list.size() == k) break;
      if (filter.group_quota > 0 && taken[filter.group[item]]++ >= filter.group_quota) continue;
      list.emplace_back(-score, item);
    }
  }
  return out;
}

void check_equal(const top_k_result& got, const std::vector<std::vector<std::pair<float, std::uint32_t>>>& expected) {
  REQUIRE(got.rows == expected.size());
  for (std::size_t u = 0; u < expected.size(); ++u) {
    REQUIRE(got.lengths[u] == expected[u].size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < got.k; ++i) {
      const auto at = u * got.k + i;
      if (i < expected[u].size())
        wrong += got.items[at] != expected[u][i].second || got.scores[at] != expected[u][i].first;
      else
        wrong += got.items[at] != top_k_result::none || !std::isnan(got.scores[at]);
    }
    CHECK(wrong == 0);
  }
}

}  // namespace

TEST_CASE("lists are those of every score, sorted, whatever the filter") {
  for (const bool coarse : {false, true})
    for (const auto& [n_users, n_items, factors] :
         {std::array<std::size_t, 3>{1, 1, 1}, {7, 31, 3}, {150, 333, 20}, {130, 64, 8}}) {
      const auto u = drawn(n_users, factors, 1, coarse), v = drawn(n_items, factors, 2, coarse);
      const factor_view users{u.data(), n_users, factors}, items{v.data(), n_items, factors};
      const auto seen = drawn_lists(n_users, n_items, 0.2, 3), allowed = drawn_lists(n_users, n_items, 0.1, 4);
      const core::sparse_view seen_view = seen, allowed_view = allowed;
      core::random_stream random(5);
      std::vector<std::uint8_t> available(n_items);
      std::vector<float> boost(n_items);
      std::vector<std::uint32_t> group(n_items);
      for (auto& a : available) a = random.chance(0.7);
      for (auto& b : boost) b = static_cast<float>(random.below(4)) / 2;
      for (auto& g : group) g = static_cast<std::uint32_t>(random.below(5));
      const std::vector<top_k_filter> filters{{},
                                              {.exclude = &seen_view},
                                              {.allow = &allowed_view},
                                              {.available = available},
                                              {.boost = boost},
                                              {.group = group, .group_quota = 2},
                                              {.exclude = &seen_view,
                                               .allow = &allowed_view,
                                               .available = available,
                                               .boost = boost,
                                               .group = group,
                                               .group_quota = 3}};
      for (const auto& filter : filters)
        for (const std::uint32_t k : {1u, 4u, 50u, 1000u})
          check_equal(top_k(users, items, {.k = k}, filter), brute_force(users, items, k, filter));
    }
}

TEST_CASE("bounds leave out nothing, long and short vectors, many items and few users") {
  for (const bool coarse : {false, true})
    for (const auto& [n_users, n_items, factors] : {std::array<std::size_t, 3>{122, 1500, 24}, {2, 70000, 5}, {40, 700, 130}}) {
      const auto u = drawn(n_users, factors, 1, coarse);
      auto v = drawn(n_items, factors, 2, coarse);
      core::random_stream random(5);
      for (std::size_t i = 0; i < n_items; ++i) {
        const float length = coarse ? static_cast<float>(random.below(4)) : static_cast<float>(std::exp(random.normal()));
        for (std::size_t k = 0; k < factors; ++k) v[i * factors + k] *= length;
      }
      std::vector<std::uint8_t> available(n_items);
      for (auto& a : available) a = random.chance(0.7);
      std::vector<std::uint32_t> group(n_items);
      for (auto& g : group) g = static_cast<std::uint32_t>(random.below(9));
      const auto seen = drawn_lists(n_users, n_items, 0.02, 3);
      const core::sparse_view seen_view = seen;
      const factor_view users{u.data(), n_users, factors}, items{v.data(), n_items, factors};
      for (const top_k_filter& filter :
           {top_k_filter{}, {.exclude = &seen_view, .available = available}, {.group = group, .group_quota = 3}})
        check_equal(top_k(users, items, {.k = 20}, filter), brute_force(users, items, 20, filter));
    }
}

TEST_CASE("numbers at the edges of single precision") {
  auto u = drawn(8, 4, 1, false), v = drawn(700, 4, 2, false);
  for (std::size_t i = 0; i < v.size(); ++i) v[i] *= i < 1400 ? 1e-42f : 1e18f;
  for (std::size_t i = 0; i < 16; ++i) u[i] *= 1e-40f;
  const factor_view users{u.data(), 8, 4}, items{v.data(), 700, 4};
  check_equal(top_k(users, items, {.k = 9}), brute_force(users, items, 9, {}));
}

TEST_CASE("the same for any number of threads") {
  const auto u = drawn(1000, 16, 1, false), v = drawn(500, 16, 2, false);
  const auto one = top_k({u.data(), 1000, 16}, {v.data(), 500, 16}, {}, {}, {.threads = 1});
  const auto four = top_k({u.data(), 1000, 16}, {v.data(), 500, 16}, {}, {}, {.threads = 4});
  CHECK(one.items == four.items);
  CHECK(one.scores == four.scores);
}

TEST_CASE("no users, no items, and what is not allowed") {
  const auto u = drawn(3, 4, 1, false);
  auto v = drawn(5, 4, 2, false);
  const factor_view users{u.data(), 3, 4}, items{v.data(), 5, 4};
  CHECK(top_k({nullptr, 0, 4}, items).items.empty());
  CHECK(top_k(users, {nullptr, 0, 4}).lengths == std::vector<std::uint32_t>(3));
  CHECK_THROWS_AS(top_k(users, {v.data(), 4, 5}), std::invalid_argument);
  CHECK_THROWS_AS(top_k(users, items, {.k = 0}), std::invalid_argument);
  const std::vector<std::uint8_t> few(4, 1);
  CHECK_THROWS_AS(top_k(users, items, {}, {.available = few}), std::invalid_argument);
  CHECK_THROWS_AS(top_k(users, items, {}, {.group_quota = 1}), std::invalid_argument);
  const std::vector<float> negative(5, -1.0f);
  CHECK_THROWS_AS(top_k(users, items, {}, {.boost = negative}), std::invalid_argument);
  const core::sparse_rows wrong{2, 5, {0, 0, 0}, {}, {}};
  const core::sparse_view wrong_view = wrong;
  CHECK_THROWS_AS(top_k(users, items, {}, {.exclude = &wrong_view}), std::invalid_argument);
  v[7] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(top_k(users, items), std::invalid_argument);
}
