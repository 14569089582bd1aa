#pragma once

// Runs of weeks in sentences.

#include <cstddef>
#include <string>

#include "schema/wording.hpp"

namespace clarion::conflict {

/// "in the week of 2026-11-23", "in the 3 weeks from 2026-11-23"
inline std::string in_weeks(std::size_t weeks, date first) {
  return weeks == 1 ? "in the week of " + core::to_string(first)
                    : fmt::format("in the {} weeks from {}", weeks, core::to_string(first));
}

/// What a campaign that runs in the worst of some weeks is to be moved out of.
inline std::string out_of_weeks(std::size_t weeks, bool runs_in_all, date worst) {
  if (weeks == 1) return "out of this week";
  return runs_in_all ? "out of these weeks" : "out of the week of " + core::to_string(worst);
}

}  // namespace clarion::conflict
