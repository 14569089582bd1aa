#pragma once

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// Pareto/NBD (Schmittlein, Morrison and Colombo, Management Science 33, 1987): while alive a customer buys at a rate that is
/// gamma(r, alpha) distributed over customers, and is lost at any moment at a rate that is gamma(s, beta). Parameters r, alpha,
/// s, beta (alpha and beta times).
///
/// The difference of hypergeometric functions in the likelihood is the integral over the time of loss that it stands for, by
/// Gauss-Legendre panels: all terms are positive, on the scale of logarithms. Fit, errors and complexity are those of
/// fit_beta_geo, with some 10 to 100 terms a row.
CLARION_API purchase_model fit_pareto_nbd(const purchase_history& history, const purchase_fit_options& options = {},
                                          const run_options& run = {});

}  // namespace clarion::segment
