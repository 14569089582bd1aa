#pragma once

// Smooth minimisation over a handful of numbers.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::segment {

/// First derivatives of a function of n numbers, then the second ones: the lower triangle, row by row.
constexpr std::size_t slopes_of(std::size_t n) { return n + n * (n + 1) / 2; }

/// The value at a point; writes its slopes.
using smooth_function = std::function<double(std::span<const double> at, std::span<double> slopes)>;

struct minimize_options {
  std::uint32_t iterations = 200;
  double tolerance = 1e-8;  ///< the decrease that is still to be had, in units of the function
  double bound = 16;        ///< coordinates beyond +- this have run away
};

struct minimum {
  std::vector<double> at;
  double value = 0;
  std::vector<double> hessian;  ///< row-major
  std::uint32_t iterations = 0, evaluations = 0;
  bool converged = false;
  bool ran_away = false;  ///< a coordinate is beyond the bound
};

/// Newton's method in a trust region (More and Sorensen, SIAM J. Sci. Stat. Comput. 4, 1983), so that what is indefinite or flat
/// needs no care.
CLARION_API minimum minimize(const smooth_function& f, std::span<const double> start, const minimize_options& options = {});

/// Eigenvalues, ascending, and eigenvectors (row i belongs to value i) of a symmetric row-major matrix.
struct spectrum {
  std::vector<double> value, vector;
};
spectrum spectrum_of(std::span<const double> symmetric, std::size_t size);

}  // namespace clarion::segment
