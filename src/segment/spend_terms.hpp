#pragma once

#include <limits>
#include <span>

namespace clarion::segment {

/// Expected value of a transaction after x of mean z; p: p, q, v.
struct spend_terms {
  double value = 0;
  double slope[3] = {};  ///< of its logarithm by those of the parameters

  spend_terms(std::span<const double> p, double x, double z) {
    const double amount = x > 0 ? x * z : 0, below = p[0] * x + p[1] - 1;
    value = below > 0 ? p[0] * (p[2] + amount) / below : std::numeric_limits<double>::infinity();
    if (below != below) value = below;  // parameters that are not known
    slope[0] = 1 - p[0] * x / below;
    slope[1] = -p[1] / below;
    slope[2] = p[2] / (p[2] + amount);
  }
};

}  // namespace clarion::segment
