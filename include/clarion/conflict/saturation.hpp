#pragma once

// Is a channel asked to carry more than its customers take, and does another campaign on it still reach anyone new?

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/conflict/load.hpp"
#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::schema {
class audiences;
}

namespace clarion::conflict {

struct saturation_options {
  double over_share = 0.05;  ///< a channel's week is over capacity when more of the customers it reaches get more than they take
  double min_new_reach = 0.05;  ///< a further campaign whose audience holds a smaller share of new people is reported
  std::uint32_t min_order = 3;  ///< ... from this campaign of a channel and quarter on: a second one may well be meant to repeat

  static constexpr auto fields() {
    return std::tuple{
        core::option("over_share", &saturation_options::over_share,
                     "share of a channel's reached customers over its capacity that a week may have", {0, 1}),
        core::option("min_new_reach", &saturation_options::min_new_reach,
                     "share of new people below which a further campaign of a channel in a quarter is reported", {0, 1}),
        core::option("min_order", &saturation_options::min_order,
                     "campaign of a channel and quarter from which on new reach is judged", {2, 1e6})};
  }
};

/// One row a channel and week in which it runs anything, by channel, then week.
struct channel_load_table {
  std::vector<std::uint32_t> channel;  ///< index into weekly_load::channels
  std::vector<std::uint32_t> week;     ///< index into weekly_load::weeks
  std::vector<double> load;  ///< exact: mean weekly contacts of the customers reached; from tags: those of the busiest segment
  std::vector<double> peak;  ///< most contacts that one customer (one segment) gets
  std::vector<double> capacity;         ///< missing for a channel that is not registered
  std::vector<double> customers;        ///< customers reached; missing when from tags
  std::vector<double> over;             ///< of them, those above the capacity; missing when from tags or without a capacity
  std::vector<double> spend;            ///< of the campaigns with a budget in the main currency
  std::vector<std::uint8_t> saturated;  ///< 1 when over / customers > over_share; from tags: peak > capacity
  std::vector<std::uint8_t>
      estimated;  ///< 1 when from tags: some campaign then has no memberships, and the others do not fill the channel

  std::size_t size() const { return channel.size(); }
};

/// One row a channel, declared segment and week: what a customer of that segment gets from all campaigns that name it.
struct segment_load_table {
  std::vector<std::uint32_t> channel, segment, week;  ///< segment: index into saturation_result::segments
  std::vector<double> load, capacity;

  std::size_t size() const { return channel.size(); }
};

/// One row a campaign with a channel and a known audience, in start order within its channel and quarter (that of its start).
struct reach_table {
  std::vector<std::uint32_t> campaign, channel;
  std::vector<std::int32_t> quarter;  ///< core::quarter_number
  std::vector<std::uint32_t> order;   ///< 1 for the first
  std::vector<double> audience;       ///< customers, or segments when estimated
  std::vector<double> new_reach;      ///< of them, those that no earlier campaign of the channel reached in that quarter
  std::vector<double> new_share;      ///< new_reach / audience; 0 for an empty audience
  std::vector<double> reached;        ///< customers (segments) reached by the channel in the quarter up to and with this campaign
  std::vector<std::uint8_t> estimated;  ///< 1: counted in declared segments

  std::size_t size() const { return campaign.size(); }
};

struct saturation_result {
  std::vector<std::string> segments;
  channel_load_table channels;
  segment_load_table segment_loads;
  reach_table reach;
  std::vector<schema::finding> findings;  ///< C2xx, worst first
};

/// `load` must come from the same portfolio and policy; `audiences` may be null. A channel's week is judged by memberships when
/// all its campaigns have them or those that do are above the capacity by themselves, else by declared tags. New reach is
/// counted among the campaigns with memberships, and for the others among all by their tags. Weeks and campaigns that are over
/// have no findings. A segment "(everyone)" stands for audiences of everyone, whose load
/// counts for every segment.
/// O(sum over channels and weeks of memberships running then) at worst; weeks with the same campaigns are counted once. Exact;
/// same for any number of threads. Throws std::invalid_argument for an option outside its range or a load of another size.
CLARION_API saturation_result saturation(const schema::portfolio& portfolio, const schema::audiences* audiences,
                                         const weekly_load& load, const saturation_options& options = {},
                                         const run_options& run = {});

}  // namespace clarion::conflict
