#include "clarion/recommend/split.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clarion/recommend/detail/interaction_store.hpp"

namespace clarion::recommend {

namespace {

constexpr std::size_t block_users = 1024;

// Streams of the draws: each user has its own key, so that a draw depends on the seed and the user alone.
enum room : std::uint32_t { random_room = 0x52530001, strong_room, target_room, fold_room };

void need_times(const interactions& data) {
  if (!data.has_times() && data.size() > 0)
    reject("time", "no times", "build the interactions with times, by which they are split");
}

// Calls f(user, first entry, entries) for every user with entries.
template <class F>
void each_user(const interactions& data, const run_options& run, F&& f) {
  const core::sparse_view rows = data.by_user();
  core::parallel_blocks((rows.rows + block_users - 1) / block_users, run, [&](std::size_t block) {
    for (std::size_t u = block * block_users; u < std::min(rows.rows, (block + 1) * block_users); ++u)
      if (rows.length(u) > 0) f(u, rows.offsets[u], rows.length(u));
  });
}

// The part of entries whose mark is `value`.
interactions part(const interactions& data, const std::vector<std::uint8_t>& mark, std::uint8_t value, const run_options& run) {
  std::vector<std::uint8_t> keep(mark.size());
  std::ranges::transform(mark, keep.begin(), [&](std::uint8_t m) { return static_cast<std::uint8_t>(m == value); });
  return detail::select(data, keep, run);
}

split halves(const interactions& data, const std::vector<std::uint8_t>& test, const run_options& run) {
  return {part(data, test, 0, part_of(run, .4, .8)), part(data, test, 1, part_of(run, .8, 1))};
}

// `n` of `size` places at random, by the beginning of a shuffle.
template <class F>
void draw(core::random_stream& random, std::uint64_t size, std::uint64_t n, F&& chosen) {
  std::vector<std::uint64_t> places(size);
  std::iota(places.begin(), places.end(), std::uint64_t{0});
  for (std::uint64_t i = 0; i < n; ++i) {
    std::swap(places[i], places[i + random.below(size - i)]);
    chosen(i, places[i]);
  }
}

std::uint64_t nearest(double x) { return static_cast<std::uint64_t>(std::floor(x + .5)); }

}  // namespace

split split_by_time(const interactions& data, std::int64_t cut, const run_options& run) {
  need_times(data);
  std::vector<std::uint8_t> test(data.size());
  std::ranges::transform(data.times(), test.begin(), [&](std::int64_t t) { return static_cast<std::uint8_t>(t >= cut); });
  return halves(data, test, run);
}

std::int64_t time_cut(const interactions& data, double test_fraction) {
  need_times(data);
  if (!(test_fraction > 0 && test_fraction < 1))
    reject("test_fraction", std::to_string(test_fraction), "give a number above 0 and below 1");
  if (data.size() == 0) reject("interactions", "none", "a cut needs at least one entry");
  std::vector<std::int64_t> times(data.times().begin(), data.times().end());
  const auto wanted = static_cast<std::uint64_t>(std::ceil(test_fraction * static_cast<double>(times.size())));
  const auto at = times.end() - static_cast<std::ptrdiff_t>(std::clamp<std::uint64_t>(wanted, 1, times.size()));
  std::ranges::nth_element(times, at);
  return *at;
}

split leave_last_out(const interactions& data, std::uint32_t n, const run_options& run) {
  need_times(data);
  if (n == 0) reject("n", "0", "leave at least 1 out");
  std::vector<std::uint8_t> test(data.size());
  each_user(data, part_of(run, 0, .4), [&](std::size_t, std::uint64_t first, std::uint64_t size) {
    if (size <= n) return;
    std::vector<std::uint64_t> order(size);
    std::iota(order.begin(), order.end(), first);
    std::ranges::sort(order, {}, [&](std::uint64_t e) { return std::pair(data.times()[e], e); });
    for (std::uint64_t i = size - n; i < size; ++i) test[order[i]] = 1;
  });
  return halves(data, test, run);
}

split random_split(const interactions& data, const random_split_options& options, const run_options& run) {
  core::check_options(options);
  std::vector<std::uint8_t> test(data.size());
  each_user(data, part_of(run, 0, .4), [&](std::size_t user, std::uint64_t first, std::uint64_t size) {
    core::random_stream random(options.seed, user, random_room);
    const std::uint64_t n = std::min(nearest(options.test_fraction * static_cast<double>(size)), size - 1);
    draw(random, size, n, [&](std::uint64_t, std::uint64_t place) { test[first + place] = 1; });
  });
  return halves(data, test, run);
}

strong_split split_users(const interactions& data, const strong_split_options& options, const run_options& run) {
  core::check_options(options);
  const core::sparse_view rows = data.by_user();
  std::vector<std::pair<double, std::uint32_t>> lots;
  for (std::size_t u = 0; u < rows.rows; ++u)
    if (rows.length(u) > 1)
      lots.emplace_back(core::random_stream(options.seed, u, strong_room).uniform(), static_cast<std::uint32_t>(u));
  const auto n = std::min<std::uint64_t>(nearest(options.user_fraction * static_cast<double>(lots.size())), lots.size());
  std::ranges::nth_element(lots, lots.begin() + static_cast<std::ptrdiff_t>(n));
  strong_split out;
  for (std::uint64_t i = 0; i < n; ++i) out.held_out.push_back(lots[i].second);
  std::ranges::sort(out.held_out);

  std::vector<std::uint8_t> side(data.size(), 0);  // 0 train, 1 fold in, 2 target
  core::parallel_blocks((out.held_out.size() + block_users - 1) / block_users, part_of(run, 0, .3), [&](std::size_t block) {
    for (std::size_t h = block * block_users; h < std::min(out.held_out.size(), (block + 1) * block_users); ++h) {
      const std::uint32_t user = out.held_out[h];
      const std::uint64_t first = rows.offsets[user], size = rows.length(user);
      std::fill_n(side.begin() + static_cast<std::ptrdiff_t>(first), size, std::uint8_t{1});
      core::random_stream random(options.seed, user, target_room);
      const auto targets = std::clamp<std::uint64_t>(nearest(options.target_fraction * static_cast<double>(size)), 1, size - 1);
      draw(random, size, targets, [&](std::uint64_t, std::uint64_t place) { side[first + place] = 2; });
    }
  });
  out.train = part(data, side, 0, part_of(run, .3, .8));
  out.fold_in = part(data, side, 1, part_of(run, .8, .9));
  out.target = part(data, side, 2, part_of(run, .9, 1));
  return out;
}

std::vector<split> k_fold(const interactions& data, std::uint32_t folds, std::uint64_t seed, const run_options& run) {
  if (folds < 2 || folds > 255) reject("folds", std::to_string(folds), "give a number from 2 to 255");
  std::vector<std::uint8_t> fold(data.size());
  each_user(data, part_of(run, 0, .2), [&](std::size_t user, std::uint64_t first, std::uint64_t size) {
    core::random_stream random(seed, user, fold_room);
    // Where a user begins is drawn too: else users with few entries would all fill the first folds.
    const std::uint64_t start = random.below(folds);
    draw(random, size, size,
         [&](std::uint64_t i, std::uint64_t place) { fold[first + place] = static_cast<std::uint8_t>((start + i) % folds); });
  });
  std::vector<split> out;
  std::vector<std::uint8_t> test(fold.size());
  for (std::uint32_t k = 0; k < folds; ++k) {
    std::ranges::transform(fold, test.begin(), [&](std::uint8_t f) { return static_cast<std::uint8_t>(f == k); });
    const double from = .2 + .8 * k / folds;
    const run_options piece = part_of(run, from, from + .8 / folds);
    out.push_back(halves(data, test, piece));
  }
  return out;
}

leakage_report leakage(const interactions& train, const interactions& test, std::optional<std::int64_t> cut,
                       const run_options& run) {
  if (!(train.users() == test.users())) reject("test", "other users", "give two parts of the same interactions");
  if (!(train.items() == test.items())) reject("test", "other items", "give two parts of the same interactions");
  leakage_report out;
  out.train = train.size();
  out.test = test.size();
  const core::sparse_view a = train.by_user(), b = test.by_user();
  std::vector<std::uint64_t> both((b.rows + block_users - 1) / block_users, 0);
  each_user(test, run, [&](std::size_t u, std::uint64_t, std::uint64_t) {
    const auto x = a.indices(u), y = b.indices(u);
    for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
      both[u / block_users] += x[i] == y[j];
      const bool step_x = x[i] <= y[j], step_y = y[j] <= x[i];
      i += step_x;
      j += step_y;
    }
  });
  for (const auto n : both) out.in_both += n;
  const auto unknown = [](const core::sparse_view& known, const core::sparse_view& asked, std::uint64_t& rows,
                          std::uint64_t& entries) {
    for (std::size_t r = 0; r < asked.rows; ++r) {
      if (asked.length(r) == 0 || known.length(r) > 0) continue;
      ++rows;
      entries += asked.length(r);
    }
  };
  unknown(a, b, out.users_not_in_train, out.entries_of_unknown_users);
  unknown(train.by_item(), test.by_item(), out.items_not_in_train, out.entries_of_unknown_items);
  if (cut && !((train.has_times() || train.size() == 0) && (test.has_times() || test.size() == 0)))
    reject("cut", std::to_string(*cut), "leave it out: these interactions have no times");
  if (!train.has_times() || !test.has_times()) return out;
  out.cut = cut;
  if (!cut && train.size() > 0) out.cut = *std::ranges::max_element(train.times());
  if (!out.cut) return out;
  for (const auto t : test.times()) out.test_before_cut += t < *out.cut;
  if (cut)
    for (const auto t : train.times()) out.train_after_cut += t >= *cut;
  return out;
}

}  // namespace clarion::recommend
