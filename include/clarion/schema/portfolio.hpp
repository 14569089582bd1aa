#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/core/export.hpp"
#include "clarion/schema/campaign.hpp"

namespace clarion::schema {

/// Campaigns held by column: a million rows are read, validated and scanned without an object a row. The fields are those of
/// `campaign`, row i of every column is campaign i. Code that works on a few campaigns takes rows out with operator[].
/// History is a portfolio too: finished campaigns with actuals.
struct CLARION_API portfolio {
  core::text_column id;
  core::text_column name;
  std::vector<date> start;
  std::vector<date> end;
  std::vector<double> budget;
  core::category_column currency;
  core::category_column channel;
  core::list_column audience;
  core::list_column products;
  core::category_column owner;
  core::category_column group;
  std::vector<schema::objective> objective;
  core::category_column region;
  std::vector<schema::status> status;
  core::category_column approver;
  core::category_column channel_manager;
  std::vector<double> touches_per_week;
  std::vector<double> frequency_cap;
  core::list_column tags;
  std::vector<std::optional<date>> earliest_start;
  std::vector<std::optional<date>> latest_end;
  std::vector<bool> fixed_dates;
  core::list_column targets;  ///< each in the form of to_string(kpi_target)
  std::vector<std::optional<date>> approved_on;
  core::text_column approved_hash;
  std::vector<double> spend, impressions, clicks, conversions, revenue, new_customers, returns;

  /// Columns of the source that are not fields of a campaign, kept as text so that writing loses nothing.
  std::vector<std::pair<std::string, core::text_column>> extras;
  /// 1-based row in the source; empty for portfolios that were not read from one.
  std::vector<std::uint64_t> source_row;

  std::size_t size() const { return start.size(); }
  bool empty() const { return start.empty(); }

  /// A copy of row i. O(fields).
  campaign operator[](std::size_t row) const;
  void push_back(const campaign& row);
  /// First row with this id; O(n).
  std::optional<std::size_t> find(std::string_view campaign_id) const;
  /// The rows at these positions, in this order.
  portfolio take(std::span<const std::uint64_t> rows) const;
  /// True when any row has actuals.
  bool has_actuals() const;
  /// Days that row i runs, both ends included.
  double days(std::size_t row) const { return static_cast<double>((end[row] - start[row]).count()) + 1; }
  /// The budget of row i, 0 where it is not known.
  double known_budget(std::size_t row) const { return std::isfinite(budget[row]) && budget[row] > 0 ? budget[row] : 0; }
  /// The currency of most budgets, of most campaigns where there are no budgets, ties by name; empty where none is given.
  std::string main_currency() const;
  /// The known budgets that are in this currency or name none, by row; 0 elsewhere, so that no sum mixes currencies.
  std::vector<double> budgets_in(std::string_view in_currency) const;
};

/// Builds a portfolio from rows.
CLARION_API portfolio make_portfolio(const std::vector<campaign>& rows);

}  // namespace clarion::schema
