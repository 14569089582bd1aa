#pragma once

#include <vector>

#include "clarion/core/parallel.hpp"
#include "segment/cluster_merges.hpp"

namespace clarion::segment {

/// Merges of Ward's method, by rounds of pairs that are each other's nearest, in no order of height.
std::vector<cluster_merge> ward(const distinct_points& points, const run_options& run);

/// Bytes that it takes for n points, beside them.
double ward_memory(std::size_t n, std::size_t columns);

}  // namespace clarion::segment
