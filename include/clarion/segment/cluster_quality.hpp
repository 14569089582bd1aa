#pragma once

// How far apart clusters are, and how close together the rows of each.

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment {

struct cluster_quality_options {
  std::uint64_t sample = 0;
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = cluster_quality_options;
    return std::tuple{core::option("sample", &self::sample,
                                   "rows drawn for the silhouette, each compared with all rows; 0, or more than there are: all"),
                      core::option("seed", &self::seed, "of the rows that are drawn")};
  }
};

struct cluster_quality_result {
  std::uint64_t rows = 0;
  std::uint32_t clusters = 0;  ///< that have rows
  double inertia = 0;          ///< squared distances of rows from the mean of their cluster, added up
  double silhouette = 0;       ///< mean over rows, from -1 to 1
  double silhouette_se = 0;    ///< standard error of a silhouette of drawn rows; 0 when all were taken
  std::uint64_t silhouette_rows = 0;
  double calinski_harabasz = 0;  ///< higher is better; NaN where a row is a cluster or all rows are equal, infinite where rows
                                 ///< of a cluster are equal
  double davies_bouldin = 0;     ///< lower is better; infinite where two clusters have one mean

  // Of each cluster by its number.
  std::vector<std::uint64_t> size;
  std::vector<double> cluster_silhouette;     ///< NaN of a cluster without (drawn) rows
  std::vector<double> cluster_silhouette_se;  ///< NaN with fewer than two drawn rows
  std::vector<double> mean_distance;          ///< of its rows from their mean; NaN without rows
};

/// Judges clusters by x (row after row) and a cluster's number for each row: the silhouette (Rousseeuw, J. Comput. Appl. Math.
/// 20, 1987) by Euclidean distances, exact or of rows that are drawn without replacement and compared with all rows, which has no
/// bias and a standard error; the ratio of Calinski and Harabasz (Communications in Statistics 3, 1974); the index of Davies and
/// Bouldin (IEEE PAMI 1, 1979). A number that no row has counts as no cluster. A row alone in its cluster has silhouette 0.
///
/// O(rows^2 columns), with a sample O(sample rows columns); memory is that of x. The same bits for any number of threads. Throws
/// std::invalid_argument for x that is not whole or not finite (naming the column), labels that are not one a row, fewer than 2
/// clusters, options out of range; clarion::error for what memory cannot hold, clarion::cancelled.
CLARION_API cluster_quality_result cluster_quality(std::span<const double> x, std::size_t columns,
                                                   std::span<const std::uint32_t> labels,
                                                   const cluster_quality_options& options = {}, const run_options& run = {});

/// The silhouette of every row.
CLARION_API std::vector<double> silhouettes(std::span<const double> x, std::size_t columns, std::span<const std::uint32_t> labels,
                                            const run_options& run = {});

}  // namespace clarion::segment
