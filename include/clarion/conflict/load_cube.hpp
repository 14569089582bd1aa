#pragma once

// The weekly load as a dense campaign x channel x week array, for pictures, notebooks and reductions along any axis.
// The one header of this room that needs xtensor.

#include <cstddef>

#include "clarion/conflict/load.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/xt.hpp"

namespace clarion::conflict {

enum class load_measure { contacts, spend };

/// cube(c, k, w) = load (or spend) of campaign c through channel k in week w, 0 everywhere else; a campaign without a channel,
/// or without a budget when spend is asked for, is a plane of zeros.
/// Throws clarion::error saying how much memory it would take when that is more than `max_bytes`.
CLARION_API core::cube load_cube(const weekly_load& load, load_measure measure = load_measure::contacts,
                                 std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace clarion::conflict
