#include "clarion/recommend/top_k.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "kernels/score.hpp"
#include "recommend/factor_lists.hpp"
#include "recommend/history_lists.hpp"
#include "recommend/item_layout.hpp"
#include "recommend/top_list.hpp"
#include "recommend/walks.hpp"

namespace clarion::recommend {

namespace {

using kernels::score_panel;

constexpr float infinity = std::numeric_limits<float>::infinity();

constexpr std::size_t blocks_of(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

void check_filter(const top_k_filter& filter, std::size_t n_users, std::size_t n_items) {
  const auto shaped = [&](const char* field, const core::sparse_view* matrix) {
    if (matrix == nullptr) return;
    if (matrix->rows != n_users || matrix->columns != n_items)
      reject(field, std::to_string(matrix->rows) + " x " + std::to_string(matrix->columns),
             "give " + std::to_string(n_users) + " users x " + std::to_string(n_items) + " items");
    core::check_sparse(field, *matrix);
  };
  shaped("exclude", filter.exclude);
  shaped("allow", filter.allow);
  const auto one_each = [&](const char* field, std::size_t size) {
    if (size != 0 && size != n_items)
      reject(field, std::to_string(size) + " entries", "give one for each of the " + std::to_string(n_items) + " items");
  };
  one_each("available", filter.available.size());
  one_each("boost", filter.boost.size());
  one_each("group", filter.group.size());
  if (filter.group_quota > 0 && filter.group.empty()) reject("group", "no entry", "say which group each item is of");
  for (const float b : filter.boost)
    if (!(b >= 0 && b < infinity)) reject("boost", std::to_string(b), "give finite numbers, 0 or more");
}

// What the histories of a block of users give every item, and which items they lead to.
class history_scores {
public:
  history_scores(const item_index& items, const user_side& users)
      : items_(items.items()), users_(users), stride_(blocks_of(items.size(), score_panel) * score_panel) {
    if (items_.has_walks())
      walk_.emplace(items_.walks.rows, items.laid_out().walks_by_item(items_.walks, {}), items_.walks.terms);
  }

  // Users of a block: few enough for the cache, and whole tiles of the kernel if there can be.
  static std::size_t block_users(const item_side& items) {
    if (items.has_walks()) return 2 * walk_line::size;
    const std::size_t most = std::clamp<std::size_t>((std::size_t{1} << 20) / (items.size() + 1), 1, 128);
    return most < 8 ? most : most / 8 * 8;
  }

  void fill(std::size_t first, std::size_t n, std::span<const float> boost) {
    scores_.assign(n * stride_, 0.0f);
    if (items_.has_walks()) {
      for (std::size_t r = 0; r < n; r += walk_line::size) add_walks(first + r, r, std::min(walk_line::size, n - r));
      for (std::size_t r = 0; r < n; ++r)
        for (std::size_t i = 0; i < boost.size(); ++i) scores_[r * stride_ + i] *= boost[i];
      return;
    }
    if (!items_.is_dense()) led_to_.assign(n * stride_ / score_panel, 0u);
    for (std::size_t r = 0; r < n; ++r) {
      float* scores = scores_.data() + r * stride_;
      const auto row = users_.history.indices(first + r);
      const auto values = users_.history.values(first + r);
      for (std::size_t e = 0; e < row.size(); ++e) {
        const float value = values.empty() ? 1.0f : values[e];
        if (items_.is_dense())
          add_dense(items_.dense_weights.row(row[e]), value, scores);
        else
          add_sparse(row[e], value, scores, led_to_.data() + r * stride_ / score_panel);
      }
      for (std::size_t i = 0; i < boost.size(); ++i) scores[i] *= boost[i];
    }
  }

  const float* row(std::size_t r) const { return scores_.data() + r * stride_; }
  std::size_t stride() const { return stride_; }
  std::uint32_t led_to(std::size_t r, std::size_t panel) const { return led_to_[r * stride_ / score_panel + panel]; }

private:
  void add_walks(std::size_t first, std::size_t row, std::size_t n) {
    std::uint32_t users[walk_line::size];
    std::iota(users, users + n, static_cast<std::uint32_t>(first));
    const auto walked = walk_->from(users_.history, {users, n});
    float* to = scores_.data() + row * stride_;
    constexpr std::size_t tile = 16;
    for (std::size_t i = 0; i < walked.size(); i += tile)
      for (std::size_t r = 0; r < n; ++r)
        for (std::size_t item = i; item < std::min(walked.size(), i + tile); ++item) to[r * stride_ + item] = walked[item].of[r];
  }
  void add_dense(const float* weights, float value, float* scores) const {
    for (std::size_t i = 0; i < items_.dense_weights.factors; ++i) scores[i] += value * weights[i];
  }
  void add_sparse(std::uint32_t j, float value, float* scores, std::uint32_t* led_to) const {
    const auto to = items_.weights.indices(j);
    const auto weights = items_.weights.values(j);
    for (std::size_t i = 0; i < to.size(); ++i) {
      scores[to[i]] += weights.empty() ? value : value * weights[i];
      led_to[to[i] / score_panel] |= 1u << to[i] % score_panel;
    }
  }

  const item_side& items_;
  const user_side& users_;
  std::size_t stride_;
  std::optional<walker> walk_;
  std::vector<float> scores_;
  std::vector<std::uint32_t> led_to_;
};

}  // namespace

top_k_result top_k(const item_index& index, const user_side& users, const top_k_options& options, const top_k_filter& filter,
                   const run_options& run) {
  core::check_options(options);
  const item_side& items = index.items();
  check_users(users, items);
  const std::size_t n_users = users.size(), n_items = items.size(), depth = items.factors.factors, k = options.k;
  check_filter(filter, n_users, n_items);
  core::require_memory("lists of " + std::to_string(k) + " items for " + std::to_string(n_users) + " users",
                       8 * static_cast<double>(n_users) * static_cast<double>(k), "ask for fewer users at once");
  top_k_result out{n_users, options.k, {}, {}, {}};
  out.items.assign(n_users * k, top_k_result::none);
  out.scores.assign(n_users * k, std::nanf(""));
  out.lengths.assign(n_users, 0);

  if (!users.has_history() && filter.boost.empty()) {
    factor_lists(index, users.factors, options, filter, run, out);
    return out;
  }
  const bool led = items.weights.offsets != nullptr && depth == 0;  // only what a history leads to has a score
  if (led && filter.allow == nullptr && filter.group_quota == 0) {
    history_lists(items, users.history, options, filter, run, out);
    return out;
  }

  const auto boosted = filter.boost.empty() ? std::vector<float>{} : panels_of(items.factors, filter.boost, run);
  const auto& panels = filter.boost.empty() ? index.laid_out().panels(items.factors, part_of(run, 0, 0.02)) : boosted;
  const std::size_t n_panels = blocks_of(n_items, score_panel);
  std::vector<std::uint32_t> open(n_panels);  // a bit for each item of a panel that may be returned
  for (std::size_t item = 0; item < n_items; ++item)
    if (filter.available.empty() || filter.available[item] != 0) open[item / score_panel] |= 1u << item % score_panel;

  const auto score = kernels::choose_score(core::permitted_simd());
  // Vectors of a block and a panel of items stay in the second level of cache.
  const std::size_t block_users = users.has_history() ? history_scores::block_users(items) : 128;
  core::detail::scratch_pool<history_scores> pool;
  core::parallel_blocks(blocks_of(n_users, block_users), run, [&](std::size_t block) {
    const std::size_t first = block * block_users, n = std::min(block_users, n_users - first);
    const float* rows = users.factors.data + first * depth;
    auto scratch = pool.take(index, users);
    auto& history = *scratch;
    if (users.has_history()) history.fill(first, n, filter.boost);
    std::vector<top_list> lists(n, top_list(k, filter.group, filter.group_quota));
    std::vector<float> scores(n * score_panel), least(n, -infinity);
    std::vector<std::uint32_t> hits(n);
    std::vector<std::uint64_t> excluded(n, 0);  // entries of the user's row that are behind
    const auto allowed = [&](std::size_t r) {
      return filter.allow == nullptr ? std::span<const std::uint32_t>{} : filter.allow->indices(first + r);
    };
    // A list of its own is scored in its order; in a panel its user passes nothing.
    for (std::size_t r = 0; r < n; ++r)
      if (!allowed(r).empty()) least[r] = infinity;

    // Scores of users [r, r + count) of the block with a panel, into `to`.
    const auto score_of = [&](std::size_t r, std::size_t count, std::size_t panel, const float* bar, float* to,
                              std::uint32_t* above) {
      const float* start = users.has_history() ? history.row(r) + panel * score_panel : nullptr;
      score(rows + r * depth, depth, count, panels.data() + panel * depth * score_panel, depth, start, history.stride(), bar, to,
            above);
      if (led)
        for (std::size_t at = 0; at < count; ++at) above[at] &= history.led_to(r + at, panel);
    };
    const auto offer = [&](std::size_t r, std::uint32_t item, float value) {
      if (filter.exclude != nullptr) {
        const auto row = filter.exclude->indices(first + r);
        auto& at = excluded[r];
        while (at < row.size() && row[at] < item) ++at;
        if (at < row.size() && row[at] == item) return;
      }
      lists[r].offer(value, item);
    };
    for (std::size_t panel = 0; panel < n_panels; ++panel) {
      score_of(0, n, panel, least.data(), scores.data(), hits.data());
      for (std::size_t r = 0; r < n; ++r) {
        auto bits = hits[r] & open[panel];
        if (bits == 0) continue;
        for (; bits != 0; bits &= bits - 1) {
          const auto at = static_cast<std::size_t>(std::countr_zero(bits));
          const float value = scores[r * score_panel + at];
          if (value > lists[r].least()) offer(r, static_cast<std::uint32_t>(panel * score_panel + at), value);
        }
        least[r] = lists[r].least();
      }
    }
    for (std::size_t r = 0; r < n; ++r) {
      for (const auto item : allowed(r)) {
        const std::size_t panel = item / score_panel, at = item % score_panel;
        float value[score_panel];
        const float bar = -infinity;
        std::uint32_t hit = 0;
        score_of(r, 1, panel, &bar, value, &hit);
        if ((hit & open[panel]) >> at & 1u) offer(r, item, value[at]);
      }
      const auto& best = lists[r].finish();
      out.lengths[first + r] = static_cast<std::uint32_t>(best.size());
      for (std::size_t i = 0; i < best.size(); ++i) {
        out.items[(first + r) * k + i] = best[i].item;
        out.scores[(first + r) * k + i] = best[i].score;
      }
    }
    pool.give(std::move(scratch));
  });
  return out;
}

top_k_result top_k(const factor_view& users, const factor_view& items, const top_k_options& options, const top_k_filter& filter,
                   const run_options& run) {
  return top_k(item_index({.factors = items}), {.factors = users}, options, filter, run);
}

std::vector<std::uint32_t> ranks(const item_index& index, const user_side& users, const core::sparse_view& pairs,
                                 const core::sparse_view* exclude, const run_options& run) {
  const item_side& items = index.items();
  check_users(users, items);
  const std::size_t n_users = users.size(), n_items = items.size(), depth = items.factors.factors;
  check_filter({.exclude = &pairs}, n_users, n_items);
  check_filter({.exclude = exclude}, n_users, n_items);
  std::vector<std::uint32_t> out(pairs.size());
  const auto& panels = index.laid_out().panels(items.factors, run);
  const std::size_t n_panels = blocks_of(n_items, score_panel), stride = n_panels * score_panel;
  const auto score = kernels::choose_score(core::permitted_simd());
  const std::size_t block_users = history_scores::block_users(items);
  core::detail::scratch_pool<history_scores> pool;
  core::parallel_blocks(blocks_of(n_users, block_users), run, [&](std::size_t block) {
    const std::size_t first = block * block_users, n = std::min(block_users, n_users - first);
    auto scratch = pool.take(index, users);
    auto& history = *scratch;
    if (users.has_history()) history.fill(first, n, {});
    std::vector<float> all(stride);
    const float bar = infinity;
    std::uint32_t hit = 0;
    for (std::size_t r = 0; r < n; ++r) {
      const std::size_t user = first + r;
      if (pairs.length(user) == 0) continue;
      for (std::size_t panel = 0; panel < n_panels; ++panel)
        score(users.factors.data + user * depth, depth, 1, panels.data() + panel * depth * score_panel, depth,
              users.has_history() ? history.row(r) + panel * score_panel : nullptr, history.stride(), &bar,
              all.data() + panel * score_panel, &hit);
      // What is excluded comes after everything.
      std::vector<float> own;
      for (const auto item : pairs.indices(user)) own.push_back(all[item]);
      if (exclude != nullptr)
        for (const auto item : exclude->indices(user)) all[item] = -infinity;
      for (std::size_t p = 0; p < own.size(); ++p) {
        const std::uint32_t item = pairs.indices(user)[p];
        if (all[item] == -infinity) {
          out[pairs.offsets[user] - pairs.offsets[0] + p] = static_cast<std::uint32_t>(n_items - exclude->length(user));
          continue;
        }
        std::uint32_t before = 0;
        for (std::size_t i = 0; i < item; ++i) before += all[i] >= own[p];
        for (std::size_t i = item + 1; i < n_items; ++i) before += all[i] > own[p];
        out[pairs.offsets[user] - pairs.offsets[0] + p] = before;
      }
    }
    pool.give(std::move(scratch));
  });
  return out;
}

}  // namespace clarion::recommend
