#pragma once

// How top_k wants the factors of items.

#include <cstddef>
#include <span>
#include <vector>

#include "clarion/recommend/scorer.hpp"
#include "kernels/score.hpp"

namespace clarion::recommend {

/// Items by panels, factors x score_panel each, multiplied by `boost` if there is one; the last is filled with zeros.
std::vector<float> panels_of(const factor_view& items, std::span<const float> boost, const run_options& run);

struct item_index::layout {
  std::vector<float> panels;
};

}  // namespace clarion::recommend
