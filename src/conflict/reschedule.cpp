#include "clarion/conflict/reschedule.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "clarion/core/error.hpp"
#include "conflict/reschedule_choices.hpp"
#include "conflict/reschedule_proof.hpp"
#include "conflict/reschedule_watch.hpp"
#include "conflict/reschedule_windows.hpp"

namespace clarion::conflict {

namespace {

void check(std::span<const movable_campaign> campaigns, std::span<const conflict_edge> rates) {
  constexpr int most_days = 36'500;
  for (const auto& c : campaigns) {
    if (c.end < c.start) reject("campaigns", c.id + " ends " + core::to_string(c.end), "give a last day on or after its start");
    if (!(c.weight >= 0) || !std::isfinite(c.weight))
      reject("weight", std::to_string(c.weight) + " (" + c.id + ")", "give a finite number of at least 0");
    if ((c.end - c.start).count() > most_days)
      reject("campaigns", c.id + " runs to " + core::to_string(c.end), "give campaigns of at most 100 years");
    if (!c.fixed && !c.over && (c.latest < c.earliest || (c.latest - c.earliest).count() > most_days))
      reject("campaigns", c.id + " may start from " + core::to_string(c.earliest) + " to " + core::to_string(c.latest),
             "give a window that is not empty and at most 100 years long");
  }
  for (const auto& e : rates) {
    const auto pair = "pair " + std::to_string(e.a) + ", " + std::to_string(e.b);
    if (e.a >= campaigns.size() || e.b >= campaigns.size())
      reject("rates", pair, "give rows below " + std::to_string(campaigns.size()));
    if (e.a == e.b) reject("rates", pair, "give two different campaigns");
    if (!(e.weight >= 0) || !std::isfinite(e.weight))
      reject("rates", std::to_string(e.weight), "give a finite weight of at least 0");
  }
}

struct pair_rate {
  std::uint32_t a, b;
  double rate;
  std::string reason;
};

std::vector<pair_rate> merge_rates(std::span<const movable_campaign> campaigns, std::span<const conflict_edge> rates) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, pair_rate> pairs;
  for (const auto& e : rates) {
    if (e.weight == 0 || campaigns[e.a].over || campaigns[e.b].over) continue;
    const std::pair<std::uint32_t, std::uint32_t> key{std::min(e.a, e.b), std::max(e.a, e.b)};
    auto& p = pairs.try_emplace(key, pair_rate{key.first, key.second, 0, {}}).first->second;
    p.rate += e.weight;
    if (!e.reason.empty() && p.reason.find(e.reason) == std::string::npos) p.reason += (p.reason.empty() ? "" : ", ") + e.reason;
  }
  std::vector<pair_rate> out;
  for (auto& [key, p] : pairs) out.push_back(std::move(p));
  return out;
}

}  // namespace

reschedule_result reschedule(std::span<const movable_campaign> campaigns, std::span<const conflict_edge> rates,
                             const reschedule_options& options, const run_options& run) {
  core::check_options(options);
  if (options.limit && !(*options.limit >= 0)) reject("limit", std::to_string(*options.limit), "give a number of at least 0");
  check(campaigns, rates);
  const std::size_t n = campaigns.size();
  const auto pairs = merge_rates(campaigns, rates);
  const auto shared = [&](const pair_rate& p, std::span<const date> start) {
    return core::shared_days(start[p.a], start[p.a] + (campaigns[p.a].end - campaigns[p.a].start), start[p.b],
                             start[p.b] + (campaigns[p.b].end - campaigns[p.b].start));
  };
  const auto move_cost = [&](std::size_t i, std::int32_t days) {
    return days == 0 ? 0.0 : campaigns[i].weight * (options.cost_per_day * std::abs(days) + options.cost_per_move);
  };

  reschedule_result out;
  std::vector<date> planned(n);
  for (std::size_t i = 0; i < n; ++i) planned[i] = campaigns[i].start;
  for (const auto& p : pairs) out.conflict_before += p.rate * shared(p, planned);

  detail::choices all;
  for (std::size_t i = 0; i < n; ++i) {
    detail::choices::campaign v;
    v.row = static_cast<std::uint32_t>(i);
    v.start = core::day_number(campaigns[i].start);
    v.length = static_cast<std::int32_t>((campaigns[i].end - campaigns[i].start).count()) + 1;
    v.shift = detail::allowed_shifts(campaigns[i], options.step_days);
    if (v.shift.empty()) reject("campaigns", campaigns[i].id + " has no allowed start", "widen its window, or lower step_days");
    for (const auto s : v.shift) v.cost.push_back(move_cost(i, s));
    v.conflict.assign(v.shift.size(), 0.0);
    all.campaigns.push_back(std::move(v));
  }
  for (const auto& p : pairs) {
    const auto &a = all.campaigns[p.a], &b = all.campaigns[p.b];
    const std::int32_t from_a = a.start + a.shift.front(), to_a = a.start + a.shift.back() + a.length;
    const std::int32_t from_b = b.start + b.shift.front(), to_b = b.start + b.shift.back() + b.length;
    if (from_a < to_b && from_b < to_a) all.links.push_back({p.a, p.b, p.rate, 0, {}});
  }
  detail::watch clock(run, options.time_limit);
  detail::reduce(all, [&] { return clock.stop(); });
  const auto groups = all.groups();

  std::vector<std::int32_t> shift(n, 0);
  for (const auto& [row, s] : all.decided) shift[row] = s;
  std::vector<std::uint32_t> group_of(n, std::uint32_t(-1));
  for (std::uint32_t j = 0; j < groups.size(); ++j)
    for (const auto m : groups[j]) group_of[all.campaigns[m].row] = j;
  // Conflict of the pairs that touch each group.
  const auto conflict_around = [&](std::span<const date> start) {
    std::vector<double> sum(groups.size(), 0.0);
    for (const auto& p : pairs) {
      const auto a = group_of[p.a], b = group_of[p.b];
      const double conflict = p.rate * shared(p, start);
      if (a != std::uint32_t(-1)) sum[a] += conflict;
      if (b != a && b != std::uint32_t(-1)) sum[b] += conflict;
    }
    return sum;
  };
  const auto before = conflict_around(planned);

  out.feasible = out.proved = true;
  out.cost = out.bound = all.cost;
  double least = all.conflict;
  std::vector<detail::value_index> values(all.size(), 0);
  const double step = detail::cost_step(all);
  const auto settle = [&](std::span<const std::vector<std::uint32_t>> some, double limit, double from, double to) {
    clock.reaches(from, to);
    const auto v = detail::prove({all, some, limit, step, options.max_nodes, false, false}, values, clock);
    out.feasible = out.feasible && v.feasible;
    out.proved = out.proved && v.proved;
    out.cost += v.cost;
    out.bound += v.bound;
    least += v.feasible ? v.conflict : v.least_conflict;
    for (std::size_t j = 0; j < some.size(); ++j) {
      reschedule_part report;
      for (const auto m : some[j]) {
        const auto& c = all.campaigns[m];
        shift[c.row] = c.shift[values[m]];
        report.campaigns.push_back(c.row);
        report.cost += c.cost[values[m]];
      }
      std::sort(report.campaigns.begin(), report.campaigns.end());
      report.proved = v.searched[j] != 0;
      report.nodes = v.nodes[j];
      out.nodes += v.nodes[j];
      out.parts.push_back(std::move(report));
    }
  };
  if (options.per_component) {
    // Pairs around a group whose conflict no choice changes count against its limit all the same.
    auto start = planned;
    for (const auto& [row, s] : all.decided) start[row] += std::chrono::days{s};
    for (const auto& c : all.campaigns) start[c.row] += std::chrono::days{c.shift[0]};
    const auto around = conflict_around(start);
    for (std::size_t j = 0; j < groups.size(); ++j) {
      double chosen = 0;
      for (const auto m : groups[j]) {
        chosen += all.campaigns[m].conflict[0];
        for (const auto l : all.campaigns[m].links)
          if (all.links[l].a == m) chosen += all.conflict_of(all.links[l], 0, 0);
      }
      const double limit = options.limit ? *options.limit : options.keep_share * before[j];
      const auto m = static_cast<double>(groups.size());
      out.limit += limit;
      settle(std::span(groups).subspan(j, 1), limit - (around[j] - chosen), static_cast<double>(j) / m,
             static_cast<double>(j + 1) / m);
    }
  } else {
    out.limit = options.limit ? *options.limit : options.keep_share * out.conflict_before;
    if (groups.empty())
      out.feasible = least <= out.limit + detail::rounding(out.limit);
    else
      settle(groups, out.limit - all.conflict, 0, 1);
  }
  if (run.cancel.stop_requested()) throw cancelled();
  if (run.progress) run.progress(1.0);

  for (std::size_t i = 0; i < n; ++i) out.start.push_back(planned[i] + std::chrono::days{shift[i]});
  std::vector<std::vector<std::uint32_t>> around(n);
  for (std::uint32_t i = 0; i < pairs.size(); ++i) {
    out.conflict_after += pairs[i].rate * shared(pairs[i], out.start);
    around[pairs[i].a].push_back(i);
    around[pairs[i].b].push_back(i);
  }
  if (!out.feasible) out.least_conflict = std::min(least, out.conflict_after);
  for (const auto& p : pairs)
    if (campaigns[p.a].fixed && campaigns[p.b].fixed) out.conflict_held += p.rate * shared(p, planned);
  out.bound = std::min(out.bound, out.cost);
  out.gap = out.cost - out.bound;
  const auto after = conflict_around(out.start);
  for (std::size_t j = 0; j < out.parts.size(); ++j) {
    out.parts[j].conflict_before = before[j];
    out.parts[j].conflict_after = after[j];
  }

  for (std::size_t i = 0; i < n; ++i) {
    if (shift[i] == 0) continue;
    campaign_move move;
    move.campaign = static_cast<std::uint32_t>(i);
    move.from = planned[i];
    move.to = out.start[i];
    move.days = shift[i];
    move.cost = move_cost(i, shift[i]);
    auto undone = out.start;
    undone[i] = planned[i];
    for (const auto index : around[i]) {
      const auto& p = pairs[index];
      const auto had = shared(p, planned), has = shared(p, out.start);
      move.removes += p.rate * (shared(p, undone) - has);
      if (had != has) move.pairs.push_back({p.a == i ? p.b : p.a, had, has, p.rate * had, p.rate * has, p.reason});
    }
    std::stable_sort(move.pairs.begin(), move.pairs.end(),
                     [](const auto& x, const auto& y) { return x.before - x.after > y.before - y.after; });
    out.moves.push_back(std::move(move));
  }
  std::stable_sort(out.moves.begin(), out.moves.end(), [](const auto& x, const auto& y) { return x.removes > y.removes; });
  return out;
}

}  // namespace clarion::conflict
