#pragma once

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// BG/NBD (Fader, Hardie and Lee, Marketing Science 24, 2005): while alive a customer buys at a rate that is gamma(r, alpha)
/// distributed over customers, and after each repeat purchase is lost with a probability that is beta(a, b). A customer who never
/// bought again is therefore alive. Parameters r, alpha (a time), a, b.
///
/// Equal rows are collapsed; the likelihood is climbed by Newton steps from several points on a thinned sample, then from the
/// best one on a larger one and on all rows. Sums are of fixed blocks: the same bits for any number of threads and any order of
/// rows. O(n) to collapse, O(distinct rows) a step. Throws std::invalid_argument for what check_history or the options refuse, no
/// rows or no weight; clarion::cancelled.
CLARION_API purchase_model fit_beta_geo(const purchase_history& history, const purchase_fit_options& options = {},
                                        const run_options& run = {});

}  // namespace clarion::segment
