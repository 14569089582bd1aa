#pragma once

#include <string>

#include "clarion/core/export.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::plan {

/// What a layer of the plan could not do for want of data, and what would let it.
struct missing_input {
  std::string layer;   ///< "strategies", "kpis", "risks", "roadmap", "team"
  std::string what;    ///< what was not done: "Seasonal indices were not computed: no history was given"
  std::string supply;  ///< what to supply: "a table of finished campaigns with start, spend and new_customers"
};

/// P001.
CLARION_API const schema::rule& missing_rule();

/// The same as an information finding (P001), so that a reader of the layer meets it there.
CLARION_API schema::finding to_finding(const missing_input& missing);

}  // namespace clarion::plan
