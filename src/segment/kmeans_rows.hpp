#pragma once

// What k-means does with rows: checks them, finds the nearest centers, measures distances.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clarion/segment/kmeans.hpp"
#include "kernels/nearest_center.hpp"

namespace clarion::segment {

constexpr std::size_t row_block = 1024;

constexpr std::size_t row_blocks(std::size_t rows) { return (rows + row_block - 1) / row_block; }

/// Throws std::invalid_argument where the rows are not fit for k-means.
template <class T>
void check_rows(const char* name, const points_view<T>& x, const run_options& run);

/// In double precision.
struct column_moments {
  std::vector<double> mean;
  double variance = 0;  ///< the mean of the columns' variances
};

/// Throws as check_rows does.
template <class T>
column_moments moments_of(const char* name, const points_view<T>& x, const run_options& run);

/// Their sum; throws where one is negative, not finite, or all are 0.
double total_weight(const double* weight, std::size_t rows);

void check_clusters(std::uint32_t n_clusters, std::size_t rows);

/// How many of k clusters have rows.
std::uint32_t clusters_in(const std::vector<std::int32_t>& labels, std::size_t k);

/// The sum over columns of (x - center)^2.
template <class T>
double squared_distance(const T* x, const T* center, std::size_t columns) {
  double sum = 0;
  for (std::size_t j = 0; j < columns; ++j) {
    const double apart = static_cast<double>(x[j]) - static_cast<double>(center[j]);
    sum += apart * apart;
  }
  return sum;
}

/// Whether rows of so many columns are compared by products, for which a shift is needed.
bool by_products(std::size_t columns);

/// Centers as rows are compared with them.
template <class T>
class center_index {
public:
  /// `shift` is about the mean of the rows where they are compared by products, and outlives this; `direct`: by differences in
  /// any case.
  center_index(const T* centers, std::size_t k, std::size_t columns, const std::vector<T>& shift, bool direct);
  center_index(const center_index&) = delete;
  center_index& operator=(const center_index&) = delete;

  /// label[i] of rows[i], exact, and a margin as kernels::nearest_center gives it, not below 0; `known` as there. Returns how
  /// many rows floating point left open.
  std::size_t nearest(const T* points, const std::uint32_t* rows, std::size_t count, std::size_t known, std::vector<T>& work,
                      std::uint32_t* label, T* margin) const;

  /// Squared distances of a row to all centers, in double precision.
  void distances(const T* x, double* to) const;

private:
  std::size_t k_, columns_;
  std::vector<T> moved_, half_square_;
  std::vector<double> by_column_;  // columns x k
  kernels::centers_in<T> in_;
  kernels::nearest_center<T> kernel_;
};

/// The nearest of k centers for each row.
template <class T>
std::vector<std::int32_t> nearest_labels(const points_view<T>& x, const T* centers, std::size_t k, const run_options& run);

/// Weighted squared distances of rows to the centers of their labels, summed.
template <class T>
double inertia_of(const points_view<T>& x, const T* centers, const std::vector<std::int32_t>& labels, const double* weight,
                  const run_options& run);

}  // namespace clarion::segment
