#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"

namespace clarion::schema {

/// A number that was not given. Every optional number of a record is a double that may be this.
inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

enum class objective : std::uint8_t {
  unspecified,
  acquisition,
  activation,
  revenue,
  retention,
  reactivation,
  awareness,
  lead_generation,
  clearance
};
enum class status : std::uint8_t { unspecified, draft, planned, approved, running, finished, cancelled };

/// The name in files ("lead_generation"); parsing ignores case and reads spaces and hyphens as underscores.
CLARION_API std::string_view to_string(objective value);
CLARION_API std::string_view to_string(status value);
CLARION_API std::optional<objective> parse_objective(std::string_view text);
CLARION_API std::optional<status> parse_status(std::string_view text);

struct money {
  double amount = missing;
  std::string currency = "USD";  ///< ISO 4217
};

/// A success criterion: a KPI and the value it must reach ("roas >= 3").
struct kpi_target {
  std::string kpi{};
  bool at_least = true;  ///< false: the KPI must stay at or below the value
  double value = 0;
};

CLARION_API std::string to_string(const kpi_target& target);                    ///< "roas >= 3"
CLARION_API std::optional<kpi_target> parse_kpi_target(std::string_view text);  ///< reads >=, <=, at least, at most

/// What a finished campaign came to.
struct actuals {
  double spend = missing;
  double impressions = missing;
  double clicks = missing;
  double conversions = missing;
  double revenue = missing;
  double new_customers = missing;
  double returns = missing;  ///< orders sent back
};

/// One campaign as people plan it. `portfolio` holds many of them by column; this is a row taken out or to be put in.
struct campaign {
  std::string id{};
  std::string name{};
  date start{};
  date end{};  ///< last day, included
  money budget{};
  std::string channel{};                ///< a name of the channel registry
  std::vector<std::string> audience{};  ///< named segments or tags
  std::vector<std::string> products{};  ///< product ids, or category names where there is no catalogue
  std::string owner{};

  std::string group{};  ///< A/B group
  schema::objective objective = objective::unspecified;
  std::string region{};
  schema::status status = status::unspecified;
  std::string approver{};             ///< who approves the budget
  std::string channel_manager{};      ///< who runs the channel
  double touches_per_week = missing;  ///< planned contacts per customer of the audience and week
  double frequency_cap = missing;     ///< most contacts a customer may get in a week, all campaigns together
  std::vector<std::string> tags{};    ///< under the portfolio's naming standard

  std::optional<date> earliest_start{};  ///< the window in which the campaign may be moved; open where not given
  std::optional<date> latest_end{};
  bool fixed_dates = false;  ///< must stay where it is (Black Friday)

  std::vector<kpi_target> targets{};  ///< success criteria
  std::optional<date> approved_on{};  ///< the day the criteria were frozen
  std::string approved_hash{};        ///< criteria_hash() of that day

  schema::actuals actuals{};
};

/// SHA-256 (hex) of the campaign's success criteria in canonical order: KPI, direction and value of every target. Freeze it at
/// approval; a later change of goalposts shows as a different hash.
CLARION_API std::string criteria_hash(const std::vector<kpi_target>& targets);

}  // namespace clarion::schema
