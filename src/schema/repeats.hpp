#pragma once

// Rows that repeat an earlier one: by id, or as another run of the same campaign.

#include <cstdint>
#include <string_view>
#include <vector>

#include "clarion/core/parallel.hpp"
#include "schema/checks.hpp"

namespace clarion::schema::detail {

inline constexpr std::uint32_t nobody = UINT32_MAX;

/// For each row the earlier row with its id, or nobody.
std::vector<std::uint32_t> earlier_rows(const check_context& context, const run_options& run);

/// For each row the campaign of the same base name and channel that still runs when it starts, or nobody.
std::vector<std::uint32_t> earlier_runs(const check_context& context, const std::vector<std::uint32_t>& duplicate,
                                        const run_options& run);

/// Names with numbers, years and words such as "re-run" taken off the end, in lower case, as a hash.
std::uint64_t base_name_hash(std::string_view name);

}  // namespace clarion::schema::detail
