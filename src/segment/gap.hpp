#pragma once

// The gap statistic of Tibshirani, Walther and Hastie (JRSS B 63, 2001).

#include <cstdint>
#include <span>
#include <vector>

#include "clarion/segment/choose_k.hpp"
#include "segment/point_rows.hpp"

namespace clarion::segment {

struct gap_values {
  std::vector<double> gap, error;  // of 1 and of each k
};

/// k ascending, from 2.
gap_values gaps(const point_rows& x, std::span<const std::uint32_t> k, const k_clustering& method,
                const choose_k_options& options, const run_options& run);

}  // namespace clarion::segment
