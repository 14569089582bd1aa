#pragma once

// The step of Newton's method: least of g d + d'H d / 2 + sum_j ridge_j (b + d)_j^2 / 2 + lasso_j |b + d|_j.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clarion::stats::detail {

struct quadratic {
  std::size_t n = 0, stride = 0;
  std::span<const double> gradient, hessian;  ///< hessian: upper triangle, rows by stride
  std::span<const double> ridge, lasso;       ///< one a column
};

/// Columns that add nothing to those before them, and on which no penalty lies.
std::vector<std::uint32_t> aliased_columns(const quadratic& q);

/// The step from b; columns in `fixed` stay where they are. By a factorization where there is no lasso, else by coordinate
/// descent until no coordinate moves by more than `least`.
std::vector<double> newton_step(const quadratic& q, std::span<const double> b, std::span<const std::uint32_t> fixed,
                                double least);

/// The inverse of H + diag(ridge) without the fixed columns, whose rows and columns are NaN; n x n. Empty where there is none.
std::vector<double> inverse_information(const quadratic& q, std::span<const std::uint32_t> fixed);

}  // namespace clarion::stats::detail
