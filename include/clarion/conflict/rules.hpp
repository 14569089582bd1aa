#pragma once

// Every code that the conflict room can answer with.
// C1xx audiences and contacts, C2xx saturation, C3xx concentration, C4xx timing, C5xx conflict graph and rescheduling.

#include <span>
#include <string_view>

#include "clarion/core/export.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::conflict {

/// Ascending by code.
CLARION_API std::span<const schema::rule> rules();

/// The rule of this code. Throws std::invalid_argument for a code that is not one.
CLARION_API const schema::rule& rule_of(std::string_view code);

}  // namespace clarion::conflict
