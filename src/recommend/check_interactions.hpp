#pragma once

#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::recommend {

/// Throws std::invalid_argument unless the matrix is what its contract says, with values above 0.
inline void check_interactions(const char* field, const core::sparse_view& by_user, const run_options& run) {
  core::check_sparse(field, by_user, run);
  if (by_user.value == nullptr) return;
  for (std::size_t row = 0; row < by_user.rows; ++row)
    for (const float value : by_user.values(row))
      if (!(value > 0)) reject(field, std::to_string(value) + " in row " + std::to_string(row), "give values above 0");
}

}  // namespace clarion::recommend
