#include "recommend/history_lists.hpp"

#include <algorithm>
#include <vector>

#include "recommend/co_occurrence.hpp"
#include "recommend/top_list.hpp"

namespace clarion::recommend {

namespace {

// In single precision and in the order of the history, as scores are defined.
struct led_sum {
  using number = float;
  float total = 0;
  std::uint32_t count = 0;
  void add(float product) {
    total += product;
    ++count;
  }
};

}  // namespace

void history_lists(const item_side& items, const core::sparse_view& history, const top_k_options& options,
                   const top_k_filter& filter, const run_options& run, top_k_result& out) {
  constexpr std::size_t block_users = 64;
  const auto select = kernels::choose_select(core::permitted_simd());
  core::detail::scratch_pool<row_product<led_sum>> pool;
  core::parallel_blocks((history.rows + block_users - 1) / block_users, run, [&](std::size_t block) {
    auto scratch = pool.take(items.size());
    auto& [of, touched, scores, work, positions, marks, weight] = *scratch;
    std::vector<scored> best, rest;
    for (std::size_t user = block * block_users; user < std::min(history.rows, (block + 1) * block_users); ++user) {
      const std::size_t met = scratch->multiply(history, user, items.weights);
      if (filter.exclude != nullptr)
        for (const auto item : filter.exclude->indices(user)) of[item] = {};
      best.clear();
      rest.clear();
      std::size_t n = 0;
      for (std::size_t t = 0; t < met; ++t) {
        const auto item = touched[t];
        const auto [total, count] = std::exchange(of[item], {});
        const bool open = count > 0 && (filter.available.empty() || filter.available[item] != 0);
        const float value = filter.boost.empty() ? total : total * filter.boost[item];
        touched[n] = item;
        scores[n] = value;
        n += open & (value > 0);
        if (open && !(value > 0)) rest.push_back({value, item});
      }
      scratch->best(n, options.k, select, [&](std::size_t at) { best.push_back({scores[at], touched[at]}); });
      std::sort(best.begin(), best.end(), better);
      // What is not above 0 comes after what is.
      const std::size_t more = std::min(rest.size(), options.k - best.size());
      std::partial_sort(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(more), rest.end(), better);
      best.insert(best.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(more));
      out.lengths[user] = static_cast<std::uint32_t>(best.size());
      for (std::size_t i = 0; i < best.size(); ++i) {
        out.items[user * options.k + i] = best[i].item;
        out.scores[user * options.k + i] = best[i].score;
      }
    }
    pool.give(std::move(scratch));
  });
}

}  // namespace clarion::recommend
