#pragma once

// From rows in any order to one entry a user and item.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clarion/recommend/detail/interaction_store.hpp"
#include "recommend/interaction_rows.hpp"

namespace clarion::recommend::detail {

enum class duplicate_rule : std::uint8_t { sum, max, last, first, binary };
duplicate_rule duplicate_rule_of(const std::string& name);

struct decay {
  double half_life = 0;        ///< in the unit of the times; 0: none
  std::int64_t reference = 0;  ///< when age is 0
};

/// Fills by_user (rows and columns are set) and times of the store. Codes of the pieces are numbers of users and items; pieces
/// are taken apart on the way.
void lay_out(std::vector<row_piece>& pieces, duplicate_rule rule, const decay& ages, interaction_store& store,
             const run_options& run);

}  // namespace clarion::recommend::detail
