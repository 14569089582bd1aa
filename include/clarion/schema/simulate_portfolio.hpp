#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::schema {

/// How conversions of the simulated history answer to money: scale * (spend / $1000) ^ elasticity, before season and noise.
struct channel_response {
  std::string channel;
  double scale;
  double elasticity;  ///< below 1: each further dollar brings less
};

/// Conversions of a category's campaigns by calendar month, January first, relative to its ordinary level of 1.
struct category_season {
  std::string category;
  std::array<double, 12> index;
  double order_value;  ///< revenue of a conversion, USD
  double return_rate;  ///< orders sent back, share of conversions
};

/// A finished campaign that did better or worse than its money and season explain.
struct planted_performance {
  std::string campaign;  ///< id in simulate_history()
  double factor;         ///< on its conversions
};

/// What simulate_history() was made from.
struct history_truth {
  std::vector<channel_response> responses;
  std::vector<category_season> seasons;
  std::vector<planted_performance> performers;  ///< overperformers first
  double noise = 0.10;                          ///< standard deviation of the logarithm of conversions that nothing explains
};

CLARION_API const history_truth& planted_history();

struct history_options {
  std::uint64_t campaigns = 80;  ///< 40 a year, the latest year ends on 2026-07-31
  std::uint64_t seed = 7;
  static constexpr auto fields() {
    return std::tuple{core::option("campaigns", &history_options::campaigns, "finished campaigns, 40 a year", {0, 3000}),
                      core::option("seed", &history_options::seed, "of the random streams")};
  }
};

/// Finished campaigns with actuals, ordered by start: 40 recurring campaigns a year whose budgets vary from year to year.
/// conversions = response(channel, spend) * mean season over the run * performance * lognormal(noise). A campaign keeps its
/// record when more years are asked for. docs/schema/world.md gives every parameter. O(campaigns).
CLARION_API portfolio simulate_history(const history_options& options = {});

struct portfolio_options {
  std::uint64_t campaigns = 10000;
  std::uint64_t seed = 7;
  int first_year = 2025;
  int years = 2;
  bool actuals = false;
  static constexpr auto fields() {
    return std::tuple{
        core::option("campaigns", &portfolio_options::campaigns, "rows", {0, 1e8}),
        core::option("seed", &portfolio_options::seed, "of the random streams"),
        core::option("first_year", &portfolio_options::first_year, "campaigns start on or after its 1 January", {1970, 9000}),
        core::option("years", &portfolio_options::years, "calendar years that hold every run", {1, 100}),
        core::option("actuals", &portfolio_options::actuals, "finished campaigns with spend, conversions and the rest")};
  }
};

/// A clean portfolio of any size for load tests, in no particular order: runs of 3 to 42 days, lognormal budgets (median $9,000),
/// one to three of max(20, campaigns / 20) segments (at most 960), tags, owners (one for 40 campaigns) and windows. A row
/// depends on the options and its number. O(campaigns); a million rows take about a second.
CLARION_API portfolio simulate_portfolio(const portfolio_options& options = {}, const run_options& run = {});

}  // namespace clarion::schema
