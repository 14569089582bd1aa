#pragma once

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// BG/BB (Fader, Hardie and Shang, Marketing Science 29, 2010), for purchases that can only be made at given occasions (a yearly
/// donation, a cruise): while alive a customer buys at an occasion with a probability that is beta(alpha, beta) distributed over
/// customers, and is lost before each with one that is beta(gamma, delta). Parameters alpha, beta, gamma, delta.
///
/// In the history, frequency is the occasions with a purchase, recency the number of the last of them, age the occasions there
/// were; weights are the counts of customers. alive_probability is that of being alive at the next occasion. Fit and errors are
/// those of fit_beta_geo; O(sum over distinct rows of age - recency) a step.
CLARION_API purchase_model fit_beta_binomial(const purchase_history& history, const purchase_fit_options& options = {},
                                             const run_options& run = {});

}  // namespace clarion::segment
