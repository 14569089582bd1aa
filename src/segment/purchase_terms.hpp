#pragma once

// What a family of purchase models knows of one customer; expected purchases are alive x if_alive.

#include <memory>
#include <span>

#include "clarion/segment/purchase_model.hpp"
#include "kernels/lifetime.hpp"
#include "kernels/pareto.hpp"
#include "segment/distinct_histories.hpp"

namespace clarion::segment {

class purchase_terms {
public:
  virtual ~purchase_terms() = default;
  virtual double alive(double x, double recency, double age) const = 0;
  /// Expected purchases in `time` after the end of the observation of who is alive there: recency tells no more.
  virtual double if_alive(double x, double age, double time) const = 0;
  /// Of a new customer.
  virtual double newcomer(double time) const = 0;
  /// P(X(time) = n) of a new customer, n = 0, 1, ...
  virtual void probabilities(double time, std::span<double> out) const = 0;
};

/// p: r, alpha, a, b; first: whether a customer may be lost right after the first purchase.
std::unique_ptr<const purchase_terms> geometric_terms(std::span<const double> p, bool first);
std::unique_ptr<const purchase_terms> pareto_terms(std::span<const double> p);
std::unique_ptr<const purchase_terms> binomial_terms(std::span<const double> p);

/// Log-likelihoods; write the slopes (minimize.hpp) by the parameters. The kernel is chosen once a fit: to ask the CPU takes
/// longer than a thousand rows.
double geometric_log_likelihood(const distinct_histories& rows, bool first, kernels::loss_terms kernel, std::span<const double> p,
                                std::span<double> slopes, const run_options& run);
double pareto_log_likelihood(const distinct_histories& rows, kernels::pareto_terms kernel, std::span<const double> p,
                             std::span<double> slopes, const run_options& run);
double binomial_log_likelihood(const distinct_histories& rows, std::span<const double> p, std::span<double> slopes,
                               const run_options& run);

std::unique_ptr<const purchase_terms> terms_of(purchase_family family, std::span<const double> parameters);

}  // namespace clarion::segment
