#pragma once

// Hierarchical clustering: a tree of merges, cut into as many clusters as are wanted.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment {

struct linkage_options {
  /// How far two clusters are apart: "ward": the root of twice the rise of the sum of squares that merging them brings;
  /// "average", "complete", "single": the mean, the greatest, the least Euclidean distance of a point of one to one of the other.
  std::string method = "ward";

  static constexpr auto fields() {
    return std::tuple{core::option("method", &linkage_options::method, "ward, average, complete or single")};
  }
};

/// A tree of merges in the format of SciPy: the points are clusters 0 to n - 1, and merge i makes cluster n + i.
struct linkage_tree {
  std::size_t n = 0;
  /// n - 1 rows of left, right, height, points: left < right, heights ascending. Merges of equal height are in an order in which
  /// every cluster is made before it is merged, the same at every run; among ties it may be another than SciPy's.
  std::vector<double> merges;

  double height(std::size_t merge) const { return merges[4 * merge + 2]; }
};

/// The tree over the rows of `points`, `columns` values each. Points that are equal are merged first, at height 0.
///
/// ward: rounds in which all pairs merge that are each other's nearest (Murtagh, The Computer Journal 1983; Bruynooghe, 1978).
/// Neighbours are searched in single precision in boxes of a k-d order, and what may be nearest is measured again in double.
/// O(n^2 d) at most where a round merges a share of the clusters, near O(n d log n) in few dimensions; O(n d) memory.
/// single: rounds in which every tree of a forest takes the shortest edge that leaves it (Borůvka, 1926), searched in the same
/// boxes; near O(n d log n) in few dimensions, O(n^2 d) at most a round, O(n d) memory. Where double precision cannot tell most
/// points apart, point by point (Prim, Bell System Technical Journal, 1957): O(n^2 d).
/// average, complete: rounds of pairs over the matrix of distances, and chains of nearest neighbours where few pairs are each
/// other's nearest (Müllner, arXiv:1109.2378): O(n^2 (d + 4)) as a rule. The first round comes before the matrix, which takes 8
/// bytes for each two of the clusters it leaves, in either order: some 5 n^2 bytes, 8 n^2 at most.
///
/// The same bits for any number of threads and any level of SIMD. Throws std::invalid_argument for options, for values that are
/// not finite and for a size that is no multiple of columns; clarion::error where memory cannot hold the matrix;
/// clarion::cancelled. Less than two points make a tree without merges.
CLARION_API linkage_tree linkage(std::span<const double> points, std::size_t columns, const linkage_options& options = {},
                                 const run_options& run = {});
CLARION_API linkage_tree linkage(std::span<const float> points, std::size_t columns, const linkage_options& options = {},
                                 const run_options& run = {});

/// Bytes that it takes at its peak beside the points, where no two are equal and, of average and complete, the first round finds
/// but one pair. Memory is required for what is known: for a matrix of n / 2 clusters at first, and after that round for its own.
CLARION_API double linkage_memory(std::size_t n, std::size_t columns, const linkage_options& options = {});

/// The cluster of each point, where there are n_clusters of them, or where those are one that merge at `height` or below.
/// Clusters are numbered as they first appear. Throws std::invalid_argument unless 1 <= n_clusters <= n, or for a height that is
/// NaN. O(n).
CLARION_API std::vector<std::uint32_t> cut_into(const linkage_tree& tree, std::size_t n_clusters);
CLARION_API std::vector<std::uint32_t> cut_at(const linkage_tree& tree, double height);

/// The points in an order in which every cluster stands together: left before right. O(n).
CLARION_API std::vector<std::uint32_t> leaf_order(const linkage_tree& tree);

/// The correlation, over all pairs of points, of their distance with the height at which they merge (Sokal and Rohlf, Taxon
/// 1962): 1 where the tree tells distances exactly, NaN where either is constant. O(n^2 d), O(n d) memory.
CLARION_API double cophenetic_correlation(const linkage_tree& tree, std::span<const double> points, std::size_t columns,
                                          const run_options& run = {});

}  // namespace clarion::segment
