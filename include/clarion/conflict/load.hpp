#pragma once

// How much every campaign asks of its customers, week by week, and what it spends there.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::conflict {

/// Longest run that the detectors believe; a longer one is a slip in a year.
inline constexpr std::int32_t longest_run = 3660;

/// True when the detectors look at this campaign: not cancelled, ending no earlier than it starts, at most longest_run days.
CLARION_API bool counts(const schema::portfolio& portfolio, std::size_t row);

/// True when nothing about this campaign can be decided any more: finished, or ended before today. It has used its money and
/// its customers' attention, but no finding asks for anything of it.
CLARION_API bool is_over(const schema::portfolio& portfolio, std::size_t row, std::optional<date> today);

/// True when the dates of this campaign can still change: neither fixed nor over, and not begun.
CLARION_API bool can_move(const schema::portfolio& portfolio, std::size_t row, std::optional<date> today);

struct load_options {
  double default_touches = 1;  ///< contacts per customer and week where neither the campaign nor its channel says

  static constexpr auto fields() {
    return std::tuple{core::option("default_touches", &load_options::default_touches,
                                   "contacts per customer and week where neither the campaign nor its channel says", {0, 1000})};
  }
};

/// The cube campaign x channel x week in the form it is kept in: a campaign has one channel and runs on consecutive weeks, so
/// its only non-zero cells are a run of values. load_cube.hpp spreads it out as a dense array where that is wanted.
struct weekly_load {
  static constexpr std::uint32_t no_channel = std::numeric_limits<std::uint32_t>::max();

  std::optional<date> today;              ///< the policy's day of judgement
  std::vector<date> weeks;                ///< Mondays, from the first week of any campaign to the last, without gaps
  std::vector<std::string> channels;      ///< the policy's registry in its order, then other names as they appear
  std::vector<double> capacity;           ///< by channel: contacts that a customer takes a week; missing when not registered
  std::vector<std::uint32_t> channel;     ///< by campaign: index into channels, or no_channel
  std::vector<std::uint32_t> first_week;  ///< by campaign: index into weeks (0 for a campaign that does not count)
  std::vector<std::uint64_t>
      offsets;                ///< n + 1: values of campaign c are [offsets[c], offsets[c + 1]); none when it does not count
  std::vector<double> load;   ///< contacts per customer of the audience in that week; partial weeks pro rata by days
  std::vector<double> spend;  ///< budget that falls into that week, spread evenly over days; missing without a budget

  std::size_t size() const { return channel.size(); }
  std::span<const double> load_of(std::size_t c) const {
    return std::span(load).subspan(offsets[c], offsets[c + 1] - offsets[c]);
  }
  std::span<const double> spend_of(std::size_t c) const {
    return std::span(spend).subspan(offsets[c], offsets[c + 1] - offsets[c]);
  }
};

/// Weekly load and spend of each campaign that counts(). O(campaigns x their weeks) time and memory.
/// Throws std::invalid_argument for an option outside its range.
CLARION_API weekly_load load(const schema::portfolio& portfolio, const schema::policy& policy, const load_options& options = {});

}  // namespace clarion::conflict
