#pragma once

// Where the calendar of a plan is empty, and what history makes of that: the numbers.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "clarion/plan/roadmap.hpp"
#include "plan/roadmap_seasons.hpp"

namespace clarion::plan {

/// The calendar that a plan covers.
struct horizon {
  std::int32_t first_month = 0, end_month = 0;  ///< core::month_number; the second is not part of it
  date from{}, to{};                            ///< what can still be planned in it
};

/// `rows`: those that count, at least one.
horizon horizon_of(const schema::portfolio& portfolio, std::span<const std::size_t> rows, std::optional<date> today,
                   const roadmap_options& options);

/// Gaps of the objectives, then of the channels, that have at least min_campaigns.
std::vector<calendar_gap> find_gaps(const schema::portfolio& portfolio, std::span<const std::size_t> rows, const horizon& h,
                                    const history_seasons& seasons, const roadmap_options& options);

/// Whether a gap of an objective has said what this gap of a channel says.
bool told_before(const calendar_gap& gap, std::span<const calendar_gap> gaps);

/// Strong months of a category in which the plan does little, strongest first; strong gaps have said theirs.
std::vector<underused_window> find_windows(const schema::portfolio& portfolio, std::span<const std::size_t> rows,
                                           const horizon& h, const history_seasons& seasons, std::span<const calendar_gap> gaps,
                                           const schema::catalog* catalog, const roadmap_options& options);

/// Whether some campaign of these has a budget: shares are of money then, of campaign days otherwise.
bool has_budgets(const schema::portfolio& portfolio, std::span<const std::size_t> rows);

}  // namespace clarion::plan
