#include "stats/mixed_model.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"
#include "stats/mixed_equations.hpp"

namespace clarion::stats::detail::mixed {

namespace {

using Eigen::Index;

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

// The search for the variances: where it stands, and which of them are not known beforehand (`terms`: the noise).
struct search {
  const problem& of;
  const control& how;
  const layout& l;
  double spread;
  variances v{};
  std::vector<std::size_t> free{};
  vector gradient{}, belief{};  // of the log-likelihood by the logarithms, and what the beliefs add to its curvature
  double degrees = 1;

  double least() const { return 1e-10 * spread; }
  std::size_t terms() const { return of.terms.size(); }

  void start() {
    const double share = spread / static_cast<double>(terms() + 1);
    for (std::size_t t = 0; t < terms(); ++t) {
      const auto& term = of.terms[t];
      const bool known = std::isinf(term.prior_weight);
      // One level cannot be told from the mean, or one slope from the slope of all.
      const bool alone = l.count[t] < 2 && term.prior_weight == 0;
      if (!known && !alone) free.push_back(t);
      v.term.push_back(known ? std::max(term.prior_sd * term.prior_sd, least()) : alone ? least() : share);
    }
    free.push_back(terms());
    v.noise = share;
    gradient = belief = vector::Zero(at(terms()) + 1);
  }

  // A step of average information, and by how much it would change the variances.
  std::pair<variances, double> step(const evaluation& e, double kept, std::uint32_t number) {
    degrees = static_cast<double>(l.rows.size()) - static_cast<double>(l.fixed);
    for (const double effective : e.effective) degrees -= effective;
    degrees = std::max(degrees, 1.0);
    const Index k = at(free.size());
    matrix curvature(k, k);
    vector slope(k);
    for (Index i = 0; i < k; ++i) {
      const std::size_t t = free[static_cast<std::size_t>(i)];
      const Index c = at(t);
      const bool noise = t == terms();
      const double variance = noise ? v.noise : v.term[t], sd = noise ? of.noise_sd : of.terms[t].prior_sd,
                   weight = noise ? of.noise_weight : of.terms[t].prior_weight;
      gradient[c] = noise ? 0.5 * (e.loss / (variance * kept) - degrees) : 0.5 * (e.squares[t] / variance - e.effective[t]);
      belief[c] = 0.5 * weight * sd * sd / variance;
      slope[i] = gradient[c] - 0.5 * weight + belief[c] + (noise ? 0 : 0.5 * how.interior);
      for (Index j = 0; j < k; ++j) curvature(i, j) = e.information(c, at(free[static_cast<std::size_t>(j)]));
      curvature(i, i) += belief[c] + 1e-6;
      // Towards 0 the information in a variance between levels vanishes, its slope does not.
      if (!noise) curvature(i, i) += std::max(-gradient[c], 0.0);
    }
    const vector move = curvature.ldlt().solve(slope);
    // A search that goes back and forth is slowed down.
    const double pace = number < 20 ? 1 : number < 40 ? 0.5 : 0.25;
    std::pair<variances, double> out{v, 0};
    for (Index i = 0; i < k; ++i) {
      const std::size_t t = free[static_cast<std::size_t>(i)];
      double& target = t == terms() ? out.first.noise : out.first.term[t];
      const double before = target;
      target *= std::exp(pace * std::clamp(std::isfinite(move[i]) ? move[i] : 0.0, -3.0, 1.5));
      target = std::clamp(target, least(), 100 * spread);
      // On its way to 0 a variance between levels changes by factors long after it stopped to matter.
      out.second = std::max(out.second, std::abs(target - before) / (target + (t == terms() ? 0 : 1e-3 * spread)));
    }
    return out;
  }

  // The observed information of the logarithms of the variances, and its inverse. 2 x average - expected - diag(gradient) is
  // exact; where it is not positive the logarithm of a variance is hardly known, and a standard deviation of 2 says so.
  matrix uncertainty(const evaluation& e, const matrix& covariance) const {
    const Index k = at(terms()) + 1;
    matrix expected = matrix::Zero(k, k);
    for (std::size_t s = 0; s < terms(); ++s)
      for (std::size_t t = 0; t <= s; ++t) {
        matrix block =
            covariance.block(at(l.first[s]), at(l.first[t]), at(l.count[s]), at(l.count[t])) / std::sqrt(v.term[s] * v.term[t]);
        if (s == t) block.diagonal().array() -= 1;
        expected(at(s), at(t)) = expected(at(t), at(s)) = 0.5 * block.squaredNorm();
      }
    for (std::size_t t = 0; t < terms(); ++t)
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
};

solution iterate(const problem& of, const control& how, const layout& l, equations& space, const vector& given, double spread) {
  const std::size_t n = l.rows.size();
  search s{of, how, l, spread};
  s.start();
  vector weight = given;
  space.weigh(weight);
  // Where most rows are equal any other would be infinitely far off.
  robustness robust{how, given, 1e-4 * std::sqrt(spread), of.noise_sd, of.noise_weight};
  evaluation e;
  bool converged = false;
  std::uint32_t in_stage = 0;
  for (std::uint32_t number = 0;; ++number, ++in_stage) {
    space.evaluate(s.v, weight, e);
    const auto [next, change] = s.step(e, number == 0 ? 1 : robust.kept(), number);
    // Huber's weights only have to lead to where the biweight starts.
    const bool on_the_way = how.huber > 0 && how.biweight > 0 && !robust.redescends;
    const bool settled = in_stage > 2 && change < (on_the_way ? std::max(how.tolerance, 0.1) : how.tolerance);
    converged = settled && !on_the_way;
    // Variances are returned as evaluated last, so that everything else agrees with them.
    if (converged || number + 1 >= how.iterations) break;
    if (on_the_way && (settled || number > how.iterations / 2)) {
      robust.redescends = true;
      in_stage = 0;
    }
    s.v = next;
    if (how.huber > 0) {
      robust.weigh(e.residual, s.degrees, weight);
      space.weigh(weight);
    }
  }

  solution out;
  out.column = l.column;
  out.first = l.first;
  out.count = l.count;
  out.coefficient = e.coefficient;
  out.covariance = space.covariance();
  out.variance = s.v.term;
  out.noise = s.v.noise;
  out.converged = converged;
  out.degrees_of_freedom = s.degrees;
  out.uncertainty = s.uncertainty(e, out.covariance);
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
    out.leverage[l.rows[i]] = std::clamp(weight[at(i)] * share / s.v.noise, 0.0, 1.0);
  }
  return out;
}

}  // namespace

solution solve(const problem& of, const control& how) {
  // Which space is cheaper: one factorises a matrix of the columns that stay, the other one of the rows.
  layout l = arrange(of, true);
  const bool observations = how.space == space::observations || (how.space == space::automatic && fewer_observations(l));
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
    out.converged = true;
    return out;
  }
  const auto equations = observations ? in_observations(l, y) : in_coefficients(l, y);
  solution out = iterate(of, how, l, *equations, given, spread);

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
