#include "stats/mixed_model.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"

namespace clarion::stats::detail::mixed {

namespace {

using Eigen::Index;
using matrix = Eigen::MatrixXd;
using vector = Eigen::VectorXd;

constexpr std::size_t none = static_cast<std::size_t>(-1);
// A row that the biweight leaves out still has a variance in the space of observations.
constexpr double least_weight = 1e-9;

Index at(std::size_t i) { return static_cast<Index>(i); }

// The inverse of a lower triangle, and the square of such an inverse, by halves and by strips: a third of the work of solving for
// every column of the identity.
void invert_lower(const Eigen::Ref<const matrix>& of, Eigen::Ref<matrix> out) {
  const Index n = of.rows();
  if (n <= 24) {
    out.setIdentity();
    of.triangularView<Eigen::Lower>().solveInPlace(out);
    return;
  }
  const Index half = n / 2, rest = n - half;
  invert_lower(of.topLeftCorner(half, half), out.topLeftCorner(half, half));
  invert_lower(of.bottomRightCorner(rest, rest), out.bottomRightCorner(rest, rest));
  out.topRightCorner(half, rest).setZero();
  const matrix across = of.bottomLeftCorner(rest, half) * out.topLeftCorner(half, half);
  out.bottomLeftCorner(rest, half).noalias() = -out.bottomRightCorner(rest, rest) * across;
}

// Lower triangle of root' root.
void square_of(const matrix& root, matrix& out) {
  constexpr Index strip = 48;
  out.setZero(root.rows(), root.cols());
  for (Index first = 0; first < root.rows(); first += strip) {
    const Index rows = std::min(strip, root.rows() - first), columns = first + rows;
    out.topLeftCorner(columns, columns)
        .selfadjointView<Eigen::Lower>()
        .rankUpdate(root.block(first, 0, rows, columns).transpose());
  }
}

// The rows that count, their columns, and the terms in the order of the columns: the fixed effects, then the terms, the one whose
// block of the equations is diagonal last.
struct layout {
  std::vector<Index> rows;
  std::vector<std::vector<std::uint32_t>> column;
  std::vector<std::size_t> first, count;  // by term
  std::vector<std::size_t> start;         // by used row
  std::vector<std::pair<std::uint32_t, double>> cells;
  std::size_t fixed = 0, all = 0, dense = 0, diagonal = none;
};

layout arrange(const problem& of, bool eliminate) {
  layout out;
  std::vector<std::uint32_t> place(static_cast<std::size_t>(of.y.size()), absent);
  for (Index i = 0; i < of.y.size(); ++i)
    if (of.weight[i] > 0) {
      place[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(out.rows.size());
      out.rows.push_back(i);
    }
  const std::size_t terms = of.terms.size();
  out.fixed = static_cast<std::size_t>(of.x.cols());
  out.column.resize(terms);
  out.first.resize(terms);
  out.count.resize(terms);
  std::size_t most = 0;
  for (std::size_t t = 0; t < terms; ++t) {
    auto& column = out.column[t];
    column.assign(of.terms[t].levels, absent);
    std::vector<std::uint8_t> uses(out.rows.size());
    bool alone = true;
    for (const auto& e : of.terms[t].entries) {
      const auto row = place[e.row];
      if (row == absent || e.value == 0) continue;
      column[e.level] = 0;
      alone = alone && uses[row]++ == 0;
    }
    out.count[t] = static_cast<std::size_t>(std::count(column.begin(), column.end(), 0u));
    if (eliminate && alone && out.count[t] > most) {
      most = out.count[t];
      out.diagonal = t;
    }
  }
  std::size_t next = out.fixed;
  const auto number = [&](std::size_t t) {
    out.first[t] = next;
    for (auto& c : out.column[t])
      if (c != absent) c = static_cast<std::uint32_t>(next++);
  };
  for (std::size_t t = 0; t < terms; ++t)
    if (t != out.diagonal) number(t);
  out.dense = next;
  if (out.diagonal != none) number(out.diagonal);
  out.all = next;

  // Row by row: fixed effects, then levels; several entries of a row in one level are added up.
  std::vector<std::vector<std::pair<std::uint32_t, double>>> by_row(out.rows.size());
  for (std::size_t i = 0; i < out.rows.size(); ++i)
    for (std::size_t c = 0; c < out.fixed; ++c) by_row[i].emplace_back(static_cast<std::uint32_t>(c), of.x(out.rows[i], at(c)));
  for (std::size_t t = 0; t < terms; ++t)
    for (const auto& e : of.terms[t].entries) {
      if (place[e.row] == absent || e.value == 0) continue;
      auto& list = by_row[place[e.row]];
      const auto c = out.column[t][e.level];
      const auto known = std::find_if(list.begin(), list.end(), [&](const auto& cell) { return cell.first == c; });
      if (known == list.end())
        list.emplace_back(c, e.value);
      else
        known->second += e.value;
    }
  out.start.push_back(0);
  for (auto& list : by_row) {
    std::sort(list.begin(), list.end());
    out.cells.insert(out.cells.end(), list.begin(), list.end());
    out.start.push_back(out.cells.size());
  }
  return out;
}

// What one set of variances comes to.
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

// Henderson's equations, after the term with a diagonal block was eliminated.
class coefficient_space {
public:
  coefficient_space(const layout& l, const vector& y) : l_(l), y_(y) {}

  void weigh(const vector& weight) {
    const Index d = at(l_.dense), m = at(l_.all - l_.dense);
    a_ = matrix::Zero(d, d);
    below_ = matrix::Zero(d, m);
    own_ = vector::Zero(m);
    right_ = vector::Zero(d + m);
    for (std::size_t i = 0; i < l_.rows.size(); ++i) {
      const double w = weight[at(i)];
      if (w == 0) continue;
      for (std::size_t c = l_.start[i]; c < l_.start[i + 1]; ++c) {
        const auto [column, value] = l_.cells[c];
        const double scaled = w * value;
        right_[column] += scaled * y_[at(i)];
        // Cells of a row ascend: the eliminated one is last.
        if (column >= l_.dense) {
          for (std::size_t b = l_.start[i]; b < c; ++b) below_(l_.cells[b].first, column - d) += scaled * l_.cells[b].second;
          own_[column - d] += scaled * value;
        } else {
          for (std::size_t b = l_.start[i]; b <= c; ++b) a_(column, l_.cells[b].first) += scaled * l_.cells[b].second;
        }
      }
    }
    // A fixed effect that repeats another, or varies by nothing, gets no weight in place of a system without a solution.
    for (std::size_t c = 1; c < l_.fixed; ++c) a_(at(c), at(c)) += least_weight * weight.sum();
    a_.triangularView<Eigen::StrictlyUpper>() = a_.transpose();
  }

  void evaluate(const variances& v, const vector& weight, evaluation& out) {
    const Index d = at(l_.dense), m = at(l_.all - l_.dense);
    const std::size_t terms = v.term.size();
    noise_ = v.noise;
    system_ = a_;
    for (std::size_t t = 0; t < terms; ++t)
      if (t != l_.diagonal) system_.diagonal().segment(at(l_.first[t]), at(l_.count[t])).array() += v.noise / v.term[t];
    if (m > 0) {
      inverse_own_ = (own_.array() + v.noise / v.term[l_.diagonal]).inverse();
      scaled_.noalias() = below_ * inverse_own_.cwiseSqrt().asDiagonal();
      system_.selfadjointView<Eigen::Lower>().rankUpdate(scaled_, -1.0);
    }
    factor_.compute(system_);
    out.coefficient.resize(d + m);
    reduced_ = right_.head(d);
    if (m > 0) reduced_.noalias() -= below_ * inverse_own_.cwiseProduct(right_.tail(m));
    out.coefficient.head(d) = factor_.solve(reduced_);
    if (m > 0) out.coefficient.tail(m) = inverse_own_.cwiseProduct(right_.tail(m) - below_.transpose() * out.coefficient.head(d));

    // The diagonal of the inverse, from that of the factor.
    root_.resize(d, d);
    invert_lower(factor_.matrixLLT(), root_);
    const vector dense_diagonal = root_.colwise().squaredNorm();
    vector own_diagonal(m);
    if (m > 0) {
      scaled_ = below_ * inverse_own_.asDiagonal();
      scaled_ = (root_ * scaled_).eval();
      own_diagonal = inverse_own_ + scaled_.colwise().squaredNorm().transpose();
    }
    out.squares.assign(terms, 0.0);
    out.effective.assign(terms, 0.0);
    for (std::size_t t = 0; t < terms; ++t) {
      const Index first = at(l_.first[t]), count = at(l_.count[t]);
      out.squares[t] = out.coefficient.segment(first, count).squaredNorm();
      const double trace = t == l_.diagonal ? own_diagonal.sum() : dense_diagonal.segment(first, count).sum();
      out.effective[t] = std::max(static_cast<double>(l_.count[t]) - trace * v.noise / v.term[t], 0.0);
    }
    out.loss = 0;
    out.residual.resize(at(l_.rows.size()));
    for (std::size_t i = 0; i < l_.rows.size(); ++i) {
      double left = y_[at(i)];
      for (std::size_t c = l_.start[i]; c < l_.start[i + 1]; ++c) left -= l_.cells[c].second * out.coefficient[l_.cells[c].first];
      out.residual[at(i)] = left;
      out.loss += weight[at(i)] * left * left;
    }

    // Working variates Z_k u_k and the residual, through the equations.
    const Index k = at(terms) + 1;
    matrix dense(d, k), own(m, k);
    for (std::size_t t = 0; t < terms; ++t) {
      const Index first = at(l_.first[t]), count = at(l_.count[t]);
      if (t == l_.diagonal) {
        dense.col(at(t)).noalias() = below_ * out.coefficient.tail(m);
        own.col(at(t)) = own_.cwiseProduct(out.coefficient.tail(m));
      } else {
        dense.col(at(t)).noalias() = a_.middleCols(first, count) * out.coefficient.segment(first, count);
        own.col(at(t)).noalias() = below_.middleRows(first, count).transpose() * out.coefficient.segment(first, count);
      }
    }
    dense.col(k - 1).setZero();
    own.col(k - 1).setZero();
    for (std::size_t t = 0; t < terms; ++t) {
      const Index first = at(l_.first[t]), count = at(l_.count[t]);
      const vector pulled = v.noise / v.term[t] * out.coefficient.segment(first, count);
      if (t == l_.diagonal)
        own.col(k - 1) = pulled;
      else
        dense.col(k - 1).segment(first, count) = pulled;
    }
    matrix product(k, k);
    for (std::size_t t = 0; t < terms; ++t) {
      const Index first = at(l_.first[t]), count = at(l_.count[t]);
      const auto effects = out.coefficient.segment(first, count);
      if (t == l_.diagonal)
        product.row(at(t)).noalias() = effects.transpose() * own;
      else
        product.row(at(t)).noalias() = effects.transpose() * dense.middleRows(first, count);
    }
    product.row(k - 1) = product.col(k - 1).transpose();
    product(k - 1, k - 1) = out.loss;
    if (m > 0) {
      product.noalias() -= own.transpose() * inverse_own_.asDiagonal() * own;
      dense.noalias() -= below_ * (inverse_own_.asDiagonal() * own);
    }
    dense = (root_ * dense).eval();
    product.noalias() -= dense.transpose() * dense;
    out.information = 0.5 / v.noise * product;
  }

  // Of coefficient - truth, at the last variances.
  matrix covariance() const {
    const Index d = at(l_.dense), m = at(l_.all - l_.dense);
    matrix out(d + m, d + m);
    out.topLeftCorner(d, d).noalias() = root_.transpose() * root_;
    if (m > 0) {
      out.topRightCorner(d, m).noalias() = -root_.transpose() * scaled_;
      out.bottomLeftCorner(m, d) = out.topRightCorner(d, m).transpose();
      out.bottomRightCorner(m, m).noalias() = scaled_.transpose() * scaled_;
      out.bottomRightCorner(m, m).diagonal() += inverse_own_;
    }
    return noise_ * out;
  }

private:
  const layout& l_;
  const vector& y_;
  matrix a_, below_, system_, root_, scaled_;
  vector own_, inverse_own_, right_, reduced_;
  Eigen::LLT<matrix> factor_;
  double noise_ = 0;
};

// The covariance of the observations, for more coefficients than rows.
class observation_space {
public:
  observation_space(const layout& l, const vector& y) : l_(l), y_(y) {
    const std::size_t n = l.rows.size();
    x_ = matrix::Zero(at(n), at(l.fixed));
    by_column_.resize(l.all);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t c = l.start[i]; c < l.start[i + 1]; ++c) {
        const auto [column, value] = l.cells[c];
        if (column < l.fixed)
          x_(at(i), column) = value;
        else
          by_column_[column].emplace_back(static_cast<std::uint32_t>(i), value);
      }
  }

  void weigh(const vector&) {}

  void evaluate(const variances& v, const vector& weight, evaluation& out) {
    const Index n = at(l_.rows.size());
    const std::size_t terms = v.term.size();
    variance_ = v.term;
    matrix covariance = matrix::Zero(n, n);
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t c = l_.first[t]; c < l_.first[t] + l_.count[t]; ++c)
        for (const auto& [i, a] : by_column_[c])
          for (const auto& [j, b] : by_column_[c])
            if (j <= i) covariance(i, j) += v.term[t] * a * b;
    const vector noise = v.noise * weight.cwiseMax(least_weight).cwiseInverse();
    covariance.diagonal() += noise;
    const Eigen::LLT<matrix> factor(covariance);
    matrix root(n, n);
    invert_lower(factor.matrixLLT(), root);
    square_of(root, p_);
    p_.triangularView<Eigen::StrictlyUpper>() = p_.transpose();
    weighed_.noalias() = p_ * x_;
    matrix system = x_.transpose() * weighed_;
    for (Index c = 1; c < system.cols(); ++c) system(c, c) += least_weight * system(0, 0);
    beta_covariance_ = system.llt().solve(matrix::Identity(x_.cols(), x_.cols()));
    const vector beta = beta_covariance_ * (weighed_.transpose() * y_);
    const vector away = y_ - x_ * beta;
    const vector projected = p_ * away;
    p_.noalias() -= weighed_ * beta_covariance_ * weighed_.transpose();

    out.coefficient.resize(at(l_.all));
    out.coefficient.head(beta.size()) = beta;
    out.squares.assign(terms, 0.0);
    out.effective.assign(terms, 0.0);
    matrix variate = matrix::Zero(n, at(terms) + 1);
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t c = l_.first[t]; c < l_.first[t] + l_.count[t]; ++c) {
        double effect = 0, trace = 0;
        for (const auto& [i, a] : by_column_[c]) {
          effect += a * projected[i];
          for (const auto& [j, b] : by_column_[c]) trace += a * b * p_(i, j);
        }
        effect *= v.term[t];
        out.coefficient[at(c)] = effect;
        out.squares[t] += effect * effect;
        out.effective[t] += v.term[t] * trace;
        for (const auto& [i, a] : by_column_[c]) variate(i, at(t)) += a * effect;
      }
    out.residual = noise.cwiseProduct(projected);
    out.loss = weight.cwiseProduct(out.residual.cwiseAbs2()).sum();
    variate.col(at(terms)) = out.residual;
    out.information.noalias() = 0.5 * variate.transpose() * (p_ * variate);
  }

  matrix covariance() const {
    const Index n = p_.rows(), q = x_.cols(), u = at(l_.all) - q;
    matrix carried = matrix::Zero(n, u);  // P Z G
    matrix fixed = matrix::Zero(q, u);
    std::vector<double> variance(l_.all, 0.0);
    for (std::size_t t = 0; t < variance_.size(); ++t)
      for (std::size_t c = l_.first[t]; c < l_.first[t] + l_.count[t]; ++c) variance[c] = variance_[t];
    for (std::size_t c = l_.fixed; c < l_.all; ++c)
      for (const auto& [i, a] : by_column_[c]) {
        carried.col(at(c) - q) += a * variance[c] * p_.col(i);
        fixed.col(at(c) - q) += a * variance[c] * weighed_.row(i).transpose();
      }
    matrix out(q + u, q + u);
    out.topLeftCorner(q, q) = beta_covariance_;
    out.topRightCorner(q, u).noalias() = -beta_covariance_ * fixed;
    out.bottomLeftCorner(u, q) = out.topRightCorner(q, u).transpose();
    for (std::size_t c = l_.fixed; c < l_.all; ++c) {
      vector row = vector::Zero(u);
      for (const auto& [i, a] : by_column_[c]) row -= a * variance[c] * carried.row(i).transpose();
      row[at(c) - q] += variance[c];
      out.row(at(c)).tail(u) = row;
    }
    return out;
  }

private:
  const layout& l_;
  const vector& y_;
  matrix x_, p_, weighed_, beta_covariance_;
  std::vector<std::vector<std::pair<std::uint32_t, double>>> by_column_;
  std::vector<double> variance_;
};

double biweight(double away, double cut) {
  const double u = away / cut;
  return u >= 1 ? 0 : (1 - u * u) * (1 - u * u);
}

// Weights of the rows by how far off they are: Huber's first, as they have one solution; from there Tukey's biweight, under which
// far rows have no say at all.
struct robustness {
  const control& how;
  const vector& given;
  double least_scale, noise_sd, noise_weight;
  bool redescends = false;
  double scale = 1;

  // The share of a normal variance that the weights leave.
  double kept() const {
    if (how.huber == 0) return 1;
    if (!redescends) return 2 * normal_cdf(how.huber) - 1;
    const double c2 = how.biweight * how.biweight;
    return 1 - 6 / c2 + 15 / (c2 * c2);
  }

  void weigh(const vector& residual, double degrees, vector& weight) {
    const auto n = static_cast<std::size_t>(residual.size());
    if (!redescends) {
      std::vector<double> scaled(n);
      for (std::size_t i = 0; i < n; ++i) scaled[i] = std::sqrt(given[at(i)]) * residual[at(i)];
      // The residuals of a fit that follows its rows are too small; degrees of freedom set that right.
      const double told = robust_spread(scaled) * std::sqrt(static_cast<double>(n) / degrees);
      scale = std::sqrt((degrees * told * told + noise_weight * noise_sd * noise_sd) / (degrees + noise_weight));
      scale = std::max(scale, least_scale);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const double away = std::sqrt(given[at(i)]) * std::abs(residual[at(i)]) / scale;
      weight[at(i)] = given[at(i)] * (redescends ? biweight(away, how.biweight) : away > how.huber ? how.huber / away : 1);
    }
  }
};

// The observed information of the logarithms of the variances, and its inverse. 2 x average - expected - diag(gradient) is exact;
// where it is not positive the logarithm of a variance is hardly known, and a standard deviation of 2 says so.
matrix uncertainty_of(const layout& l, const variances& v, const evaluation& e, const matrix& covariance,
                      const std::vector<std::size_t>& free, const vector& gradient, const vector& belief, double degrees) {
  const std::size_t terms = v.term.size();
  const Index k = at(terms) + 1;
  matrix expected = matrix::Zero(k, k);
  for (std::size_t s = 0; s < terms; ++s)
    for (std::size_t t = 0; t <= s; ++t) {
      matrix block =
          covariance.block(at(l.first[s]), at(l.first[t]), at(l.count[s]), at(l.count[t])) / std::sqrt(v.term[s] * v.term[t]);
      if (s == t) block.diagonal().array() -= 1;
      expected(at(s), at(t)) = expected(at(t), at(s)) = 0.5 * block.squaredNorm();
    }
  for (std::size_t t = 0; t < terms; ++t)
    expected(at(t), k - 1) = expected(k - 1, at(t)) = 0.5 * e.effective[t] - expected.row(at(t)).head(k - 1).sum();
  expected(k - 1, k - 1) = 0.5 * degrees - expected.row(k - 1).head(k - 1).sum();
  matrix observed(at(free.size()), at(free.size()));
  for (std::size_t i = 0; i < free.size(); ++i)
    for (std::size_t j = 0; j < free.size(); ++j) {
      const Index a = at(free[i]), b = at(free[j]);
      observed(at(i), at(j)) = 2 * e.information(a, b) - expected(a, b) + (i == j ? belief[a] - gradient[a] : 0.0);
    }
  const Eigen::SelfAdjointEigenSolver<matrix> parts(observed);
  const vector inverse = parts.eigenvalues().cwiseMax(0.25).cwiseInverse();
  const matrix small = parts.eigenvectors() * inverse.asDiagonal() * parts.eigenvectors().transpose();
  matrix out = matrix::Zero(k, k);
  for (std::size_t i = 0; i < free.size(); ++i)
    for (std::size_t j = 0; j < free.size(); ++j) out(at(free[i]), at(free[j])) = small(at(i), at(j));
  return out;
}

template <class Space>
solution iterate(const problem& of, const control& how, const layout& l, const vector& y, const vector& given, double spread) {
  const std::size_t terms = of.terms.size(), n = l.rows.size();
  const Index k = at(terms) + 1;
  const double least = 1e-10 * spread, most = 100 * spread;
  variances v;
  std::vector<std::size_t> free;
  for (std::size_t t = 0; t < terms; ++t) {
    const auto& term = of.terms[t];
    // One level cannot be told from the mean, or one slope from the slope of all.
    const bool known = std::isinf(term.prior_weight) || (l.count[t] < 2 && term.prior_weight == 0);
    if (!known) free.push_back(t);
    v.term.push_back(!known                          ? spread / static_cast<double>(terms + 1)
                     : std::isinf(term.prior_weight) ? std::max(term.prior_sd * term.prior_sd, least)
                                                     : least);
  }
  free.push_back(terms);
  v.noise = spread / static_cast<double>(terms + 1);

  Space space(l, y);
  vector weight = given;
  // Where most rows are equal any other would be infinitely far off.
  robustness robust{how, given, 1e-4 * std::sqrt(spread), of.noise_sd, of.noise_weight};
  space.weigh(weight);
  evaluation e;
  vector gradient = vector::Zero(k), belief = vector::Zero(k);
  double degrees = 1;
  // The step that was taken last is worth one more evaluation, so that everything agrees with the variances that are returned.
  std::uint32_t in_stage = 0;
  for (std::uint32_t step = 0;; ++step, ++in_stage) {
    space.evaluate(v, weight, e);
    degrees = static_cast<double>(n) - static_cast<double>(l.fixed);
    for (std::size_t t = 0; t < terms; ++t) degrees -= e.effective[t];
    degrees = std::max(degrees, 1.0);

    vector total = vector::Zero(k);
    matrix curvature = e.information;
    for (const auto t : free) {
      const Index c = at(t);
      if (t == terms) {
        const double kept = step == 0 ? 1 : robust.kept();
        gradient[c] = 0.5 * (e.loss / (v.noise * kept) - degrees);
        belief[c] = 0.5 * of.noise_weight * of.noise_sd * of.noise_sd / v.noise;
        total[c] = gradient[c] - 0.5 * of.noise_weight + belief[c];
        curvature(c, c) += belief[c];
        continue;
      }
      const auto& term = of.terms[t];
      gradient[c] = 0.5 * (e.squares[t] / v.term[t] - e.effective[t]);
      belief[c] = 0.5 * term.prior_weight * term.prior_sd * term.prior_sd / v.term[t];
      total[c] = gradient[c] - 0.5 * term.prior_weight + belief[c] + 0.5 * how.interior;
      curvature(c, c) += std::max(-gradient[c], 0.0) + belief[c];
    }
    matrix small(at(free.size()), at(free.size()));
    vector slope(at(free.size()));
    for (std::size_t i = 0; i < free.size(); ++i) {
      slope[at(i)] = total[at(free[i])];
      for (std::size_t j = 0; j < free.size(); ++j) small(at(i), at(j)) = curvature(at(free[i]), at(free[j]));
      small(at(i), at(i)) += 1e-6;
    }
    vector move = small.ldlt().solve(slope);
    // A search that goes back and forth is slowed down.
    const double pace = step < 20 ? 1 : step < 40 ? 0.5 : 0.25;
    double change = 0;
    variances next = v;
    for (std::size_t i = 0; i < free.size(); ++i) {
      const double d = pace * std::clamp(std::isfinite(move[at(i)]) ? move[at(i)] : 0.0, -3.0, 1.5);
      double& target = free[i] == terms ? next.noise : next.term[free[i]];
      const double before = target;
      target = std::clamp(before * std::exp(d), least, most);
      // On its way to 0 a variance between levels changes by factors long after it stopped to matter.
      const double matters = free[i] == terms ? 0 : 1e-3 * spread;
      change = std::max(change, std::abs(target - before) / (target + matters));
    }
    const bool last = step + 1 >= how.iterations;
    // Huber's weights only have to lead to where the biweight starts.
    const bool on_the_way = how.huber > 0 && how.biweight > 0 && !robust.redescends;
    if (last || (in_stage > 2 && change < (on_the_way ? std::max(how.tolerance, 0.1) : how.tolerance))) {
      if (last || how.huber == 0 || how.biweight == 0 || robust.redescends) break;
      robust.redescends = true;
      in_stage = 0;
    } else if (on_the_way && step > how.iterations / 2) {
      robust.redescends = true;
      in_stage = 0;
    }
    v = next;
    if (how.huber > 0) {
      robust.weigh(e.residual, degrees, weight);
      space.weigh(weight);
    }
  }

  solution out;
  out.column = l.column;
  out.first = l.first;
  out.count = l.count;
  out.coefficient = e.coefficient;
  out.covariance = space.covariance();
  out.variance = v.term;
  out.noise = v.noise;
  out.degrees_of_freedom = degrees;
  out.uncertainty = uncertainty_of(l, v, e, out.covariance, free, gradient, belief, degrees);
  out.residual = vector::Zero(of.y.size());
  out.weight = vector::Zero(of.y.size());
  out.leverage = vector::Zero(of.y.size());
  for (std::size_t i = 0; i < n; ++i) {
    double share = 0;
    for (std::size_t b = l.start[i]; b < l.start[i + 1]; ++b)
      for (std::size_t c = l.start[i]; c < l.start[i + 1]; ++c)
        share += l.cells[b].second * l.cells[c].second * out.covariance(l.cells[b].first, l.cells[c].first);
    out.residual[l.rows[i]] = e.residual[at(i)];
    out.weight[l.rows[i]] = weight[at(i)];
    out.leverage[l.rows[i]] = std::clamp(weight[at(i)] * share / v.noise, 0.0, 1.0);
  }
  return out;
}

}  // namespace

solution solve(const problem& of, const control& how) {
  // Which space is cheaper: one factorises a matrix of the columns that stay, the other one of the rows.
  layout l = arrange(of, true);
  const auto n = static_cast<double>(l.rows.size()), d = static_cast<double>(l.dense), m = static_cast<double>(l.all - l.dense);
  const bool observations =
      how.space == space::observations || (how.space == space::automatic && d * d * (d + 1.5 * m) > n * n * n);
  if (observations) l = arrange(of, false);

  // Fixed effects are centred and scaled, so that none of them is lost in rounding beside another.
  const Index rows = at(l.rows.size()), q = at(l.fixed);
  vector y(rows), given(rows), centre = vector::Zero(q), unit = vector::Ones(q);
  for (Index i = 0; i < rows; ++i) {
    y[i] = of.y[l.rows[static_cast<std::size_t>(i)]];
    given[i] = of.weight[l.rows[static_cast<std::size_t>(i)]];
  }
  const double total = given.sum(), middle = given.dot(y) / total;
  y.array() -= middle;
  const double spread = given.dot(y.cwiseAbs2()) / static_cast<double>(rows - 1);
  for (Index c = 1; c < q; ++c) {
    double sum = 0, squares = 0;
    for (Index i = 0; i < rows; ++i) sum += given[i] * of.x(l.rows[static_cast<std::size_t>(i)], c);
    centre[c] = sum / total;
    for (Index i = 0; i < rows; ++i) {
      const double away = of.x(l.rows[static_cast<std::size_t>(i)], c) - centre[c];
      squares += given[i] * away * away;
    }
    unit[c] = std::sqrt(squares / total);
    if (!(unit[c] > 1e-12 * (1 + std::abs(centre[c])))) unit[c] = std::numeric_limits<double>::infinity();
  }
  for (std::size_t i = 0; i < l.rows.size(); ++i)
    for (std::size_t c = l.start[i]; c < l.start[i] + l.fixed; ++c) {
      auto& [column, value] = l.cells[c];
      value = (value - centre[column]) / unit[column];
    }

  // All equal: nothing varies, and the mean is known without error.
  if (!(spread > 1e-24 * std::max(1.0, middle * middle))) {
    solution out;
    out.column = l.column;
    out.first = l.first;
    out.count = l.count;
    out.coefficient = vector::Zero(at(l.all));
    out.coefficient[0] = middle;
    out.covariance = matrix::Zero(at(l.all), at(l.all));
    out.variance.assign(of.terms.size(), 0.0);
    out.uncertainty = matrix::Zero(at(of.terms.size()) + 1, at(of.terms.size()) + 1);
    out.residual = out.leverage = vector::Zero(of.y.size());
    out.weight = of.weight;
    out.degrees_of_freedom = static_cast<double>(rows - 1);
    return out;
  }
  solution out = observations ? iterate<observation_space>(of, how, l, y, given, spread)
                              : iterate<coefficient_space>(of, how, l, y, given, spread);

  // Back to the scale of the caller.
  matrix back = matrix::Identity(q, q);
  for (Index c = 1; c < q; ++c) {
    back(c, c) = 1 / unit[c];
    back(0, c) = -centre[c] / unit[c];
  }
  out.coefficient.head(q) = (back * out.coefficient.head(q)).eval();
  out.coefficient[0] += middle;
  out.covariance.topRows(q) = (back * out.covariance.topRows(q)).eval();
  out.covariance.leftCols(q) = (out.covariance.leftCols(q) * back.transpose()).eval();
  return out;
}

}  // namespace clarion::stats::detail::mixed
