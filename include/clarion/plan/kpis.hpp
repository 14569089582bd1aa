#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/plan/kpi_table.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan {

struct kpis_options {
  std::uint32_t min_rows = 5;
  std::uint32_t most_rows = 25;
  double target_quantile = 0.6;
  double warning_quantile = 0.25;
  std::uint32_t events = 30;

  static constexpr auto fields() {
    using o = kpis_options;
    return std::tuple{
        core::option("min_rows", &o::min_rows, "finished campaigns that a baseline needs", {2, 1e6}),
        core::option("most_rows", &o::most_rows, "most similar finished campaigns that a baseline takes", {2, 1e6}),
        core::option("target_quantile", &o::target_quantile,
                     "quantile of similar campaigns that is the target where a campaign has none (0.5: as good as the median)",
                     {0, 1}),
        core::option("warning_quantile", &o::warning_quantile, "quantile of similar campaigns below which to act", {0, 0.5}),
        core::option("events", &o::events, "conversions that must be expected before a KPI is read for the first time",
                     {1, 1e6})};
  }
};

/// One KPI of one campaign. Numbers that cannot be told are NaN.
struct kpi_row {
  std::string campaign;
  std::string kpi;   ///< id of the definition
  std::string name;  ///< what people call it
  kpi_role role = kpi_role::primary;
  std::string formula;
  std::string unit;  ///< "USD" for money, else that of the definition
  bool higher_is_better = true;
  double baseline = schema::missing;                                       ///< median of similar finished campaigns
  double baseline_low = schema::missing, baseline_high = schema::missing;  ///< their 25% and 75% quantiles
  double target = schema::missing;
  double warning = schema::missing;  ///< act when the KPI stands on the wrong side of this on `check_on`
  std::optional<date> check_on;
  std::uint64_t rows = 0;    ///< finished campaigns behind the baseline
  std::string basis;         ///< where the baseline comes from, or what to measure where there is none
  std::string target_basis;  ///< where the target comes from
};

struct kpis_result {
  std::vector<schema::finding> findings;
  std::vector<kpi_row> table;  ///< by campaign in order, primary first
  std::vector<missing_input> missing;
};

/// The KPI layer: a framework by intent for each planned campaign. Baselines are similarity-weighted quantiles of the finished
/// campaigns of the same channel and objective, or where those are fewer than min_rows of the same objective, or the same
/// channel; totals (new customers, installs, reach) are taken per unit of money and scaled to the campaign's budget. A campaign's
/// own target counts first; otherwise the target is a quantile of the baseline. O(planned x history) in parallel. Throws
/// std::invalid_argument for options out of range.
CLARION_API kpis_result kpis(const schema::portfolio& planned, const schema::portfolio& history,
                             const schema::catalog* catalog = nullptr, const kpis_options& options = {},
                             const run_options& run = {}, const kpi_table& table = default_kpi_table());

/// P201 to P206.
CLARION_API std::span<const schema::rule> kpis_rules();

}  // namespace clarion::plan
