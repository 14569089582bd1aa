#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/conflict/pairs.hpp"
#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::conflict {

/// Two campaigns that get in each other's way. Campaigns are numbered as the rows of their portfolio.
struct conflict_edge {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  double weight = 0;   ///< > 0: conflict in all (a graph), or a shared day (rescheduling)
  std::string reason;  ///< "audience, channel", or whatever explains the weight
};

struct graph_options {
  double min_weight = 0;                ///< edges below this are left out
  std::uint32_t min_clique = 3;         ///< campaigns that make a pile-up
  std::uint64_t max_cliques = 1000;     ///< pile-ups listed; more are counted as truncated
  std::uint64_t max_steps = 1'000'000;  ///< branches of the enumeration, large ones counting more, before it stops

  static constexpr auto fields() {
    return std::tuple{core::option("min_weight", &graph_options::min_weight, "edges with less weight are left out", {0}),
                      core::option("min_clique", &graph_options::min_clique, "campaigns that make a pile-up", {2, 1e6}),
                      core::option("max_cliques", &graph_options::max_cliques, "pile-ups listed, heaviest first", {1, 1e7}),
                      core::option("max_steps", &graph_options::max_steps,
                                   "branches of the enumeration, large ones counting more, before it stops", {1, 1e12})};
  }
};

/// A connected part of the graph, or a set of campaigns that all conflict with each other.
struct campaign_group {
  std::vector<std::uint32_t> campaigns;  ///< ascending
  double weight = 0;                     ///< of the edges among them
};

/// A campaign that holds a component together.
struct articulation {
  std::uint32_t campaign = 0;
  double freed = 0;           ///< weight of its edges: the conflict that is gone when it moves away
  std::uint32_t parts = 0;    ///< pieces its component falls into
  std::uint32_t largest = 0;  ///< campaigns in the largest piece
  bool fixed = false;         ///< its dates stay, so that it is the others that are to move
};

struct conflict_graph {
  std::uint32_t campaigns = 0;
  std::vector<conflict_edge> edges;         ///< a < b, one a pair, ascending; parallel edges are added up
  double weight = 0;                        ///< of all edges
  std::vector<double> strength;             ///< a campaign: weight of its edges
  std::vector<std::uint32_t> degree;        ///< a campaign: campaigns that it conflicts with
  std::vector<std::uint32_t> component;     ///< a campaign: its entry in `components`
  std::vector<campaign_group> components;   ///< largest first, then heaviest; campaigns without edges are components of one
  std::vector<campaign_group> cliques;      ///< maximal, of min_clique campaigns or more, heaviest first
  bool cliques_truncated = false;           ///< more exist than are listed
  std::vector<articulation> articulations;  ///< those that free most first
  std::vector<std::uint32_t> wave;          ///< a campaign: 0-based launch wave; no two of a wave conflict
  std::uint32_t waves = 0;
  std::uint32_t waves_bound = 0;      ///< no division needs fewer: campaigns in the largest clique found
  std::vector<std::uint32_t> locked;  ///< edges between two campaigns with fixed dates: only cutting one resolves them
};

/// The structure of a set of conflicts: what hangs together, what piles up, whose move frees most, and launch waves free of
/// conflict. `starts` (one a campaign, or none) puts the waves in the order of their campaigns' mean start; `fixed` (one a
/// campaign, or none) marks those whose dates stay. Deterministic, on the caller's thread. Components, articulation campaigns
/// (Hopcroft and Tarjan, 1973) and waves are O((campaigns + edges) log); maximal cliques by Bron and Kerbosch with pivots in
/// degeneracy order (Eppstein, Loeffler and Strash, 2010), bounded by max_steps (a branch counts one, and one more for every 512
/// comparisons); waves by greedy colouring (smallest last, largest first, and saturation order; the fewest win). Throws
/// std::invalid_argument for an edge with an unknown campaign, one to itself, or a weight that is not positive and finite.
CLARION_API conflict_graph build_conflict_graph(std::uint32_t campaigns, std::span<const conflict_edge> edges,
                                                const graph_options& options = {}, std::span<const date> starts = {},
                                                std::span<const std::uint8_t> fixed = {}, const run_options& run = {});

/// Pairs as edges that say why: those that conflict now, weighing all of their conflict, or, for rescheduling, all pairs of the
/// table that can, weighing that of one shared day.
CLARION_API std::vector<conflict_edge> conflict_edges(const pair_table& pairs, bool per_day = false);

/// The graph of a portfolio's pairs, by row. Campaigns that are over (reschedule.hpp: movable_campaigns) conflict with nothing;
/// fixed dates and starts are the portfolio's.
CLARION_API conflict_graph build_conflict_graph(const schema::portfolio& portfolio, const pair_table& pairs,
                                                const schema::policy& policy = {}, const graph_options& options = {},
                                                const run_options& run = {});

/// C501 to C506, at most max_findings of a code. `ids` names the campaigns, `labels` (one each, or none) what sentences call
/// them. Throws std::invalid_argument when either are fewer than the campaigns.
CLARION_API std::vector<schema::finding> graph_findings(const conflict_graph& graph, std::span<const std::string> ids,
                                                        std::uint32_t max_findings = 50,
                                                        std::span<const std::string> labels = {});

}  // namespace clarion::conflict
