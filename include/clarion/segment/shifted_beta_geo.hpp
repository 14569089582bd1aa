#pragma once

#include <span>
#include <vector>

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// sBG (Fader and Hardie, J. Interactive Marketing 21, 2007), for contracts, where one knows who has left: a customer leaves at
/// the end of each period with a probability that is beta(alpha, beta) distributed over customers, so that retention grows with
/// the age of a cohort though nobody's own does. `cohorts` hold the customers there were at the start, after one period, after
/// two, and so on; cohorts may differ in length. Parameters alpha, beta; fit as in fit_beta_geo. Throws std::invalid_argument for
/// no cohort, one of fewer than 2 counts, NaN, infinities, negative counts or counts that grow.
CLARION_API parameter_fit fit_shifted_beta_geo(std::span<const std::vector<double>> cohorts,
                                               const purchase_fit_options& options = {}, const run_options& run = {});

/// Share of a cohort that is still there after 0, 1, ..., periods periods, with intervals.
CLARION_API prediction survival(const parameter_fit& fit, std::uint32_t periods);

/// Share of those there in period t - 1 who stay in period t, for t = 1, ..., periods.
CLARION_API prediction retention(const parameter_fit& fit, std::uint32_t periods);

/// Expected periods that a customer who has renewed `renewals` times will still pay, each discounted by 1 / (1 + discount) a
/// period, the next renewal not discounted (Fader and Hardie, Marketing Science 29, 2010). Infinite where discount is 0 and
/// alpha <= 1.
CLARION_API prediction residual_lifetime(const parameter_fit& fit, std::uint32_t renewals, double discount);

}  // namespace clarion::segment
