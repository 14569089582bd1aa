#pragma once

// From scattered ids and texts to consecutive numbers.

#include <cstdint>
#include <string_view>
#include <vector>

#include "clarion/core/detail/id_rank.hpp"
#include "clarion/schema/detail/audiences_build.hpp"
#include "clarion/schema/detail/audiences_place.hpp"

namespace clarion::schema::detail {

using core::detail::hash_id;
using core::detail::id_dictionary;

/// Keys of the source are id - range.low.
void place_integers(membership_source& source, const id_range& range, bool keep_ids, audience_store& store,
                    std::uint64_t& accepted, const run_options& run);

/// Texts in several columns; a key names a column and a row of it.
struct text_pool {
  static constexpr unsigned row_bits = 40;
  std::vector<text_column> parts;
  std::string_view operator[](std::uint64_t key) const {
    return parts[key >> row_bits][key & ((std::uint64_t{1} << row_bits) - 1)];
  }
};
/// Keys of the source are keys of the pool.
void place_text(membership_source& source, const text_pool& pool, bool keep_ids, audience_store& store, std::uint64_t& accepted,
                const run_options& run);

}  // namespace clarion::schema::detail
