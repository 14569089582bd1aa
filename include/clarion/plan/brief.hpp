#pragma once

// A portfolio goes in, a pre-launch brief comes out: every layer once, on shared work, under one policy.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/conflict/find_conflicts.hpp"
#include "clarion/conflict/graph.hpp"
#include "clarion/conflict/reschedule.hpp"
#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/plan/kpis.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/plan/risks.hpp"
#include "clarion/plan/roadmap.hpp"
#include "clarion/plan/strategies.hpp"
#include "clarion/plan/team.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan {

struct brief_options {
  double touch_rate = 0.1;          ///< conflict of a shared day (conflict::pair_table::rate) from which two campaigns touch
  std::uint32_t overlap_rows = 40;  ///< campaigns in the overlap matrix
  conflict::conflict_options conflict;
  conflict::graph_options graph;
  conflict::reschedule_options reschedule = quick_reschedule();
  strategies_options strategies;
  kpis_options kpis;
  risks_options risks;
  roadmap_options roadmap;
  team_options team;

  /// Fewer nodes than reschedule takes by itself, so that a large portfolio's brief does not wait for the proof.
  static conflict::reschedule_options quick_reschedule() {
    conflict::reschedule_options out;
    out.max_nodes = 100'000;
    return out;
  }

  static constexpr auto fields() {
    return std::tuple{
        core::option("touch_rate", &brief_options::touch_rate,
                     "conflict of a shared day (share of the smaller audience, weighted) from which two campaigns touch",
                     {0, 10}),
        core::option("overlap_rows", &brief_options::overlap_rows, "campaigns in the overlap matrix", {0, 1000})};
  }
};

/// A row that reading set aside.
struct quarantined_campaign {
  std::uint64_t row = 0;  ///< 1-based row of data in the source
  std::string campaign;   ///< id, or empty
  std::vector<schema::finding> findings;
};

/// What a brief is made from beside the portfolio; pointers may be null.
struct brief_input {
  const schema::audiences* audiences = nullptr;
  const schema::portfolio* history = nullptr;
  const schema::catalog* catalog = nullptr;
  std::span<const schema::blackout> holidays{};
  const kpi_table* kpis = nullptr;  ///< null: default_kpi_table()
  /// Findings of reading and validation; null: the portfolio is validated here.
  const std::vector<schema::finding>* validation = nullptr;
  std::vector<quarantined_campaign> quarantine{};
};

/// Jaccard similarity and shared customers of the campaigns that overlap most, row-major squares over `campaigns`.
struct overlap_matrix {
  std::vector<std::uint32_t> campaigns;  ///< portfolio rows, ascending
  std::vector<double> jaccard;           ///< missing where an audience is not known; 1 on the diagonal
  std::vector<double> shared;            ///< customers; missing likewise and where estimated
  bool estimated = false;
};

struct brief_result {
  schema::portfolio portfolio;
  date today{};
  std::uint64_t history_campaigns = 0;
  std::optional<std::uint64_t> customers;  ///< in at least one audience; none without memberships

  conflict::conflicts conflicts;  ///< its findings have moved to `risks`
  conflict::conflict_graph graph;
  std::vector<conflict::movable_campaign> movable;
  conflict::reschedule_result moves;
  overlap_matrix overlap;
  std::vector<std::vector<std::uint32_t>> collides;  ///< by row: campaigns that an open risk of its kind names with it, ascending

  // The layers. `findings` of each are those that stand under the policy.
  strategies_result strategies;
  std::vector<std::string> neighbour_id, neighbour_name;  ///< of strategies.neighbours.rows
  kpis_result kpis;
  risks_plan risks;
  roadmap_plan roadmap;
  team_plan team;

  std::vector<schema::finding> validation;  ///< open
  std::vector<schema::finding> accepted;    ///< of validation, then of the layers in their order
  std::vector<quarantined_campaign> quarantine;
  std::vector<missing_input> missing;  ///< of all layers, in their order

  /// Open findings of this severity in validation, layers and quarantine.
  CLARION_API std::size_t count(schema::severity severity) const;
};

/// Validates, finds conflicts, builds the conflict graph, reschedules, and runs the five layers, each once: pairs and weekly load
/// are computed once and shared. The policy is applied to the conflict findings before they are merged into risks, and to every
/// other layer's findings. `policy.today` is the day of judgement; the clock's day in UTC where it is not given.
/// The same for any number of threads. Under 100 ms for 15 campaigns with 20,000 customers and two years of history, under 5 s
/// for 1,500 campaigns. Throws std::invalid_argument for an option outside its range.
CLARION_API brief_result brief(const schema::portfolio& portfolio, const brief_input& input = {},
                               const schema::policy& policy = {}, const brief_options& options = {}, const run_options& run = {});

/// The brief as JSON in the form of docs/plan/brief.md. Numbers that are not known are null, never NaN; text that is not valid
/// UTF-8 is repaired with U+FFFD. `indent` < 0 gives one line.
CLARION_API std::string to_json(const brief_result& brief, int indent = 2);

/// A list of findings as a JSON array, in the same form.
CLARION_API std::string to_json(std::span<const schema::finding> findings, int indent = 2);

}  // namespace clarion::plan
