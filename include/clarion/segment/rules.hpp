#pragma once

// Every code that the segment room can answer with.
// G0xx transactions and scores, G1xx segments and suppression, G3xx columns that clusters are made of.

#include <span>
#include <string_view>

#include "clarion/core/export.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::segment {

/// Ascending by code.
CLARION_API std::span<const schema::rule> rules();

/// The rule of this code. Throws std::invalid_argument for a code that is not one.
CLARION_API const schema::rule& rule_of(std::string_view code);

}  // namespace clarion::segment
