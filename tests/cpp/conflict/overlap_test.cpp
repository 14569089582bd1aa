#include "clarion/conflict/overlap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"

using namespace clarion;
using conflict::overlap;
using conflict::overlap_table;
using schema::audiences;

namespace {

audiences make(const std::vector<std::uint32_t>& codes, const std::vector<std::int64_t>& customers, std::size_t campaigns) {
  schema::audience_options options;
  for (std::size_t i = 0; i < campaigns; ++i) options.labels.push_back("c" + std::to_string(i));
  return schema::build_audiences(std::span(codes), std::span(customers), options).members;
}

// Customers in [0, n), campaign c with probability share[c].
audiences random_audiences(std::size_t n, const std::vector<double>& share, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  std::vector<std::uint32_t> codes;
  std::vector<std::int64_t> customers;
  for (std::size_t i = 0; i < n; ++i)
    for (std::uint32_t c = 0; c < share.size(); ++c)
      if (uniform(random) < share[c]) {
        codes.push_back(c);
        customers.push_back(static_cast<std::int64_t>(i));
      }
  return make(codes, customers, share.size());
}

void check_brute_force(const audiences& sets, const overlap_table& got) {
  const std::size_t n = sets.size();
  REQUIRE(got.size() == n * (n - 1) / 2);
  std::vector<std::vector<std::uint32_t>> members;
  for (std::size_t c = 0; c < n; ++c) members.push_back(sets.members(c));
  std::size_t row = 0;
  for (std::uint32_t a = 0; a < n; ++a)
    for (std::uint32_t b = a + 1; b < n; ++b, ++row) {
      std::vector<std::uint32_t> both;
      std::ranges::set_intersection(members[a], members[b], std::back_inserter(both));
      REQUIRE(got.a[row] == a);
      REQUIRE(got.b[row] == b);
      REQUIRE(got.size_a[row] == members[a].size());
      REQUIRE(got.size_b[row] == members[b].size());
      REQUIRE(got.shared[row] == both.size());
      const double either = static_cast<double>(members[a].size() + members[b].size() - both.size());
      const double smaller = static_cast<double>(std::min(members[a].size(), members[b].size()));
      REQUIRE(got.jaccard[row] == (either > 0 ? static_cast<double>(both.size()) / either : 0.0));
      REQUIRE(got.containment[row] == (smaller > 0 ? static_cast<double>(both.size()) / smaller : 0.0));
    }
}

}  // namespace

TEST_CASE("nothing to compare") {
  CHECK(overlap(audiences()).size() == 0);
  CHECK(overlap(make({0, 0}, {1, 2}, 1)).size() == 0);
  const auto empty = overlap(make({}, {}, 3));
  REQUIRE(empty.size() == 3);
  CHECK(empty.shared[2] == 0);
  CHECK(empty.jaccard[2] == 0.0);
  CHECK(empty.containment[2] == 0.0);
}

TEST_CASE("all pairs against sorted intersections") {
  std::vector<double> share;
  SUBCASE("small audiences") { share.assign(30, .02); }
  SUBCASE("large audiences") { share.assign(12, .6); }
  SUBCASE("everyone and no one") { share = {1, 0, 1, .5, 0, .001}; }
  SUBCASE("every size") {
    for (int i = 0; i < 40; ++i) share.push_back(.5 * (i % 8) / (1 + i));
  }
  for (const std::size_t n : {5u, 64u, 8192u, 70000u, 140000u}) {
    const auto sets = random_audiences(n, share, n);
    check_brute_force(sets, overlap(sets));
  }
}

TEST_CASE("the same table for any number of threads") {
  std::vector<double> share;
  for (int i = 0; i < 60; ++i) share.push_back(i % 7 ? .01 : .3);
  const auto sets = random_audiences(200000, share, 1);
  const auto one = overlap(sets, {}, {.threads = 1});
  for (const unsigned threads : {2u, 7u}) CHECK(overlap(sets, {}, {.threads = threads}).shared == one.shared);
}

TEST_CASE("min_shared, pairs and concurrent_only take rows of the full table") {
  const std::vector<double> share{.1, .2, .05, .4, .01, .3, .15};
  const auto sets = random_audiences(90000, share, 4);
  const auto all = overlap(sets);
  const auto find = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all.a[i] == a && all.b[i] == b) return all.shared[i];
    return std::uint64_t{0};
  };

  const std::uint64_t least = all.shared[all.size() / 2];
  const auto large = overlap(sets, {.min_shared = least});
  CHECK(large.size() == static_cast<std::size_t>(std::ranges::count_if(all.shared, [&](auto s) { return s >= least; })));

  const auto some = overlap(sets, {.pairs = {{{5, 1}, {0, 3}, {1, 5}}}});
  REQUIRE(some.size() == 2);
  CHECK(some.a == std::vector<std::uint32_t>{0, 1});
  CHECK(some.b == std::vector<std::uint32_t>{3, 5});
  CHECK(some.shared == std::vector<std::uint64_t>{find(0, 3), find(1, 5)});
  CHECK(overlap(sets, {.pairs = conflict::overlap_options{}.pairs.emplace()}).size() == 0);

  // Days touch at their ends: 0 and 1 share day 10, 2 begins after both.
  const std::vector<conflict::run_days> days{{0, 10}, {10, 20}, {21, 30}, {-5, -1}, {25, 25}, {0, 40}, {50, 60}};
  const auto now = overlap(sets, {.concurrent_only = days});
  std::size_t expected = 0;
  for (std::uint32_t a = 0; a < 7; ++a)
    for (std::uint32_t b = a + 1; b < 7; ++b) {
      bool meet = false;
      for (int day = -10; day < 70; ++day)
        meet |= days[a].start <= day && day <= days[a].end && days[b].start <= day && day <= days[b].end;
      if (!meet) continue;
      REQUIRE(expected < now.size());
      CHECK(now.a[expected] == a);
      CHECK(now.b[expected] == b);
      CHECK(now.shared[expected] == find(a, b));
      ++expected;
    }
  CHECK(now.size() == expected);
}

TEST_CASE("a few pairs among many campaigns, of every kind of set") {
  std::vector<double> share;
  for (int i = 0; i < 40; ++i) share.push_back(i % 3 == 0 ? .4 : i % 3 == 1 ? .02 : .001);
  const auto sets = random_audiences(100000, share, 11);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::uint32_t a = 0; a + 3 < 40; a += 2) pairs.emplace_back(a + (a % 4 ? 1 : 3), a);
  const auto got = overlap(sets, {.pairs = pairs}, {.threads = 2});
  REQUIRE(got.size() == pairs.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto x = sets.members(got.a[i]), y = sets.members(got.b[i]);
    std::vector<std::uint32_t> both;
    std::ranges::set_intersection(x, y, std::back_inserter(both));
    CHECK(got.shared[i] == both.size());
  }
}

TEST_CASE("more campaigns than one pass has counters for") {
  std::mt19937_64 random(2);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> want;
  std::vector<std::uint32_t> codes;
  std::vector<std::int64_t> customers;
  for (std::int64_t i = 0; i < 4000; ++i) {
    std::set<std::uint32_t> in;
    while (in.size() < 4) in.insert(static_cast<std::uint32_t>(random() % 9000));
    for (const auto a : in) {
      codes.push_back(a);
      customers.push_back(i);
      for (const auto b : in)
        if (a < b) ++want[{a, b}];
    }
  }
  const auto got = overlap(make(codes, customers, 9000), {.min_shared = 1});
  REQUIRE(got.size() == want.size());
  std::size_t row = 0;
  for (const auto& [pair, shared] : want) {
    REQUIRE(std::pair(got.a[row], got.b[row]) == pair);
    REQUIRE(got.shared[row] == shared);
    ++row;
  }
}

TEST_CASE("every CPU level counts the same") {
  std::vector<double> share;
  for (int i = 0; i < 25; ++i) share.push_back(i % 2 ? .5 : .03);
  const auto sets = random_audiences(150000, share, 6);
  const auto want = overlap(sets).shared;
  for (const char* level : {"scalar", "avx2", "avx512"}) {
    ::setenv("CLARION_SIMD", level, 1);
    const auto got = overlap(sets).shared;
    ::unsetenv("CLARION_SIMD");
    CHECK(got == want);
  }
}

TEST_CASE("a table that cannot fit is refused before it is counted") {
  const auto sets = make({}, {}, 400'000);
  CHECK_THROWS_AS(overlap(sets), error);
  CHECK(overlap(sets, {.min_shared = 1, .pairs = {{{5, 1}}}}).size() == 0);
  CHECK_THROWS_AS(overlap(sets, {.min_shared = 1, .concurrent_only = std::vector<conflict::run_days>(400'000, {1, 2})}), error);
  std::vector<conflict::run_days> apart;
  for (std::int32_t day = 0; day < 3000; ++day) apart.push_back({day, day});
  CHECK(overlap(make({}, {}, 3000), {.concurrent_only = apart}).size() == 0);
}

TEST_CASE("bad pairs and days are refused") {
  const auto sets = make({0, 1}, {1, 1}, 2);
  CHECK_THROWS_AS(overlap(sets, {.pairs = {{{0, 2}}}}), std::invalid_argument);
  CHECK_THROWS_AS(overlap(sets, {.pairs = {{{1, 1}}}}), std::invalid_argument);
  CHECK_THROWS_AS(overlap(sets, {.concurrent_only = {{0, 1}}}), std::invalid_argument);
  CHECK_THROWS_AS(overlap(sets, {.concurrent_only = {{0, 1}, {3, 2}}}), std::invalid_argument);
}
