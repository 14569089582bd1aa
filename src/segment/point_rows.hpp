#pragma once

// Rows that are compared by distance, and what their clusters add up to.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clarion/core/parallel.hpp"

namespace clarion::segment {

/// A dense matrix, row after row.
struct point_rows {
  const double* data = nullptr;
  std::size_t rows = 0, columns = 0;

  const double* row(std::size_t i) const { return data + i * columns; }
};

/// x as points. Throws std::invalid_argument for no row, no column, rows that are not whole, and, naming the column, for a value
/// that is NaN or infinite.
point_rows checked_points(std::span<const double> x, std::size_t columns, const run_options& run);

/// Rows of each cluster, by its number. Throws std::invalid_argument unless there is a label a row; field names the labels.
std::vector<std::uint64_t> cluster_sizes(const char* field, std::span<const std::uint32_t> labels, std::size_t rows);

/// What is known of clusters from their rows: means (clusters x columns; 0 of an empty one), and of each cluster the sum of
/// squares and of distances of its rows about its mean.
struct cluster_sums {
  std::vector<double> means, squares, distances;
  double within() const;
};
cluster_sums sums_of_clusters(const point_rows& x, std::span<const std::uint32_t> labels, std::span<const std::uint64_t> sizes,
                              const run_options& run);

/// What a sentence calls a cluster: its name, or "Cluster 3".
std::string cluster_name(std::span<const std::string> names, std::uint32_t cluster);

/// `count` of the rows, each set as likely as any other, ascending.
std::vector<std::uint32_t> drawn_rows(std::size_t rows, std::size_t count, std::uint64_t seed, std::uint64_t key);

}  // namespace clarion::segment
