#pragma once

// How engaged each customer is, from tracker events or campaign responses.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment {

/// A row an event, in columns of equal length. Codes and days are as schema::record_column has them.
struct engagement_rows {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::span<const std::uint32_t> customer;  ///< below `customers`, or none
  std::span<const std::int32_t> day;        ///< since 1970-01-01; outside the years 1 to 9999 there is none
  std::span<const std::uint32_t> kind{};    ///< below `kinds`, or none; empty: not known
  std::size_t customers = 0;
  std::size_t kinds = 0;
  /// By kind, from 0 to 1e15; a kind without a weight counts for nothing. Empty: each event is 1.
  std::span<const std::optional<double>> weight{};
};

struct engagement_options {
  double half_life = 30;     ///< days after which an event is worth half
  std::optional<date> at{};  ///< events of later days are set aside; none: the latest day of the rows

  static constexpr auto fields() {
    using o = engagement_options;
    return std::tuple{
        core::option("half_life", &o::half_life, "days after which an event is worth half", {1e-6, 1e6}),
        core::option("at", &o::at, "the reference date; later events are set aside; the latest day where there is none")};
  }
};

struct engagement_result {
  // By customer.
  std::vector<double> points;            ///< sum of weight(kind) x 2^(-age / half_life)
  std::vector<std::uint32_t> events;     ///< that counted: of a weight above 0
  std::vector<std::int32_t> days_since;  ///< days from the last of them to `at`; -1 where there is none

  std::optional<date> at{};          ///< the reference date; none where no row has a day and none was given
  std::vector<std::uint64_t> kinds;  ///< events of known customers until `at`, by kind, whatever their weight

  // rows = used + no_customer + no_day + future + no_weight
  std::uint64_t used = 0;
  std::uint64_t no_customer = 0;  ///< cookies that nobody has claimed yet
  std::uint64_t no_day = 0;
  std::uint64_t future = 0;     ///< after `at`
  std::uint64_t no_weight = 0;  ///< of kinds whose weight is 0 or not given, and of no kind where weights are given
};

/// Same bits for any number of threads. O(rows + customers). Memory: 12 bytes a row while it works, 16 a customer; what cannot
/// fit is refused.
///
/// Throws std::invalid_argument for columns that differ in length, codes out of range, weights that are no number from 0 to 1e15,
/// and a date outside the years 1 to 9999; clarion::error for what does not fit into memory.
CLARION_API engagement_result engagement(const engagement_rows& rows, const engagement_options& options = {},
                                         const run_options& run = {});

/// Mid-rank percentiles of the points of those to be compared, from 0 to 100: 100 (those with fewer + half of those with as many,
/// oneself included) / n. Points within 1e-12 of each other are equal: the order of events may move the last digit. The mean is
/// 50. O(n log n).
///
/// Throws std::invalid_argument for points that are negative or no numbers.
CLARION_API std::vector<double> engagement_scores(std::span<const double> points, const run_options& run = {});

}  // namespace clarion::segment
