#include "recommend/item_layout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "clarion/core/memory.hpp"

namespace clarion::recommend {

using kernels::candidate_panel;
using kernels::score_panel;

namespace {

constexpr std::size_t blocks_of(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

void require_memory_of(const factor_view& items) {
  core::require_memory("factors of " + std::to_string(items.rows) + " items",
                       4 * static_cast<double>(items.rows) * static_cast<double>(items.factors), "ask for fewer factors");
}

norm_order order_of(const factor_view& items, const run_options& run) {
  const std::size_t n = items.rows;
  constexpr std::size_t block = 4096;
  std::vector<float> norm(n);
  core::parallel_blocks(blocks_of(n, block), run, [&](std::size_t b) {
    for (std::size_t i = b * block; i < std::min(n, (b + 1) * block); ++i) {
      double square = 0;
      for (std::size_t k = 0; k < items.factors; ++k) square += double{items.row(i)[k]} * items.row(i)[k];
      norm[i] = static_cast<float>(std::sqrt(square) * (1 + 1e-7));
    }
  });
  norm_order out{std::vector<std::uint32_t>(n), std::vector<float>(n)};
  std::iota(out.item.begin(), out.item.end(), 0u);
  std::stable_sort(out.item.begin(), out.item.end(), [&](std::uint32_t a, std::uint32_t b) { return norm[a] > norm[b]; });
  for (std::size_t i = 0; i < n; ++i) out.norm[i] = norm[out.item[i]];
  return out;
}

item_codes codes_of(const factor_view& items, const norm_order& order, const run_options& run) {
  const std::size_t n = items.rows, factors = items.factors, n_panels = blocks_of(n, candidate_panel);
  item_codes out{blocks_of(factors, 4) * 4, {}, std::vector<item_codes::panel>(n_panels)};
  out.codes.assign(n_panels * out.depth * candidate_panel, 128);
  core::parallel_blocks(n_panels, run, [&](std::size_t p) {
    const std::size_t first = p * candidate_panel, count = std::min(candidate_panel, n - first);
    auto& panel = out.panels[p];
    float most = 0;
    for (std::size_t at = 0; at < count; ++at)
      for (std::size_t k = 0; k < factors; ++k) most = std::max(most, std::abs(items.row(order.item[first + at])[k]));
    panel.scale = std::max(most / 127, std::numeric_limits<float>::min());
    double error = 0;
    std::uint8_t* to = out.codes.data() + first * out.depth;
    for (std::size_t at = 0; at < count; ++at) {
      const float* row = items.row(order.item[first + at]);
      double square = 0;
      for (std::size_t k = 0; k < factors; ++k) {
        const int code = std::clamp(static_cast<int>(std::lround(row[k] / panel.scale)), -127, 127);
        to[k / 4 * 4 * candidate_panel + at * 4 + k % 4] = static_cast<std::uint8_t>(code + 128);
        const double off = row[k] - double{panel.scale} * code;
        square += off * off;
      }
      error = std::max(error, std::sqrt(square));
    }
    panel.most_error = static_cast<float>(error * (1 + 1e-6));
  });
  return out;
}

// Of `n` items, item_at(place) at each place.
template <class ItemAt>
std::vector<float> panels_by(const factor_view& items, std::size_t n, std::span<const float> boost, const run_options& run,
                             ItemAt&& item_at) {
  const std::size_t n_panels = blocks_of(n, score_panel), depth = items.factors;
  std::vector<float> out(n_panels * depth * score_panel);
  core::parallel_blocks(n_panels, run, [&](std::size_t panel) {
    float* to = out.data() + panel * depth * score_panel;
    for (std::size_t at = 0; at < std::min(score_panel, n - panel * score_panel); ++at) {
      const std::size_t item = item_at(panel * score_panel + at);
      const float factor = boost.empty() ? 1.0f : boost[item];
      for (std::size_t k = 0; k < depth; ++k) to[k * score_panel + at] = factor * items.row(item)[k];
    }
  });
  return out;
}

}  // namespace

std::vector<float> panels_of(const factor_view& items, std::span<const float> boost, const run_options& run) {
  return panels_by(items, items.rows, boost, run, [](std::size_t place) { return place; });
}

item_index::item_index(const item_side& items, const run_options& run) : items_(items), layout_(std::make_shared<layout>()) {
  check_items(items, run);
}

const std::vector<float>& item_index::layout::panels(const factor_view& items, const run_options& run) const {
  const std::scoped_lock lock(making_);
  if (panels_.empty()) {
    require_memory_of(items);
    panels_ = panels_of(items, {}, run);
  }
  return panels_;
}

const norm_order& item_index::layout::order(const factor_view& items, const run_options& run) const {
  const std::scoped_lock lock(making_);
  if (order_.item.empty()) order_ = order_of(items, run);
  return order_;
}

const std::vector<float>& item_index::layout::ordered_panels(const factor_view& items, const run_options& run) const {
  const auto& by_norm = order(items, run).item;
  const std::scoped_lock lock(making_);
  if (ordered_panels_.empty()) {
    require_memory_of(items);
    ordered_panels_ = panels_by(items, items.rows, {}, run, [&](std::size_t place) { return by_norm[place]; });
  }
  return ordered_panels_;
}

const std::vector<float>& item_index::layout::head_panels(const factor_view& items, const run_options& run) const {
  const auto& by_norm = order(items, run).item;
  const std::scoped_lock lock(making_);
  if (head_panels_.empty())
    head_panels_ = panels_by(items, std::min(head, items.rows), {}, run, [&](std::size_t place) { return by_norm[place]; });
  return head_panels_;
}

const item_codes& item_index::layout::codes(const factor_view& items, const run_options& run) const {
  const auto& by_norm = order(items, run);
  const std::scoped_lock lock(making_);
  if (codes_.panels.empty()) codes_ = codes_of(items, by_norm, run);
  return codes_;
}

const core::sparse_rows& item_index::layout::walks_by_item(const walk_view& walks, const run_options& run) const {
  const std::scoped_lock lock(making_);
  if (walks_by_item_.rows != walks.rows.columns) walks_by_item_ = core::transposed(walks.rows, run);
  return walks_by_item_;
}

}  // namespace clarion::recommend
