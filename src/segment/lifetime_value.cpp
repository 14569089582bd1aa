#include "clarion/segment/lifetime_value.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "segment/fit_parameters.hpp"
#include "segment/predict.hpp"
#include "segment/spend_terms.hpp"

namespace clarion::segment {

lifetime_values lifetime_value(const purchase_model& model, const purchase_history& history, const parameter_fit& spend_fit,
                               const spend_history& spend, const lifetime_value_options& options, const run_options& run) {
  core::check_options(options);
  check_model(model);
  check_history(history, model.family == purchase_family::beta_binomial);
  check_time("period", options.period, model.family);
  check_spend(spend);
  if (spend_fit.value.size() != 3)
    reject("spend", std::to_string(spend_fit.value.size()) + " parameters", "give those of a gamma-gamma fit");
  const std::size_t n = history.size();
  if (spend.size() != n)
    reject("monetary", std::to_string(spend.size()) + " rows", "give one for each of the " + std::to_string(n) + " customers");
  lifetime_values out;
  if (n == 0) return out;
  std::vector<double> times(options.horizon), factors(options.horizon);
  for (std::uint32_t k = 0; k < options.horizon; ++k) {
    times[k] = options.period * (k + 1.0);
    factors[k] = std::pow(1 + options.discount, -(k + 1.0));
  }
  const auto rows = collapsed(history, true, run);
  const auto bought = predicted_purchases(model, rows, times, factors, options.intervals, run);

  const std::size_t m = model.fit.value.size();
  auto& customer = out.customer;
  customer.value.resize(n);
  std::vector<double> variance_of_rows, sds;
  if (options.intervals) {
    sds.resize(n);
    variance_of_rows.resize(rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const double sd = log_sd(model.fit.covariance, {bought.slope.data() + k * m, m});
      variance_of_rows[k] = sd * sd;
    }
  }
  std::vector<double> by_model(m), by_spend(3);  // of the total
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t k = rows.of_row[i];
    const spend_terms each(spend_fit.value, spend.frequency[i], spend.monetary[i]);
    const double value = bought.value[k] * each.value, w = history.weight.empty() ? 1 : history.weight[i];
    customer.value[i] = value;
    out.total += w * value;
    if (!options.intervals) continue;
    const double own = log_sd(spend_fit.covariance, each.slope);
    sds[i] = std::sqrt(variance_of_rows[k] + own * own);
    for (std::size_t j = 0; j < m; ++j) by_model[j] += w * value * bought.slope[k * m + j];
    for (std::size_t j = 0; j < 3; ++j) by_spend[j] += w * value * each.slope[j];
  }
  prediction total{{out.total}, {}, {}, {}};
  if (options.intervals) {
    widen(customer, sds, options.level);
    for (double& x : by_model) x /= out.total;
    for (double& x : by_spend) x /= out.total;
    const double sd = std::hypot(log_sd(model.fit.covariance, by_model), log_sd(spend_fit.covariance, by_spend));
    widen(total, {&sd, 1}, options.level);
    out.total_sd = total.sd[0];
    out.total_low = total.low[0];
    out.total_high = total.high[0];
  }
  return out;
}

}  // namespace clarion::segment
