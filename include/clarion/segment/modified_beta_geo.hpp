#pragma once

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

/// MBG/NBD (Batislam, Denizel and Filiztekin, Int. J. Research in Marketing 24, 2007): BG/NBD in which a customer may also be
/// lost right after the first purchase, so that one who never bought again need not be alive. Parameters r, alpha (a time), a, b;
/// fit, errors and complexity are those of fit_beta_geo.
CLARION_API purchase_model fit_modified_beta_geo(const purchase_history& history, const purchase_fit_options& options = {},
                                                 const run_options& run = {});

}  // namespace clarion::segment
