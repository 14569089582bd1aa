#include "stats/mixed_equations.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace clarion::stats::detail::mixed {

using Eigen::Index;

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

bool fewer_observations(const layout& l) {
  const auto n = static_cast<double>(l.rows.size()), d = static_cast<double>(l.dense), m = static_cast<double>(l.all - l.dense);
  return d * d * (d + 1.5 * m) > n * n * n;
}

namespace {

// A row that the biweight leaves out still has a variance in the space of observations, and a fixed effect that repeats another
// this part of a weight of its own.
constexpr double least_weight = 1e-9;

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

// Henderson's equations, after the term with a diagonal block was eliminated.
class coefficient_space final : public equations {
public:
  coefficient_space(const layout& l, const vector& y) : l_(l), y_(y) {}

  void weigh(const vector& weight) override {
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

  void evaluate(const variances& v, const vector& weight, evaluation& out) override {
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

  matrix covariance() const override {
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
class observation_space final : public equations {
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

  void weigh(const vector&) override {}

  void evaluate(const variances& v, const vector& weight, evaluation& out) override {
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

  matrix covariance() const override {
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

}  // namespace

std::unique_ptr<equations> in_coefficients(const layout& l, const vector& y) { return std::make_unique<coefficient_space>(l, y); }
std::unique_ptr<equations> in_observations(const layout& l, const vector& y) { return std::make_unique<observation_space>(l, y); }

}  // namespace clarion::stats::detail::mixed
