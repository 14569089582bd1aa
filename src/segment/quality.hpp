#pragma once

// The parts of cluster_quality, for who has checked the points already.

#include "clarion/segment/cluster_quality.hpp"
#include "segment/point_rows.hpp"

namespace clarion::segment {

/// As cluster_quality, for any number of clusters: what is not defined is NaN.
cluster_quality_result quality_of(const point_rows& x, std::span<const std::uint32_t> labels,
                                  const cluster_quality_options& options, const run_options& run);

}  // namespace clarion::segment
