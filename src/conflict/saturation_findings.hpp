#pragma once

// What saturation() counts from, shared with the code that tells its findings.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/pairs.hpp"
#include "clarion/conflict/saturation.hpp"
#include "clarion/schema/audiences.hpp"

namespace clarion::conflict {

/// Sums of sevenths of a week are not exact; a load is above the capacity when it is by more than their rounding.
inline constexpr double rounding = 1e-9;

/// A campaign of a channel in a week, and what it asks of its customers.
struct active {
  std::uint32_t campaign;
  double load;

  friend bool operator==(const active&, const active&) = default;
  friend auto operator<=>(const active&, const active&) = default;
};

struct saturation_input {
  const schema::portfolio& portfolio;
  const schema::audiences* audiences;
  const weekly_load& load;
  const saturation_options& options;
  declared_audiences declared;
  std::vector<std::uint32_t> audience_of;                             ///< by campaign: its row of `audiences`, or no_audience
  std::vector<double> budget;                                         ///< by campaign, in the main currency
  std::vector<std::map<std::uint32_t, std::vector<active>>> running;  ///< by channel, then week

  bool exact(std::uint32_t campaign) const { return audience_of[campaign] != no_audience; }
  bool over(std::uint32_t campaign) const { return is_over(portfolio, campaign, load.today); }
};

/// What the customers of some campaigns of a channel get in a week.
struct tally {
  std::uint64_t customers = 0, over = 0;
  double peak = 0;
};

struct contact_count {
  std::vector<active> running;  ///< with members
  double capacity = 0;
};

/// Customer by customer, in parallel.
std::vector<tally> count_contacts(const saturation_input& input, std::span<const contact_count> counts, const run_options& run);

/// C201 to C205, worst first.
std::vector<schema::finding> judge_saturation(const saturation_input& input, const saturation_result& counted,
                                              const run_options& run);

}  // namespace clarion::conflict
