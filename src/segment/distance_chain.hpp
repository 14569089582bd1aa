#pragma once

#include <vector>

#include "clarion/core/parallel.hpp"
#include "segment/cluster_merges.hpp"

namespace clarion::segment {

enum class chain_method { average, complete };

/// Merges by chains of nearest neighbours over the matrix of distances, in no order of height.
std::vector<cluster_merge> distance_chain(const distinct_points& points, chain_method method, const run_options& run);

}  // namespace clarion::segment
