#pragma once

// How many rows two labelings put together in each pair of clusters.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clarion::segment {

struct contingency_cell {
  std::uint32_t a, b;
  std::uint64_t count;
};

/// The cells that are not empty, ascending by (a, b). O(n), or O(n log n) where there are far more pairs than rows.
std::vector<contingency_cell> contingency(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

/// Of cells; clusters are those in cells.
double adjusted_rand_of(std::span<const contingency_cell> cells);

}  // namespace clarion::segment
