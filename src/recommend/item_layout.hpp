#pragma once

// How top_k wants the factors of items: in panels, and in 8 bits where the CPU multiplies those faster.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "clarion/recommend/scorer.hpp"
#include "kernels/candidates.hpp"
#include "kernels/score.hpp"

namespace clarion::recommend {

/// Items by panels, factors x score_panel each, multiplied by `boost` if there is one; the last is filled with zeros.
std::vector<float> panels_of(const factor_view& items, std::span<const float> boost, const run_options& run);

/// Items from the longest vector to the shortest, equal ones in their order: after one whose length times that of a user is below
/// the least score of a list, none can enter it.
struct norm_order {
  std::vector<std::uint32_t> item;
  std::vector<float> norm;  ///< at each place, rounded up
};

/// Panels of candidate_panel in the order of lengths, in 8 bits. Of each panel is known how far its items are from what their
/// codes say, so that a product of codes bounds the product of the vectors.
struct item_codes {
  struct panel {
    float scale;       ///< a vector is scale * (code - 128), and the error
    float most_error;  ///< norm of the errors
  };
  std::size_t depth = 0;            ///< factors, filled to a multiple of 4
  std::vector<std::uint8_t> codes;  ///< panels of depth / 4 x candidate_panel x 4
  std::vector<panel> panels;
};

/// Each made when first asked for: no call takes all of them.
struct item_index::layout {
  const std::vector<float>& panels(const factor_view& items, const run_options& run) const;
  const norm_order& order(const factor_view& items, const run_options& run) const;
  const std::vector<float>& ordered_panels(const factor_view& items, const run_options& run) const;
  /// Of the first items of the order.
  static constexpr std::size_t head = 512;
  const std::vector<float>& head_panels(const factor_view& items, const run_options& run) const;
  const item_codes& codes(const factor_view& items, const run_options& run) const;
  const core::sparse_rows& walks_by_item(const walk_view& walks, const run_options& run) const;

private:
  mutable std::mutex making_;
  mutable std::vector<float> panels_, ordered_panels_, head_panels_;
  mutable norm_order order_;
  mutable item_codes codes_;
  mutable core::sparse_rows walks_by_item_;
};

}  // namespace clarion::recommend
