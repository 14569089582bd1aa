#pragma once

// Lists from factors alone.

#include "clarion/recommend/top_k.hpp"

namespace clarion::recommend {

/// top_k of factors alone without boosts, into `out`, whose places are made. Items are looked at from the longest vector to the
/// shortest, by the inequality of Cauchy and Schwarz none after the one at which a list is full of better scores than any to
/// come. Where the CPU multiplies bytes faster, products in 8 bits and their errors bound the scores first, and what may enter a
/// list is scored anew in single precision. Both bounds leave out nothing that could enter.
void factor_lists(const item_index& items, const factor_view& users, const top_k_options& options, const top_k_filter& filter,
                  const run_options& run, top_k_result& out);

}  // namespace clarion::recommend
