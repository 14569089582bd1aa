#pragma once

// Rules applied in their order: who meets which first, and who meets which at all.

#include <cstdint>
#include <vector>

#include "clarion/segment/definition.hpp"

namespace clarion::segment::detail {

struct first_match {
  std::vector<std::int32_t> first;              ///< by customer: the first rule met, -1 where none is
  std::vector<std::uint64_t> by_first, by_all;  ///< customers by rule
  std::uint64_t unmatched = 0;
};

/// Throws std::invalid_argument for two rules of one name, and as evaluate does.
first_match match_first(const customer_fields& customers, const std::vector<definition>& rules, const run_options& run);

/// A definition of one test.
definition rule_of_test(const char* name, const char* description, condition when);
condition test_of(const char* field, comparison op, std::vector<condition_value> values);

}  // namespace clarion::segment::detail
