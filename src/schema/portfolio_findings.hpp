#pragma once

#include <vector>

#include "clarion/schema/finding.hpp"
#include "schema/checks.hpp"

namespace clarion::schema::detail {

/// The findings about the portfolio as a whole.
std::vector<finding> portfolio_findings(const check_context& context);

}  // namespace clarion::schema::detail
