#pragma once

// The equations of a mixed model at given variances, in the two spaces that they can be solved in.

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "stats/mixed_model.hpp"

namespace clarion::stats::detail::mixed {

using matrix = Eigen::MatrixXd;
using vector = Eigen::VectorXd;

inline constexpr std::size_t none = static_cast<std::size_t>(-1);

inline Eigen::Index at(std::size_t i) { return static_cast<Eigen::Index>(i); }

/// The rows that count, their columns, and the terms in the order of the columns: the fixed effects, then the terms, the one
/// whose block of the equations is diagonal last.
struct layout {
  std::vector<Eigen::Index> rows;
  std::vector<std::vector<std::uint32_t>> column;
  std::vector<std::size_t> first, count;  // by term
  std::vector<std::size_t> start;         // by used row
  std::vector<std::pair<std::uint32_t, double>> cells;
  std::size_t fixed = 0, all = 0, dense = 0, diagonal = none;
};

/// `eliminate`: put a term that no row is in twice last, the largest there is.
layout arrange(const problem& of, bool eliminate);

/// What one set of variances comes to.
struct evaluation {
  vector coefficient, residual;
  std::vector<double> squares, effective;  // by term: of the effects, and their effective number
  double loss = 0;                         // weighted squares of the residuals
  matrix information;                      // average information of the logarithms of the variances, terms and then the noise
};

struct variances {
  std::vector<double> term;
  double noise = 0;
};

class equations {
public:
  virtual ~equations() = default;
  virtual void weigh(const vector& weight) = 0;
  virtual void evaluate(const variances& v, const vector& weight, evaluation& out) = 0;
  virtual matrix covariance() const = 0;  ///< of coefficient - truth, at the variances evaluated last
};

/// Henderson's equations of the coefficients. `l` and `y` must outlive them.
std::unique_ptr<equations> in_coefficients(const layout& l, const vector& y);
/// The covariance of the observations, for more coefficients than rows; `l` without an eliminated term.
std::unique_ptr<equations> in_observations(const layout& l, const vector& y);

/// Whether the equations of the observations are the cheaper ones.
bool fewer_observations(const layout& l);

}  // namespace clarion::stats::detail::mixed
