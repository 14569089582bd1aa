#pragma once

// The schedules met so far: the best within the limit, and what all of them say about the price of conflict.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "conflict/reschedule_choices.hpp"
#include "conflict/reschedule_watch.hpp"

namespace clarion::conflict::detail {

/// What counts as equal: sums in another order differ by less.
inline double rounding(double scale) { return 1e-9 * (1 + std::abs(scale)); }

struct task {
  const choices& all;
  std::span<const std::vector<std::uint32_t>> groups;  ///< campaigns that depend on each other: the limit is on their sum
  double limit = 0;
  double step = 0;              ///< of costs (cost_step)
  std::uint64_t max_nodes = 0;  ///< a group
  bool known = false;           ///< the values given are a schedule within the limit
  bool quick = false;           ///< nothing but one search

  /// More conflict than this is too much.
  double most_conflict() const { return limit + rounding(limit); }
  /// Little work: a team of threads would cost more than it saves.
  bool little() const;
};

class schedules {
public:
  using totals = std::pair<double, double>;  ///< cost and conflict

  schedules(const task& t, std::vector<value_index>& best);

  /// From the plan and from little conflict, one campaign at a time, under prices over six orders of magnitude.
  void descend_from_plan(watch& clock);
  totals assess(std::span<const std::uint32_t> group, const std::vector<value_index>& at) const;
  /// Remembers a schedule, and takes it when it is within the limit and cheaper.
  void consider(const std::vector<value_index>& at);

  /// The price at which the bound would be highest if the schedules met were all there are ...
  double promising_price() const;
  /// ... and no bound under that price is above this.
  double modelled(double price) const;

  bool feasible = false;
  double cost = 0, conflict = 0;   ///< of the best
  double least_cost = 0;           ///< no schedule costs less, whatever its conflict
  std::vector<value_index>& best;  ///< its values, of the groups' campaigns
  std::vector<value_index> quiet;  ///< the least conflict met

private:
  const task& t_;
  std::vector<std::vector<totals>> met_;  ///< by group
  double lowest_price_ = 1, highest_price_ = 1;
};

}  // namespace clarion::conflict::detail
