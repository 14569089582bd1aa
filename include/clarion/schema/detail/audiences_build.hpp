#pragma once

// Pieces that every reader of a membership table needs.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "clarion/schema/detail/audiences_store.hpp"

namespace clarion::schema::detail {

struct id_range {
  std::int64_t low = std::numeric_limits<std::int64_t>::max();
  std::int64_t high = std::numeric_limits<std::int64_t>::min();
  /// Values from low to high, at most 2^64 - 1.
  std::uint64_t width() const {
    if (low > high) return 0;
    const std::uint64_t w = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    return w == std::numeric_limits<std::uint64_t>::max() ? w : w + 1;
  }
};

id_range range_of(const id_column& column, const run_options& run);
std::string label_of(std::int64_t id);

/// Sorts out store.by_label; throws when a label occurs twice.
void index_labels(audience_store& store);

/// Fills the integer ids of the store from the keys (id - low) that occur.
void keep_ids(audience_store& store, const std::vector<std::uint64_t>& present, std::int64_t low);

}  // namespace clarion::schema::detail
