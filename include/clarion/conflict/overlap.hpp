#pragma once

// Which audiences share customers: every pair of campaigns, exactly.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/audiences.hpp"

namespace clarion::conflict {

/// Days on which a campaign runs, both ends included, as days since 1970-01-01 (any origin does, if it is the same for all).
struct run_days {
  std::int32_t start = 0;
  std::int32_t end = 0;
};

struct overlap_options {
  std::uint64_t min_shared = 0;  ///< pairs that share fewer customers are left out; 0 keeps every pair
  /// Only these pairs of campaign indices, reported as (smaller, larger), each once; none: all pairs.
  std::optional<std::vector<std::pair<std::uint32_t, std::uint32_t>>> pairs{};
  /// When given (one entry a campaign), only pairs of campaigns that run on a common day.
  std::vector<run_days> concurrent_only{};
};

/// Columns of equal length, a row a pair a < b, ascending by (a, b).
struct overlap_table {
  std::vector<std::uint32_t> a, b;            ///< campaign indices
  std::vector<std::uint64_t> size_a, size_b;  ///< audience sizes
  std::vector<std::uint64_t> shared;          ///< customers in both
  std::vector<double> jaccard;                ///< shared / (size_a + size_b - shared); 0 when both are empty
  std::vector<double> containment;            ///< shared / min(size_a, size_b); 0 when one is empty

  std::size_t size() const { return a.size(); }
};

/// Counts the customers that each pair of campaigns shares.
///
/// Chunk by chunk: pairs of large audiences by AND and population count of bitmaps, all others by walking the campaigns of each
/// customer. Time O(sum over customers of degree^2) at worst, memory 4 bytes a pair a thread and the table.
/// Exact, and the same for any number of threads and any CLARION_SIMD level. Throws std::invalid_argument for a pair of unknown
/// or equal campaigns, for concurrent_only of another length than the audiences, or an end before its start, and clarion::error
/// when min_shared is 0 and the table would not fit into memory.
CLARION_API overlap_table overlap(const schema::audiences& audiences, const overlap_options& options = {},
                                  const run_options& run = {});

}  // namespace clarion::conflict
