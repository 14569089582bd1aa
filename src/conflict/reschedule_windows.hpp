#pragma once

#include <cstdint>
#include <vector>

#include "clarion/conflict/reschedule.hpp"

namespace clarion::conflict::detail {

/// Days by which a campaign may move, ascending; 0 alone for one that stays.
std::vector<std::int32_t> allowed_shifts(const movable_campaign& c, std::int32_t step);

}  // namespace clarion::conflict::detail
