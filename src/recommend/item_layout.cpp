#include "recommend/item_layout.hpp"

#include <algorithm>
#include <string>

#include "clarion/core/memory.hpp"

namespace clarion::recommend {

using kernels::score_panel;

std::vector<float> panels_of(const factor_view& items, std::span<const float> boost, const run_options& run) {
  const std::size_t n = (items.rows + score_panel - 1) / score_panel, depth = items.factors;
  std::vector<float> out(n * depth * score_panel);
  core::parallel_blocks(n, run, [&](std::size_t panel) {
    float* to = out.data() + panel * depth * score_panel;
    for (std::size_t at = 0; at < std::min(score_panel, items.rows - panel * score_panel); ++at) {
      const std::size_t item = panel * score_panel + at;
      const float factor = boost.empty() ? 1.0f : boost[item];
      for (std::size_t k = 0; k < depth; ++k) to[k * score_panel + at] = factor * items.row(item)[k];
    }
  });
  return out;
}

item_index::item_index(const item_side& items, const run_options& run) : items_(items) {
  check_items(items, part_of(run, 0, 0.5));
  core::require_memory("factors of " + std::to_string(items.size()) + " items",
                       4 * static_cast<double>(items.factors.rows) * static_cast<double>(items.factors.factors),
                       "ask for fewer factors");
  layout_ = std::make_shared<layout>(layout{panels_of(items.factors, {}, part_of(run, 0.5, 1))});
}

}  // namespace clarion::recommend
