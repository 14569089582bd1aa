#include "clarion/stats/random_effects.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"

namespace clarion::stats {

namespace {

constexpr std::size_t absent = static_cast<std::size_t>(-1);

// Tukey's biweight.
double biweight(double away, double cut) {
  const double u = away / cut;
  return u >= 1 ? 0 : (1 - u * u) * (1 - u * u);
}

void check(std::span<const double> y, std::span<const double> weights, std::span<const factor> factors) {
  const auto lengths = [&](const std::string& field, std::size_t got) {
    if (got != y.size()) reject(field, std::to_string(got) + " rows", "give one per value of y, " + std::to_string(y.size()));
  };
  lengths("weights", weights.size());
  std::size_t used = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (!std::isfinite(y[i])) reject("y", std::to_string(y[i]), "give finite numbers");
    if (!(weights[i] >= 0) || std::isinf(weights[i]))
      reject("weights", std::to_string(weights[i]), "give finite numbers, 0 or more");
    used += weights[i] > 0;
  }
  if (used < 2) reject("y", std::to_string(used) + " rows with a weight", "give at least 2");
  for (const auto& f : factors) {
    lengths("factor", f.codes.size());
    if (!(f.prior_sd >= 0) || std::isinf(f.prior_sd))
      reject("prior_sd", std::to_string(f.prior_sd), "give a finite number, 0 or more");
    if (!(f.prior_weight >= 0) || std::isinf(f.prior_weight))
      reject("prior_weight", std::to_string(f.prior_weight), "give a finite number, 0 or more");
    for (const auto code : f.codes)
      if (code != no_level && code >= f.levels)
        reject("factor", "level " + std::to_string(code), "give codes below " + std::to_string(f.levels));
  }
}

}  // namespace

random_effects fit_random_effects(std::span<const double> y, std::span<const double> weights, std::span<const factor> factors,
                                  const random_effects_options& options) {
  core::check_options(options);
  check(y, weights, factors);
  const std::size_t n = y.size(), f_count = factors.size();

  // Columns of the model: the mean, then each factor's levels, the factor with most of them last. Levels without a row stay out
  // of the equations.
  std::vector<std::vector<std::size_t>> column(f_count);
  std::vector<std::size_t> first(f_count), last(f_count), all_first(f_count + 1, 1);
  std::vector<std::vector<bool>> seen(f_count);
  std::size_t largest = absent, most = 0;
  for (std::size_t f = 0; f < f_count; ++f) {
    all_first[f + 1] = all_first[f] + factors[f].levels;
    seen[f].assign(factors[f].levels, false);
    for (std::size_t i = 0; i < n; ++i)
      if (factors[f].codes[i] != no_level && weights[i] > 0) seen[f][factors[f].codes[i]] = true;
    const auto count = static_cast<std::size_t>(std::count(seen[f].begin(), seen[f].end(), true));
    if (count > most) largest = f, most = count;
  }
  std::size_t p = 1;
  const auto place = [&](std::size_t f) {
    column[f].assign(factors[f].levels, absent);
    first[f] = p;
    for (std::size_t level = 0; level < seen[f].size(); ++level)
      if (seen[f][level]) column[f][level] = p++;
    last[f] = p;
  };
  for (std::size_t f = 0; f < f_count; ++f)
    if (f != largest) place(f);
  const std::size_t dense = p;
  if (largest != absent) place(largest);
  std::vector<std::size_t> at(n * f_count, absent);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t f = 0; f < f_count; ++f)
      if (weights[i] > 0 && factors[f].codes[i] != no_level) at[i * f_count + f] = column[f][factors[f].codes[i]];

  double used = 0, total_weight = 0, centre = 0;
  for (std::size_t i = 0; i < n; ++i) {
    used += weights[i] > 0;
    total_weight += weights[i];
    centre += weights[i] * y[i];
  }
  centre /= total_weight;
  double spread = 0;
  for (std::size_t i = 0; i < n; ++i) spread += weights[i] * (y[i] - centre) * (y[i] - centre);
  spread /= used - 1;

  random_effects out;
  out.effect.resize(f_count);
  out.row_weight.assign(weights.begin(), weights.end());
  out.residual.assign(n, 0.0);
  out.leverage.assign(n, 0.0);
  std::vector<double> variance(f_count, spread / static_cast<double>(f_count + 1));
  double noise = spread / static_cast<double>(f_count + 1);
  const double least = 1e-10 * spread;

  // The rows of the largest factor's block of the equations are diagonal, as each row of data has one level of it: it is
  // eliminated first, and only a system of the other columns is factorised.
  const auto dense_size = static_cast<Eigen::Index>(dense), diagonal_size = static_cast<Eigen::Index>(p - dense);
  Eigen::VectorXd b = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(p)), diagonal(diagonal_size);
  Eigen::MatrixXd corner = Eigen::MatrixXd::Zero(dense_size, dense_size);         // of the inverse, the dense columns
  Eigen::MatrixXd eliminated = Eigen::MatrixXd::Zero(diagonal_size, dense_size);  // diagonal^-1 times the block below the corner
  b[0] = centre;
  double dof = used - 1;
  // All equal: nothing varies, and the mean is known without error.
  const bool varies = spread > 1e-24 * std::max(1.0, centre * centre);
  // Huber's weights first, as they have one solution; from there the biweight, under which far rows have no say at all.
  const bool robust = options.huber > 0;
  bool redescends = false;
  std::uint32_t steps = 0;
  double scale = 1;
  const double c2 = options.biweight * options.biweight, biweight_kept = 1 - 6 / c2 + 15 / (c2 * c2);
  for (std::uint32_t step = 0; varies && step < options.iterations; ++step) {
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(dense_size, dense_size);
    Eigen::MatrixXd below = Eigen::MatrixXd::Zero(diagonal_size, dense_size);
    Eigen::VectorXd right = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(p));
    diagonal.setConstant(largest == absent ? 1 : noise / variance[largest]);
    for (std::size_t i = 0; i < n; ++i) {
      const double w = out.row_weight[i];
      if (w == 0) continue;
      const double wy = w * (y[i] - centre);
      const std::size_t own = largest == absent ? absent : at[i * f_count + largest];
      const auto own_row = static_cast<Eigen::Index>(own - dense);
      a(0, 0) += w;
      right[0] += wy;
      if (own != absent) {
        diagonal[own_row] += w;
        below(own_row, 0) += w;
        right[static_cast<Eigen::Index>(own)] += wy;
      }
      for (std::size_t f = 0; f < f_count; ++f) {
        const std::size_t r = at[i * f_count + f];
        if (r == absent || f == largest) continue;
        const auto row = static_cast<Eigen::Index>(r);
        right[row] += wy;
        a(row, 0) += w;
        a(row, row) += w;
        if (own != absent) below(own_row, row) += w;
        for (std::size_t g = 0; g < f_count; ++g)
          if (const std::size_t c = at[i * f_count + g]; g != largest && c != absent && c < r)
            a(row, static_cast<Eigen::Index>(c)) += w;
      }
    }
    for (std::size_t f = 0; f < f_count; ++f)
      if (f != largest)
        for (std::size_t c = first[f]; c < last[f]; ++c)
          a(static_cast<Eigen::Index>(c), static_cast<Eigen::Index>(c)) += noise / variance[f];
    a.triangularView<Eigen::StrictlyUpper>() = a.transpose();
    eliminated = diagonal.cwiseInverse().asDiagonal() * below;
    a.noalias() -= below.transpose() * eliminated;
    const Eigen::LLT<Eigen::MatrixXd> factorised(a);
    corner = factorised.solve(Eigen::MatrixXd::Identity(dense_size, dense_size));
    b.head(dense_size) = factorised.solve(right.head(dense_size) - eliminated.transpose() * right.tail(diagonal_size));
    b.tail(diagonal_size) = right.tail(diagonal_size).cwiseQuotient(diagonal) - eliminated * b.head(dense_size);
    b[0] += centre;
    // Only the diagonal of the inverse is needed until the end.
    Eigen::VectorXd inverse_diagonal(static_cast<Eigen::Index>(p));
    inverse_diagonal.head(dense_size) = corner.diagonal();
    inverse_diagonal.tail(diagonal_size) =
        diagonal.cwiseInverse() + (eliminated * corner).cwiseProduct(eliminated).rowwise().sum();

    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (weights[i] == 0) continue;
      double fitted = b[0];
      for (std::size_t f = 0; f < f_count; ++f)
        if (const std::size_t c = at[i * f_count + f]; c != absent) fitted += b[static_cast<Eigen::Index>(c)];
      out.residual[i] = y[i] - fitted;
      squares += out.row_weight[i] * out.residual[i] * out.residual[i];
    }
    double change = 0;
    dof = used - 1;
    for (std::size_t f = 0; f < f_count; ++f) {
      double trace = 0, effects = 0;
      for (std::size_t c = first[f]; c < last[f]; ++c) {
        const auto k = static_cast<Eigen::Index>(c);
        trace += inverse_diagonal[k];
        effects += b[k] * b[k];
      }
      const auto levels = static_cast<double>(last[f] - first[f]);
      const double coefficients = std::max(levels - trace * noise / variance[f], 1e-9);
      dof -= coefficients;
      if (levels == 0) continue;
      // A factor of one level cannot be told from the mean.
      const double belief = factors[f].prior_weight;
      const double wanted = (effects + belief * factors[f].prior_sd * factors[f].prior_sd) / (coefficients + belief);
      const double next = levels > 1 || belief > 0 ? std::clamp(wanted, least, 100 * spread) : least;
      change = std::max(change, std::abs(next - variance[f]) / (next + 1e-6 * spread));
      variance[f] = next;
    }
    dof = std::max(dof, 1.0);
    // The share of a normal variance that the weights leave.
    const double kept = !robust || step == 0 ? 1 : redescends && steps > 0 ? biweight_kept : 2 * normal_cdf(options.huber) - 1;
    const double next = std::max(squares / dof / kept, least);
    change = std::max(change, std::abs(next - noise) / next);
    noise = next;
    if (robust) {
      if (!redescends) {
        std::vector<double> scaled;
        scaled.reserve(n);
        for (std::size_t i = 0; i < n; ++i)
          if (weights[i] > 0) scaled.push_back(std::sqrt(weights[i]) * out.residual[i]);
        // The residuals of a fit that follows its rows are too small; degrees of freedom set that right.
        scale = std::max(robust_spread(scaled) * std::sqrt(used / dof), 1e-3 * std::sqrt(noise));
      }
      for (std::size_t i = 0; i < n; ++i) {
        const double away = std::sqrt(weights[i]) * std::abs(out.residual[i]) / scale;
        out.row_weight[i] = weights[i] * (redescends             ? biweight(away, options.biweight)
                                          : away > options.huber ? options.huber / away
                                                                 : 1);
      }
    }
    ++steps;
    if (steps > 3 && change < options.tolerance) {
      if (!robust || redescends) break;
      redescends = true;
      steps = 0;
    } else if (robust && !redescends && step > options.iterations / 2) {
      redescends = true;
    }
  }

  Eigen::MatrixXd inverse(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(p));
  inverse.topLeftCorner(dense_size, dense_size) = corner;
  inverse.bottomLeftCorner(diagonal_size, dense_size).noalias() = -eliminated * corner;
  inverse.topRightCorner(dense_size, diagonal_size) = inverse.bottomLeftCorner(diagonal_size, dense_size).transpose();
  if (varies) {
    inverse.bottomRightCorner(diagonal_size, diagonal_size).noalias() = eliminated * corner * eliminated.transpose();
    inverse.bottomRightCorner(diagonal_size, diagonal_size).diagonal() += diagonal.cwiseInverse();
  } else {
    inverse.setZero();
  }

  out.mean = b[0];
  out.variance = varies ? variance : std::vector<double>(f_count, 0.0);
  out.residual_variance = varies ? noise : 0;
  out.degrees_of_freedom = dof;
  const std::size_t size = all_first[f_count];
  out.covariance.assign(size * size, 0.0);
  std::vector<std::size_t> compact(size, absent);
  compact[0] = 0;
  for (std::size_t f = 0; f < f_count; ++f) {
    out.effect[f].assign(factors[f].levels, 0.0);
    for (std::size_t level = 0; level < factors[f].levels; ++level) {
      const std::size_t c = column[f][level], k = all_first[f] + level;
      compact[k] = c;
      if (c != absent) out.effect[f][level] = b[static_cast<Eigen::Index>(c)] * (varies ? 1.0 : 0.0);
      if (c == absent) out.covariance[k * size + k] = out.variance[f];
    }
  }
  for (std::size_t r = 0; r < size; ++r)
    for (std::size_t c = 0; c < size; ++c)
      if (compact[r] != absent && compact[c] != absent)
        out.covariance[r * size + c] =
            out.residual_variance * inverse(static_cast<Eigen::Index>(compact[r]), static_cast<Eigen::Index>(compact[c]));
  for (std::size_t i = 0; i < n && varies; ++i) {
    if (weights[i] == 0) continue;
    std::vector<std::size_t> columns = {0};
    for (std::size_t f = 0; f < f_count; ++f)
      if (const std::size_t c = at[i * f_count + f]; c != absent) columns.push_back(c);
    double sum = 0;
    for (const auto r : columns)
      for (const auto c : columns) sum += inverse(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c));
    out.leverage[i] = std::min(1.0, out.row_weight[i] * sum);
  }
  return out;
}

level_prediction random_effects::predict(std::span<const std::uint32_t> levels) const {
  if (levels.size() != effect.size())
    reject("levels", std::to_string(levels.size()) + " of them", "give one per factor, " + std::to_string(effect.size()));
  std::size_t size = 1;
  for (const auto& of : effect) size += of.size();
  level_prediction out{mean, 0};
  std::vector<std::size_t> columns = {0};
  double unseen = 0;
  std::size_t first = 1;
  for (std::size_t f = 0; f < effect.size(); ++f) {
    if (levels[f] < effect[f].size()) {
      out.value += effect[f][levels[f]];
      columns.push_back(first + levels[f]);
    } else {
      unseen += variance[f];
    }
    first += effect[f].size();
  }
  double sum = unseen;
  for (const auto r : columns)
    for (const auto c : columns) sum += covariance[r * size + c];
  out.sd = std::sqrt(std::max(0.0, sum));
  return out;
}

}  // namespace clarion::stats
