#pragma once

#include <cstddef>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::schema {

struct validate_options {
  /// Findings of one code beyond this many become one finding that counts them; 0: every one is listed.
  std::size_t most_per_code = 1000;
  /// Finished campaigns: budget, owner and name may be empty, and rules about planning are left out.
  bool history = false;
};

/// Judges campaigns by every rule of rules(): findings about the portfolio first, then about rows, ascending by row and code. The
/// policy gives channels, the tag standard and the day of judgement; apply its select, ignore, severities and acceptances with
/// judge(). Without a catalogue no launch dates are compared. A required field that no campaign has is one finding for the
/// portfolio. Findings carry `row` (source_row where the portfolio has it, else the position from 1).
///
/// Throws std::invalid_argument when policy.tag_pattern is no regular expression. O(n log n).
CLARION_API std::vector<finding> validate(const portfolio& campaigns, const policy& policy, const catalog* products = nullptr,
                                          const validate_options& options = {}, const run_options& run = {});

}  // namespace clarion::schema
