#pragma once

// k-means from random batches of rows.

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/segment/kmeans.hpp"

namespace clarion::segment {

struct mini_batch_kmeans_options {
  std::uint32_t n_clusters = 8;
  std::uint32_t batch_size = 1024;
  std::uint32_t max_iter = 100;
  std::uint32_t max_no_improvement = 10;
  double reassignment_ratio = 0.01;
  std::uint32_t n_init = 1;
  std::string init = "k-means++";
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = mini_batch_kmeans_options;
    return std::tuple{
        core::option("n_clusters", &self::n_clusters, "clusters, at most as many as there are rows", {1, 16777216}),
        core::option("batch_size", &self::batch_size, "rows of a step", {1, 16777216}),
        core::option("max_iter", &self::max_iter, "passes over as many rows as there are, at most", {1, 4294967295.0}),
        core::option("max_no_improvement", &self::max_no_improvement,
                     "steps without a lower smoothed inertia after which it ends; 0: never", {0, 4294967295.0}),
        core::option("reassignment_ratio", &self::reassignment_ratio,
                     "a center with less than this share of the rows of the largest begins anew from a random row", {0, 1}),
        core::option("n_init", &self::n_init, "starts, of which the best for three batches is taken", {1, 4294967295.0}),
        core::option("init", &self::init, "k-means++ or random, where no centers are given to begin with"),
        core::option("seed", &self::seed, "of the starts and batches"),
    };
  }
};

template <class T>
struct mini_batch_kmeans_result {
  kmeans_result<T> clusters;   ///< labels and inertia of all rows; n_iter counts passes that were begun
  std::uint64_t n_steps = 0;   ///< batches
  std::vector<double> counts;  ///< weight that each center has seen
};

/// Web-scale k-means (Sculley, WWW 2010): steps over random batches, each center the mean of all rows it was ever given. For
/// more rows than iterations over all are worth: a little more inertia in a fraction of the time. At the end every row is
/// labelled. O(batch_size x n_clusters x columns) a step; memory is that of the result and of a batch. The same bits for any
/// number of threads. Throws as kmeans does.
template <class T>
CLARION_API mini_batch_kmeans_result<T> mini_batch_kmeans(const points_view<T>& x, const mini_batch_kmeans_options& options = {},
                                                          const kmeans_given<T>& given = {}, const run_options& run = {});

/// One step on rows that come as they come: moves `centers` (counts.size() x columns) towards the rows that are nearest to them
/// and adds their weights to `counts`. Returns the inertia of the rows before it.
template <class T>
CLARION_API double mini_batch_step(const points_view<T>& rows, std::vector<T>& centers, std::vector<double>& counts,
                                   const double* weight = nullptr, const run_options& run = {});

}  // namespace clarion::segment
