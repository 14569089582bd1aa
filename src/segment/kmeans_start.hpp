#pragma once

// Rows that k-means begins with.

#include <cstdint>
#include <vector>

#include "clarion/core/random.hpp"
#include "clarion/segment/kmeans.hpp"

namespace clarion::segment {

/// The rows are fit for k-means, and weights add up to `total`, above 0.
template <class T>
std::vector<std::uint32_t> plusplus_rows(const points_view<T>& x, std::uint32_t k, const double* weight, double total,
                                         core::random_stream random, const run_options& run);

/// k rows without repetition, by weight.
std::vector<std::uint32_t> random_rows(std::size_t rows, std::uint32_t k, const double* weight, core::random_stream random,
                                       const run_options& run);

}  // namespace clarion::segment
