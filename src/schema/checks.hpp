#pragma once

// What reading and validation share: issues are found by the million and only the ones that are reported become findings.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/parallel.hpp"
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

/// The issues of all rows, ascending by row and then by code.
std::vector<issue> find_issues(const check_context& context, const run_options& run);

/// The findings about the portfolio as a whole.
std::vector<finding> portfolio_findings(const check_context& context);

/// The finding of an issue. `cell` gives name of the column and text of a field in a row.
using cell_source = std::function<std::pair<std::string, std::string>(std::uint64_t row, std::size_t field)>;
finding describe(const issue& found, const check_context& context, const cell_source& cell);

/// Column name and text of a portfolio's own fields.
cell_source own_cells(const portfolio& campaigns);

/// How many issues there are of each code.
std::array<std::uint64_t, rule_count> count_by_code(const std::vector<issue>& issues);

/// Findings of the issues, at most `most` a code (0: all); where more are left out, one finding of the code says how many.
/// `place[i]` is the finding of issue i, or none().
struct reported {
  std::vector<finding> findings;
  std::vector<std::uint32_t> place;
  static constexpr std::uint32_t none() { return UINT32_MAX; }
};
reported report(const std::vector<issue>& issues, const check_context& context, const cell_source& cell, std::size_t most);

const rule& rule_at(code of);

/// Names with numbers, years and words such as "re-run" taken off the end, in lower case, as a hash.
std::uint64_t base_name_hash(std::string_view name);

inline constexpr std::size_t block_rows = 1 << 15;

}  // namespace clarion::schema::detail
