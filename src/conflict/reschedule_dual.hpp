#pragma once

// The price of conflict whose bound on the cost is highest, and the tables of each group under it (Lagrangian dual).

#include <cstddef>
#include <cstdint>
#include <vector>

#include "conflict/reschedule_bound.hpp"
#include "conflict/reschedule_schedules.hpp"

namespace clarion::conflict::detail {

class dual {
public:
  /// `spent`, by group, in nodes, grows by what is done here.
  dual(const task& t, schedules& seen, std::vector<std::uint64_t>& spent, kernels::min_plus kernel, watch& clock);

  /// Moves the price to where the bound is highest, and tightens there, with half of the nodes at most.
  void climb();
  /// Drops values with which no schedule is cheaper than the best one met.
  void narrow();

  /// Tables of each group; empty when time was up.
  const std::vector<tables>& groups() const { return groups_; }
  /// No schedule within the limit costs less, unless the best one met does.
  double bound() const { return bound_; }
  void raise_bound(double to);
  /// How much less than the best a cheaper schedule costs at least.
  double saving() const;
  /// False when the best is proved, or time is up.
  bool open() const;

private:
  bool climbing() const;
  double bound_at(double price, int rounds);
  double fine(double bound) const;
  std::size_t room_for(std::size_t group) const;

  const task& t_;
  schedules& seen_;
  std::vector<std::uint64_t>& spent_;
  kernels::min_plus kernel_;
  watch& clock_;
  std::vector<tables> groups_;
  double price_ = 1, bound_ = 0;
};

}  // namespace clarion::conflict::detail
