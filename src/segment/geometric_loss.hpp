#pragma once

// BG/NBD and MBG/NBD are one model but for whether the first purchase may be the last.

#include "clarion/segment/purchase_model.hpp"

namespace clarion::segment {

parameter_fit fit_geometric(const purchase_history& history, bool first, const purchase_fit_options& options,
                            const run_options& run);

}  // namespace clarion::segment
