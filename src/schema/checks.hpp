#pragma once

// What reading and validation share: issues are found by the million and only the ones that are reported become findings.

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clarion/schema/catalog.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::schema::detail {

/// Positions in rules(), in its order.
enum class code : std::uint8_t {
  end_before_start,
  no_id,
  no_name,
  no_dates,
  no_budget,
  no_channel,
  no_owner,
  duplicate_id,
  bad_date,
  bad_number,
  bad_word,
  bad_criterion,
  bad_line,
  unknown_channel,
  negative_budget,
  zero_budget,
  year_typo,
  long_run,
  rerun,
  off_standard_tag,
  before_launch,
  no_group,
  spent_early,
  criteria_changed,
  no_criteria,
  criteria_open,
  contradiction,
  negative_result,
  no_results,
  overspent,
  above_cap,
  outside_window,
  finished_early,
  blank_row,
  totals,
  too_long,
  columns_matched,
  column_absent,
  day_month,
  decimal_mark,
  column_unreadable,
  column_twice,
  encoding,
  mixed_currencies,
  confounded,
  no_campaigns,
  lines_skipped,
  utc_days,
  no_customer,
  no_record_id,
  day_missing,
  no_amount,
  unknown_kind,
  future_date,
  zero_sale,
  negative_sale,
  implausible_amount,
  repeated_id,
  repeated_row,
  unknown_customer,
  unknown_branch,
  unknown_product,
  test_customer,
  lone_cancellation,
  no_rate,
  implausible_birth,
  early_response,
  unknown_answer,
  no_campaign,
  nobody_named,
  closed_early,
  placeholder_date,
  amounts_mixed,
  no_records,
  incomplete,
  stale,
  repeats,
  many_refused,
  field_gone,
  other_type,
  columns_changed,
  volume_changed,
  drift,
  values_added,
  values_gone,
  count
};
inline constexpr std::size_t rule_count = static_cast<std::size_t>(code::count);

/// Positions in fields(), in its order.
enum at : std::uint8_t {
  at_id,
  at_name,
  at_start,
  at_end,
  at_budget,
  at_currency,
  at_channel,
  at_audience,
  at_products,
  at_owner,
  at_group,
  at_objective,
  at_region,
  at_status,
  at_approver,
  at_channel_manager,
  at_touches,
  at_cap,
  at_tags,
  at_earliest,
  at_latest,
  at_fixed,
  at_targets,
  at_approved_on,
  at_hash,
  at_spend,
  at_impressions,
  at_clicks,
  at_conversions,
  at_revenue,
  at_new_customers,
  at_returns
};

/// A rule that a row breaks. `field` is a position in fields(); `other` a row, a dictionary code or a year, as the rule has it.
struct issue {
  std::uint64_t row = 0;
  std::uint32_t other = 0;
  detail::code code = code::count;
  std::uint8_t field = 0;
};

/// What reading knows of a row beyond its values.
enum row_flag : std::uint8_t { start_unknown = 1, end_unknown = 2, budget_unread = 4, id_unknown = 8, result_unread = 16 };

struct check_context {
  const portfolio& campaigns;
  const policy& rules;
  const catalog* products = nullptr;
  std::vector<std::uint8_t> flags{};  ///< row_flag bits a row; empty: none
  std::array<bool, 64> absent{};      ///< by field: no column holds it
  bool history = false;               ///< finished campaigns: only what can still matter is required
};

inline bool given(double value) { return !std::isnan(value); }
inline int year_of(date day) { return int{std::chrono::year_month_day{day}.year()}; }

/// Whether both dates of a row could be read.
inline bool dates_known(const check_context& context, std::size_t row) {
  return context.flags.empty() || (context.flags[row] & (start_unknown | end_unknown)) == 0;
}

const rule& rule_at(code of);

/// The day of judgement: the policy's, or the clock's.
date today_of(const policy& rules);

/// The success criteria of a row that can be read.
std::vector<kpi_target> targets_of(const portfolio& campaigns, std::size_t row);

inline constexpr std::size_t block_rows = 1 << 15;

}  // namespace clarion::schema::detail
