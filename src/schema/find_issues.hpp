#pragma once

#include <vector>

#include "clarion/core/parallel.hpp"
#include "schema/checks.hpp"

namespace clarion::schema::detail {

inline constexpr int longest_run = 366;  ///< days beyond which a run is very long (S018)

/// The issues of all rows, ascending by row and then by code.
std::vector<issue> find_issues(const check_context& context, const run_options& run);

}  // namespace clarion::schema::detail
