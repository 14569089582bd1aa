#include "clarion/segment/gamma_gamma.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <vector>

#include "clarion/core/error.hpp"
#include "kernels/lifetime.hpp"
#include "segment/distinct_histories.hpp"
#include "segment/fit_parameters.hpp"
#include "segment/special.hpp"
#include "segment/spend_terms.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t block = 4096;

// Rows hold x and, as recency, the amount of all transactions of a customer: their mean z times x. p: p, q, v.
struct spend_rows {
  distinct_histories rows;
  double log_mean = 0, x_log_amount = 0;  // sums of ln z and of x ln(x z)
};

double log_likelihood(const spend_rows& of, kernels::spend_terms kernel, std::span<const double> parameters,
                      std::span<double> slopes, const run_options& run) {
  const double p = parameters[0], q = parameters[1], v = parameters[2];
  const auto& rows = of.rows;
  double sums[5];
  const double log =
      sum_of_blocks(rows.size(), block, 16, sums, run, [&](std::size_t begin, std::size_t end, std::span<double> part) {
        const auto s = kernel(rows.x.data() + begin, rows.recency.data() + begin, rows.weight.data() + begin, end - begin, v);
        std::ranges::copy(std::initializer_list<double>{s.inverse, s.square, s.x_log, s.x_inverse, s.x_square}, part.begin());
        return s.log;
      });
  const auto [inverse, square, x_log, x_inverse, x_square] = sums;
  const double n = rows.customers, log_v = std::log(v);
  double value = p * of.x_log_amount - of.log_mean + n * q * log_v - p * x_log - q * log;
  slopes[0] = of.x_log_amount - x_log;
  slopes[1] = n * log_v - log;
  slopes[2] = n * q / v - p * x_inverse - q * inverse;
  slopes[3] = slopes[4] = slopes[5] = 0;
  slopes[6] = -x_inverse;
  slopes[7] = n / v - inverse;
  slopes[8] = p * x_square + q * square - n * q / (v * v);
  const auto gamma_q = log_gamma(q);
  for (std::size_t g = 0; g < rows.groups(); ++g) {
    const double x = rows.x[rows.group[g]], w = rows.group_weight[g], shape = p * x;
    const auto by_shape = log_rising(shape, q), by_q = log_rising(q, shape);
    // - ln B(p x, q), from the larger of the two
    value += w * (shape < q ? by_q.log - log_gamma(shape).log : by_shape.log - gamma_q.log);
    slopes[0] += w * x * by_shape.slope;
    slopes[1] += w * by_q.slope;
    slopes[3] += w * x * x * by_shape.curve;
    slopes[4] += w * x * (by_q.curve + gamma_q.curve);
    slopes[5] += w * by_q.curve;
  }
  return value;
}

void add_sums(spend_rows& of) {
  of.log_mean = of.x_log_amount = 0;
  const auto& rows = of.rows;
  for (std::size_t g = 0; g < rows.groups(); ++g) {
    const double x = rows.x[rows.group[g]];
    double sum = 0;
    for (std::size_t i = rows.group[g]; i < rows.group[g + 1]; ++i) sum += rows.weight[i] * std::log(rows.recency[i]);
    of.log_mean += sum - rows.group_weight[g] * std::log(x);
    of.x_log_amount += x * sum;
  }
}

}  // namespace

void check_spend(const spend_history& history) {
  const std::size_t n = history.size();
  check_column("frequency", history.frequency, n);
  check_whole("frequency", history.frequency);
  if (history.monetary.size() != n)
    reject("monetary", std::to_string(history.monetary.size()) + " rows",
           "give one for each of the " + std::to_string(n) + " customers");
  if (!history.weight.empty()) check_column("weights", history.weight, n);
  const std::size_t i = first_wrong(n, [x = history.frequency.data(), z = history.monetary.data()](std::size_t row) {
    return (x[row] > 0) & (!(z[row] > 0) | (z[row] > std::numeric_limits<double>::max()));
  });
  if (i < n) reject("monetary", at_row(history.monetary[i], i), "give finite numbers, above 0 where there are transactions");
}

parameter_fit fit_gamma_gamma(const spend_history& history, const purchase_fit_options& options, const run_options& run) {
  core::check_options(options);
  check_spend(history);
  std::vector<double> weight(history.size());
  double whole = 0, amount = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if (history.frequency[i] == 0) continue;
    const double w = weight[i] = history.weight.empty() ? 1 : history.weight[i];
    whole += w;
    amount += w * history.monetary[i];
  }
  fit_problem problem{{"p", "q", "v"}, {3, 3, 2.0 / 3}, {1, 1, 1}, {}, 0, whole, 0};
  if (whole == 0) return no_fit(problem, options, "no customer has a transaction: none of p, q and v is identified");
  const double unit = amount / whole;
  problem.unit[2] = unit;
  spend_rows all{collapsed({history.frequency, history.monetary, {}, weight}, false, run)};
  problem.distinct = all.rows.size();
  if (std::equal(all.rows.recency.begin() + 1, all.rows.recency.end(), all.rows.recency.begin()))
    return no_fit(problem, options,
                  "every mean value is the same: how values differ within and between customers is not identified, nor are p, q "
                  "and v");
  for (std::size_t i = 0; i < all.rows.size(); ++i) all.rows.recency[i] *= all.rows.x[i] / unit;
  problem.shift = -whole * std::log(unit);
  const auto kernel = kernels::choose_spend_terms(core::permitted_simd());
  std::vector<spend_rows> levels;
  for (auto& sample : thinned(all.rows)) levels.push_back({std::move(sample)});
  levels.push_back(std::move(all));
  for (auto& level : levels) {
    add_sums(level);
    problem.levels.push_back([&level, kernel](std::span<const double> p, std::span<double> slopes, const run_options& how) {
      return log_likelihood(level, kernel, p, slopes, how);
    });
  }
  auto out = fit_parameters(problem, options, run);
  if (out.converged && out.value[1] <= 1)
    out.reason = "q is at most 1: the expected value of a customer without transactions is infinite";
  return out;
}

prediction expected_spend(const parameter_fit& fit, const spend_history& history, bool intervals, const run_options& run) {
  check_spend(history);
  constexpr std::size_t rows = 65536;
  const std::size_t n = history.size();
  prediction out;
  out.value.resize(n);
  std::vector<double> sds(intervals ? n : 0);
  core::parallel_blocks((n + rows - 1) / rows, run, [&](std::size_t b) {
    for (std::size_t i = b * rows; i < std::min(n, (b + 1) * rows); ++i) {
      const spend_terms one(fit.value, history.frequency[i], history.monetary[i]);
      out.value[i] = one.value;
      if (intervals) sds[i] = log_sd(fit.covariance, one.slope);
    }
  });
  if (intervals) widen(out, sds, fit.level);
  return out;
}

}  // namespace clarion::segment
