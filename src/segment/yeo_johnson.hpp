#pragma once

// The power transform of Yeo and Johnson (Biometrika 87, 2000): a power of 1 + x above 0 and of 1 - x below.

#include <span>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment {

CLARION_API double yeo_johnson(double x, double power);
/// NaN for what no x becomes.
CLARION_API double yeo_johnson_inverse(double y, double power);

/// The power, from -5 to 5, under which the values are most likely normal. The values vary.
CLARION_API double fitted_power(std::span<const double> values, const run_options& run);

}  // namespace clarion::segment
