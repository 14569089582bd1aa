#pragma once

// Bytes that fits take. In floating point, as counts of any size neither overflow nor wrap there.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "clarion/core/parallel.hpp"

namespace clarion::recommend {

// What a fit does its work on: users, items and interactions of it.
struct fit_size {
  double users, items, entries;
  fit_size(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions)
      : users(static_cast<double>(n_users)), items(static_cast<double>(n_items)), entries(static_cast<double>(n_interactions)) {}

  double all() const { return users + items; }
  // The interactions by item, with values, and what core::transposed takes to make them.
  double turned() const { return 8 * entries + 16 * items; }
};

// Threads of a call with more than enough to do.
inline double most_threads(const run_options& run) { return core::team_size(run, std::numeric_limits<std::size_t>::max()); }

}  // namespace clarion::recommend
