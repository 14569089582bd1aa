#include "segment/predict.hpp"

#include <algorithm>
#include <cmath>

#include "clarion/core/error.hpp"
#include "segment/fit_parameters.hpp"
#include "segment/purchase_terms.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t block = 1024;

std::vector<double> purchases(const purchase_terms& of, const distinct_histories& rows, std::span<const double> times,
                              std::span<const double> factors, const run_options& run) {
  std::vector<double> out(rows.size());
  core::parallel_blocks((rows.size() + block - 1) / block, run, [&](std::size_t b) {
    double known = 0;
    for (std::size_t i = b * block; i < std::min(rows.size(), (b + 1) * block); ++i) {
      const double x = rows.x[i], age = rows.age[i];
      // Rows of one x and age, which differ in recency alone, lie together.
      if (i == b * block || x != rows.x[i - 1] || age != rows.age[i - 1]) {
        known = 0;
        double before = 0;
        for (std::size_t k = 0; k < times.size(); ++k) {
          const double until = of.if_alive(x, age, times[k]);
          known += factors[k] * (until - before);
          before = until;
        }
      }
      out[i] = known * of.alive(x, rows.recency[i], age);
    }
  });
  return out;
}

}  // namespace

distinct_prediction predicted_purchases(const purchase_model& model, const distinct_histories& rows,
                                        std::span<const double> times, std::span<const double> factors, bool slopes,
                                        const run_options& run) {
  const auto& fit = model.fit;
  const std::size_t m = fit.value.size();
  const auto of = [&](std::span<const double> p, double from, double to) {
    const auto part = part_of(run, from, to);
    return purchases(*terms_of(model.family, p), rows, times, factors, part);
  };
  const double calls = slopes ? 1 + 2 * static_cast<double>(m) : 1;
  distinct_prediction out{of(fit.value, 0, 1 / calls), {}};
  if (!slopes) return out;
  out.slope.resize(rows.size() * m);
  for (std::size_t j = 0; j < m; ++j) {
    auto up = fit.value, down = fit.value;
    up[j] *= std::exp(log_step);
    down[j] *= std::exp(-log_step);
    const double at = 1 + 2 * static_cast<double>(j);
    const auto above = of(up, at / calls, (at + 1) / calls), below = of(down, (at + 1) / calls, (at + 2) / calls);
    for (std::size_t i = 0; i < rows.size(); ++i)
      out.slope[i * m + j] = out.value[i] > 0 ? std::log(above[i] / below[i]) / (2 * log_step) : 0;
  }
  return out;
}

void check_model(const purchase_model& model) {
  const auto& p = model.fit.value;
  if (p.size() != 4) reject("parameters", std::to_string(p.size()) + " numbers", "give 4");
  for (const double x : p)
    if (x <= 0 || std::isinf(x)) reject("parameters", std::to_string(x), "give finite numbers above 0");
  if (!model.fit.covariance.empty() && model.fit.covariance.size() != 16)
    reject("covariance", std::to_string(model.fit.covariance.size()) + " numbers", "give 4 x 4, or none");
}

void check_time(const std::string& name, double time, purchase_family family) {
  if (!(time >= 0) || std::isinf(time)) reject(name, std::to_string(time), "give a finite number, 0 or more");
  if (family == purchase_family::beta_binomial && time != std::floor(time))
    reject(name, std::to_string(time), "give a whole number of occasions");
}

}  // namespace clarion::segment
