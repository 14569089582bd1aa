#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// r, alpha, s and beta of a Pareto/NBD model.
struct pareto_parameters {
  double r, alpha, s, beta;
};

/// A quantity with its slopes by r, alpha, s, beta: the first derivatives, then the lower triangle of the second ones, row by
/// row.
struct pareto_slopes {
  double value = 0;
  double by[14] = {};
};

/// Logarithm of the odds of having been lost in (recency, age] after x purchases: of the integral over that time u of
/// s ((alpha + age) / (alpha + u))^(r + x) ((beta + age) / (beta + u))^s / (beta + u). -infinity where age is recency.
CLARION_API pareto_slopes pareto_odds(const pareto_parameters& p, double x, double recency, double age);

/// Sum over n customers with weight w, given the odds o and R = r + x, of w (ln(1 + o) - R ln(alpha + age) - s ln(1 + age /
/// beta)).
using pareto_terms = pareto_slopes (*)(const double* x, const double* recency, const double* age, const double* weight,
                                       std::size_t n, const pareto_parameters& p);

/// The version for this CPU at the given level.
CLARION_API pareto_terms choose_pareto_terms(core::simd_level level);

}  // namespace clarion::kernels
