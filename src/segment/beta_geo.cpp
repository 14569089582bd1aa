#include "clarion/segment/beta_geo.hpp"

#include "segment/geometric_loss.hpp"

namespace clarion::segment {

purchase_model fit_beta_geo(const purchase_history& history, const purchase_fit_options& options, const run_options& run) {
  return {purchase_family::beta_geo, fit_geometric(history, false, options, run)};
}

}  // namespace clarion::segment
