#include "clarion/segment/modified_beta_geo.hpp"

#include "segment/geometric_loss.hpp"

namespace clarion::segment {

purchase_model fit_modified_beta_geo(const purchase_history& history, const purchase_fit_options& options,
                                     const run_options& run) {
  return {purchase_family::modified_beta_geo, fit_geometric(history, true, options, run)};
}

}  // namespace clarion::segment
