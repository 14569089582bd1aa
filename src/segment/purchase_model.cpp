#include "clarion/segment/purchase_model.hpp"

#include <algorithm>
#include <cmath>

#include "clarion/core/error.hpp"
#include "segment/fit_parameters.hpp"
#include "segment/minimize.hpp"
#include "segment/predict.hpp"
#include "segment/purchase_terms.hpp"

namespace clarion::segment {

namespace {

// Distinct ages with the customers of each, ascending.
distinct_histories by_age(const purchase_history& history, const run_options& run) {
  const std::vector<double> none(history.size());
  return collapsed({none, none, history.age, history.weight}, false, run);
}

}  // namespace

std::string_view to_string(purchase_family family) {
  switch (family) {
    case purchase_family::beta_geo:
      return "beta_geo";
    case purchase_family::modified_beta_geo:
      return "modified_beta_geo";
    case purchase_family::pareto_nbd:
      return "pareto_nbd";
    case purchase_family::beta_binomial:
      return "beta_binomial";
  }
  return "beta_geo";
}

std::unique_ptr<const purchase_terms> terms_of(purchase_family family, std::span<const double> parameters) {
  switch (family) {
    case purchase_family::pareto_nbd:
      return pareto_terms(parameters);
    case purchase_family::beta_binomial:
      return binomial_terms(parameters);
    default:
      return geometric_terms(parameters, family == purchase_family::modified_beta_geo);
  }
}

void check_history(const purchase_history& history, bool occasions) {
  const std::size_t n = history.size();
  const std::string age = occasions ? "n" : "T";
  check_column("frequency", history.frequency, n);
  check_column("recency", history.recency, n);
  check_column(age, history.age, n);
  if (!history.weight.empty()) check_column(occasions ? "counts" : "weights", history.weight, n);
  check_whole("frequency", history.frequency);
  if (occasions) {
    check_whole("recency", history.recency);
    check_whole(age, history.age);
  }
  const double *x = history.frequency.data(), *last = history.recency.data(), *ages = history.age.data();
  const std::size_t i = first_wrong(n, [=](std::size_t row) {
    return (last[row] > ages[row]) | ((x[row] == 0) & (last[row] != 0)) | ((x[row] != 0) & (last[row] == 0));
  });
  if (i < n) {
    if (last[i] > ages[i]) reject("recency", at_row(last[i], i), "give at most the " + age + " of the customer");
    reject("recency", at_row(last[i], i),
           x[i] == 0 ? "give 0 for a customer without repeat purchases" : "give the time of the last repeat purchase, above 0");
  }
  if (!occasions) return;
  const std::size_t k = first_wrong(n, [=](std::size_t row) { return x[row] > last[row]; });
  if (k < n) reject("frequency", at_row(x[k], k), "give at most one purchase an occasion up to the last");
}

double log_likelihood(const purchase_model& model, const purchase_history& history, std::span<double> gradient,
                      const run_options& run) {
  check_model(model);
  check_history(history, model.family == purchase_family::beta_binomial);
  if (!gradient.empty() && gradient.size() != 4)
    reject("gradient", std::to_string(gradient.size()) + " numbers", "give room for 4");
  const auto rows = collapsed(history, false, run);
  double slopes[slopes_of(4)];
  const auto value = [&] {
    switch (model.family) {
      case purchase_family::pareto_nbd:
        return pareto_log_likelihood(rows, kernels::choose_pareto_terms(core::permitted_simd()), model.fit.value, slopes, run);
      case purchase_family::beta_binomial:
        return binomial_log_likelihood(rows, model.fit.value, slopes, run);
      default:
        return geometric_log_likelihood(rows, model.family == purchase_family::modified_beta_geo,
                                        kernels::choose_loss_terms(core::permitted_simd()), model.fit.value, slopes, run);
    }
  }();
  std::copy_n(slopes, gradient.size(), gradient.begin());
  return value;
}

std::vector<double> alive_probability(const purchase_model& model, const purchase_history& history, const run_options& run) {
  check_model(model);
  check_history(history, model.family == purchase_family::beta_binomial);
  const auto terms = terms_of(model.family, model.fit.value);
  constexpr std::size_t block = 4096;
  std::vector<double> out(history.size());
  core::parallel_blocks((out.size() + block - 1) / block, run, [&](std::size_t b) {
    for (std::size_t i = b * block; i < std::min(out.size(), (b + 1) * block); ++i)
      out[i] = terms->alive(history.frequency[i], history.recency[i], history.age[i]);
  });
  return out;
}

prediction expected_purchases(const purchase_model& model, const purchase_history& history, double periods, bool intervals,
                              const run_options& run) {
  check_model(model);
  check_history(history, model.family == purchase_family::beta_binomial);
  check_time("periods", periods, model.family);
  if (history.size() == 0) return {};
  const auto rows = collapsed(history, true, run);
  const double factor = 1;
  const auto found = predicted_purchases(model, rows, {&periods, 1}, {&factor, 1}, intervals, run);
  const std::size_t n = history.size(), m = model.fit.value.size();
  prediction out;
  out.value.resize(n);
  for (std::size_t i = 0; i < n; ++i) out.value[i] = found.value[rows.of_row[i]];
  if (intervals) {
    std::vector<double> by_row(rows.size()), sds(n);
    for (std::size_t k = 0; k < rows.size(); ++k) by_row[k] = log_sd(model.fit.covariance, {found.slope.data() + k * m, m});
    for (std::size_t i = 0; i < n; ++i) sds[i] = by_row[rows.of_row[i]];
    widen(out, sds, model.fit.level);
  }
  return out;
}

double expected_purchases(const purchase_model& model, double periods) {
  check_model(model);
  check_time("periods", periods, model.family);
  return terms_of(model.family, model.fit.value)->newcomer(periods);
}

std::vector<double> purchase_probabilities(const purchase_model& model, double periods, std::uint32_t most) {
  check_model(model);
  check_time("periods", periods, model.family);
  std::vector<double> out(std::size_t{most} + 1);
  terms_of(model.family, model.fit.value)->probabilities(periods, out);
  return out;
}

std::vector<double> expected_frequencies(const purchase_model& model, const purchase_history& history, std::uint32_t most,
                                         const run_options& run) {
  check_model(model);
  check_history(history, model.family == purchase_family::beta_binomial);
  const auto rows = by_age(history, run);
  const auto terms = terms_of(model.family, model.fit.value);
  std::vector<double> out(std::size_t{most} + 2);
  std::vector<double> at(rows.size() * out.size());
  core::parallel_blocks(rows.size(), run, [&](std::size_t i) {
    terms->probabilities(rows.age[i], {at.data() + i * out.size(), out.size() - 1});
  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double more = 1;
    for (std::size_t k = 0; k <= most; ++k) {
      const double p = at[i * out.size() + k];
      out[k] += rows.weight[i] * p;
      more -= p;
    }
    out.back() += rows.weight[i] * std::max(0.0, more);
  }
  return out;
}

std::vector<double> expected_tracking(const purchase_model& model, const purchase_history& history, std::span<const double> times,
                                      const run_options& run) {
  check_model(model);
  check_history(history, model.family == purchase_family::beta_binomial);
  check_column("times", times, times.size());
  const auto rows = by_age(history, run);
  const auto terms = terms_of(model.family, model.fit.value);
  const double oldest = rows.age.back();
  std::vector<double> out(times.size());
  core::parallel_blocks(times.size(), run, [&](std::size_t k) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (const double since = times[k] - (oldest - rows.age[i]); since > 0) out[k] += rows.weight[i] * terms->newcomer(since);
  });
  return out;
}

}  // namespace clarion::segment
