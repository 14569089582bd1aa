#pragma once

// How often customers are contacted when campaigns run side by side, and where campaigns pile up on the same people.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clarion/conflict/overlap.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/audiences.hpp"

namespace clarion::conflict {

struct contact_options {
  std::vector<run_days> days{};   ///< one entry a campaign
  std::vector<double> touches{};  ///< expected contacts of a member in a full week, one a campaign, 0 to 10,000, in thousandths
  double cap = 3;                 ///< contacts a week that a customer should have at most
  /// Instead of cap, when given: one a campaign, infinity for none. The lowest of the campaigns that contact a customer in a
  /// week is that customer's cap then.
  std::vector<double> caps{};
  std::uint32_t bins = 16;  ///< of the histograms
};

/// One week, Monday to Sunday. A campaign that runs on d days of it adds touches * d / 7 contacts to each of its members.
struct contact_week {
  std::int32_t start = 0;                  ///< the Monday, days since 1970-01-01
  std::uint32_t campaigns = 0;             ///< with touches, running in it
  std::uint64_t reached = 0;               ///< customers with any contact
  std::uint64_t capped = 0;                ///< of them, those who have a cap
  std::uint64_t over_cap = 0;              ///< of them, those with more contacts than their cap
  double contacts = 0;                     ///< of all customers
  double excess = 0;                       ///< the part of the contacts above the cap of each customer
  double max = 0;                          ///< of one customer
  double max_over = 0;                     ///< of one customer over the cap
  std::vector<std::uint64_t> histogram{};  ///< [k]: reached customers with k <= contacts < k + 1; the last one: or more
};

/// What a campaign adds to the customers over the cap.
struct contact_contribution {
  std::uint32_t week = 0;  ///< index into weeks
  std::uint32_t campaign = 0;
  std::uint64_t customers_over = 0;  ///< its members who are over the cap that week
  double contacts = 0;               ///< that it gives to them
};

struct contact_table {
  std::vector<contact_week> weeks;                  ///< from the first day of any campaign to the last, none left out
  std::vector<contact_contribution> contributions;  ///< week by week, most contacts first, then by campaign; none of 0
  std::uint64_t customers_over = 0;                 ///< customers over the cap in some week
  double excess = 0;
  double max = 0;
};

/// Expected weekly contacts of each customer against a cap. Exact sums in 1/7000 of a contact, so the same for any number of
/// threads. O(memberships x weeks they run). Throws std::invalid_argument for lists of another length than the audiences, an
/// end before its start, touches or caps out of range, and dates that span more than 10,000 weeks.
CLARION_API contact_table contacts(const schema::audiences& audiences, const contact_options& options,
                                   const run_options& run = {});

struct pile_up_options {
  std::vector<run_days> days{};         ///< one entry a campaign
  std::uint32_t k = 3;                  ///< campaigns on one customer on one day that make a pile-up; at least 2
  std::uint64_t min_shared = 100;       ///< customers that a combination is to share; at least 1
  std::uint32_t top = 20;               ///< combinations to report
  std::uint64_t max_steps = 1'000'000;  ///< intersections after which the search gives up, see complete
};

/// Campaigns that all run on some day and share `shared` customers, to whom no further such campaign can be added without
/// falling below min_shared.
struct pile_up {
  std::vector<std::uint32_t> campaigns;  ///< ascending
  run_days days;                         ///< on which all of them run
  std::uint64_t shared = 0;              ///< customers in all of them
};

struct pile_up_table {
  /// [d]: customers whose campaigns run at most d at a time (d of them on some day); [0] stays 0. Length: deepest + 1.
  std::vector<std::uint64_t> customers_by_depth;
  std::uint64_t customers = 0;        ///< with k or more at a time
  std::vector<pile_up> combinations;  ///< most campaigns first, then most customers, then by campaigns
  bool complete = true;               ///< false: max_steps ran out, so larger combinations may exist
};

/// Exact k-way pile-ups. The maximal combinations come from a depth-first search over bitmaps of the customers with k or more
/// at a time, cut where the campaigns left cannot enter the top (branch and bound; frequent itemsets as in Zaki, "Scalable
/// algorithms for association mining", 2000, with days as a further constraint). Same answer for any number of threads.
/// Throws std::invalid_argument for options out of range, clarion::error when the bitmaps would take more than 2 GiB.
CLARION_API pile_up_table pile_ups(const schema::audiences& audiences, const pile_up_options& options,
                                   const run_options& run = {});

}  // namespace clarion::conflict
