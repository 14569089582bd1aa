#pragma once

// Conditions in words.

#include <string>

#include "clarion/segment/definition.hpp"

namespace clarion::segment::detail {

std::string shown(const condition_value& value);
/// "recency is at most 90"
std::string in_words(const condition& test);
/// The same text for conditions that differ in the order of their parts.
std::string canonical(const condition& when);

}  // namespace clarion::segment::detail
