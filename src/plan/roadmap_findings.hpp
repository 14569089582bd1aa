#pragma once

// What the roadmap layer says of its numbers: P401 to P405.

#include <optional>
#include <span>
#include <string_view>

#include "clarion/plan/roadmap.hpp"
#include "plan/roadmap_seasons.hpp"

namespace clarion::plan {

/// P401; `order`: rows by launch.
schema::finding say_waves(const schema::portfolio& portfolio, std::span<const std::uint32_t> order,
                          std::span<const launch_wave> waves, std::uint32_t waves_at_least);
/// P402 of a strong gap; `usual_budget` of the objective's campaigns, NaN where none is known.
schema::finding say_gap(const calendar_gap& gap, const history_seasons& seasons, double usual_budget, std::string_view currency);
/// P403; `money`: shares are of budget, otherwise of campaign days.
schema::finding say_window(const underused_window& window, const history_seasons& seasons, bool money);
/// P404: the gaps of objectives, or of channels, that are not strong; nothing when there are none.
std::optional<schema::finding> say_quiet_gaps(std::span<const calendar_gap> gaps, bool of_channel, bool with_seasons,
                                              const roadmap_options& options);
/// P405.
schema::finding say_seasons(std::span<const seasonal_row> rows, const history_seasons& seasons, const roadmap_options& options);

}  // namespace clarion::plan
