#include "clarion/plan/brief.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/overlap.hpp"
#include "clarion/conflict/pairs.hpp"
#include "clarion/schema/validate.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

// The rows of the table whose campaigns touch: those below the rate share a few customers by chance.
conflict::pair_table touching(const conflict::pair_table& pairs, double rate) {
  conflict::pair_table out;
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    if (!(pairs.rate[p] >= rate)) continue;
    out.a.push_back(pairs.a[p]);
    out.b.push_back(pairs.b[p]);
    out.shared_days.push_back(pairs.shared_days[p]);
    out.days_apart.push_back(pairs.days_apart[p]);
    out.shared.push_back(pairs.shared[p]);
    out.jaccard.push_back(pairs.jaccard[p]);
    out.share_a.push_back(pairs.share_a[p]);
    out.share_b.push_back(pairs.share_b[p]);
    out.containment.push_back(pairs.containment[p]);
    out.rate.push_back(pairs.rate[p]);
    out.weight.push_back(pairs.weight[p]);
    out.reasons.push_back(pairs.reasons[p]);
  }
  return out;
}

// Days by which two campaigns may come closer, both moving: pairs that far apart can come to share days.
std::int32_t reach_of(std::span<const conflict::movable_campaign> campaigns) {
  std::int64_t back = 0, forth = 0;
  for (const auto& campaign : campaigns) {
    if (campaign.fixed || campaign.over) continue;
    back = std::max<std::int64_t>(back, (campaign.start - campaign.earliest).count());
    forth = std::max<std::int64_t>(forth, (campaign.latest - campaign.start).count());
  }
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(back + forth, 0, conflict::longest_run));
}

// Moves the findings through the policy: what stands stays, what is accepted goes to the list of those.
void judge_into(std::vector<schema::finding>& findings, std::vector<schema::finding>& accepted, const schema::policy& policy) {
  auto result = schema::judge(std::move(findings), policy);
  findings = std::move(result.open);
  for (auto& finding : result.accepted) accepted.push_back(std::move(finding));
}

// The campaigns that overlap most: by the sum of their similarities to all others.
std::vector<std::uint32_t> most_overlapping(const conflict::pair_table& pairs, std::size_t n, std::size_t rows) {
  std::vector<double> sum(n);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    if (!(pairs.jaccard[p] > 0)) continue;
    sum[pairs.a[p]] += pairs.jaccard[p];
    sum[pairs.b[p]] += pairs.jaccard[p];
  }
  std::vector<std::uint32_t> out(n);
  std::iota(out.begin(), out.end(), 0u);
  std::ranges::stable_sort(out, std::ranges::greater{}, [&](std::uint32_t row) { return sum[row]; });
  if (out.size() > rows) out.resize(rows);
  std::ranges::sort(out);
  return out;
}

overlap_matrix overlaps(const schema::portfolio& portfolio, const schema::audiences* audiences,
                        const conflict::conflicts& conflicts, std::size_t rows, const run_options& run) {
  overlap_matrix out;
  if (conflicts.source == conflict::audience_source::none) return out;
  out.campaigns = most_overlapping(conflicts.pairs, portfolio.size(), rows);
  const std::size_t n = out.campaigns.size();
  out.jaccard.assign(n * n, schema::missing);
  out.shared.assign(n * n, schema::missing);
  for (std::size_t i = 0; i < n; ++i) out.jaccard[i * n + i] = 1;
  const auto set = [&](std::vector<double>& square, std::size_t i, std::size_t j, double value) {
    square[i * n + j] = value;
    square[j * n + i] = value;
  };
  if (conflicts.source == conflict::audience_source::membership) {
    const auto at = conflict::audience_rows(portfolio, *audiences);
    std::unordered_map<std::uint32_t, std::size_t> place;
    for (std::size_t i = 0; i < n; ++i)
      if (at[out.campaigns[i]] < audiences->size()) {
        place[at[out.campaigns[i]]] = i;
        out.shared[i * n + i] = static_cast<double>(audiences->count(at[out.campaigns[i]]));
      }
    conflict::overlap_options options{.pairs = {}, .concurrent_only = {}};
    options.pairs.emplace();
    for (const auto& [a, i] : place)
      for (const auto& [b, j] : place)
        if (a < b) options.pairs->emplace_back(a, b);
    std::ranges::sort(*options.pairs);
    const auto table = conflict::overlap(*audiences, options, run);
    for (std::size_t p = 0; p < table.size(); ++p) {
      const auto i = place[table.a[p]], j = place[table.b[p]];
      set(out.jaccard, i, j, table.jaccard[p]);
      set(out.shared, i, j, static_cast<double>(table.shared[p]));
    }
    return out;
  }
  out.estimated = true;
  const auto declared = conflict::declare_audiences(portfolio);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j)
      if (declared.known(out.campaigns[i]) && declared.known(out.campaigns[j]))
        set(out.jaccard, i, j, conflict::declared_overlap(declared, out.campaigns[i], out.campaigns[j]).jaccard);
  return out;
}

// Overlaps, contacts and timing are about campaigns that collide; saturation and concentration are about what they add up to.
std::vector<std::vector<std::uint32_t>> collisions(const schema::portfolio& portfolio, std::span<const schema::finding> risks) {
  std::unordered_map<std::string_view, std::uint32_t> row_of;
  for (std::uint32_t row = 0; row < portfolio.size(); ++row) row_of.try_emplace(portfolio.id[row], row);
  std::vector<std::vector<std::uint32_t>> out(portfolio.size());
  for (const auto& finding : risks) {
    const bool pairwise = finding.code.starts_with("C1") || finding.code.starts_with("C4") || finding.find("also") != nullptr;
    if (!pairwise || finding.severity == schema::severity::info) continue;
    for (const auto& a : finding.campaigns)
      for (const auto& b : finding.campaigns) {
        const auto i = row_of.find(a), j = row_of.find(b);
        if (i != row_of.end() && j != row_of.end() && i->second != j->second) out[i->second].push_back(j->second);
      }
  }
  for (auto& others : out) {
    std::ranges::sort(others);
    others.erase(std::unique(others.begin(), others.end()), others.end());
  }
  return out;
}

}  // namespace

std::size_t brief_result::count(schema::severity severity) const {
  std::size_t out = 0;
  const auto add = [&](std::span<const schema::finding> findings) {
    for (const auto& finding : findings) out += finding.severity == severity ? 1 : 0;
  };
  for (const auto* layer :
       {&validation, &strategies.findings, &kpis.findings, &risks.findings, &roadmap.findings, &team.findings})
    add(*layer);
  for (const auto& row : quarantine) add(row.findings);
  return out;
}

brief_result brief(const schema::portfolio& portfolio, const brief_input& input, const schema::policy& given,
                   const brief_options& options, const run_options& run) {
  core::check_options(options);
  brief_result out;
  out.portfolio = portfolio;
  schema::policy policy = given;
  if (!policy.today) policy.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  out.today = *policy.today;
  const auto n = static_cast<std::uint32_t>(portfolio.size());
  const schema::portfolio none;
  const schema::portfolio& history = input.history != nullptr ? *input.history : none;
  out.history_campaigns = history.size();
  if (input.audiences != nullptr) out.customers = input.audiences->n_customers();
  // Every step is told its share of the way, so that each can be stopped from the callback; none may go back.
  run_options whole = silent(run);
  if (run.progress)
    whole.progress = [&run, furthest = 0.0](double fraction) mutable {
      furthest = std::max(furthest, std::min(fraction, 1.0));
      run.progress(furthest);
    };
  const auto step = [&](double from, double to) {
    if (run.cancel.stop_requested()) throw cancelled();
    if (whole.progress) whole.progress(from);
    return part_of(whole, from, to);
  };

  out.validation =
      input.validation != nullptr ? *input.validation : schema::validate(portfolio, policy, input.catalog, {}, step(0, 0.05));
  judge_into(out.validation, out.accepted, policy);
  out.quarantine = input.quarantine;
  for (auto& row : out.quarantine) judge_into(row.findings, out.accepted, policy);

  out.movable = conflict::movable_campaigns(portfolio, policy, options.reschedule);
  auto conflict_options = options.conflict;
  if (conflict_options.pairs.catalog == nullptr) conflict_options.pairs.catalog = input.catalog;
  conflict_options.pairs.within_days = std::max(conflict_options.pairs.within_days, reach_of(out.movable));
  out.conflicts = conflict::find_conflicts(portfolio, input.audiences, policy, input.holidays, conflict_options, step(0.05, 0.3));

  const auto pairs = touching(out.conflicts.pairs, options.touch_rate);
  std::vector<std::uint8_t> fixed;
  for (const auto& campaign : out.movable) fixed.push_back(campaign.fixed ? 1 : 0);
  auto edges = conflict::conflict_edges(pairs);
  std::erase_if(edges, [&](const auto& edge) { return out.movable[edge.a].over || out.movable[edge.b].over; });
  out.graph = conflict::build_conflict_graph(n, edges, options.graph, portfolio.start, fixed, step(0.3, 0.4));
  out.moves = conflict::reschedule(out.movable, conflict::conflict_edges(pairs, true), options.reschedule, step(0.4, 0.5));

  std::vector<std::string> ids, names;
  for (std::uint32_t row = 0; row < n; ++row) {
    ids.push_back(wording::id(portfolio, row));
    names.push_back(wording::label(portfolio, row));
  }
  auto found = std::move(out.conflicts.findings);
  for (auto& finding : conflict::graph_findings(out.graph, ids, options.conflict.max_findings, names))
    found.push_back(std::move(finding));
  std::vector<schema::finding> accepted_risks;
  judge_into(found, accepted_risks, policy);
  out.risks = risks(portfolio, std::move(found), out.conflicts.source, options.risks);
  out.collides = collisions(portfolio, out.risks.findings);
  out.overlap = overlaps(portfolio, input.audiences, out.conflicts, options.overlap_rows, step(0.5, 0.6));

  out.strategies = strategies(portfolio, history, input.catalog, options.strategies, step(0.6, 0.8));
  for (const auto& near : out.strategies.neighbours.rows) {
    out.neighbour_id.emplace_back(history.id[near.row]);
    out.neighbour_name.emplace_back(history.name[near.row]);
  }
  out.kpis =
      kpis(portfolio, history, input.catalog, options.kpis, step(0.8, 0.9), input.kpis ? *input.kpis : default_kpi_table());
  step(0.9, 1);
  out.roadmap = roadmap(portfolio,
                        {.history = input.history,
                         .catalog = input.catalog,
                         .graph = &out.graph,
                         .moves = &out.moves,
                         .movable = out.movable,
                         .today = out.today},
                        options.roadmap);
  auto team_options = options.team;
  team_options.touch_rate = options.touch_rate;
  out.team =
      team(portfolio, {.history = input.history, .pairs = &pairs, .channels = policy.channels, .today = out.today}, team_options);

  judge_into(out.strategies.findings, out.accepted, policy);
  judge_into(out.kpis.findings, out.accepted, policy);
  for (auto& finding : accepted_risks) out.accepted.push_back(std::move(finding));
  // Conflicts have been judged; what the layer itself says (P) has not.
  {
    std::vector<schema::finding> own, standing;
    for (auto& finding : out.risks.findings) (finding.code.starts_with("P") ? own : standing).push_back(std::move(finding));
    judge_into(own, out.accepted, policy);
    for (auto& finding : own) standing.push_back(std::move(finding));
    out.risks.findings = std::move(standing);
  }
  judge_into(out.roadmap.findings, out.accepted, policy);
  judge_into(out.team.findings, out.accepted, policy);
  for (const auto* layer :
       {&out.strategies.missing, &out.kpis.missing, &out.risks.missing, &out.roadmap.missing, &out.team.missing})
    out.missing.insert(out.missing.end(), layer->begin(), layer->end());
  step(1, 1);
  return out;
}

}  // namespace clarion::plan
