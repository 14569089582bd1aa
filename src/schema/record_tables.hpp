#pragma once

// Fields of the tables that have no contract of their own.

#include <span>

#include "clarion/schema/fields.hpp"

namespace clarion::schema::detail {

std::span<const field> branch_fields();
std::span<const field> response_fields();
std::span<const field> event_fields();

}  // namespace clarion::schema::detail
