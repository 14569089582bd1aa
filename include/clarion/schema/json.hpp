#pragma once

#include <string>
#include <string_view>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/schema/read.hpp"

namespace clarion::schema {

/// Campaigns from JSON text: an array of objects, or an object whose "campaigns" is one. Keys are matched like the columns of any
/// other table and everything else goes as in from_arrow; "budget" may be {"amount", "currency"}, the values of "actuals" and
/// "extras" are taken as if they stood beside the others. Elements that are no objects are quarantined.
///
/// Throws clarion::error when the text is no such JSON (with its position), and what from_arrow throws.
CLARION_API reading read_json(std::string_view text, const policy& policy = {}, const catalog* products = nullptr,
                              const read_options& options = {}, const run_options& run = {});

/// {"format": 1, "campaigns": [...]}: each campaign with the fields that it has, extras as texts in an object of their own.
/// read_json gives back the same portfolio. `indent` < 0 writes one line.
CLARION_API std::string to_json(const portfolio& campaigns, int indent = 2);

}  // namespace clarion::schema
