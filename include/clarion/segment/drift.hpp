#pragma once

// What became of the clusters of one period in the next.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"

namespace clarion::segment {

/// The clusters of one period. Views: what they point at must outlive the call.
struct clustered_period {
  std::span<const std::uint32_t> labels;  ///< the number of a cluster for each row
  std::span<const std::uint64_t> ids{};  ///< who the rows are, each once. Without: by overlap row i is row i of the other period,
                                         ///< by centers nobody is known in both
  std::span<const std::string> names{};  ///< what sentences call the clusters, by number; empty: "Cluster 3"
  std::span<const double> x{};           ///< row after row; empty: centers are not compared
};

struct drift_options {
  std::string by = "overlap";

  static constexpr auto fields() {
    return std::tuple{core::option("by", &drift_options::by,
                                   "overlap: clusters are matched by the members that they share; centers: by the distance of "
                                   "their means")};
  }
};

/// Of a matched pair: held (most members stayed, the center too), drifted, changed; else vanished or appeared.
enum class drift_verdict : std::uint8_t { held, drifted, changed, vanished, appeared };
CLARION_API std::string_view to_string(drift_verdict verdict);

inline constexpr std::uint32_t no_cluster = 0xffffffff;

struct cluster_drift {
  std::uint32_t before = no_cluster, after = no_cluster;  ///< numbers in the labels; no_cluster where it has no partner
  std::uint64_t size_before = 0, size_after = 0;
  double share_before = 0, share_after = 0;  ///< of all rows of the period
  std::uint64_t stayed = 0;                  ///< members of both
  std::uint64_t moved = 0;                   ///< members of the earlier one that are elsewhere in the later period
  std::uint64_t left = 0;                    ///< members of the earlier one whom the later period does not know
  std::uint64_t joined = 0;                  ///< members of the later one whom the earlier period does not know
  double jaccard = 0;                        ///< of the members known in both periods; NaN where there are none
  std::vector<double> shift;                 ///< of each column of its mean, in standard deviations; empty without x or partner
  double distance = 0;                       ///< length of the shift over the root of the columns; NaN without x or partner
  drift_verdict verdict = drift_verdict::held;
  std::string sentence;  ///< the verdict in words, with its numbers
};

struct drift_result {
  std::vector<cluster_drift> clusters;  ///< of the earlier period by number, then those that appeared
  std::uint64_t common = 0;             ///< members known in both periods
  double rand = 0;                      ///< adjusted Rand index of the two periods over these; NaN without any
  /// (clusters before + 1) x (clusters after + 1), row after row, by numbers: members who went from one to the other; the last
  /// row holds those who joined, the last column those who left.
  std::vector<std::uint64_t> transitions;
  std::size_t numbers_before = 0, numbers_after = 0;
};

/// Matches clusters of two periods one to one so that the Jaccard similarities of matched ones add up to the most, or, with
/// by = "centers", the distances of their means to the least (Kuhn, Naval Research Logistics Quarterly 2, 1955), and says what
/// became of each. Clusters that share no member are not matched by overlap. A standard deviation is that of a column within the
/// periods (root of the mean variance), or, where it varies in neither, over both together.
///
/// Held: a Jaccard similarity of .75 at least and a distance below .2; changed: below .5 (Hennig, 2007), or .5 and more (Cohen's
/// small and medium effects); else drifted. What is not known counts for nothing.
/// O(n log n + clusters^3). Throws std::invalid_argument for labels, ids and x that do not fit together, an id twice, by overlap
/// no ids and another number of rows, by = "centers" without both x, values that are not finite, naming the column.
CLARION_API drift_result drift(const clustered_period& before, const clustered_period& after, const drift_options& options = {});

}  // namespace clarion::segment
