#pragma once

#include "clarion/core/export.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::schema {

/// The embedded sample: 15 campaigns, $212,000, over the eight default channels, planned by a consumer retailer for August
/// 2026 to July 2027. Group A acquires customers, group B earns from those it has. What is wrong with the plan is known:
/// docs/schema/sample.md lists it, and `planted_truth()` of schema/world.hpp holds it as numbers. The records themselves are
/// clean. O(1).
CLARION_API portfolio sample_portfolio();

/// What the sample's company sells: 48 products in six categories. Products of campaigns are ids of it or its categories.
CLARION_API catalog sample_catalog();

/// The sample's clarion.toml: judged on 2026-08-10, before the first launch; a tag standard and one blackout.
CLARION_API policy sample_policy();

}  // namespace clarion::schema
