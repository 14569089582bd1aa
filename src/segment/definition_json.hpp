#pragma once

// JSON of strangers, within limits.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "clarion/segment/definition.hpp"

namespace clarion::segment::detail {

using json = nlohmann::ordered_json;

/// Throws clarion::error for text that is no JSON, too long, too deep, or has a key twice in one object.
json parse_json(std::string_view text);

definition read_definition(const json& from, const std::string& place);
json written(const definition& segment);

}  // namespace clarion::segment::detail
