#pragma once

// How far two distributions are apart.

#include <cstdint>
#include <span>
#include <vector>

namespace clarion::schema::detail {

/// Sum of (p - q) ln(p / q) over classes, with shares of at least 1e-4; 0 where one of the two is empty.
double stability_index(std::span<const double> now, std::span<const double> before);

/// Counts of both samples between the deciles of `before`, which is sorted; what equals an edge lies below it.
void decile_counts(std::span<const double> now, std::span<const double> before, std::vector<double>& now_counts,
                   std::vector<double>& before_counts);

struct distance {
  double d = 0, p = 1;
};
/// Kolmogorov-Smirnov, of two sorted samples.
distance kolmogorov_smirnov(std::span<const double> a, std::span<const double> b);

}  // namespace clarion::schema::detail
