#pragma once

#include <vector>

#include "clarion/core/parallel.hpp"
#include "segment/cluster_merges.hpp"

namespace clarion::segment {

/// The edges of a tree of least length, point by point and each a pass over the points that are left: what it takes depends on no
/// distance. On one thread.
std::vector<cluster_merge> prim(const distinct_points& points, const run_options& run);

}  // namespace clarion::segment
