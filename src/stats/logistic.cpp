#include "clarion/stats/logistic.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/kernels.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/stats/distributions.hpp"
#include "kernels/weighted_rows.hpp"
#include "stats/design_rows.hpp"
#include "stats/logistic_pass.hpp"
#include "stats/logistic_step.hpp"

namespace clarion::stats {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

struct penalties {
  double ridge = 0, lasso = 0;  // against the sum of losses
};

penalties penalty_of(const logistic_options& options) {
  double share = options.l1_ratio;
  if (options.penalty == "l2")
    share = 0;
  else if (options.penalty == "l1")
    share = 1;
  else if (options.penalty == "none")
    return {};
  else if (options.penalty != "elasticnet")
    reject("penalty", '"' + options.penalty + '"', "give l2, l1, elasticnet or none");
  return {(1 - share) / options.C, share / options.C};
}

void check(const design_view& x, std::span<const std::uint8_t> y, std::span<const double> weights) {
  if (x.rows == 0) reject("x", "0 rows", "give at least one row of each class");
  if (x.columns == 0) reject("x", "0 columns", "give at least one column");
  if (y.size() != x.rows) reject("y", std::to_string(y.size()) + " labels", "give one a row, " + std::to_string(x.rows));
  if (!weights.empty() && weights.size() != x.rows)
    reject("weights", std::to_string(weights.size()) + " weights", "give one a row, " + std::to_string(x.rows));
  for (const double w : weights)
    if (!(w >= 0) || std::isinf(w)) reject("weights", std::to_string(w), "give finite numbers, 0 or more");
  for (const std::uint8_t label : y)
    if (label > 1) reject("y", std::to_string(label), "give 0 or 1");
}

class solver {
public:
  solver(const detail::rows_of_logistic& rows, const logistic_options& options)
      : rows_(rows), options_(options), n_(rows.scaled().columns), ridge_(n_, 0.0), lasso_(n_, 0.0) {
    const auto penalty = penalty_of(options);
    const auto& scale = rows.scaled().scale;
    for (std::size_t j = 0; j < scale.size(); ++j) {
      ridge_[j] = penalty.ridge * scale[j] * scale[j] / rows.scaled().weight;
      lasso_[j] = penalty.lasso * scale[j] / rows.scaled().weight;
    }
    free_ = penalty.ridge == 0 && penalty.lasso == 0;
    smooth_ = penalty.lasso == 0;
  }

  struct state {
    std::vector<double> b;
    detail::point at;      // what was found at the point before the last step
    double predicted = 0;  // change of the mean loss that the last step brings
    std::uint32_t steps = 0;
    bool converged = false, separated = false;
    std::string reason;
  };

  double objective(const detail::point& p, std::span<const double> b) const {
    double sum = p.loss / p.weight;
    for (std::size_t j = 0; j < n_; ++j) sum += 0.5 * ridge_[j] * b[j] * b[j] + lasso_[j] * std::abs(b[j]);
    return sum;
  }

  detail::quadratic model(detail::point& p) const { return {n_, rows_.scaled().stride, p.gradient, p.hessian, ridge_, lasso_}; }

  // Of the mean loss, to the second order.
  static double change_of_loss(const detail::quadratic& q, std::span<const double> delta) {
    double sum = 0;
    for (std::size_t i = 0; i < q.n; ++i) {
      double half = 0.5 * q.hessian[i * q.stride + i] * delta[i];
      for (std::size_t j = i + 1; j < q.n; ++j) half += q.hessian[i * q.stride + j] * delta[j];
      sum += delta[i] * (q.gradient[i] + half);
    }
    return sum;
  }

  // Newton's method from `from`, over every `step`-th chunk of rows.
  state minimize(std::vector<double> from, std::size_t step, double tol, std::uint32_t most, const run_options& run) {
    state out;
    out.b = std::move(from);
    const bool whole = step == 1;
    double left = 1;  // of the progress
    int still = 0;
    const auto next_part = [&] {
      const auto part = part_of(run, 1 - left, 1 - 0.7 * left);
      left *= 0.7;
      return part;
    };
    const auto measured = [&](std::span<const double> b) {
      const auto part = next_part();
      auto p = rows_.evaluate(b, step, part);
      for (auto& v : p.gradient) v /= p.weight;
      for (auto& v : p.hessian) v /= p.weight;
      return p;
    };
    out.at = measured(out.b);
    if (!(out.at.weight > 0)) return out;
    if (whole) aliased_ = detail::aliased_columns(model(out.at));
    double value = objective(out.at, out.b);
    while (true) {
      if (whole && free_ && out.at.margin > 0) {
        out.separated = true;
        out.reason = "every row is on its side of a plane: without a penalty coefficients grow without bound; give one";
        return out;
      }
      if (out.steps == most) {
        out.reason = "stopped after max_iter = " + std::to_string(most) + " steps";
        return out;
      }
      const auto q = model(out.at);
      const auto delta = detail::newton_step(q, out.b, aliased_, 1e-3 * tol);
      ++out.steps;
      double largest = 0, fall = 0;
      for (std::size_t j = 0; j < n_; ++j) {
        largest = std::max(largest, std::abs(delta[j]));
        fall +=
            delta[j] * (q.gradient[j] + ridge_[j] * out.b[j]) + lasso_[j] * (std::abs(out.b[j] + delta[j]) - std::abs(out.b[j]));
      }
      // A row that is on its side of a direction in which no row is on the other: the loss falls along it for ever.
      if (whole && free_ && out.steps > 6 && out.at.farthest > 10 && largest > tol) {
        const auto part = next_part();
        const auto [least, greatest] = rows_.margins(delta, part);
        if (greatest > 0 && least >= -1e-6 * greatest) {
          out.separated = true;
          out.reason =
              "columns tell the class of some rows without error: without a penalty coefficients grow without bound; "
              "give one";
          return out;
        }
      }
      if (largest <= tol) {
        for (std::size_t j = 0; j < n_; ++j) out.b[j] += delta[j];
        out.predicted = change_of_loss(q, delta);
        out.converged = true;
        out.reason = "the last step changed no coefficient of a standardized column by more than tol";
        return out;
      }
      // Along a direction that is barely determined steps go on while the loss stands still.
      still = std::abs(fall) <= 1e-12 * (1 + std::abs(value)) ? still + 1 : 0;
      if (still == 3) {
        out.converged = true;
        out.reason = "three steps have not lowered the loss: some coefficients are barely determined";
        return out;
      }
      double length = 1;
      for (int halved = 0;; ++halved, length /= 2) {
        auto next = out.b;
        for (std::size_t j = 0; j < n_; ++j) next[j] += length * delta[j];
        auto p = measured(next);
        const double there = objective(p, next);
        if (std::isfinite(there) && there <= value + 1e-4 * length * fall) {
          out.b = std::move(next);
          out.at = std::move(p);
          value = there;
          break;
        }
        // What a step can still gain is lost in rounding.
        if (halved == 30 || std::abs(fall) <= 1e-14 * (1 + std::abs(value))) {
          out.converged = std::abs(fall) <= 1e-10 * (1 + std::abs(value));
          out.reason = out.converged ? "no step lowers the loss beyond rounding" : "no step lowers the loss";
          return out;
        }
      }
    }
  }

  state run(const run_options& run) {
    const auto& all = rows_.scaled();
    std::vector<double> start(n_, 0.0);
    const bool intercept = n_ > all.scale.size();
    if (intercept) start.back() = std::log(all.positive / (all.weight - all.positive));
    constexpr std::size_t sample = 16;
    std::vector<double> from = start;
    double begin = 0.05;
    if (rows_.rows() >= 65536 && rows_.rows() / sample >= 100 * n_) {
      begin = 0.2;
      const auto part = part_of(run, 0.05, begin);
      const auto first = minimize(start, sample, 0.01, 8, part);
      if (first.converged) from = first.b;
    }
    const auto part = part_of(run, begin, 1);
    auto out = minimize(std::move(from), 1, options_.tol, options_.max_iter, part);
    return out;
  }

  const std::vector<std::uint32_t>& aliased() const { return aliased_; }
  bool smooth() const { return smooth_; }

private:
  const detail::rows_of_logistic& rows_;
  const logistic_options& options_;
  std::size_t n_;
  std::vector<double> ridge_, lasso_;
  std::vector<std::uint32_t> aliased_;
  bool free_ = false, smooth_ = true;
};

void add_errors(logistic_fit& fit, const detail::standardized& scaled, std::vector<double> inverse, double level) {
  const std::size_t d = scaled.scale.size(), n = scaled.columns;
  if (!inverse.empty()) {
    for (std::size_t j = 0; j < d; ++j) fit.standard_errors[j] = std::sqrt(inverse[j * n + j] / scaled.weight) * scaled.scale[j];
    if (n > d) {
      // The intercept is what is left at zero: means times coefficients are taken off.
      std::vector<double> by(n, 1.0);
      for (std::size_t j = 0; j < d; ++j) by[j] = -scaled.shift[j] * scaled.scale[j];
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
          if (by[i] != 0 && by[j] != 0 && !std::isnan(inverse[i * n + j])) sum += by[i] * by[j] * inverse[i * n + j];
      fit.standard_errors[d] = std::sqrt(sum / scaled.weight);
    }
  }
  const double reach = normal_quantile((1 + level) / 2);
  for (std::size_t j = 0; j <= d; ++j) {
    const double value = j < d ? fit.coefficients[j] : fit.intercept, sd = fit.standard_errors[j];
    if (std::isnan(sd)) continue;
    fit.z[j] = value / sd;
    fit.p[j] = 2 * normal_cdf(-std::abs(fit.z[j]));
    fit.low[j] = value - reach * sd;
    fit.high[j] = value + reach * sd;
  }
}

}  // namespace

logistic_fit logistic(const design_view& x, std::span<const std::uint8_t> y, std::span<const double> weights,
                      const logistic_options& options, const run_options& caller) {
  const core::thread_team team(caller);
  const run_options& run = team.run();
  core::check_options(options);
  penalty_of(options);
  check(x, y, weights);
  core::require_memory("the information of " + std::to_string(x.columns) + " columns",
                       detail::rows_of_logistic::memory(x.rows, x.columns + 1), "leave columns out");
  detail::rows_of_logistic rows(x, y, weights, options.fit_intercept);
  rows.standardize(part_of(run, 0, 0.05));
  const auto& scaled = rows.scaled();
  if (!(scaled.weight > 0)) reject("weights", "every weight is zero", "give rows a weight above 0");
  if (!(scaled.positive > 0) || !(scaled.positive < scaled.weight))
    reject("y", "one class alone (among rows with a weight above 0)", "give rows of both classes");
  if (options.balanced)
    rows.weigh(scaled.weight / (2 * (scaled.weight - scaled.positive)), scaled.weight / (2 * scaled.positive));

  solver solve(rows, options);
  auto found = solve.run(run);
  const std::size_t d = x.columns;
  logistic_fit fit;
  fit.coefficients.resize(d);
  double shift = 0;
  for (std::size_t j = 0; j < d; ++j) {
    fit.coefficients[j] = found.b[j] * scaled.scale[j];
    shift += fit.coefficients[j] * scaled.shift[j];
  }
  fit.intercept = options.fit_intercept ? found.b[d] - shift : 0;
  fit.n_iter = found.steps;
  fit.converged = found.converged;
  fit.separated = found.separated || found.at.margin > 0;
  fit.reason = std::move(found.reason);
  for (const std::uint32_t j : solve.aliased())
    if (j < d) fit.aliased.push_back(j);
  fit.log_likelihood = -(found.at.loss + found.predicted * found.at.weight);
  const double share = options.fit_intercept ? scaled.positive / scaled.weight : 0.5;
  fit.null_log_likelihood = scaled.positive * std::log(share) + (scaled.weight - scaled.positive) * std::log1p(-share);
  for (auto* column : {&fit.standard_errors, &fit.z, &fit.p, &fit.low, &fit.high}) column->assign(d + 1, nothing);
  if (solve.smooth() && !found.separated)
    add_errors(fit, scaled, detail::inverse_information(solve.model(found.at), solve.aliased()), options.level);
  if (run.progress) run.progress(1);
  return fit;
}

std::vector<double> log_odds(const design_view& x, std::span<const double> coefficients, double intercept,
                             const run_options& run) {
  if (coefficients.size() != x.columns)
    reject("x", std::to_string(x.columns) + " columns", "give " + std::to_string(coefficients.size()));
  constexpr std::size_t chunk = 64, block = 4096;
  const std::size_t stride = (x.columns + 7) / 8 * 8;
  std::vector<double> b(stride, 0.0), out(x.rows), none(x.columns, 0.0), one(x.columns, 1.0);
  std::copy(coefficients.begin(), coefficients.end(), b.begin());
  const auto products = kernels::choose_row_products(core::permitted_simd());
  core::parallel_blocks((x.rows + block - 1) / block, run, [&](std::size_t at) {
    std::vector<double> rows(chunk * stride);
    for (std::size_t first = at * block; first < std::min(x.rows, (at + 1) * block); first += chunk) {
      const std::size_t n = std::min({chunk, x.rows - first, (at + 1) * block - first});
      detail::load_rows(x, first, n, none.data(), one.data(), rows.data(), stride);
      if (!detail::all_fit(rows.data(), stride, n, x.columns)) detail::refuse_rows(x, first, n);
      products(rows.data(), stride, n, stride, b.data(), out.data() + first);
      for (std::size_t r = 0; r < n; ++r) out[first + r] += intercept;
    }
  });
  return out;
}

std::vector<double> contributions(const design_view& x, std::span<const double> coefficients, std::span<const double> means,
                                  const run_options& run) {
  if (coefficients.size() != x.columns || means.size() != x.columns)
    reject("x", std::to_string(x.columns) + " columns",
           "give as many as coefficients (" + std::to_string(coefficients.size()) + ") and means (" +
               std::to_string(means.size()) + ")");
  constexpr std::size_t block = 1024;
  std::vector<double> out(x.rows * x.columns);
  core::parallel_blocks((x.rows + block - 1) / block, run, [&](std::size_t at) {
    const std::size_t first = at * block, n = std::min(block, x.rows - first);
    double* to = out.data() + first * x.columns;
    detail::load_rows(x, first, n, means.data(), coefficients.data(), to, x.columns);
    bool fit = true;
    for (std::size_t i = 0; i < n * x.columns; ++i) fit &= std::isfinite(to[i]);
    if (!fit) detail::refuse_rows(x, first, n);
  });
  return out;
}

}  // namespace clarion::stats
