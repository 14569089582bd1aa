#pragma once

#include <vector>

#include "clarion/core/parallel.hpp"
#include "segment/cluster_merges.hpp"

namespace clarion::segment {

/// Merges of single linkage, in no order of height: the edges of a tree of least length (Prim).
std::vector<cluster_merge> spanning_tree(const distinct_points& points, const run_options& run);

}  // namespace clarion::segment
