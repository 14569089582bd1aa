#pragma once

// Whether clusters are there again in other data of the same kind.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment {

/// The adjusted Rand index (Hubert and Arabie, Journal of Classification 2, 1985) of two labelings of the same rows: 1 where they
/// cut alike, about 0 where they agree no more than by chance. Exact counts of a contingency table; 1 where both put all rows, or
/// no two, together. Throws std::invalid_argument for labels that differ in number. O(n log n).
CLARION_API double adjusted_rand(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

/// A method of clustering: rows of x (row after row) -> a number for each row.
using clustering_method = std::function<std::vector<std::uint32_t>(std::span<const double> x, std::size_t columns)>;

struct stability_options {
  std::uint32_t n_bootstraps = 100;
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = stability_options;
    return std::tuple{core::option("n_bootstraps", &self::n_bootstraps, "samples that are clustered again", {1, 1e6}),
                      core::option("seed", &self::seed, "of the samples")};
  }
};

/// Hennig's bands of a mean Jaccard similarity.
enum class stability_verdict : std::uint8_t { dissolved, pattern, valid, highly_stable };
CLARION_API std::string_view to_string(stability_verdict verdict);

/// Above .85 highly stable, from .75 on valid, from .6 on a pattern, below dissolved; NaN is dissolved.
CLARION_API stability_verdict verdict_of(double jaccard);

struct cluster_stability {
  std::uint32_t cluster = 0;  ///< its number in the labels
  std::uint64_t size = 0;
  std::uint32_t samples = 0;    ///< that held a row of it
  double jaccard = 0;           ///< mean over samples of the similarity to the cluster found there that is most like it
  double jaccard_se = 0;        ///< standard error of that mean over samples; NaN with one sample
  std::uint32_t recovered = 0;  ///< samples with a similarity of .75 at least
  std::uint32_t dissolved = 0;  ///< samples with one of .5 at most: the cluster was not there
  stability_verdict verdict = stability_verdict::dissolved;
  std::string sentence;  ///< the verdict in words, with its numbers
};

struct stability_result {
  std::vector<cluster_stability> clusters;  ///< those that have rows, by number
  std::vector<double> jaccards;             ///< samples x clusters; NaN where a sample held no row of the cluster
  double rand = 0;                          ///< mean adjusted Rand index of samples and labels
};

/// How stable each cluster is (Hennig, Computational Statistics and Data Analysis 52, 2007): rows are drawn with replacement, the
/// distinct ones are clustered again by `method`, and a cluster's rows among them are compared with the cluster found there that
/// shares most with them, by Jaccard's shared / (either). Rows count once however often they are drawn: copies make clusters of
/// themselves.
///
/// O(n_bootstraps x (the method + n columns)). Samples depend on the seed alone. The method runs on the caller's thread. Throws
/// std::invalid_argument for what cluster_quality refuses of x and labels but one cluster, for fewer than 2 rows and a method
/// that gives another number of labels than rows; clarion::cancelled. `names`, by number, are what sentences call the clusters.
CLARION_API stability_result stability(std::span<const double> x, std::size_t columns, std::span<const std::uint32_t> labels,
                                       const clustering_method& method, const stability_options& options = {},
                                       const run_options& run = {}, std::span<const std::string> names = {});

}  // namespace clarion::segment
