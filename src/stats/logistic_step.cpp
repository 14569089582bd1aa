#include "stats/logistic_step.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

namespace clarion::stats::detail {

namespace {

using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic>;
constexpr auto at(std::size_t i) { return static_cast<Eigen::Index>(i); }
// A pivot below this share of its diagonal is rounding error of the sums.
constexpr double least_pivot = 1e-12;

double entry(const quadratic& q, std::size_t i, std::size_t j) {
  return i <= j ? q.hessian[i * q.stride + j] : q.hessian[j * q.stride + i];
}

std::vector<std::size_t> free_columns(const quadratic& q, std::span<const std::uint32_t> fixed) {
  std::vector<std::size_t> out;
  for (std::size_t j = 0; j < q.n; ++j)
    if (std::find(fixed.begin(), fixed.end(), j) == fixed.end() && q.hessian[j * q.stride + j] + q.ridge[j] > 0) out.push_back(j);
  return out;
}

// The penalized Hessian of some columns, scaled to a diagonal of 1.
matrix scaled_system(const quadratic& q, const std::vector<std::size_t>& of, Eigen::VectorXd& scale) {
  scale.resize(at(of.size()));
  for (std::size_t i = 0; i < of.size(); ++i) scale[at(i)] = 1 / std::sqrt(entry(q, of[i], of[i]) + q.ridge[of[i]]);
  matrix out(at(of.size()), at(of.size()));
  for (std::size_t i = 0; i < of.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) out(at(i), at(j)) = entry(q, of[j], of[i]) * scale[at(i)] * scale[at(j)];
    out(at(i), at(i)) = 1;
  }
  return out;
}

bool sound(const Eigen::LLT<matrix>& llt) {
  return llt.info() == Eigen::Success &&
         (llt.matrixLLT().rows() == 0 || llt.matrixLLT().diagonal().array().square().minCoeff() > least_pivot);
}

// Factorized; where rounding leaves it indefinite a little is added to its diagonal, which shortens steps along what is lost.
Eigen::LLT<matrix> factorized(const matrix& system) {
  Eigen::LLT<matrix> llt(system);
  for (double more = 1e-12; !sound(llt) && more < 1; more *= 100) {
    matrix held = system;
    held.diagonal().array() += more;
    llt.compute(held);
  }
  return llt;
}

std::vector<double> by_factorization(const quadratic& q, std::span<const double> b, const std::vector<std::size_t>& of) {
  Eigen::VectorXd scale;
  const matrix system = scaled_system(q, of, scale);
  Eigen::VectorXd down(at(of.size()));
  for (std::size_t i = 0; i < of.size(); ++i) down[at(i)] = -(q.gradient[of[i]] + q.ridge[of[i]] * b[of[i]]) * scale[at(i)];
  const Eigen::VectorXd step = factorized(system).solve(down);
  std::vector<double> out(q.n, 0.0);
  for (std::size_t i = 0; i < of.size(); ++i) out[of[i]] = step[at(i)] * scale[at(i)];
  return out;
}

std::vector<double> by_coordinates(const quadratic& q, std::span<const double> b, const std::vector<std::size_t>& of,
                                   double least) {
  std::vector<double> step(q.n, 0.0), slope(q.gradient.begin(), q.gradient.end());  // slope = g + H d
  matrix full(at(q.n), at(q.n));
  for (std::size_t i = 0; i < q.n; ++i)
    for (std::size_t j = 0; j < q.n; ++j) full(at(i), at(j)) = entry(q, i, j);
  const auto sweep = [&](bool nonzero_alone) {
    double most = 0;
    for (const std::size_t j : of) {
      const double now = b[j] + step[j];
      if (nonzero_alone && now == 0) continue;
      const double bend = full(at(j), at(j)) + q.ridge[j];
      const double aim = full(at(j), at(j)) * now - slope[j];
      const double next = std::copysign(std::max(std::abs(aim) - q.lasso[j], 0.0), aim) / bend;
      const double move = next - now;
      if (move == 0) continue;
      step[j] = next == 0 ? -b[j] : step[j] + move;
      Eigen::Map<Eigen::VectorXd>(slope.data(), at(q.n)) += move * full.col(at(j));
      most = std::max(most, std::abs(move));
    }
    return most;
  };
  // All columns once, then those that are in, until nothing else comes in.
  for (int round = 0; round < 1000; ++round) {
    if (sweep(false) <= least) break;
    for (int inner = 0; inner < 1000 && sweep(true) > least; ++inner) {
    }
  }
  return step;
}

}  // namespace

std::vector<std::uint32_t> aliased_columns(const quadratic& q) {
  std::vector<std::uint32_t> out;
  std::vector<std::size_t> of;
  for (std::size_t j = 0; j < q.n; ++j) {
    if (q.hessian[j * q.stride + j] + q.ridge[j] > 0)
      of.push_back(j);
    else
      out.push_back(static_cast<std::uint32_t>(j));
  }
  Eigen::VectorXd scale;
  const matrix system = scaled_system(q, of, scale);
  if (sound(Eigen::LLT<matrix>(system))) return out;
  // Row by row: what is left of a diagonal that the kept rows before explain. The last one, an intercept, comes first.
  const std::size_t n = of.size();
  std::vector<std::size_t> kept;
  matrix l = matrix::Zero(at(n), at(n));
  for (std::size_t turn = 0; turn < n; ++turn) {
    const std::size_t i = turn == 0 ? n - 1 : turn - 1, size = kept.size();
    Eigen::VectorXd right(at(size));
    for (std::size_t k = 0; k < size; ++k) right[at(k)] = system(at(std::max(i, kept[k])), at(std::min(i, kept[k])));
    const Eigen::VectorXd part = l.topLeftCorner(at(size), at(size)).triangularView<Eigen::Lower>().solve(right);
    const double left = 1 - part.squaredNorm();
    if (left <= 1e-10 && q.ridge[of[i]] == 0) {
      out.push_back(static_cast<std::uint32_t>(of[i]));
      continue;
    }
    l.block(at(size), 0, 1, at(size)) = part.transpose();
    l(at(size), at(size)) = std::sqrt(std::max(left, least_pivot));
    kept.push_back(i);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<double> newton_step(const quadratic& q, std::span<const double> b, std::span<const std::uint32_t> fixed,
                                double least) {
  const auto of = free_columns(q, fixed);
  const bool smooth = std::all_of(q.lasso.begin(), q.lasso.end(), [](double l) { return l == 0; });
  return smooth ? by_factorization(q, b, of) : by_coordinates(q, b, of, least);
}

std::vector<double> inverse_information(const quadratic& q, std::span<const std::uint32_t> fixed) {
  const auto of = free_columns(q, fixed);
  Eigen::VectorXd scale;
  const Eigen::LLT<matrix> llt(scaled_system(q, of, scale));
  if (!sound(llt)) return {};
  const matrix inverse = llt.solve(matrix::Identity(at(of.size()), at(of.size())));
  std::vector<double> out(q.n * q.n, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < of.size(); ++i)
    for (std::size_t j = 0; j < of.size(); ++j) out[of[i] * q.n + of[j]] = inverse(at(i), at(j)) * scale[at(i)] * scale[at(j)];
  return out;
}

}  // namespace clarion::stats::detail
