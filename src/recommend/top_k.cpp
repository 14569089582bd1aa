#include "clarion/recommend/top_k.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "kernels/score.hpp"
#include "recommend/top_list.hpp"

namespace clarion::recommend {

namespace {

using kernels::score_panel;

constexpr std::size_t block_users = 128;  // vectors of a block and a panel of items stay in the second level of cache

void check(const factor_view& users, const factor_view& items, const top_k_filter& filter) {
  if (users.factors != items.factors)
    reject("items", std::to_string(items.factors) + " factors", "give " + std::to_string(users.factors) + ", as users have");
  const auto finite = [](const char* field, const float* values, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      if (!std::isfinite(values[i])) reject(field, std::to_string(values[i]), "give finite numbers");
  };
  finite("users", users.data, users.rows * users.factors);
  finite("items", items.data, items.rows * items.factors);
  const auto shaped = [&](const char* field, const core::sparse_view* matrix) {
    if (matrix == nullptr) return;
    if (matrix->rows != users.rows || matrix->columns != items.rows)
      reject(field, std::to_string(matrix->rows) + " x " + std::to_string(matrix->columns),
             "give " + std::to_string(users.rows) + " users x " + std::to_string(items.rows) + " items");
    core::check_sparse(field, *matrix);
  };
  shaped("exclude", filter.exclude);
  shaped("allow", filter.allow);
  const auto one_each = [&](const char* field, std::size_t size) {
    if (size != 0 && size != items.rows)
      reject(field, std::to_string(size) + " entries", "give one for each of the " + std::to_string(items.rows) + " items");
  };
  one_each("available", filter.available.size());
  one_each("boost", filter.boost.size());
  one_each("group", filter.group.size());
  if (filter.group_quota > 0 && filter.group.empty()) reject("group", "no entry", "say which group each item is of");
  finite("boost", filter.boost.data(), filter.boost.size());
  for (const float b : filter.boost)
    if (b < 0) reject("boost", std::to_string(b), "give 0 or more");
}

// Items by panels, factors x score_panel each, boosted; the last is filled with zeros.
std::vector<float> panels_of(const factor_view& items, std::span<const float> boost, const run_options& run) {
  const std::size_t n = (items.rows + score_panel - 1) / score_panel, depth = items.factors;
  std::vector<float> out(n * depth * score_panel);
  core::parallel_blocks(n, run, [&](std::size_t panel) {
    float* to = out.data() + panel * depth * score_panel;
    for (std::size_t at = 0; at < std::min(score_panel, items.rows - panel * score_panel); ++at) {
      const std::size_t item = panel * score_panel + at;
      const float factor = boost.empty() ? 1.0f : boost[item];
      for (std::size_t k = 0; k < depth; ++k) to[k * score_panel + at] = factor * items.data[item * depth + k];
    }
  });
  return out;
}

}  // namespace

top_k_result top_k(const factor_view& users, const factor_view& items, const top_k_options& options, const top_k_filter& filter,
                   const run_options& run) {
  core::check_options(options);
  check(users, items, filter);
  const std::size_t depth = items.factors, k = options.k;
  const auto places = static_cast<double>(users.rows) * static_cast<double>(k);
  core::require_memory("lists of " + std::to_string(k) + " items for " + std::to_string(users.rows) + " users",
                       8 * places + 4 * static_cast<double>(items.rows) * static_cast<double>(depth),
                       "ask for fewer users at once");
  top_k_result out{users.rows, options.k, {}, {}, {}};
  out.items.assign(users.rows * k, top_k_result::none);
  out.scores.assign(users.rows * k, std::nanf(""));
  out.lengths.assign(users.rows, 0);

  const auto panels = panels_of(items, filter.boost, part_of(run, 0, 0.02));
  const std::size_t n_panels = (items.rows + score_panel - 1) / score_panel;
  std::vector<std::uint32_t> open(n_panels);  // a bit for each item of a panel that may be returned
  for (std::size_t item = 0; item < items.rows; ++item)
    if (filter.available.empty() || filter.available[item] != 0) open[item / score_panel] |= 1u << item % score_panel;

  const auto score = kernels::choose_score(core::permitted_simd());
  core::parallel_blocks((users.rows + block_users - 1) / block_users, part_of(run, 0.02, 1), [&](std::size_t block) {
    const std::size_t first = block * block_users, n = std::min(block_users, users.rows - first);
    const float* rows = users.data + first * depth;
    std::vector<top_list> lists(n, top_list(k, filter.group, filter.group_quota));
    std::vector<float> scores(n * score_panel), least(n, -std::numeric_limits<float>::infinity());
    std::vector<std::uint32_t> hits(n);
    std::vector<std::uint64_t> excluded(n, 0);  // entries of the user's row that are behind
    const auto allowed = [&](std::size_t r) {
      return filter.allow == nullptr ? std::span<const std::uint32_t>{} : filter.allow->indices(first + r);
    };
    // A list of its own is scored in its order; in a panel its user passes nothing.
    for (std::size_t r = 0; r < n; ++r)
      if (!allowed(r).empty()) least[r] = std::numeric_limits<float>::infinity();

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
      score(rows, depth, n, panels.data() + panel * depth * score_panel, depth, least.data(), scores.data(), hits.data());
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
        if ((open[panel] >> at & 1u) == 0) continue;
        float value[score_panel], bar = -std::numeric_limits<float>::infinity();
        std::uint32_t hit = 0;
        score(rows + r * depth, depth, 1, panels.data() + panel * depth * score_panel, depth, &bar, value, &hit);
        offer(r, item, value[at]);
      }
      const auto& best = lists[r].finish();
      out.lengths[first + r] = static_cast<std::uint32_t>(best.size());
      for (std::size_t i = 0; i < best.size(); ++i) {
        out.items[(first + r) * k + i] = best[i].item;
        out.scores[(first + r) * k + i] = best[i].score;
      }
    }
  });
  return out;
}

}  // namespace clarion::recommend
