#pragma once

// The cheapest schedule within a limit, and what is proved about it.

#include <cstdint>
#include <vector>

#include "conflict/reschedule_schedules.hpp"

namespace clarion::conflict::detail {

struct verdict {
  bool feasible = false;
  bool proved = false;  ///< the cost is the least; where not feasible, no schedule has less conflict
  double cost = 0, conflict = 0;
  double bound = 0;                  ///< of the cost
  double least_conflict = 0;         ///< where not feasible: no schedule has less
  std::vector<std::uint64_t> nodes;  ///< by group
  std::vector<char> searched;        ///< by group: its search was not cut short
};

/// Writes the values of the groups' campaigns. Where no schedule meets the limit, those of the cheapest to the least conflict
/// that was found.
verdict prove(const task& t, std::vector<value_index>& values, watch& clock);

}  // namespace clarion::conflict::detail
