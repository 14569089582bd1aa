#pragma once

// What a person reads about records and their file.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "clarion/schema/records.hpp"
#include "schema/checks.hpp"

namespace clarion::schema::detail {

/// A row that breaks a rule, in words.
struct record_statement {
  code which = code::count;
  std::uint64_t row = 0;      ///< of the source, from 1
  std::string column, value;  ///< where, and what stands there
  std::string id;             ///< of the record, where it has one
  double number = 0;          ///< an amount, where the rule is about one
  double limit = 0;           ///< what the amount is held against
  std::int32_t day = 0, today = 0;
};
finding describe(const record_statement& said);

/// Which codes are errors for a source: its own severities, then those of the policy.
struct record_severities {
  std::array<severity, rule_count> of{};
  std::array<bool, rule_count> ignored{};
  record_severities(const mapping& map, const policy& rules);
  bool error(code which) const {
    const auto at = static_cast<std::size_t>(which);
    return of[at] == severity::error && !ignored[at];
  }
};

}  // namespace clarion::schema::detail
