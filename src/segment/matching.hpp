#pragma once

// The cheapest way to give each row a column of its own.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::segment {

/// The column of each row so that the costs (rows x columns, finite) add up to the least, each column taken once; no_column for
/// rows beyond the number of columns. Kuhn's Hungarian method by shortest augmenting paths with potentials: O(n^2 m), n the
/// smaller side.
inline constexpr std::uint32_t no_column = 0xffffffff;
CLARION_API std::vector<std::uint32_t> cheapest_matching(std::span<const double> cost, std::size_t rows, std::size_t columns);

}  // namespace clarion::segment
