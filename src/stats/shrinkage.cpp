#include "clarion/stats/shrinkage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"

namespace clarion::stats {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct valued {
  double value = 0, slope = 0;
};

// Root on [0, infinity) of a convex decreasing function; 0 when it is negative there already. Newton's steps from the left end up
// left of the root again, so they climb to it and cannot pass it.
template <class F>
double decreasing_root(F&& f) {
  double at = 0;
  for (int step = 0; step < 200; ++step) {
    const valued here = f(at);
    if (!(here.value > 0) || !(here.slope < 0)) break;
    const double next = at - here.value / here.slope;
    if (!(next > at * (1 + 1e-15))) break;
    at = next;
  }
  return at;
}

void check_lengths(std::size_t values, std::size_t variances) {
  if (values != variances)
    reject("variances", std::to_string(variances) + " of them", "give one per value, " + std::to_string(values));
}

}  // namespace

shrinkage_result shrink(std::span<const double> estimates, std::span<const double> variances, const shrinkage_options& options) {
  core::check_options(options);
  check_lengths(estimates.size(), variances.size());
  std::vector<std::size_t> known;
  for (std::size_t j = 0; j < estimates.size(); ++j) {
    if (!(variances[j] > 0)) reject("variances", std::to_string(variances[j]), "give numbers above 0");
    if (!std::isnan(estimates[j]) && !std::isinf(variances[j])) known.push_back(j);
  }
  const auto k = static_cast<double>(known.size());
  shrinkage_result out;
  const auto weighted_mean = [&](double between) {
    double sum = 0, total = 0;
    for (const auto j : known) {
      sum += estimates[j] / (between + variances[j]);
      total += 1 / (between + variances[j]);
    }
    out.mean = sum / total;
    out.mean_sd = 1 / std::sqrt(total);
  };
  if (known.empty()) {
    out.mean = out.mean_sd = nan;
  } else {
    if (known.size() > 1)
      out.between = decreasing_root([&](double between) {
        weighted_mean(between);
        valued q{1 - k, 0};
        for (const auto j : known) {
          const double square = (estimates[j] - out.mean) * (estimates[j] - out.mean), noise = between + variances[j];
          q.value += square / noise;
          q.slope -= square / (noise * noise);
        }
        return q;
      });
    weighted_mean(out.between);
  }

  const double z = normal_quantile(0.5 + options.level / 2);
  for (std::size_t j = 0; j < estimates.size(); ++j) {
    double value = out.mean, variance = out.between + out.mean_sd * out.mean_sd, own = 0;
    if (!std::isnan(estimates[j]) && !std::isinf(variances[j])) {
      double pull = known.size() > 1 ? variances[j] / (variances[j] + out.between) : 0;
      double unsure = 0;
      const double away = estimates[j] - out.mean;
      if (k > 3) {
        // Morris: an unbiased pull, and the variance that estimating `between` leaves in the posterior.
        pull *= (k - 3) / (k - 1);
        unsure = 2 / (k - 3) * pull * pull * away * away;
      }
      own = 1 - pull;
      value = out.mean + own * away;
      const double posterior = variances[j] * own + (known.size() > 1 ? pull * pull * out.mean_sd * out.mean_sd : 0) + unsure;
      variance = std::min(posterior, variances[j]);
    }
    out.value.push_back(value);
    out.sd.push_back(std::sqrt(variance));
    out.low.push_back(value - z * out.sd.back());
    out.high.push_back(value + z * out.sd.back());
    out.weight.push_back(own);
  }
  return out;
}

two_groups_result two_groups(std::span<const double> values, std::span<const double> variances,
                             const two_groups_options& options) {
  core::check_options(options);
  check_lengths(values.size(), variances.size());
  std::vector<std::size_t> known;
  double largest = 0;
  for (std::size_t j = 0; j < values.size(); ++j) {
    if (!(variances[j] >= 0)) reject("variances", std::to_string(variances[j]), "give numbers that are not negative");
    if (std::isnan(values[j])) continue;
    known.push_back(j);
    largest = std::max(largest, values[j] * values[j]);
  }
  const auto n = static_cast<double>(known.size());
  // Below this a deviation is rounding.
  const double least = std::max(1e-18 * largest, 1e-24);

  two_groups_result out;
  std::vector<double> unusual(values.size(), 0.0);
  double spread = 0, excess = 0, share = 0;  // the first two squared
  const auto solve = [&](auto&& weight, double added) {
    return decreasing_root([&](double s) {
      valued sum;
      for (const auto j : known) {
        const double noise = std::max(s + added + variances[j], least), ratio = weight(j) * values[j] * values[j] / noise;
        sum.value += ratio - weight(j);
        sum.slope -= ratio / noise;
      }
      return sum;
    });
  };
  if (n > 0) {
    const double robust = robust_spread(values);
    const bool known_spread = options.spread > 0;
    const double cut = known_spread ? options.spread * options.spread : std::max(robust * robust, least);
    if (n >= 8) {
      double beyond = 0;
      for (const auto j : known) beyond += values[j] * values[j] > 6.25 * (cut + variances[j]);
      share = std::clamp(beyond / n, 0.5 / n, 0.3);
      spread = cut;
      excess = 9 * cut;
    } else {
      spread = known_spread ? cut : solve([](std::size_t) { return 1.0; }, 0.0);
    }
    for (int step = 0; step < 500 && share > 0; ++step) {
      const double before = share;
      double sum = 0;
      for (const auto j : known) {
        const double a = spread + variances[j] + least, b = a + excess, square = values[j] * values[j];
        const double odds = share / (1 - share) * std::sqrt(a / b) * std::exp(0.5 * square * (1 / a - 1 / b));
        unusual[j] = std::isinf(odds) ? 1 : odds / (1 + odds);
        sum += unusual[j];
      }
      // One usual value's worth of prior belief for each tenth of an unusual one, and never a majority.
      share = std::clamp(sum / (n + 5), 1e-6, 0.4);
      if (!known_spread) spread = std::max(solve([&](std::size_t j) { return 1 - unusual[j]; }, 0.0), least);
      // The unusual are apart from the usual by definition: without a floor both groups would share one bulk.
      excess = std::max(solve([&](std::size_t j) { return unusual[j]; }, spread), 4 * spread);
      if (std::abs(share - before) < 1e-6 * before) break;
    }
  }
  out.spread = std::sqrt(spread);
  out.share = share;
  out.excess = share > 0 ? std::sqrt(excess) : 0;

  const double tail = 0.5 - options.level / 2;
  for (std::size_t j = 0; j < values.size(); ++j) {
    if (std::isnan(values[j])) {
      for (auto* column : {&out.value, &out.sd, &out.low, &out.high, &out.probability}) column->push_back(nan);
      continue;
    }
    const double noise = spread + variances[j] + least, p = share > 0 ? unusual[j] : 0;
    const double mean = excess / (excess + noise) * values[j], variance = excess * noise / (excess + noise);
    const double sd = std::sqrt(variance);
    // Quantiles of a point mass 1 - p at 0 and a normal of mass p.
    const auto at = [&](double q) {
      if (p == 0 || sd == 0) return 0.0;
      const double below = p * normal_cdf(-mean / sd);
      if (q < below) return mean + sd * normal_quantile(q / p);
      if (q <= below + 1 - p) return 0.0;
      return mean + sd * normal_quantile(std::min(1.0, (q - (1 - p)) / p));
    };
    out.value.push_back(p * mean);
    out.sd.push_back(std::sqrt(std::max(0.0, p * (variance + mean * mean) - p * p * mean * mean)));
    out.low.push_back(at(tail));
    out.high.push_back(at(1 - tail));
    out.probability.push_back(p);
  }
  return out;
}

}  // namespace clarion::stats
