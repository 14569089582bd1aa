#pragma once

// The JSON forms of the brief; nlohmann stays inside the library.

#include <nlohmann/json.hpp>

#include "clarion/schema/finding.hpp"

namespace clarion::plan {

/// Keys in the order in which they are documented.
using json = nlohmann::ordered_json;

json finding_json(const schema::finding& finding);

}  // namespace clarion::plan
