#pragma once

// What clarion::recommend::interactions points to. Filled by the builders, constant afterwards.

#include <cstdint>
#include <memory>
#include <vector>

#include "clarion/recommend/interactions.hpp"

namespace clarion::recommend::detail {

struct interaction_store {
  core::sparse_rows by_user, by_item;
  core::id_map users, items;
  bool has_times = false;
  time_unit unit = time_unit::seconds;
  std::vector<std::int64_t> times;  ///< of the entries of by_user
  double half_life = 0;             ///< of the weights as they are
  std::int64_t reference = 0;       ///< when they were of that age
};

/// by_item out of by_user, and values of 1 dropped.
interactions finish(std::shared_ptr<interaction_store> store, const run_options& run);

/// The entries for which keep[e] is not 0, over the same users and items.
interactions select(const interactions& data, const std::vector<std::uint8_t>& keep, const run_options& run);

}  // namespace clarion::recommend::detail
