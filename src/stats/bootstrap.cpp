#include "clarion/stats/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/core/random.hpp"
#include "clarion/stats/distributions.hpp"
#include "clarion/stats/quantile.hpp"

namespace clarion::stats {

namespace {

constexpr std::uint32_t random_room = 0x424f4f54;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Mean of a column in which row i stands times[i] times.
double mean_of(std::span<const double> column, std::span<const std::uint32_t> times) {
  double sum[4] = {}, n[4] = {};  // four chains of additions that do not wait for each other
  for (std::size_t i = 0; i < column.size(); ++i) {
    const bool known = !std::isnan(column[i]);
    sum[i % 4] += known ? times[i] * column[i] : 0;
    n[i % 4] += known ? times[i] : 0;
  }
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) / ((n[0] + n[1]) + (n[2] + n[3]));
}

bootstrap_interval interval_of(std::span<const double> column, std::span<const double> means, double level) {
  bootstrap_interval out;
  double sum = 0, low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double v : column)
    if (!std::isnan(v)) {
      ++out.n;
      sum += v;
      low = std::min(low, v);
      high = std::max(high, v);
    }
  out.mean = out.n > 0 ? sum / static_cast<double>(out.n) : nan;
  out.sd = out.low = out.high = nan;
  if (out.n < 2) return out;
  if (low == high) {
    out.mean = out.low = out.high = low;
    out.sd = 0;
    return out;
  }

  double square = 0, cube = 0;
  for (const double v : column)
    if (!std::isnan(v)) {
      const double d = v - out.mean;
      square += d * d;
      cube += d * d * d;
    }
  const double acceleration = cube / (6 * std::pow(square, 1.5));
  double below = 0, known = 0, middle = 0, spread = 0;
  for (const double m : means)
    if (!std::isnan(m)) {
      below += m < out.mean ? 1 : m == out.mean ? 0.5 : 0;
      ++known;
      middle += m;
    }
  middle /= known;
  for (const double m : means)
    if (!std::isnan(m)) spread += (m - middle) * (m - middle);
  out.sd = known > 1 ? std::sqrt(spread / (known - 1)) : nan;
  // A mean that lies beyond all of its replicates has no finite bias.
  const double bias = normal_quantile(std::clamp(below / known, 0.5 / known, 1 - 0.5 / known));
  const auto probability = [&](double p) {
    const double z = bias + normal_quantile(p);
    return normal_cdf(bias + z / (1 - acceleration * z));
  };
  const double at[] = {probability((1 - level) / 2), probability((1 + level) / 2)};
  const auto ends = quantiles(means, at);
  out.low = ends[0];
  out.high = ends[1];
  return out;
}

}  // namespace

std::vector<bootstrap_interval> bootstrap_means(std::span<const double> columns, std::size_t rows,
                                                const bootstrap_options& options, const run_options& run) {
  core::check_options(options);
  const std::size_t n_columns = rows == 0 ? 0 : columns.size() / rows, n = options.replicates;
  if (n_columns * rows != columns.size())
    reject("columns", std::to_string(columns.size()) + " values", "give whole columns of " + std::to_string(rows));
  for (const double v : columns)
    if (std::isinf(v)) reject("columns", std::to_string(v), "give finite numbers, or NaN where there is none");
  core::require_memory("a bootstrap of " + std::to_string(n_columns) + " columns",
                       8.0 * static_cast<double>(n) * static_cast<double>(n_columns), "draw fewer replicates");
  const auto column = [&](std::size_t c) { return columns.subspan(c * rows, rows); };

  std::vector<double> means(n_columns * n);
  constexpr std::size_t together = 8;
  core::parallel_blocks((n + together - 1) / together, run, [&](std::size_t block) {
    std::vector<std::uint32_t> times(rows);
    for (std::size_t b = block * together; b < std::min(n, (block + 1) * together); ++b) {
      std::fill(times.begin(), times.end(), 0);
      core::random_stream random(options.seed, b, random_room);
      for (std::size_t i = 0; i < rows; ++i) ++times[random.below(rows)];
      for (std::size_t c = 0; c < n_columns; ++c) means[c * n + b] = mean_of(column(c), times);
    }
  });
  std::vector<bootstrap_interval> out(n_columns);
  for (std::size_t c = 0; c < n_columns; ++c)
    out[c] = interval_of(column(c), std::span<const double>(means).subspan(c * n, n), options.level);
  return out;
}

}  // namespace clarion::stats
