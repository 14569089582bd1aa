#pragma once

// What the methods of hierarchical clustering are given and give.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace clarion::segment {

/// Points of which no two are equal, scaled by a power of two to values of at most 1.
struct distinct_points {
  std::size_t n = 0, columns = 0;
  std::vector<double> values;       ///< n x columns
  std::vector<std::uint32_t> size;  ///< how many points each stands for
};

/// Of the clusters that hold two points. A cluster is made before it is merged.
struct cluster_merge {
  std::uint32_t one = 0, other = 0;
  double height = 0;
};

}  // namespace clarion::segment
