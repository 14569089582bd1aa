#pragma once

#include "clarion/core/parallel.hpp"
#include "segment/cluster_merges.hpp"
#include "segment/nearest_cluster.hpp"

namespace clarion::segment {

/// The points as clusters, near ones near each other: halves by the median of the widest column, down to a panel.
clusters in_k_d_order(const distinct_points& points, const run_options& run);

}  // namespace clarion::segment
