#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/plan/outcome.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan {

struct worked_options {
  std::optional<date> from{};  ///< first day; campaigns that ended in [from, to] are judged, all of history is the yardstick
  std::optional<date> to{};    ///< last day, included
  double level = 0.8;
  double certainty = 0.95;
  std::uint32_t min_history = 8;

  static constexpr auto fields() {
    using o = worked_options;
    return std::tuple{core::option("from", &o::from, "judge campaigns that ended on this day or later"),
                      core::option("to", &o::to, "judge campaigns that ended on this day or earlier"),
                      core::option("level", &o::level, "probability that an interval holds the truth", {0.01, 0.999}),
                      core::option("certainty", &o::certainty, "probability that a verdict needs", {0.5, 0.9999}),
                      core::option("min_history", &o::min_history,
                                   "finished campaigns with an outcome below which nothing is judged", {3, 1e6})};
  }
};

enum class verdict : std::uint8_t { cannot_tell, worked, did_not };
CLARION_API std::string_view to_string(verdict value);  ///< "cannot tell", "worked", "did not"

/// One finished campaign, judged.
struct worked_row {
  std::string campaign;
  std::string name;
  std::string channel;
  schema::objective objective = schema::objective::unspecified;
  plan::outcome outcome = outcome::none;
  double spend = schema::missing;      ///< the budget where no spend was recorded
  double actual = schema::missing;     ///< the outcome
  double per_money = schema::missing;  ///< actual / spend: ROAS, or 1 / CPA
  double expected = schema::missing;   ///< outcome of a campaign of this channel, objective, category, season and spend
  double index = schema::missing;      ///< shrunken actual / expected: 1 = as its kind does
  double index_low = schema::missing, index_high = schema::missing;
  double shrunken_per_money = schema::missing;  ///< expected x index / spend, with its interval; ranks the rows
  double low = schema::missing, high = schema::missing;
  double probability = schema::missing;  ///< that it did better than the bar
  plan::verdict verdict = verdict::cannot_tell;
  std::string basis;  ///< what the bar was: "target roas >= 3" or "campaigns of its kind"; empty: none
};

struct worked_result {
  std::vector<worked_row> rows;  ///< by outcome, then by shrunken outcome per money, best first; unjudged ones last
  std::vector<schema::finding> findings;
  std::vector<missing_input> missing;
};

/// Which finished campaigns actually worked. Each is held against its own success criterion where one on its outcome was set (the
/// chance of its result then is that of its count of conversions), and otherwise against what campaigns of its channel,
/// objective, category, season and spend come to: it worked, or did not, when it lies outside their usual scatter
/// (stats::two_groups), and cannot be told inside it. O(history) plus one fit per outcome. Throws std::invalid_argument for
/// options out of range or `to` before `from`.
CLARION_API worked_result which_worked(const schema::portfolio& history, const schema::catalog* catalog = nullptr,
                                       const worked_options& options = {}, const run_options& run = {});

/// P111 to P113.
CLARION_API std::span<const schema::rule> worked_rules();

}  // namespace clarion::plan
