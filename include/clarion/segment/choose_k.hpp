#pragma once

// How many clusters there are.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/segment/kmeans.hpp"

namespace clarion::segment {

/// A method of clustering that makes k clusters: rows of x (row after row) -> a number for each row.
using k_clustering = std::function<std::vector<std::uint32_t>(std::span<const double> x, std::size_t columns, std::uint32_t k)>;

/// k-means as such a method, with these options but for k, which is no more than the rows.
CLARION_API k_clustering by_kmeans(const kmeans_options& options = {.n_init = 4}, const run_options& run = {});

struct choose_k_options {
  std::uint32_t n_references = 10;
  std::uint64_t sample = 10'000;
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = choose_k_options;
    return std::tuple{
        core::option("n_references", &self::n_references, "data sets without clusters for the gap statistic; 0: no gap",
                     {0, 1e4}),
        core::option("sample", &self::sample, "rows for the silhouette, and for the gap statistic, where there are more; 0: all"),
        core::option("seed", &self::seed, "of sampled rows and references")};
  }
};

/// What was found with k clusters. NaN: not defined, or not asked for.
struct k_quality {
  std::uint32_t k = 0;
  std::uint32_t clusters = 0;  ///< that have rows: fewer than k where rows are equal
  std::uint64_t smallest = 0;  ///< rows of the smallest
  double inertia = 0, silhouette = 0, silhouette_se = 0, calinski_harabasz = 0, davies_bouldin = 0;
  double gap = 0, gap_se = 0;  ///< gap_se: sd of the references sqrt(1 + 1 / n_references)
};

struct k_choice {
  std::uint32_t best = 1;                                        ///< 1: all rows are equal
  std::string reason;                                            ///< in a sentence or a few, with the disagreement
  bool agreed = false;                                           ///< every index that has an answer names `best`
  std::vector<k_quality> tried;                                  ///< by k
  double inertia_of_one = 0, gap_of_one = 0, gap_of_one_se = 0;  ///< of no clusters at all
  /// What each index names; none where it has no answer.
  std::optional<std::uint32_t> by_silhouette, by_calinski_harabasz, by_davies_bouldin, by_gap, by_elbow;
  std::vector<std::vector<std::uint32_t>> labels;  ///< for each of `tried`
};

/// Clusters x once for each k and asks five indices: the greatest silhouette and Calinski-Harabasz ratio, the least
/// Davies-Bouldin index (see cluster_quality), the gap statistic (Tibshirani, Walther and Hastie, JRSS B 63, 2001: the first k,
/// one cluster included, whose gap is not below the next one's less its standard error; references are uniform over the box that
/// the data fills along its principal axes, and clustered by the same method) and the elbow of the inertia (kneedle: Satopaa,
/// Albrecht, Irwin and Raghavan, ICDCS Workshops 2011, sensitivity 1). The k that most name is recommended, of equals the one
/// with the better silhouette; the reason says who disagrees, where the structure is weak (silhouette below .25: Kaufman and
/// Rousseeuw, 1990), where the best k is the last tried, and where the gap statistic sees no clusters.
///
/// O(the method for each k + sample rows columns for each k + n_references times the method on a sample). The method runs on the
/// caller's thread. Throws std::invalid_argument for x as cluster_quality, an empty list of k, k below 2, twice or above the
/// number of rows, a method that gives another number of labels than rows; clarion::cancelled.
CLARION_API k_choice choose_k(std::span<const double> x, std::size_t columns, std::span<const std::uint32_t> k,
                              const k_clustering& method, const choose_k_options& options = {}, const run_options& run = {});

/// The first knee of a falling curve (kneedle, sensitivity 1), an index into x; none where it has none. x ascending, both of one
/// length, finite. Throws std::invalid_argument otherwise.
CLARION_API std::optional<std::size_t> elbow(std::span<const double> x, std::span<const double> y);

}  // namespace clarion::segment
