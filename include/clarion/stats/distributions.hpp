#pragma once

#include "clarion/core/export.hpp"

namespace clarion::stats {

/// Standard normal distribution: P(Z <= x), and the x below which Z lies with this probability.
/// The quantile of 0 is -infinity, that of 1 is infinity; std::invalid_argument outside [0, 1].
CLARION_API double normal_cdf(double x);
CLARION_API double normal_quantile(double probability);

/// Student's t with that many degrees of freedom (> 0, not necessarily whole; infinity is the normal).
CLARION_API double student_cdf(double x, double degrees_of_freedom);
CLARION_API double student_quantile(double probability, double degrees_of_freedom);

}  // namespace clarion::stats
