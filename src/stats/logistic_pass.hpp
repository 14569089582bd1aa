#pragma once

// What Newton's method takes of all rows: the loss at a point, its gradient and its Hessian.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "clarion/core/parallel.hpp"
#include "clarion/stats/logistic.hpp"

namespace clarion::stats::detail {

/// Columns as the solver sees them: shifted to mean 0 (where there is an intercept) and scaled to a mean square of 1, a column of
/// ones behind the last where there is an intercept.
struct standardized {
  std::size_t columns = 0;  ///< the intercept among them
  std::size_t stride = 0;
  std::vector<double> mean, shift, scale;  ///< scale 0: a column that is constant
  double weight = 0, positive = 0;         ///< of all rows, and of those with label 1
};

struct point {
  double weight = 0, loss = 0;   ///< sums over rows
  double margin = 0;             ///< the least log-odds in favour of a row's own class, among rows that have weight
  double farthest = 0;           ///< the greatest log-odds by size
  std::vector<double> gradient;  ///< sum over rows
  std::vector<double> hessian;   ///< columns x stride, upper triangle; sum over rows
};

class rows_of_logistic {
public:
  rows_of_logistic(const design_view& x, std::span<const std::uint8_t> y, std::span<const double> weights, bool intercept);

  /// Means and scales; checks every entry.
  void standardize(const run_options& run);
  /// Class weights, once columns are standardized; they multiply those of rows.
  void weigh(double negative, double positive);

  /// Every `step`-th chunk of rows alone.
  point evaluate(std::span<const double> b, std::size_t step, const run_options& run) const;
  /// The least and greatest of y_i (x_i b) over rows that have weight.
  std::pair<double, double> margins(std::span<const double> b, const run_options& run) const;

  const standardized& scaled() const { return scaled_; }
  std::size_t rows() const { return x_.rows; }
  static double memory(std::size_t rows, std::size_t columns);
  static constexpr std::size_t chunk = 64;

private:
  double weight(std::size_t i) const {
    const double w = class_weight_[y_[i] != 0];
    return weights_.empty() ? w : w * weights_[i];
  }
  template <class Body>
  void over_chunks(std::size_t parts, std::size_t step, double work, const run_options& run, Body&& body) const;

  const design_view& x_;
  std::span<const std::uint8_t> y_;
  std::span<const double> weights_;
  bool intercept_;
  double class_weight_[2] = {1, 1};
  standardized scaled_;
};

}  // namespace clarion::stats::detail
