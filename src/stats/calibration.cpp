#include "clarion/stats/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "clarion/core/error.hpp"
#include "clarion/stats/distributions.hpp"

namespace clarion::stats {

namespace {

double weight_of(std::span<const double> weights, std::size_t i) { return weights.empty() ? 1 : weights[i]; }

void check(std::span<const double> scores, std::span<const double> y, std::span<const double> weights, const std::string& name) {
  if (y.size() != scores.size())
    reject("y", std::to_string(y.size()) + " values", "give one a row, " + std::to_string(scores.size()));
  if (!weights.empty() && weights.size() != scores.size())
    reject("weights", std::to_string(weights.size()) + " values", "give one a row, " + std::to_string(scores.size()));
  double total = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!std::isfinite(scores[i]))
      reject(name, std::to_string(scores[i]) + " in row " + std::to_string(i), "give finite numbers");
    if (!std::isfinite(y[i])) reject("y", std::to_string(y[i]) + " in row " + std::to_string(i), "give finite numbers");
    const double w = weight_of(weights, i);
    if (!(w >= 0) || std::isinf(w)) reject("weights", std::to_string(w), "give finite numbers, 0 or more");
    total += w;
  }
  if (!(total > 0)) reject(name, "no row with a weight", "give at least one");
}

void check_labels(std::span<const double> y) {
  for (std::size_t i = 0; i < y.size(); ++i)
    if (y[i] != 0 && y[i] != 1) reject("y", std::to_string(y[i]) + " in row " + std::to_string(i), "give 0 or 1");
}

// Rows that have weight, by score; equal ones as they came.
std::vector<std::size_t> by_score(std::span<const double> scores, std::span<const double> weights) {
  std::vector<std::size_t> order;
  order.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (weight_of(weights, i) > 0) order.push_back(i);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; });
  return order;
}

double sigmoid(double x) {
  const double e = std::exp(-std::abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

}  // namespace

double isotonic_curve::operator()(double at) const {
  if (std::isnan(at) || score.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto above = static_cast<std::size_t>(std::lower_bound(score.begin(), score.end(), at) - score.begin());
  if (above == 0) return value.front();
  if (above == score.size()) return value.back();
  const double share = (at - score[above - 1]) / (score[above] - score[above - 1]);
  return value[above - 1] + share * (value[above] - value[above - 1]);
}

std::vector<double> isotonic_curve::operator()(std::span<const double> at) const {
  std::vector<double> out(at.size());
  std::transform(at.begin(), at.end(), out.begin(), [&](double x) { return (*this)(x); });
  return out;
}

isotonic_curve isotonic(std::span<const double> scores, std::span<const double> y, std::span<const double> weights) {
  check(scores, y, weights, "scores");
  struct pool {
    double first, last, weight, mean;
  };
  std::vector<pool> pools;
  const auto order = by_score(scores, weights);
  for (std::size_t i = 0; i < order.size();) {
    const double score = scores[order[i]];
    double weight = 0, sum = 0;
    for (; i < order.size() && scores[order[i]] == score; ++i) {
      weight += weight_of(weights, order[i]);
      sum += weight_of(weights, order[i]) * y[order[i]];
    }
    pools.push_back({score, score, weight, sum / weight});
    while (pools.size() > 1 && pools[pools.size() - 2].mean >= pools.back().mean) {
      const pool top = pools.back();
      pools.pop_back();
      pool& below = pools.back();
      below.mean += (top.mean - below.mean) * (top.weight / (below.weight + top.weight));
      below.weight += top.weight;
      below.last = top.last;
    }
  }
  isotonic_curve out;
  for (const pool& p : pools) {
    out.score.push_back(p.first);
    out.value.push_back(p.mean);
    if (p.last == p.first) continue;
    out.score.push_back(p.last);
    out.value.push_back(p.mean);
  }
  return out;
}

double platt_curve::operator()(double at) const { return sigmoid(-(slope * at + intercept)); }

std::vector<double> platt_curve::operator()(std::span<const double> at) const {
  std::vector<double> out(at.size());
  std::transform(at.begin(), at.end(), out.begin(), [&](double x) { return (*this)(x); });
  return out;
}

platt_curve platt(std::span<const double> scores, std::span<const double> labels, std::span<const double> weights) {
  check(scores, labels, weights, "scores");
  check_labels(labels);
  const std::size_t n = scores.size();
  double positive = 0, negative = 0, mean = 0, square = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = weight_of(weights, i);
    (labels[i] == 1 ? positive : negative) += w;
    mean += w * scores[i];
  }
  mean /= positive + negative;
  for (std::size_t i = 0; i < n; ++i) square += weight_of(weights, i) * (scores[i] - mean) * (scores[i] - mean);
  const double deviation = std::sqrt(square / (positive + negative)), scale = deviation > 0 ? 1 / deviation : 0;
  const double high = (positive + 1) / (positive + 2), low = 1 / (negative + 2), total = positive + negative;

  // In standardized scores, as p = sigmoid(a z + b).
  double a = 0, b = std::log((positive + 1) / (negative + 1));
  struct moments {
    double loss = 0, ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0;
  };
  const auto measure = [&](double at_a, double at_b) {
    moments m;
    for (std::size_t i = 0; i < n; ++i) {
      const double w = weight_of(weights, i) / total, z = (scores[i] - mean) * scale, odds = at_a * z + at_b;
      const double target = labels[i] == 1 ? high : low, p = sigmoid(odds);
      m.loss += w * (std::log1p(std::exp(-std::abs(odds))) + std::max(odds, 0.0) - target * odds);
      const double away = w * (p - target), bend = w * p * (1 - p);
      m.ga += away * z, m.gb += away;
      m.haa += bend * z * z, m.hab += bend * z, m.hbb += bend;
    }
    return m;
  };
  platt_curve out;
  moments now = measure(a, b);
  for (int step = 0; step < 100 && !out.converged; ++step) {
    const double haa = now.haa + 1e-12, hbb = now.hbb + 1e-12, determinant = haa * hbb - now.hab * now.hab;
    const double da = -(hbb * now.ga - now.hab * now.gb) / determinant, db = -(haa * now.gb - now.hab * now.ga) / determinant;
    const double fall = now.ga * da + now.gb * db;
    if (std::abs(da) + std::abs(db) < 1e-10 || -fall < 1e-16) {
      out.converged = true;
      a += da, b += db;
      break;
    }
    double length = 1;
    for (; length > 1e-10; length /= 2) {
      const moments there = measure(a + length * da, b + length * db);
      if (there.loss <= now.loss + 1e-4 * length * fall) {
        a += length * da, b += length * db;
        now = there;
        break;
      }
    }
    if (length <= 1e-10) {
      out.converged = -fall < 1e-12;
      break;
    }
  }
  out.slope = -a * scale;
  out.intercept = -(b - a * scale * mean);
  return out;
}

reliability_result reliability(std::span<const double> probabilities, std::span<const double> labels,
                               std::span<const double> weights, const reliability_options& options) {
  core::check_options(options);
  if (options.by != "quantile" && options.by != "width") reject("by", '"' + options.by + '"', "give quantile or width");
  check(probabilities, labels, weights, "probabilities");
  check_labels(labels);
  const auto order = by_score(probabilities, weights);
  for (const std::size_t i : order)
    if (probabilities[i] < 0 || probabilities[i] > 1)
      reject("probabilities", std::to_string(probabilities[i]) + " in row " + std::to_string(i), "give numbers from 0 to 1");
  double total = 0, ones = 0;
  for (const std::size_t i : order) {
    total += weight_of(weights, i);
    ones += weight_of(weights, i) * labels[i];
  }

  reliability_result out;
  const double share = ones / total, reach = normal_quantile((1 + options.level) / 2);
  const auto bins = static_cast<double>(options.bins);
  out.uncertainty = share * (1 - share);
  double passed = 0, squares = 0, away = 0;
  std::size_t place = options.bins;  // of the bin that is open
  const auto close = [&] {
    auto& bin = out.bins.back();
    bin.predicted /= bin.weight;
    bin.observed /= bin.weight;
    const double n = bin.weight * bin.weight / squares, z2 = reach * reach;
    const double middle = (bin.observed + z2 / (2 * n)) / (1 + z2 / n);
    const double half = reach / (1 + z2 / n) * std::sqrt(bin.observed * (1 - bin.observed) / n + z2 / (4 * n * n));
    bin.low = std::max(0.0, middle - half);
    bin.high = std::min(1.0, middle + half);
    const double part = bin.weight / total, error = std::abs(bin.predicted - bin.observed);
    out.miscalibration += part * error * error;
    out.resolution += part * (bin.observed - share) * (bin.observed - share);
    out.expected_error += part * error;
    out.largest_error = std::max(out.largest_error, error);
  };
  for (std::size_t i = 0; i < order.size();) {
    // Equal probabilities, all at once.
    const double p = probabilities[order[i]];
    double weight = 0, square = 0, sum = 0;
    std::uint64_t n = 0;
    for (; i < order.size() && probabilities[order[i]] == p; ++i, ++n) {
      const double w = weight_of(weights, order[i]);
      weight += w, square += w * w, sum += w * labels[order[i]];
    }
    const double at = options.by == "width" ? p : (passed + weight / 2) / total;
    const auto here = static_cast<std::size_t>(std::min(std::floor(at * bins), bins - 1));
    if (here != place) {
      if (!out.bins.empty()) close();
      place = here;
      out.bins.push_back({p, p, 0, 0, 0, 0, 0, 0});
      squares = 0;
    }
    auto& bin = out.bins.back();
    bin.to = p;
    bin.n += n;
    bin.weight += weight;
    bin.predicted += weight * p;
    bin.observed += sum;
    squares += square;
    passed += weight;
    away += sum * (1 - p) * (1 - p) + (weight - sum) * p * p;
  }
  close();
  out.brier = away / total;
  out.within = out.brier - (out.miscalibration - out.resolution + out.uncertainty);
  return out;
}

}  // namespace clarion::stats
