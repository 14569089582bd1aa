#pragma once

// Recency, frequency and monetary value, scores of them, and the ten named segments.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/segment/purchases.hpp"

namespace clarion::segment {

/// By the scores of recency and frequency; the grid:
///
///     R \ F   1                2                    3                    4            5
///     5       new_customers    potential_loyalist   potential_loyalist   champions    champions
///     4       promising        potential_loyalist   potential_loyalist   loyal        loyal
///     3       about_to_sleep   about_to_sleep       need_attention       loyal        loyal
///     2       hibernating      hibernating          at_risk              at_risk      cannot_lose_them
///     1       hibernating      hibernating          at_risk              at_risk      cannot_lose_them
enum class rfm_segment : std::uint8_t {
  champions,
  loyal,
  potential_loyalist,
  new_customers,
  promising,
  need_attention,
  about_to_sleep,
  at_risk,
  cannot_lose_them,
  hibernating
};
inline constexpr std::size_t n_rfm_segments = 10;
CLARION_API std::string_view to_string(rfm_segment segment);  ///< "Champions", "Cannot Lose Them"
/// Scores from 1 to 5.
CLARION_API rfm_segment rfm_segment_of(int recency_score, int frequency_score);

struct rfm_options {
  // Four values each, none below the one before: the score is 1 + how many of them the value is above (recency: 5 less that).
  // Empty: fifths.
  std::vector<double> recency_boundaries{};  ///< days: at most the first is 5, above the last is 1
  std::vector<double> frequency_boundaries{};
  std::vector<double> monetary_boundaries{};

  static constexpr auto fields() {
    using o = rfm_options;
    return std::tuple{
        core::option("recency_boundaries", &o::recency_boundaries, "four ascending numbers of days: at most the first scores 5"),
        core::option("frequency_boundaries", &o::frequency_boundaries, "four ascending counts: above the last scores 5"),
        core::option("monetary_boundaries", &o::monetary_boundaries, "four ascending amounts: above the last scores 5")};
  }
};

/// By customer, in the order of purchases::customers().
struct rfm_result {
  std::vector<std::int32_t> recency;     ///< days from the last purchase to the reference date
  std::vector<std::uint32_t> frequency;  ///< purchases
  std::vector<double> monetary;          ///< what was bought less what was returned; may be negative
  std::vector<double> mean;              ///< of a purchase: monetary / frequency
  std::vector<std::int32_t> tenure;      ///< days from the first purchase to the reference date
  std::vector<std::uint8_t> r, f, m;     ///< scores from 1, worst, to 5
  std::vector<rfm_segment> segment;
  std::array<std::array<std::uint64_t, 5>, 5> grid{};    ///< customers by [r - 1][f - 1]
  std::array<std::uint64_t, n_rfm_segments> segments{};  ///< customers by segment
  /// What the scores follow from, as the options have them: another period scored by these can be compared.
  std::array<double, 4> recency_boundaries{}, frequency_boundaries{}, monetary_boundaries{};
  std::vector<schema::finding> findings;  ///< G005
};

/// A score by fifths is 1 + the whole part of 5 w / n, where w of n customers are worse (recency: longer ago; frequency,
/// monetary: less). Equal values have equal scores, the lowest that their places would give; where many are equal, some scores
/// are empty. Without amounts monetary and mean are NaN and every m is 1. Same result for any number of threads. O(customers).
///
/// Throws std::invalid_argument for boundaries that are not four finite numbers, none below the one before.
CLARION_API rfm_result rfm(const purchases& data, const rfm_options& options = {}, const run_options& run = {});

struct rfm_build {
  purchases data;  ///< what they come to by customer; of() has nothing
  rfm_result result;
  purchase_report report;
};

/// read_purchases and rfm in one go, without keeping the purchases.
CLARION_API rfm_build rfm(ArrowArrayStream* stream, const purchase_names& names = {}, const purchase_options& reading = {},
                          const rfm_options& options = {}, const run_options& run = {});

struct purchase_summary_options {
  double unit = 1;  ///< days of a unit of time: 7 for weeks

  static constexpr auto fields() {
    return std::tuple{core::option("unit", &purchase_summary_options::unit, "days of a unit of time: 7 for weeks", {1e-6, 1e6})};
  }
};

/// What models of repeat buying take (Fader and Hardie's x, t_x, T and mean spend), by customer.
struct purchase_summary_result {
  std::vector<double> frequency;  ///< repeat purchases: all but the first
  std::vector<double> recency;    ///< from the first to the last purchase; 0 without a repeat
  std::vector<double> T;          ///< from the first purchase to the reference date
  std::vector<double> monetary;  ///< mean of the repeat purchases, returns not taken off; 0 without a repeat, NaN without amounts
};

/// Times are in units. Throws std::invalid_argument for data that was read without its purchases. O(purchases).
CLARION_API purchase_summary_result purchase_summary(const purchases& data, const purchase_summary_options& options = {},
                                                     const run_options& run = {});

}  // namespace clarion::segment
