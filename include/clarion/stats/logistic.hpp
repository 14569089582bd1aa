#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::stats {

/// Rows of numbers as they lie: entry (i, j) is at data[i * row_stride + j * column_stride], in one of the two precisions.
struct design_view {
  std::size_t rows = 0, columns = 0;
  const double* doubles = nullptr;
  const float* floats = nullptr;  ///< read where doubles is null
  std::ptrdiff_t row_stride = 0, column_stride = 1;
  std::span<const std::string> names{};  ///< of columns, for errors; may be empty
};

struct logistic_options {
  /// "l2", "l1", "elasticnet" or "none"
  std::string penalty = "l2";
  double C = 1;
  double l1_ratio = 0;
  bool fit_intercept = true;
  bool balanced = false;
  double tol = 1e-4;
  std::uint32_t max_iter = 100;
  double level = 0.95;

  static constexpr auto fields() {
    using self = logistic_options;
    return std::tuple{
        core::option("penalty", &self::penalty, "l2, l1, elasticnet or none"),
        core::option("C", &self::C, "weight of the rows against the penalty: the smaller, the closer coefficients are to 0",
                     {1e-30, std::numeric_limits<double>::infinity()}),
        core::option("l1_ratio", &self::l1_ratio, "elasticnet: share of the absolute values in the penalty", {0, 1}),
        core::option("fit_intercept", &self::fit_intercept, "whether there is an intercept; no penalty is laid on it"),
        core::option("balanced", &self::balanced, "whether both classes get the same total weight"),
        core::option("tol", &self::tol,
                     "the fit ends with a step that changes no coefficient of a standardized column by more than this",
                     {1e-14, 1}),
        core::option("max_iter", &self::max_iter, "steps at most", {1, 1e6}),
        core::option("level", &self::level, "probability that an interval holds the truth", {0.01, 0.999}),
    };
  }
};

struct logistic_fit {
  std::vector<double> coefficients;
  double intercept = 0;
  /// One more than coefficients: the intercept's is last. From the inverse of the penalized information at the solution; NaN
  /// with an l1 part, for a column that says nothing new, for an intercept that is not fitted, and where classes are separated.
  std::vector<double> standard_errors, z, p, low, high;
  std::uint32_t n_iter = 0;  ///< steps over all rows
  bool converged = false;
  bool separated = false;              ///< a plane has every row on its side: without a penalty there is no finite answer
  std::string reason;                  ///< why the fit ended
  std::vector<std::uint32_t> aliased;  ///< columns without penalty that are constant or combinations of others: coefficient 0
  double log_likelihood = 0;           ///< of the weighted rows at the solution
  double null_log_likelihood = 0;      ///< of the share of positives alone (without an intercept: of one half)
};

/// Regularized logistic regression of labels (0 or 1) on the columns of x: minimizes
///     C sum_i w_i log(1 + exp(-y_i (x_i b + b0))) + (1 - l1_ratio) / 2 |b|^2 + l1_ratio |b|_1,   y_i = -1 or 1,
/// with l1_ratio 0 for "l2", 1 for "l1", and no penalty for "none" or an infinite C: the objective of scikit-learn.
///
/// Newton's method (McCullagh and Nelder, Generalized Linear Models, 1989) on standardized columns, begun on a sixteenth of
/// the rows where there are many, each step halved until the objective falls; with an l1 part the quadratic model is minimized by
/// coordinate descent (Lee, Sun and Saunders, SIAM J. Optimization 24, 2014; Friedman, Hastie and Tibshirani, J. Statistical
/// Software 33, 2010). Everything is in double precision. O(rows x columns^2) a step and columns^3; memory 9 x columns^2 doubles
/// or more, and nothing of the size of x. The same bits for any number of threads.
///
/// Throws std::invalid_argument for options, lengths, weights and labels that are not allowed, labels of one class alone, and
/// NaN or infinity in x, naming the column; clarion::error where memory is short; clarion::cancelled.
CLARION_API logistic_fit logistic(const design_view& x, std::span<const std::uint8_t> y, std::span<const double> weights = {},
                                  const logistic_options& options = {}, const run_options& run = {});

/// intercept + x b for each row: the log-odds. Throws std::invalid_argument for lengths that differ, NaN or infinity.
CLARION_API std::vector<double> log_odds(const design_view& x, std::span<const double> coefficients, double intercept,
                                         const run_options& run = {});

/// What columns add to a row's log-odds against the mean row: (x_ij - mean_j) b_j, rows x columns; with intercept + mean b they
/// sum to the row's log-odds. Throws as log_odds does.
CLARION_API std::vector<double> contributions(const design_view& x, std::span<const double> coefficients,
                                              std::span<const double> means, const run_options& run = {});

}  // namespace clarion::stats
