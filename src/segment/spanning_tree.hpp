#pragma once

#include <vector>

#include "clarion/core/parallel.hpp"
#include "segment/cluster_merges.hpp"

namespace clarion::segment {

/// Merges of single linkage, in no order of height: the edges of a tree of least length (Borůvka).
std::vector<cluster_merge> spanning_tree(const distinct_points& points, const run_options& run);

/// Bytes that it takes for n points, beside them.
double spanning_tree_memory(std::size_t n, std::size_t columns);

}  // namespace clarion::segment
