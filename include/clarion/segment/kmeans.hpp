#pragma once

// k-means: groups of rows around their means.

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment {

/// Rows of numbers, one behind the other; the owner outlives the view.
template <class T>
struct points_view {
  const T* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;

  const T* row(std::size_t r) const { return data + r * columns; }
};

struct kmeans_options {
  std::uint32_t n_clusters = 8;
  std::uint32_t max_iter = 300;
  double tol = 1e-4;
  std::uint32_t n_init = 1;
  std::string init = "k-means++";
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = kmeans_options;
    return std::tuple{
        core::option("n_clusters", &self::n_clusters, "clusters, at most as many as there are rows", {1, 16777216}),
        core::option("max_iter", &self::max_iter, "iterations of a start, at most", {1, 4294967295.0}),
        core::option("tol", &self::tol,
                     "a start ends when the squared moves of all centers sum to no more than this share of the mean variance "
                     "of a column",
                     {0, 1e308}),
        core::option("n_init", &self::n_init, "starts, of which the one with the least inertia is kept", {1, 4294967295.0}),
        core::option("init", &self::init, "k-means++ or random, where no centers are given to begin with"),
        core::option("seed", &self::seed, "of the starts"),
    };
  }
};

/// What may be known beside the rows.
template <class T>
struct kmeans_given {
  const double* weight = nullptr;  ///< one a row, at least 0, some above; null: all 1
  const T* centers = nullptr;      ///< to begin with, n_clusters x columns: there is one start then
};

template <class T>
struct kmeans_result {
  std::size_t columns = 0;
  std::vector<T> centers;            ///< n_clusters x columns
  std::vector<std::int32_t> labels;  ///< one a row
  double inertia = 0;                ///< weighted squared distances of the rows to their centers, summed
  std::uint32_t n_iter = 0;          ///< iterations of the start that was kept
  std::uint32_t n_found = 0;         ///< clusters that have rows
};

/// Lloyd's algorithm (IEEE Trans. Inf. Theory 28, 1982) from a greedy k-means++ start (Arthur and Vassilvitskii, SODA 2007):
/// label every row by its nearest center, move every center to the weighted mean of its rows, until no label changes, centers
/// hardly move (tol) or max_iter is reached. In the last two cases rows are labelled once more by the final centers.
///
/// Labels are exact: those of distances in double precision to the centers in T, the first of equally near ones, at every CPU
/// level. Rows whose distance to the second nearest center exceeds that to their own by more than centers have moved since are
/// not looked at (Hamerly, SDM 2010). Means are sums in twice double precision, so that they do not depend on the order of
/// changes. A cluster that lost its rows gets the row that is farthest from its center, the first of equally far ones, of a
/// cluster that has others; clusters are served in order. With fewer distinct rows than clusters some stay empty, and their
/// centers where they were.
///
/// O(rows x n_clusters x columns) an iteration at worst; memory beside the result is 4 bytes a row (8 for double) and up to 256
/// sums of the centers, 16 bytes a number. The same bits for any number of threads. Throws std::invalid_argument for options out
/// of range, no rows or columns, more clusters than rows, NaN, infinities and values whose squares T does not hold (naming the
/// column) and for weights that are not allowed; clarion::error for what memory cannot hold; clarion::cancelled.
template <class T>
CLARION_API kmeans_result<T> kmeans(const points_view<T>& x, const kmeans_options& options = {},
                                    const kmeans_given<T>& given = {}, const run_options& run = {});

/// Rows to begin with by greedy k-means++: the first by weight, each further one the best of 2 + log(n_clusters) that are
/// drawn by weight times squared distance to the nearest so far. O(rows x n_clusters x log(n_clusters) x columns).
template <class T>
CLARION_API std::vector<std::uint32_t> kmeans_plusplus(const points_view<T>& x, std::uint32_t n_clusters, std::uint64_t seed = 0,
                                                       const double* weight = nullptr, const run_options& run = {});

/// The nearest of k centers for each row, as in a fit, and the weighted squared distances summed: what a fit calls inertia.
template <class T>
struct kmeans_labels {
  std::vector<std::int32_t> labels;
  double inertia = 0;
};
template <class T>
CLARION_API kmeans_labels<T> kmeans_predict(const points_view<T>& x, const points_view<T>& centers,
                                            const double* weight = nullptr, const run_options& run = {});

/// Euclidean distances to each center, rows x centers.
template <class T>
CLARION_API std::vector<T> kmeans_distances(const points_view<T>& x, const points_view<T>& centers, const run_options& run = {});

}  // namespace clarion::segment
