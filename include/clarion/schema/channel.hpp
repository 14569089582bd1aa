#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::schema {

/// A way to reach customers.
struct channel {
  std::string name{};
  double capacity = 0;          ///< contacts that one customer takes a week through this channel, all campaigns together
  double touches_per_week = 0;  ///< planned contacts per customer and week where a campaign does not say
  double cost_per_contact = 0;  ///< typical, in the portfolio's currency
  double effort_days = 0;       ///< person-days that a typical campaign on this channel takes to set up
};

/// Email, Social Media, Influencer, Webinar, SMS, Push Notifications, Events, Podcast. The numbers are planning defaults to be
/// replaced by a team's own; docs/schema/channel.md says where each comes from.
CLARION_API std::vector<channel> default_channels();

/// The channel of this name, by its letters and digits whatever their case ("e-mail" is Email); null when there is none.
CLARION_API const channel* find_channel(const std::vector<channel>& channels, std::string_view name);

/// The name nearest to `name` by edit distance with transpositions, when it is near enough to be a slip.
CLARION_API std::optional<std::string> nearest_name(const std::vector<std::string>& names, std::string_view name);

}  // namespace clarion::schema
