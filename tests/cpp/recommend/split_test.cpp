#include "clarion/recommend/split.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::recommend;

namespace {

using cell = std::pair<std::uint32_t, std::uint32_t>;
using cells = std::map<cell, std::pair<float, std::int64_t>>;

cells cells_of(const interactions& data) {
  cells out;
  const auto rows = data.by_user();
  for (std::uint32_t u = 0; u < rows.rows; ++u)
    for (std::uint64_t e = rows.offsets[u]; e < rows.offsets[u + 1]; ++e)
      out[{u, rows.index[e]}] = {rows.value == nullptr ? 1.0f : rows.value[e], data.has_times() ? data.times()[e] : 0};
  return out;
}

interactions sample(std::size_t rows, std::uint64_t users, std::uint64_t items, std::uint64_t seed, bool timed = true) {
  core::random_stream random(seed);
  std::vector<std::int64_t> user, item, time;
  std::vector<float> weight;
  for (std::size_t i = 0; i < rows; ++i) {
    // Users of very different length, down to one entry.
    const std::uint64_t u = random.below(users);
    user.push_back(static_cast<std::int64_t>(u * u / users));
    item.push_back(static_cast<std::int64_t>(random.below(items)));
    time.push_back(static_cast<std::int64_t>(random.below(100)));
    weight.push_back(static_cast<float>(1 + random.below(5)));
  }
  interaction_columns columns{
      std::span<const std::int64_t>(user), std::span<const std::int64_t>(item), std::span<const float>(weight), {}, {}};
  if (timed) columns.time = time;
  return build_interactions(columns).data;
}

void check_halves(const interactions& whole, const split& parts) {
  cells all = cells_of(parts.train);
  const cells test = cells_of(parts.test);
  for (const auto& [key, value] : test) CHECK(all.emplace(key, value).second);
  CHECK(all == cells_of(whole));
  for (const auto* part : {&parts.train, &parts.test}) {
    CHECK(part->users() == whole.users());
    CHECK(part->items() == whole.items());
    CHECK(part->by_item().size() == part->size());
    core::check_sparse("part", part->by_user());
  }
}

}  // namespace

TEST_CASE("a cut in time parts earlier from later") {
  const auto data = sample(3000, 200, 150, 1);
  for (const std::int64_t cut : {-5, 0, 40, 99, 100}) {
    const auto parts = split_by_time(data, cut);
    check_halves(data, parts);
    CHECK(std::ranges::all_of(parts.train.times(), [&](std::int64_t t) { return t < cut; }));
    CHECK(std::ranges::all_of(parts.test.times(), [&](std::int64_t t) { return t >= cut; }));
    CHECK(leakage(parts.train, parts.test, cut).clean());
  }
}

TEST_CASE("the cut for a share leaves at least that share, and a later one does not") {
  const auto data = sample(3000, 200, 150, 2);
  const auto n = static_cast<double>(data.size());
  for (const double share : {.001, .1, .2, .5, .999}) {
    const std::int64_t cut = time_cut(data, share);
    CHECK(static_cast<double>(split_by_time(data, cut).test.size()) >= share * n);
    CHECK(static_cast<double>(split_by_time(data, cut + 1).test.size()) < share * n);
  }
  CHECK_THROWS_AS(time_cut(data, 0), std::invalid_argument);
  CHECK_THROWS_AS(time_cut(data, 1), std::invalid_argument);
  CHECK_THROWS_AS(time_cut(interactions(), .5), std::invalid_argument);
}

TEST_CASE("the last entries of each user are left out") {
  const auto data = sample(2000, 300, 60, 3);
  for (const std::uint32_t n : {1u, 3u}) {
    const auto parts = leave_last_out(data, n);
    check_halves(data, parts);
    for (std::size_t u = 0; u < data.n_users(); ++u) {
      const auto length = data.by_user().length(u);
      CHECK(parts.test.by_user().length(u) == (length > n ? n : 0));
      // (time, item) of everything in test is later than of everything in train.
      std::vector<std::pair<std::int64_t, std::uint32_t>> train, test;
      for (const auto& [part, to] : {std::pair(&parts.train, &train), std::pair(&parts.test, &test)})
        for (std::uint64_t e = part->by_user().offsets[u]; e < part->by_user().offsets[u + 1]; ++e)
          to->emplace_back(part->times()[e], part->by_user().index[e]);
      if (!test.empty()) CHECK(std::ranges::max(train) < std::ranges::min(test));
    }
  }
  CHECK_THROWS_AS(leave_last_out(data, 0), std::invalid_argument);
  CHECK_THROWS_AS(leave_last_out(sample(10, 5, 5, 1, false)), std::invalid_argument);
  CHECK_THROWS_AS(split_by_time(sample(10, 5, 5, 1, false), 3), std::invalid_argument);
}

TEST_CASE("a share of each user's entries, by seed") {
  const auto data = sample(6000, 300, 400, 4, false);
  const auto parts = random_split(data, {.test_fraction = .3, .seed = 5}, {.threads = 1});
  check_halves(data, parts);
  for (std::size_t u = 0; u < data.n_users(); ++u) {
    const auto length = data.by_user().length(u);
    const auto wanted = static_cast<std::uint64_t>(std::floor(.3 * static_cast<double>(length) + .5));
    CHECK(parts.test.by_user().length(u) == std::min(wanted, length - 1));
  }
  CHECK(cells_of(random_split(data, {.test_fraction = .3, .seed = 5}, {.threads = 3}).test) == cells_of(parts.test));
  CHECK(cells_of(random_split(data, {.test_fraction = .3, .seed = 6}).test) != cells_of(parts.test));
  CHECK(random_split(data, {.test_fraction = 0}).test.size() == 0);
  CHECK(random_split(data, {.test_fraction = 1}).train.size() == data.n_users());
  CHECK_THROWS_AS(random_split(data, {.test_fraction = 1.5}), std::invalid_argument);
}

TEST_CASE("every place of a user is drawn about as often") {
  const std::vector<std::uint64_t> offsets{0, 10};
  std::vector<std::uint32_t> index(10);
  for (std::uint32_t i = 0; i < 10; ++i) index[i] = i;
  const auto data = build_interactions(core::sparse_view{1, 10, offsets.data(), index.data(), nullptr}).data;
  std::vector<int> drawn(10);
  constexpr int seeds = 4000;
  for (int s = 0; s < seeds; ++s)
    for (const auto& [key, value] :
         cells_of(random_split(data, {.test_fraction = .3, .seed = static_cast<std::uint64_t>(s)}).test))
      ++drawn[key.second];
  // A binomial of 4,000 draws of .3 has a standard deviation of 29; 10 places stay within 5 of them.
  for (const int n : drawn) CHECK(std::abs(n - .3 * seeds) < 145);
}

TEST_CASE("held-out users are folded in by one part and judged by the other") {
  const auto data = sample(6000, 300, 400, 6);
  const auto parts = split_users(data, {.user_fraction = .25, .target_fraction = .4, .seed = 1}, {.threads = 1});
  cells all = cells_of(parts.train);
  for (const auto* part : {&parts.fold_in, &parts.target})
    for (const auto& [key, value] : cells_of(*part)) CHECK(all.emplace(key, value).second);
  CHECK(all == cells_of(data));
  std::size_t eligible = 0;
  for (std::size_t u = 0; u < data.n_users(); ++u) eligible += data.by_user().length(u) > 1;
  CHECK(parts.held_out.size() == static_cast<std::size_t>(std::floor(.25 * static_cast<double>(eligible) + .5)));
  CHECK(std::ranges::is_sorted(parts.held_out));
  const std::set<std::uint32_t> held(parts.held_out.begin(), parts.held_out.end());
  for (std::uint32_t u = 0; u < data.n_users(); ++u) {
    CHECK((parts.train.by_user().length(u) == 0) == held.contains(u));
    CHECK((parts.fold_in.by_user().length(u) > 0) == held.contains(u));
    CHECK((parts.target.by_user().length(u) > 0) == held.contains(u));
  }
  const auto again = split_users(data, {.user_fraction = .25, .target_fraction = .4, .seed = 1}, {.threads = 3});
  CHECK(again.held_out == parts.held_out);
  CHECK(cells_of(again.target) == cells_of(parts.target));
  CHECK(split_users(data, {.user_fraction = 0}).held_out.empty());
  CHECK(split_users(interactions()).train.size() == 0);
}

TEST_CASE("each entry is in the test of exactly one fold") {
  const auto data = sample(4000, 250, 300, 8);
  const auto folds = k_fold(data, 4, 3, {.threads = 1});
  REQUIRE(folds.size() == 4);
  cells all;
  for (const auto& fold : folds) {
    check_halves(data, fold);
    for (const auto& [key, value] : cells_of(fold.test)) CHECK(all.emplace(key, value).second);
    for (std::size_t u = 0; u < data.n_users(); ++u) {
      const auto length = data.by_user().length(u), in_test = fold.test.by_user().length(u);
      CHECK(in_test >= length / 4);
      CHECK(in_test <= length / 4 + 1);
    }
    const double share = static_cast<double>(fold.test.size()) / static_cast<double>(data.size());
    CHECK(std::abs(share - .25) < .03);
  }
  CHECK(all == cells_of(data));
  CHECK(cells_of(k_fold(data, 4, 3, {.threads = 3})[2].test) == cells_of(folds[2].test));
  CHECK_THROWS_AS(k_fold(data, 1), std::invalid_argument);
}

TEST_CASE("leakage counts what test gives away and cannot be judged by") {
  const std::vector<std::int64_t> user{1, 1, 2, 3, 3, 1}, item{1, 2, 2, 3, 1, 3}, time{10, 20, 30, 5, 40, 50};
  const auto data =
      build_interactions({std::span<const std::int64_t>(user), std::span<const std::int64_t>(item), {}, time, {}}).data;
  const auto parts = split_by_time(data, 25);
  // train: (1,1) (1,2) (3,3); test: (2,2) (3,1) (1,3)
  auto report = leakage(parts.train, parts.test);
  CHECK(report.train == 3);
  CHECK(report.test == 3);
  CHECK(report.in_both == 0);
  CHECK(report.users_not_in_train == 1);
  CHECK(report.entries_of_unknown_users == 1);
  CHECK(report.items_not_in_train == 0);
  CHECK(report.cut == 20);
  CHECK(report.clean());

  report = leakage(data, parts.test, 35);
  CHECK(report.in_both == 3);
  CHECK(report.users_not_in_train == 0);
  CHECK(report.test_before_cut == 1);
  CHECK(report.train_after_cut == 2);
  CHECK_FALSE(report.clean());

  report = leakage(parts.test, parts.train);
  CHECK(report.cut == 50);
  CHECK(report.test_before_cut == 3);

  CHECK_THROWS_AS(leakage(parts.train, sample(10, 5, 5, 1)), std::invalid_argument);
  CHECK(leakage(interactions(), interactions()).clean());
}
