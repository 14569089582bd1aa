#include "segment/yeo_johnson.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace clarion::segment {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t together = 8192;

// (exp(power * l) - 1) / power, and l where the power is 0.
double power_of_log(double l, double power) { return std::abs(power) < 1e-12 ? l : std::expm1(power * l) / power; }

struct moments {
  double n = 0, mean = 0, squares = 0;

  void add(const moments& other) {  // Chan, Golub and LeVeque, 1979
    if (other.n == 0) return;
    const double away = other.mean - mean, all = n + other.n;
    mean += away * other.n / all;
    squares += other.squares + away * away * n * other.n / all;
    n = all;
  }
};

// Signed logarithms of values, and where they lie.
struct logs {
  std::vector<double> signed_log;  // sign(x) log(1 + |x|)
  double sum = 0, middle = 0;
  bool above = true, below = true;  // all values at least, at most 0

  // Log-likelihood of a power, but for a constant, over n.
  double likelihood(double power, const run_options& run) const {
    const std::size_t n = signed_log.size(), blocks = (n + together - 1) / together;
    std::vector<moments> parts(blocks);
    // On one side of 0 a power is taken of the distance from the middle, and the power of the middle taken out of the variance:
    // (1 + x)^power of large x and a negative power would all be 0 otherwise.
    const double own = above ? power : 2 - power, side = above ? 1 : -1;
    const bool one_sided = above || below;
    core::parallel_blocks(blocks, run, [&](std::size_t block) {
      const std::size_t first = block * together, last = std::min(n, first + together);
      const auto at = [&](std::size_t i) {
        const double l = signed_log[i];
        if (one_sided) return power_of_log(side * (l - middle), own);
        return l >= 0 ? power_of_log(l, power) : -power_of_log(-l, 2 - power);
      };
      moments& part = parts[block];
      std::vector<double> values(last - first);
      for (std::size_t i = first; i < last; ++i) part.mean += values[i - first] = at(i);
      part.n = static_cast<double>(last - first);
      part.mean /= part.n;
      for (const double v : values) part.squares += (v - part.mean) * (v - part.mean);
    });
    moments all;
    for (const moments& part : parts) all.add(part);
    const double variance = all.squares / all.n;
    if (!(variance > 0) || !std::isfinite(variance)) return -infinity;
    const double scale = one_sided ? own * side * middle : 0;
    return -0.5 * std::log(variance) - scale + (power - 1) * sum / all.n;
  }
};

// The powers that are tried where logarithms reach from least to most: no value overflows, and values on one side of 0 keep at
// least some nine digits of their differences.
std::pair<double, double> powers(double least, double most, double middle) {
  constexpr double overflow = 600, digits = 14;
  if (least >= 0) {
    const double reach = overflow / std::max(most - middle, middle - least);
    return {std::max({-5.0, -reach, -digits / least}), std::min(5.0, reach)};
  }
  if (most <= 0) {
    const double reach = overflow / std::max(most - middle, middle - least);
    return {std::max(-5.0, 2 - reach), std::min({5.0, 2 + reach, 2 + digits / -most})};
  }
  return {std::max(-5.0, 2 - overflow / -least), std::min(5.0, overflow / most)};
}

}  // namespace

double yeo_johnson(double x, double power) {
  return x >= 0 ? power_of_log(std::log1p(x), power) : -power_of_log(std::log1p(-x), 2 - power);
}

double yeo_johnson_inverse(double y, double power) {
  const double own = y >= 0 ? power : 2 - power, size = std::abs(y);
  if (std::abs(own) < 1e-12) return std::copysign(std::expm1(size), y);
  if (own * size <= -1) return nan;
  return std::copysign(std::expm1(std::log1p(own * size) / own), y);
}

double fitted_power(std::span<const double> values, const run_options& run) {
  logs of;
  of.signed_log.reserve(values.size());
  for (const double x : values) {
    of.signed_log.push_back(std::copysign(std::log1p(std::abs(x)), x));
    of.sum += of.signed_log.back();
    of.above = of.above && x >= 0;
    of.below = of.below && x <= 0;
  }
  of.middle = of.sum / static_cast<double>(values.size());

  const auto [least, most] = std::minmax_element(of.signed_log.begin(), of.signed_log.end());
  const auto [bottom, top] = powers(*least, *most, of.middle);
  if (bottom > top) return 1;

  // Brent's minimum of one variable (Algorithms for Minimization without Derivatives, 1973).
  constexpr double golden = 0.3819660112501051, tolerance = 1e-7;
  const auto cost = [&](double power) { return -of.likelihood(power, run); };
  double low = bottom, high = top;
  double x = low + golden * (high - low), w = x, v = x;
  double at_x = cost(x), at_w = at_x, at_v = at_x, step = 0, before = 0;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    if (std::abs(x - middle) <= 2 * tolerance - (high - low) / 2) break;
    bool parabola = false;
    if (std::abs(before) > tolerance && std::isfinite(at_v)) {
      double r = (x - w) * (at_x - at_v), q = (x - v) * (at_x - at_w), p = (x - v) * q - (x - w) * r;
      q = 2 * (q - r);
      if (q > 0) p = -p;
      q = std::abs(q);
      if (std::abs(p) < std::abs(q * before / 2) && p > q * (low - x) && p < q * (high - x)) {
        before = step;
        step = p / q;
        const double next = x + step;
        if (next - low < 2 * tolerance || high - next < 2 * tolerance) step = std::copysign(tolerance, middle - x);
        parabola = true;
      }
    }
    if (!parabola) {
      before = (x < middle ? high : low) - x;
      step = golden * before;
    }
    const double u = x + (std::abs(step) >= tolerance ? step : std::copysign(tolerance, step)), at_u = cost(u);
    if (at_u <= at_x) {
      (u < x ? high : low) = x;
      v = w, at_v = at_w;
      w = x, at_w = at_x;
      x = u, at_x = at_u;
    } else {
      (u < x ? low : high) = u;
      if (at_u <= at_w || w == x) {
        v = w, at_v = at_w;
        w = u, at_w = at_u;
      } else if (at_u <= at_v || v == x || v == w) {
        v = u, at_v = at_u;
      }
    }
  }
  return x;
}

}  // namespace clarion::segment
