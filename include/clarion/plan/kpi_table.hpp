#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/schema/campaign.hpp"

namespace clarion::plan {

enum class kpi_role : std::uint8_t { primary, secondary, guardrail };
CLARION_API std::string_view to_string(kpi_role role);

/// A key performance indicator: numerator / denominator, each a field of the actuals (spend, impressions, clicks, conversions,
/// revenue, new_customers, returns) or a further column of the history (opens, delivered, attendees, ...).
struct kpi_definition {
  std::string id;       ///< "cpa"
  std::string name;     ///< "Cost per acquisition"
  std::string formula;  ///< for people: "spend / conversions"
  std::string unit;     ///< "money", "share", "count", "score"
  bool higher_is_better = true;
  std::string numerator;            ///< field or column; alternatives separated by |, the first that has numbers counts
  std::string denominator;          ///< the same; empty: the KPI is the numerator itself, a total that grows with the budget
  std::string measure;              ///< what to record so that it can be computed
  std::int32_t look_after_end = 0;  ///< days after the last day before it can be read; 0: it is read while the campaign runs
};

/// Which KPIs an intent calls for. The most particular rule counts for each role: objective and channel, then objective; what a
/// rule of the channel alone names is added as secondary or guardrail.
struct kpi_intent {
  schema::objective objective = schema::objective::unspecified;  ///< unspecified: every objective
  std::string channel;                                           ///< empty: every channel
  kpi_role role = kpi_role::primary;
  std::vector<std::string> kpis;  ///< ids
};

struct kpi_table {
  std::vector<kpi_definition> definitions;
  std::vector<kpi_intent> intents;
};

/// What came with the library: docs/plan/kpis.md lists it.
CLARION_API const kpi_table& default_kpi_table();

/// The default with a team's own laid over it: {"kpis": {"roas": {"name": ..., "formula": ..., "unit": ..., "direction":
/// "up|down", "numerator": ..., "denominator": ..., "measure": ..., "look_after_end": days}, ...}, "intents": [{"objective": ...,
/// "channel": ..., "role": "primary|secondary|guardrail", "kpis": ["roas", ...]}, ...]}. A definition given for a known id
/// replaces the members it names; an intent replaces the one of the same objective, channel and role. Throws clarion::error
/// saying where the text is not of this form, or names a KPI without a definition.
CLARION_API kpi_table parse_kpi_table(std::string_view json, const kpi_table& base = default_kpi_table());

/// The table in the same form.
CLARION_API std::string to_json(const kpi_table& table);

/// The KPIs of an intent, primary first, without repeats; indices into definitions.
struct kpi_choice {
  std::size_t definition = 0;
  kpi_role role = kpi_role::primary;
};
CLARION_API std::vector<kpi_choice> framework_of(const kpi_table& table, schema::objective objective, std::string_view channel);

}  // namespace clarion::plan
