#pragma once

// What clarion::schema::audiences points to. Filled by the builders, constant afterwards.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "clarion/core/detail/lines.hpp"
#include "clarion/schema/audiences.hpp"

namespace clarion::schema::detail {

using core::detail::raw_array;

struct audience_chunk {
  raw_array<std::uint64_t> payload;  ///< bitmaps first, so that they stay on cache lines, then the lists
  std::vector<audience_container> containers;
};

struct audience_store {
  std::vector<std::string> labels;
  std::vector<std::uint32_t> by_label;  ///< campaign indices in the order of their labels
  std::vector<std::uint64_t> counts;
  std::uint64_t n_memberships = 0;
  std::size_t n_customers = 0;
  std::vector<audience_chunk> chunks;

  core::id_map customers;  ///< ids of the customers; of kind none and without a size where they were not kept
};

}  // namespace clarion::schema::detail
