#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clarion/core/detail/lines.hpp"
#include "clarion/core/parallel.hpp"
#include "kernels/cluster_rows.hpp"
#include "kernels/point_distances.hpp"
#include "segment/cluster_merges.hpp"
#include "segment/distance_chain.hpp"

namespace clarion::segment {

/// A cluster at the place `kept` takes in one at a greater place.
struct join_of_places {
  std::uint32_t kept = 0, gone = 0;
  double height = 0;
};

/// The nearest of each point and the square of how far it is, of equals the first.
struct nearest_of_points {
  std::vector<std::uint32_t> at;
  std::vector<double> square;
};
nearest_of_points nearest_points(const distinct_points& points, const run_options& run);

/// Those that are each other's nearest, by the first of them. Among equal distances the pair of the first places comes first to
/// both, so that there is always one. Heights are left open.
std::vector<join_of_places> mutual(const std::vector<std::uint32_t>& nearest);

/// How far clusters are apart: of average linkage the sums over their pairs of points, so that a merge adds and no order of
/// merges within a round can be told from the sums of either side. Rows are whole: what a merge does to a row, and its search,
/// read and write memory in its order, and rows depend on no other row but the one that they take in.
class cluster_distances {
public:
  /// The clusters that joins of points make, and every other point by itself, in their order.
  cluster_distances(const distinct_points& points, const std::vector<join_of_places>& joins, chain_method method,
                    const run_options& run);

  std::size_t alive() const { return alive_; }
  bool holds(std::size_t place) const { return size_[place] > 0; }
  std::uint32_t name(std::size_t place) const { return name_[place]; }  ///< a point of it
  double height(std::size_t i, std::size_t j) const;                    ///< at which they would merge
  bool as_near(std::size_t i, std::size_t j, std::size_t as) const;     ///< whether i is no farther from j than from `as`

  /// The nearest of a cluster, of equals the first.
  std::uint32_t search(std::size_t place) const;
  /// The same of all, as the last round left them.
  const std::vector<std::uint32_t>& nearest() const { return nearest_; }

  /// A round: joins pairs of which none is in two, and moves up whoever is left.
  void join_and_pack(const std::vector<join_of_places>& joins, const run_options& run);
  /// Joins two, and moves nobody.
  void join(const join_of_places& pair);

private:
  struct plan;  // of a round: who stands where after it
  class measured_rows;
  class rows_in_place;
  plan plan_of(const std::vector<join_of_places>& joins);
  template <class Rows>
  void fold(const plan& of, const Rows& rows, const run_options& run);
  template <class Join>
  void fold_row(const plan& of, double* row, const double* other, double* crossed, Join&& join) const;

  bool sums_;
  kernels::join_rows join_rows_;
  kernels::pack_row pack_row_;
  kernels::first_least least_;
  kernels::first_least_weighted least_weighted_;
  std::size_t width_ = 0, alive_ = 0;
  core::detail::raw_array<double> held_;
  std::vector<double*> row_;
  std::vector<double> size_, weight_, height_;  // points of each, one over them, and where it was made
  std::vector<std::uint32_t> name_, nearest_;
};

}  // namespace clarion::segment
