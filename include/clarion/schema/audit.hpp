#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/records.hpp"

namespace clarion::schema {

struct audit_options {
  double complete = 0.95;
  std::int64_t stale_days = 35;
  double refused = 0.05;
  double volume = 0.3;
  double psi = 0.25;
  double ks = 0.1;
  std::int64_t most_values = 1000;

  static constexpr auto fields() {
    return std::tuple{
        core::option("complete", &audit_options::complete, "share of records in which a field should hold a value", {0, 1}),
        core::option("stale_days", &audit_options::stale_days, "days since the last record that are too many", {0, 36525}),
        core::option("refused", &audit_options::refused, "share of rows in quarantine that is too large", {0, 1}),
        core::option("volume", &audit_options::volume, "change of the number of rows, as a share, that is too large", {0, 1e6}),
        core::option("psi", &audit_options::psi, "population stability index from which a distribution has moved", {0, 1e6}),
        core::option("ks", &audit_options::ks, "Kolmogorov-Smirnov distance from which numbers have moved", {0, 1}),
        core::option("most_values", &audit_options::most_values, "distinct values beyond which a field is no category",
                     {1, 1e9})};
  }
};

/// What one field holds. Numbers that do not apply are NaN.
struct field_audit {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  std::string field{};
  std::string column{};                           ///< of the source
  std::uint64_t values = 0;                       ///< records that have one
  std::uint64_t distinct = 0;                     ///< of ids and categories
  double complete = 0;                            ///< share of the records
  double low = none, median = none, high = none;  ///< of numbers
  std::optional<date> first{}, last{};            ///< of days
  double psi = none;                              ///< population stability index against the cycle before
  double ks = none, ks_p = none;                  ///< distance of the two samples, and its asymptotic p-value
  std::vector<std::string> added{}, vanished{};   ///< values of categories, by their number of records; the first 20
  std::uint64_t n_added = 0, n_vanished = 0;
};

struct audit_report {
  record_kind table = record_kind::transactions;
  std::uint64_t rows_read = 0, accepted = 0, quarantined = 0, repeated = 0;
  std::uint64_t previous_rows = 0;    ///< read in the cycle before; 0 without one
  std::int64_t days_since_last = -1;  ///< from the last day with a record to the day of the audit; -1 without days
  std::vector<field_audit> fields{};
  std::vector<finding> findings{};  ///< S401 to S411, the worst first
};

/// Looks at what was read of a table: completeness, freshness, uniqueness, validity, and, where a `previous` cycle is given,
/// columns that came or went and distributions that moved. Days are not compared by distribution: they move with every cycle.
///
/// PSI is the sum of (p - q) ln(p / q) over the deciles of the previous numbers, or over the values of a category, with the
/// records without a value as a class of their own and shares of at least 1e-4. Below 0.1 nothing has moved, above 0.25 much has
/// (Siddiqi, Credit Risk Scorecards, 2006). ks is the largest distance of the two distribution functions; its p-value takes the
/// records for independent, and at a million of them is small for any distance: the finding goes by the distance.
///
/// Throws std::invalid_argument for options out of range and two tables of different kinds. O(n log n).
CLARION_API audit_report audit(const record_reading& now, const record_reading* previous = nullptr, date today = {},
                               const audit_options& options = {}, const run_options& run = {});

}  // namespace clarion::schema
