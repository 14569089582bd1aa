#include "clarion/stats/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"

namespace clarion::stats {

namespace {

void check_probabilities(std::span<const double> probabilities) {
  for (const double p : probabilities)
    if (!(p >= 0 && p <= 1)) reject("probability", std::to_string(p), "give a number from 0 to 1");
}

double type7(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

}  // namespace

std::vector<double> quantiles(std::span<const double> values, std::span<const double> probabilities) {
  check_probabilities(probabilities);
  std::vector<double> sorted;
  sorted.reserve(values.size());
  for (const double v : values)
    if (!std::isnan(v)) sorted.push_back(v);
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> out;
  out.reserve(probabilities.size());
  for (const double p : probabilities)
    out.push_back(sorted.empty() ? std::numeric_limits<double>::quiet_NaN() : type7(sorted, p));
  return out;
}

double quantile(std::span<const double> values, double probability) {
  return quantiles(values, std::span(&probability, 1)).front();
}

double effective_size(std::span<const double> weights) {
  double sum = 0, squares = 0;
  for (const double w : weights) {
    sum += w;
    squares += w * w;
  }
  return squares > 0 ? sum * sum / squares : 0;
}

std::vector<double> weighted_quantiles(std::span<const double> values, std::span<const double> weights,
                                       std::span<const double> probabilities) {
  if (values.size() != weights.size())
    reject("weights", std::to_string(weights.size()) + " of them", "give one per value, " + std::to_string(values.size()));
  check_probabilities(probabilities);
  std::vector<std::size_t> order;
  std::vector<double> kept;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(weights[i] >= 0) || std::isinf(weights[i]))
      reject("weights", std::to_string(weights[i]), "give finite numbers that are not negative");
    if (weights[i] > 0 && !std::isnan(values[i])) {
      order.push_back(i);
      kept.push_back(weights[i]);
    }
  }
  std::vector<double> out(probabilities.size(), std::numeric_limits<double>::quiet_NaN());
  if (order.empty()) return out;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] < values[b] : a < b; });
  const double total = std::accumulate(kept.begin(), kept.end(), 0.0);
  const double size = effective_size(kept);
  for (std::size_t q = 0; q < probabilities.size(); ++q) {
    // The quantile is the mean of the step function of sorted values over a window of width 1 / size.
    const double left = probabilities[q] * (size - 1) / size, right = left + 1 / size;
    double reached = 0, sum = 0;
    for (const std::size_t i : order) {
      const double from = reached / total, to = (reached + weights[i]) / total;
      reached += weights[i];
      const double share = (std::min(to, right) - std::max(from, left)) * size;
      if (share > 0) sum += share * values[i];
    }
    out[q] = std::clamp(sum, values[order.front()], values[order.back()]);
  }
  return out;
}

double robust_spread(std::span<const double> values) {
  std::vector<double> away;
  away.reserve(values.size());
  for (const double v : values)
    if (!std::isnan(v)) away.push_back(v);
  if (away.empty()) return std::numeric_limits<double>::quiet_NaN();
  // Linear time: this is called in every step of robust fits.
  const auto median = [&] {
    const auto middle = away.begin() + static_cast<std::ptrdiff_t>(away.size() / 2);
    std::nth_element(away.begin(), middle, away.end());
    return away.size() % 2 ? *middle : 0.5 * (*middle + *std::max_element(away.begin(), middle));
  };
  const double middle = median();
  for (double& v : away) v = std::abs(v - middle);
  return 1.4826022185056018 * median();
}

}  // namespace clarion::stats
