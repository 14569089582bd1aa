#pragma once

// The one solver behind random effects and seasonality:
//
//     y = X beta + sum over terms of Z_k u_k + e,     u_k ~ N(0, variance_k I),     e_i ~ N(0, noise / weight_i)

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace clarion::stats::detail::mixed {

inline constexpr std::uint32_t absent = 0xffffffff;

/// A number other than 0 in Z_k. A row may have several in one term, with shares or slopes as values.
struct entry {
  std::uint32_t row = 0, level = 0;
  double value = 1;
};

struct term {
  std::size_t levels = 0;
  std::vector<entry> entries;
  double prior_sd = 0;      ///< believed before the data ...
  double prior_weight = 0;  ///< ... as much as so many levels would say it; infinite: the variance is known
};

struct problem {
  Eigen::VectorXd y, weight;  ///< a row of weight 0 is none
  Eigen::MatrixXd x;          ///< the first column is that of the mean: ones
  std::vector<term> terms;
  double noise_sd = 0, noise_weight = 0;  ///< believed of the noise, as much as so many rows would say it
};

enum class space : std::uint8_t { automatic, coefficients, observations };

struct control {
  std::uint32_t iterations = 100;
  double tolerance = 1e-5;
  double huber = 0, biweight = 0;  ///< 0: none
  double interior = 1;             ///< so many times the logarithm of each standard deviation is added to the log-likelihood
  detail::mixed::space space = space::automatic;
};

struct solution {
  std::vector<std::vector<std::uint32_t>> column;  ///< by term and level: place in `coefficient`, or absent
  std::vector<std::size_t> first, count;           ///< by term: its places in `coefficient`
  Eigen::VectorXd coefficient;                     ///< beta, then the levels that have a row
  Eigen::MatrixXd covariance;                      ///< of coefficient - truth, given the variances
  std::vector<double> variance;                    ///< by term
  double noise = 0;
  bool converged = false;
  Eigen::MatrixXd uncertainty;  ///< covariance of the logarithms of the variances, terms and then the noise
  Eigen::VectorXd residual, weight, leverage;
  double degrees_of_freedom = 1;  ///< rows less the effective number of coefficients, at least 1
};

/// Needs two rows with a weight. Everything else about the arguments is the caller's to check.
solution solve(const problem& of, const control& how);

}  // namespace clarion::stats::detail::mixed
