#include "segment/fit_parameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "clarion/core/random.hpp"
#include "clarion/stats/distributions.hpp"
#include "segment/minimize.hpp"

namespace clarion::segment {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
// A logarithm with a larger standard deviation than this says nothing of its parameter.
constexpr double widest = 10;
constexpr double bound = 16;
// Log-likelihood still to be had where a climb ends; on samples, which only lead on.
constexpr double exact = 1e-8, rough = 1e-4;
constexpr std::uint32_t stream_room = 0x636c76;  // of the starts

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return out;
}

std::string why_flat(const fit_problem& problem, const spectrum& h) {
  std::vector<std::string> rising, falling;
  double most = 0;
  for (std::size_t j = 0; j < problem.name.size(); ++j) most = std::max(most, std::abs(h.vector[j]));
  for (std::size_t j = 0; j < problem.name.size(); ++j)
    if (std::abs(h.vector[j]) > 0.3 * most) (h.vector[j] > 0 ? rising : falling).push_back(problem.name[j]);
  if (rising.empty()) std::swap(rising, falling);
  if (rising.size() + falling.size() == 1) return "the likelihood is flat: " + rising[0] + " is not identified";
  const std::string how = falling.empty() ? listed(rising) + " change together"
                                          : listed(rising) + (rising.size() == 1 ? " rises" : " rise") + " while " +
                                                listed(falling) + (falling.size() == 1 ? " falls" : " fall");
  return "the likelihood is flat where " + how + ": none of them alone is identified";
}

std::string why_away(const fit_problem& problem, const minimum& best) {
  std::vector<std::string> growing, falling;
  for (std::size_t j = 0; j < best.at.size(); ++j) {
    if (best.at[j] > bound / 2) growing.push_back(problem.name[j]);
    if (best.at[j] < -bound / 2) falling.push_back(problem.name[j]);
  }
  std::string out = "the likelihood still rises as ";
  if (!growing.empty()) out += listed(growing) + (growing.size() == 1 ? " grows" : " grow") + " without bound";
  if (!falling.empty())
    out += (growing.empty() ? "" : " and ") + listed(falling) + (falling.size() == 1 ? " falls" : " fall") + " to 0";
  return out + ": not identified, as customers differ less than the model allows, or do not show it";
}

// Objective of the minimisation: the penalised negative log-likelihood over logarithms.
smooth_function objective(const fit_problem& problem, const likelihood& of, const purchase_fit_options& options,
                          const run_options& run, std::function<void()> beat) {
  return [&problem, &of, &options, &run, beat = std::move(beat)](std::span<const double> at, std::span<double> slopes) {
    beat();
    const std::size_t n = at.size();
    std::vector<double> parameters(n);
    for (std::size_t j = 0; j < n; ++j) parameters[j] = std::exp(at[j]);
    double value = -of(parameters, slopes, run);
    for (std::size_t i = 0, k = n; i < n; ++i) {
      const double own = problem.unit[i] * parameters[i], penalty = options.penalizer * problem.customers * own * own;
      const double slope = -slopes[i] * parameters[i];
      for (std::size_t j = 0; j <= i; ++j, ++k) slopes[k] *= -parameters[i] * parameters[j];
      slopes[k - 1] += slope + 4 * penalty;
      slopes[i] = slope + 2 * penalty;
      value += penalty;
    }
    return value;
  };
}

}  // namespace

parameter_fit no_fit(const fit_problem& problem, const purchase_fit_options& options, std::string reason) {
  const std::vector<double> none(problem.name.size(), nothing);
  parameter_fit out;
  out.name = problem.name;
  out.value = out.sd = out.low = out.high = none;
  out.log_likelihood = nothing;
  out.customers = problem.customers;
  out.distinct = problem.distinct;
  out.level = options.level;
  out.reason = std::move(reason);
  return out;
}

parameter_fit fit_parameters(const fit_problem& problem, const purchase_fit_options& options, const run_options& caller) {
  const core::thread_team team(caller);
  const run_options& run = team.run();
  const std::size_t n = problem.name.size();
  std::uint32_t evaluations = 0;
  // How long a climb takes is not known: the fraction nears 1.
  const auto fraction = [&evaluations] { return 1 - 1 / (1 + static_cast<double>(evaluations) / 40); };
  run_options inner = silent(run);
  if (run.progress) inner.progress = [&](double) { run.progress(fraction()); };
  core::pulse pulse(run);
  const auto beat = [&] {
    ++evaluations;
    pulse.beat(fraction());
  };
  minimize_options how{options.iterations, exact, bound};

  std::vector<double> origin(n);
  for (std::size_t j = 0; j < n; ++j) origin[j] = std::log(problem.start[j]);
  const auto climb = [&](const likelihood& of, std::span<const double> from) {
    return minimize(objective(problem, of, options, inner, beat), from, how);
  };
  const auto best_of_starts = [&](const likelihood& of) {
    minimum best;
    for (std::uint32_t s = 0; s < options.starts; ++s) {
      auto from = origin;
      core::random_stream random(0, s, stream_room);
      if (s > 0)
        for (double& x : from) x += random.normal();
      minimum found = climb(of, from);
      // A climb that came to rest before one that did not, then the higher.
      const bool better = !std::isfinite(best.value) || (found.converged && !best.converged) ||
                          (found.converged == best.converged && found.value < best.value);
      if (s == 0 || (std::isfinite(found.value) && better)) best = std::move(found);
    }
    return best;
  };
  const std::size_t levels = problem.levels.size();
  if (levels > 1) how.tolerance = rough;
  minimum best = best_of_starts(problem.levels.front());
  for (std::size_t l = 1; l < levels; ++l) {
    auto from = std::isfinite(best.value) ? best.at : origin;
    for (double& x : from) x = std::clamp(x, -bound / 2, bound / 2);
    // What a sample does not show will not be found by patience: enough steps to run away on all rows, too.
    if (!best.converged) how.iterations = std::min(how.iterations, 20u);
    how.tolerance = l + 1 < levels ? rough : exact;
    best = climb(problem.levels[l], from);
  }

  if (!std::isfinite(best.value)) return no_fit(problem, options, "the likelihood is not finite where the climb begins");
  parameter_fit out = no_fit(problem, options, "");
  out.evaluations = best.evaluations;
  double penalty = 0;
  for (std::size_t j = 0; j < n; ++j) {
    out.value[j] = problem.unit[j] * std::exp(best.at[j]);
    penalty += options.penalizer * problem.customers * out.value[j] * out.value[j];
  }
  out.log_likelihood = -(best.value - penalty) + problem.shift;
  const auto h = spectrum_of(best.hessian, n);
  if (best.ran_away) {
    out.reason = why_away(problem, best);
  } else if (h.value.front() < 1 / (widest * widest)) {
    out.reason = why_flat(problem, h);
  } else if (!best.converged) {
    out.reason = "the climb was not done after " + std::to_string(best.iterations) + " steps";
  }
  if (!out.reason.empty()) return out;
  out.converged = true;
  out.covariance.resize(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k) out.covariance[i * n + j] += h.vector[k * n + i] * h.vector[k * n + j] / h.value[k];
  const double z = stats::normal_quantile(0.5 + options.level / 2);
  for (std::size_t j = 0; j < n; ++j) {
    const double sd = std::sqrt(out.covariance[j * n + j]);
    out.sd[j] = out.value[j] * sd;
    out.low[j] = out.value[j] * std::exp(-z * sd);
    out.high[j] = out.value[j] * std::exp(z * sd);
  }
  return out;
}

double sum_of_blocks(std::size_t rows, std::size_t block, std::size_t alone, std::span<double> slopes, const run_options& run,
                     const std::function<double(std::size_t, std::size_t, std::span<double>)>& of) {
  const std::size_t n = slopes.size(), blocks = (rows + block - 1) / block;
  std::vector<double> parts(blocks * (n + 1));
  run_options how = run;
  if (blocks < alone) how.threads = 1;
  core::parallel_blocks(blocks, how, [&](std::size_t b) {
    std::span<double> part(parts.data() + b * (n + 1), n + 1);
    part[n] = of(b * block, std::min(rows, (b + 1) * block), part.first(n));
  });
  std::fill(slopes.begin(), slopes.end(), 0.0);
  double value = 0;
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t j = 0; j < n; ++j) slopes[j] += parts[b * (n + 1) + j];
    value += parts[b * (n + 1) + n];
  }
  return value;
}

double log_sd(std::span<const double> covariance, std::span<const double> gradient) {
  if (covariance.empty()) return nothing;
  const std::size_t n = gradient.size();
  double variance = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) variance += gradient[i] * gradient[j] * covariance[i * n + j];
  return std::sqrt(std::max(0.0, variance));
}

void widen(prediction& out, std::span<const double> log_sds, double level) {
  const std::size_t n = out.value.size();
  const double z = stats::normal_quantile(0.5 + level / 2);
  out.sd.resize(n);
  out.low.resize(n);
  out.high.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    // What is 0 whatever the parameters is known to be.
    const bool zero = out.value[i] == 0;
    out.sd[i] = zero ? 0 : out.value[i] * log_sds[i];
    out.low[i] = zero ? 0 : out.value[i] * std::exp(-z * log_sds[i]);
    out.high[i] = zero ? 0 : out.value[i] * std::exp(z * log_sds[i]);
  }
}

prediction predicted(const parameter_fit& fit, bool intervals,
                     const std::function<std::vector<double>(std::span<const double>)>& of) {
  prediction out{of(fit.value), {}, {}, {}};
  if (!intervals) return out;
  const std::size_t n = out.value.size(), m = fit.value.size();
  std::vector<double> sds(n, nothing);
  if (!fit.covariance.empty()) {
    std::vector<double> slopes(n * m);
    for (std::size_t j = 0; j < m; ++j) {
      auto up = fit.value, down = fit.value;
      up[j] *= std::exp(log_step);
      down[j] *= std::exp(-log_step);
      const auto above = of(up), below = of(down);
      for (std::size_t i = 0; i < n; ++i) slopes[i * m + j] = std::log(above[i] / below[i]) / (2 * log_step);
    }
    for (std::size_t i = 0; i < n; ++i) sds[i] = log_sd(fit.covariance, {slopes.data() + i * m, m});
  }
  widen(out, sds, fit.level);
  return out;
}

}  // namespace clarion::segment
