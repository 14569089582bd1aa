#pragma once

// Every code that reading and validation can answer with.
// S0xx one campaign, S1xx the portfolio or its file.

#include <span>
#include <string_view>

#include "clarion/core/export.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::schema {

/// Ascending by code.
CLARION_API std::span<const rule> rules();

/// The rule of this code. Throws std::invalid_argument for a code that is not one.
CLARION_API const rule& rule_of(std::string_view code);

}  // namespace clarion::schema
