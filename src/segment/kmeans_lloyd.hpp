#pragma once

// Lloyd's iterations from centers that are given.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clarion/segment/kmeans.hpp"

namespace clarion::segment {

template <class T>
struct lloyd_options {
  const double* weight = nullptr;
  std::uint32_t k = 0;
  std::uint32_t max_iter = 0;
  double least_move = 0;                  ///< squared moves of the centers, summed, at which it ends
  const std::vector<T>* shift = nullptr;  ///< about the mean of the rows
};

/// `out.centers` holds the centers to begin with. The rows are fit for k-means.
template <class T>
void lloyd(const points_view<T>& x, const lloyd_options<T>& options, kmeans_result<T>& out, const run_options& run);

/// Bytes that it takes beside rows and result.
double lloyd_memory(std::size_t rows, std::size_t columns, std::size_t k, std::size_t value_bytes);

}  // namespace clarion::segment
