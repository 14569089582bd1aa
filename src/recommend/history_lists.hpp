#pragma once

#include "clarion/recommend/top_k.hpp"

namespace clarion::recommend {

/// top_k where scores are of sparse weights alone, and lists have neither groups nor items that are allowed alone: the row of
/// each user is summed up over what their history leads to. Fills the lists of `out`. O(products of histories and weights).
void history_lists(const item_side& items, const core::sparse_view& history, const top_k_options& options,
                   const top_k_filter& filter, const run_options& run, top_k_result& out);

}  // namespace clarion::recommend
