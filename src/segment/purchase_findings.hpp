#pragma once

// What the rows say of themselves.

#include <vector>

#include "clarion/schema/finding.hpp"
#include "clarion/segment/detail/purchase_store.hpp"

namespace clarion::segment::detail {

std::vector<schema::finding> purchase_findings(const purchase_store& data, const purchase_report& report);

}  // namespace clarion::segment::detail
