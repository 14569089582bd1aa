#pragma once

// Smooth minimisation over a handful of numbers.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::segment {

/// The value at a point; writes the gradient.
using smooth_function = std::function<double(std::span<const double> at, std::span<double> gradient)>;

struct minimize_options {
  std::uint32_t iterations = 200;
  double tolerance = 1e-8;  ///< the decrease that is still to be had, in units of the function
  double bound = 16;        ///< coordinates beyond +- this have run away
};

struct minimum {
  std::vector<double> at, gradient;
  double value = 0;
  std::vector<double> hessian;  ///< row-major, by differences of the gradient
  std::uint32_t iterations = 0, evaluations = 0;
  bool converged = false;
  bool ran_away = false;  ///< a coordinate is beyond the bound
};

/// Newton's method in a trust region (More and Sorensen, SIAM J. Sci. Stat. Comput. 4, 1983), so that what is indefinite or flat
/// needs no care. The Hessian is of central differences of the gradient at the start, at the end and where a step disappoints;
/// between, it learns from gradients (BFGS). A gradient costs no more than a value. Steps may begin with the Hessian of a
/// function like this one, `near_hessian`.
CLARION_API minimum minimize(const smooth_function& f, std::span<const double> start, const minimize_options& options = {},
                             std::span<const double> near_hessian = {});

/// Eigenvalues, ascending, and eigenvectors (row i belongs to value i) of a symmetric row-major matrix.
struct spectrum {
  std::vector<double> value, vector;
};
spectrum spectrum_of(std::span<const double> symmetric, std::size_t size);

}  // namespace clarion::segment
