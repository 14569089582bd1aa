#pragma once

#include <vector>

#include "clarion/core/parallel.hpp"
#include "segment/cluster_merges.hpp"

namespace clarion::segment {

enum class chain_method { average, complete };

/// Merges over the matrix of distances, in an order in which a cluster is made before it is merged: by rounds of pairs that are
/// each other's nearest, and by chains of nearest neighbours where such pairs are few. Throws clarion::error where memory cannot
/// hold the matrix of what the first round leaves.
std::vector<cluster_merge> distance_chain(const distinct_points& points, chain_method method, const run_options& run);

/// Bytes that it takes for n points of which the first round leaves `left`, beside them.
double distance_chain_memory(std::size_t n, std::size_t columns, std::size_t left);

}  // namespace clarion::segment
