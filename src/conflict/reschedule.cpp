#include "clarion/conflict/reschedule.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <thread>

#include "clarion/conflict/detail/reschedule.hpp"
#include "clarion/conflict/load.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/schema/audiences.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using detail::infinity;
using detail::part;
using detail::schedule;
using detail::value_index;
using detail::weighting;

double rounding(double scale) { return 1e-9 * (1 + std::abs(scale)); }

/// Largest step of which every cost is a multiple, 0 when there is none worth using: costs below an incumbent are then a whole
/// step below it.
double cost_step(const std::vector<part>& parts) {
  std::int64_t step = 0;
  for (const auto& p : parts)
    for (const auto& v : p.variables)
      for (const double c : v.cost) {
        const double millionths = c * 1e6;
        if (millionths > 1e15 || std::abs(millionths - std::round(millionths)) > 1e-3) return 0;
        step = std::gcd(step, static_cast<std::int64_t>(std::llround(millionths)));
      }
  return static_cast<double>(step) * 1e-6;
}

/// When a search has to end early: a stop was asked for, the caller's progress function threw, or time is up. The caller's
/// thread reports progress from here, as it may be deep in a search.
class watch {
public:
  watch(const run_options& run, double seconds) : run_(run), caller_(std::this_thread::get_id()) {
    if (seconds > 0) {
      timed_ = true;
      until_ = clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(std::min(seconds, 1e8)));
    }
    report_at_ = clock::now() + std::chrono::milliseconds(100);
  }
  bool expired() const { return timed_ && clock::now() > until_; }
  bool stop() {
    if (aborted_ || run_.cancel.stop_requested() || expired()) return true;
    if (run_.progress && std::this_thread::get_id() == caller_ && clock::now() > report_at_) {
      report_at_ = clock::now() + std::chrono::milliseconds(100);
      try {
        run_.progress(from_);
      } catch (...) {
        aborted_ = true;
        throw;
      }
    }
    return false;
  }
  /// Calls body(i) for each part; progress moves from `from` to `to` meanwhile.
  template <class Body>
  void each(std::size_t count, double from, double to, Body&& body) {
    from_ = from;
    run_options inner;
    inner.threads = run_.threads;
    inner.cancel = run_.cancel;
    if (run_.progress)
      inner.progress = [&, from, to](double f) {
        from_ = from + f * (to - from);
        run_.progress(from_);
      };
    core::parallel_blocks(count, inner, body);
  }

private:
  using clock = std::chrono::steady_clock;
  const run_options& run_;
  std::thread::id caller_;
  std::atomic<bool> aborted_{false};
  bool timed_ = false;
  clock::time_point until_{}, report_at_{};
  double from_ = 0;
};

/// Parts under one common limit, and what is known about each.
struct search_part {
  const part* p = nullptr;
  std::vector<schedule> pool;  // best schedules found, a frontier
  std::vector<double> floor;   // lower bound of each weighting
  std::uint64_t nodes = 0;
  bool done = false;  // nothing outside the pool can improve on the incumbent
  double open = -infinity;
  bool exact = false;  // its bounds of one weighting are attained
};

struct answer {
  bool feasible = false, proved = false;
  double cost = 0, conflict = 0, bound = 0, least_bound = 0;
  std::vector<std::vector<value_index>> values;
  std::vector<std::uint64_t> nodes;
  std::vector<char> part_done;
};

/// The cheapest choice of one schedule a part within the limit, over what the pools hold: a frontier of sums, part by part.
struct merger {
  const std::vector<search_part>& parts;
  std::span<const weighting> weights;
  double limit;
  bool cut_short = false;

  struct label {
    double cost, conflict;
    std::uint32_t before, pick;
  };

  bool run(std::vector<std::uint32_t>& picks, double& best) {
    const std::size_t m = parts.size(), kinds = weights.size();
    const double tolerance = rounding(limit);
    // What the parts from j on add at least, in conflict and under each weighting.
    std::vector<double> least(m + 1, 0.0), floor((m + 1) * kinds, 0.0);
    for (std::size_t j = m; j-- > 0;) {
      least[j] = least[j + 1] + parts[j].pool.back().conflict;
      for (std::size_t k = 0; k < kinds; ++k) {
        double low = infinity;
        for (const auto& s : parts[j].pool) low = std::min(low, weights[k].of(s.cost, s.conflict));
        floor[j * kinds + k] = floor[(j + 1) * kinds + k] + low;
      }
    }
    if (least[0] > limit + tolerance) return false;
    // A first answer from each weighting's own minimum makes the bounds below bite.
    double incumbent = infinity;
    for (std::size_t k = 0; k < kinds; ++k) {
      double cost = 0, conflict = 0;
      for (const auto& q : parts) {
        const auto& s = *std::min_element(q.pool.begin(), q.pool.end(), [&](const auto& x, const auto& y) {
          return weights[k].of(x.cost, x.conflict) < weights[k].of(y.cost, y.conflict);
        });
        cost += s.cost;
        conflict += s.conflict;
      }
      if (conflict <= limit + tolerance) incumbent = std::min(incumbent, cost);
    }
    std::vector<std::vector<label>> levels(m + 1);
    levels[0] = {{0, 0, 0, 0}};
    for (std::size_t j = 0; j < m; ++j) {
      auto& next = levels[j + 1];
      for (std::uint32_t i = 0; i < levels[j].size(); ++i)
        for (std::uint32_t s = 0; s < parts[j].pool.size(); ++s) {
          const label l{levels[j][i].cost + parts[j].pool[s].cost, levels[j][i].conflict + parts[j].pool[s].conflict, i, s};
          if (l.conflict + least[j + 1] > limit + tolerance) continue;
          bool hopeless = l.cost > incumbent + tolerance;
          for (std::size_t k = 0; k < kinds && !hopeless; ++k)
            hopeless = weights[k].cost > 0 &&
                       weights[k].of(l.cost, l.conflict - limit) + floor[(j + 1) * kinds + k] > incumbent + rounding(incumbent);
          if (!hopeless) next.push_back(l);
        }
      std::sort(next.begin(), next.end(), [](const label& x, const label& y) {
        return std::tie(x.cost, x.conflict, x.before, x.pick) < std::tie(y.cost, y.conflict, y.before, y.pick);
      });
      std::size_t kept = 0;
      for (std::size_t i = 0; i < next.size(); ++i)
        if (kept == 0 || next[i].conflict < next[kept - 1].conflict) next[kept++] = next[i];
      next.resize(kept);
      if (constexpr std::size_t most = 100'000; next.size() > most) {
        // The frontier is too fine to hold: an even sample of it keeps both ends.
        std::vector<label> thin;
        for (std::size_t i = 0; i < most; ++i) thin.push_back(next[i * (next.size() - 1) / (most - 1)]);
        next.swap(thin);
        cut_short = true;
      }
      if (next.empty()) return false;
    }
    std::uint32_t at = 0;  // ascending in cost: the first is the cheapest
    best = levels[m][0].cost;
    picks.assign(m, 0);
    for (std::size_t j = m; j-- > 0;) {
      picks[j] = levels[j + 1][at].pick;
      at = levels[j + 1][at].before;
    }
    return true;
  }
};

class group_search {
public:
  group_search(const std::vector<part>& parts, double limit, double unit, const reschedule_options& options, watch& clock)
      : limit_(limit), unit_(unit), options_(options), clock_(clock), parts_(parts.size()) {
    for (std::size_t j = 0; j < parts.size(); ++j) parts_[j].p = &parts[j];
  }

  answer run(double from, double to) {
    from_ = from;
    span_ = to - from;
    warm_start();
    choose_weights();
    refresh();
    polish_chosen();
    if (!feasible_) reach_limit();
    answer out;
    if (!feasible_) {
      out.least_bound = least_bound_;
      out.proved = least_bound_ > limit_ + rounding(limit_);
    } else {
      improve();
      out.feasible = true;
      out.proved = settled();
    }
    out.bound = out.proved && feasible_ ? cost_ : std::max(0.0, round_up(bound_));
    if (feasible_) out.bound = std::min(out.bound, cost_);
    out.cost = feasible_ ? cost_ : 0;
    for (std::size_t j = 0; j < parts_.size(); ++j) {
      const auto& pool = parts_[j].pool;
      const auto& s = feasible_ ? chosen_[j] : pool.back();
      out.values.push_back(s.values);
      out.conflict += s.conflict;
      if (!feasible_) out.cost += s.cost;
      out.nodes.push_back(parts_[j].nodes);
      out.part_done.push_back(out.proved || parts_[j].done);
    }
    return out;
  }

private:
  struct effort {
    std::size_t cap, width;
  };
  static constexpr effort efforts[] = {{4096, 400}, {32'768, 6'000}, {262'144, 60'000}, {1'048'576, 400'000}};

  double round_up(double value) const {
    return unit_ > 0 && std::isfinite(value) ? std::ceil(value / unit_ - 1e-6) * unit_ : value;
  }
  double cut() const { return cost_ - std::max(unit_ - rounding(cost_), rounding(cost_)); }
  bool settled() const { return feasible_ && round_up(bound_) >= cost_ - rounding(cost_); }

  void add(search_part& q, schedule s) {
    for (const auto& old : q.pool)
      if (old.cost <= s.cost && old.conflict <= s.conflict) return;
    q.pool.push_back(std::move(s));
    detail::keep_frontier(q.pool);
  }

  // Descents from the plan and from the least conflict found, under weightings over six orders of magnitude.
  void warm_start() {
    double cost = 0, conflict = 0;
    std::size_t costs = 0, conflicts = 0;
    for (const auto& q : parts_) {
      for (const auto& v : q.p->variables)
        for (const double c : v.cost)
          if (c > 0) cost += c, ++costs;
      for (const auto& l : q.p->links)
        if (l.rate > 0) conflict += *std::max_element(l.tent.begin(), l.tent.end()), ++conflicts;
      for (const auto& v : q.p->variables)
        if (const double c = *std::max_element(v.conflict.begin(), v.conflict.end()); c > 0) conflict += c, ++conflicts;
    }
    const double scale =
        costs && conflicts ? (cost / static_cast<double>(costs)) / (conflict / static_cast<double>(conflicts)) : 1;
    for (int k = -10; k <= 10; ++k) coarse_.push_back({1, scale * std::exp2(k)});
    clock_.each(parts_.size(), from_, from_ + .05 * span_, [&](std::size_t j) {
      auto& q = parts_[j];
      std::vector<value_index> plan(q.p->size());
      for (std::size_t v = 0; v < plan.size(); ++v) {
        const auto& costs_of = q.p->variables[v].cost;
        plan[v] = static_cast<value_index>(std::min_element(costs_of.begin(), costs_of.end()) - costs_of.begin());
      }
      add(q, detail::assess(*q.p, plan));
      auto apart = detail::descend(*q.p, {0, 1}, plan);
      add(q, detail::assess(*q.p, apart));
      for (const auto& w : coarse_) {
        add(q, detail::assess(*q.p, detail::descend(*q.p, w, plan)));
        add(q, detail::assess(*q.p, detail::descend(*q.p, w, apart)));
      }
    });
  }

  // Weightings near the one whose bound is highest, from a coarse scan; the last is conflict alone.
  void choose_weights() {
    std::vector<weighting> scan;
    for (std::size_t k = 0; k < coarse_.size(); k += lean() ? 4 : 2) scan.push_back(coarse_[k]);
    std::vector<std::vector<double>> floors(parts_.size());
    clock_.each(parts_.size(), from_ + .05 * span_, from_ + .1 * span_,
                [&](std::size_t j) { floors[j] = detail::mini_buckets(*parts_[j].p, scan, 2048).constant; });
    std::size_t best = 0;
    double highest = -infinity;
    for (std::size_t k = 0; k < scan.size(); ++k) {
      double bound = -scan[k].conflict * limit_;
      for (const auto& f : floors) bound += f[k];
      if (bound > highest) highest = bound, best = k;
    }
    std::vector<double> powers{0.0, -1.0, 1.0};
    if (!lean()) powers = {0.0, -.5, .5, -1.0, 1.0, -2.0, 2.0, 4.0};
    for (const double power : powers) weights_.push_back({1, scan[best].conflict * std::exp2(power)});
    weights_.push_back({0, 1});
    for (auto& q : parts_) q.floor.assign(weights_.size(), -infinity);
    bound_ = std::max(0.0, highest);
  }

  // The incumbent that the pools hold together.
  void refresh() {
    merger merge{parts_, weights_, limit_};
    std::vector<std::uint32_t> picks;
    double best = infinity;
    if (merge.run(picks, best) && best <= cost_) {
      feasible_ = true;
      cost_ = best;
      chosen_.clear();
      for (std::size_t j = 0; j < parts_.size(); ++j) chosen_.push_back(parts_[j].pool[picks[j]]);
    }
    merge_cut_short_ = merge_cut_short_ || merge.cut_short;
  }

  // Each part's schedule is polished with the room that the others leave it; parts of hundreds of campaigns are not worth it.
  void polish_chosen() {
    for (int turn = 0; turn < 3 && feasible_; ++turn) {
      const double before = cost_;
      double total = 0;
      for (const auto& s : chosen_) total += s.conflict;
      clock_.each(parts_.size(), from_ + .1 * span_, from_ + .1 * span_, [&](std::size_t j) {
        auto& q = parts_[j];
        if (q.done || q.p->size() > 200) return;
        for (const auto& start : std::vector<schedule>(q.pool)) {
          auto values = start.values;
          const double room = limit_ - (total - chosen_[j].conflict);
          if (start.conflict > room) continue;
          detail::polish(*q.p, room, values, [&] { return clock_.stop(); });
          add(q, detail::assess(*q.p, std::move(values)));
        }
      });
      refresh();
      if (cost_ >= before) return;
    }
  }

  std::size_t width_for(const search_part& q, std::size_t wanted) const {
    const std::uint64_t left = q.nodes < options_.max_nodes ? options_.max_nodes - q.nodes : 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, left / q.p->size()));
  }

  static double link_entries(const part& p) {
    double entries = 1;
    for (const auto& l : p.links) entries += static_cast<double>(p.variables[l.a].shift.size() * p.variables[l.b].shift.size());
    return entries;
  }

  // True when the tables of links alone outweigh the budget: fewer prices of conflict are looked at then.
  bool lean() const {
    double entries = 0;
    for (const auto& q : parts_) entries += link_entries(*q.p);
    return 27 * entries > 400 * static_cast<double>(options_.max_nodes);
  }

  // Bounds are work as well: what a part gets of it goes with the budget of nodes.
  detail::mini_buckets bounds_for(const search_part& q, std::span<const weighting> weights, std::size_t cap) const {
    const auto budget = static_cast<double>(options_.max_nodes);
    const double table = std::clamp(64 * budget / static_cast<double>(q.p->size()), 256.0, static_cast<double>(cap));
    const double entries = link_entries(*q.p);
    // Levelling pays where a first, quick search did not settle the part and its bounds are not exact anyway.
    const int rounds = cap == efforts[0].cap || q.exact
                           ? 0
                           : static_cast<int>(std::min(20.0, 400 * budget / (entries * static_cast<double>(weights.size()))));
    return detail::mini_buckets(*q.p, weights, static_cast<std::size_t>(table),
                                rounds < 2 ? detail::levelling() : detail::levelling(*q.p, weights, rounds));
  }

  // Minimum of one weighting over a part: raises its floor, and keeps what it meets.
  void minimise(search_part& q, std::span<const weighting> weights, const detail::mini_buckets& buckets, std::size_t at,
                std::size_t k, std::size_t width) {
    double best = infinity;
    for (const auto& s : q.pool) best = std::min(best, weights_[k].of(s.cost, s.conflict));
    if (q.floor[k] >= best - rounding(best)) return;
    width = width_for(q, width);
    if (width == 0) return;
    detail::sweep_bounds limits;
    limits.cut = best - rounding(best);
    limits.width = width;
    limits.single = static_cast<int>(at);
    limits.stop = [&] { return clock_.stop(); };
    auto found = detail::sweep(*q.p, weights, buckets, limits);
    q.nodes += found.nodes;
    for (auto& s : found.front) {
      best = std::min(best, weights_[k].of(s.cost, s.conflict));
      add(q, std::move(s));
    }
    q.floor[k] = std::max(q.floor[k], std::min(best, found.open));
  }

  // No schedule within the limit is known: find the least conflict of each part.
  void reach_limit() {
    const std::size_t last = weights_.size() - 1;
    const weighting alone[] = {weights_[last]};
    for (const auto& [cap, width] : efforts) {
      clock_.each(parts_.size(), from_ + .1 * span_, from_ + .2 * span_, [&, cap = cap, width = width](std::size_t j) {
        auto& q = parts_[j];
        if (width_for(q, width) == 0) return;
        const auto buckets = bounds_for(q, alone, cap);
        q.floor[last] = std::max(q.floor[last], buckets.constant[0]);
        minimise(q, alone, buckets, 0, last, width);
      });
      least_bound_ = 0;
      double least = 0;
      for (const auto& q : parts_) {
        least_bound_ += q.floor[last];
        least += q.pool.back().conflict;
      }
      refresh();
      if (feasible_ || clock_.stop()) return;
      if (least_bound_ >= least - rounding(least)) {
        least_bound_ = std::min(least_bound_, least);
        return;
      }
    }
  }

  void improve() {
    const std::size_t kinds = weights_.size();
    double at = from_ + .2 * span_;
    for (const auto& [cap, width] : efforts) {
      if (settled() || clock_.stop()) return;
      const double to = at + .2 * span_;
      std::vector<std::unique_ptr<detail::mini_buckets>> buckets(parts_.size());
      clock_.each(parts_.size(), at, (at + to) / 2, [&, cap = cap, width = width](std::size_t j) {
        auto& q = parts_[j];
        if (q.done || width_for(q, width) == 0) return;
        buckets[j] = std::make_unique<detail::mini_buckets>(bounds_for(q, weights_, cap));
        q.exact = buckets[j]->exact;
        for (std::size_t k = 0; k < kinds; ++k) q.floor[k] = std::max(q.floor[k], buckets[j]->constant[k]);
        if (parts_.size() > 1 && !buckets[j]->exact)
          for (std::size_t k = 0; k + 1 < kinds; ++k) minimise(q, weights_, *buckets[j], k, k, width / 4);
      });
      refresh();
      raise_bound();
      if (settled()) return;
      const double incumbent = cut();
      clock_.each(parts_.size(), (at + to) / 2, to, [&, width = width](std::size_t j) {
        auto& q = parts_[j];
        detail::sweep_bounds limits;
        limits.width = width_for(q, width);
        if (q.done || !buckets[j] || limits.width == 0) return;
        limits.cut = incumbent;
        for (std::size_t k = 0; k < kinds; ++k) {
          double rest = -weights_[k].conflict * (limit_ + rounding(limit_));
          for (const auto& other : parts_)
            if (&other != &q) rest += other.floor[k];
          limits.rest.push_back(rest);
        }
        limits.stop = [&] { return clock_.stop(); };
        auto found = detail::sweep(*q.p, weights_, *buckets[j], limits);
        q.nodes += found.nodes;
        q.open = std::max(q.open, found.open);
        q.done = found.open == infinity;
        for (auto& s : found.front) add(q, std::move(s));
        buckets[j].reset();
      });
      refresh();
      // What no pool holds lies outside the incumbent's reach, or in a part that was cut short.
      if (!merge_cut_short_) {
        double open = cost_;
        for (const auto& q : parts_) open = std::min(open, q.open);
        bound_ = std::max(bound_, open);
      }
      at = to;
    }
  }

  void raise_bound() {
    for (std::size_t k = 0; k < weights_.size(); ++k) {
      if (weights_[k].cost == 0) continue;
      double bound = -weights_[k].conflict * (limit_ + rounding(limit_));
      for (const auto& q : parts_) bound += q.floor[k];
      bound_ = std::max(bound_, bound);
    }
  }

  double limit_, unit_;
  const reschedule_options& options_;
  watch& clock_;
  std::vector<search_part> parts_;
  std::vector<weighting> coarse_, weights_;
  bool feasible_ = false, merge_cut_short_ = false;
  double cost_ = infinity, bound_ = 0, least_bound_ = 0, from_ = 0, span_ = 1;
  std::vector<schedule> chosen_;
};

/// The campaigns as parts, with what no choice changes folded into constants.
struct landscape {
  std::vector<part> parts;
  double conflict = 0;
  double cost = 0;                                // of moves that leave no choice
  std::map<std::uint32_t, std::int32_t> decided;  // shift of campaigns without a choice
};

/// Cuts a part where nothing depends on anything: at variables with one value left and at links that are constant.
void divide(part p, landscape& into) {
  const std::size_t n = p.size();
  std::vector<std::uint32_t> root(n);
  std::iota(root.begin(), root.end(), 0u);
  const auto find = [&](std::uint32_t v) {
    while (root[v] != v) v = root[v] = root[root[v]];
    return v;
  };
  std::vector<char> keep(p.links.size(), 0);
  for (std::size_t i = 0; i < p.links.size(); ++i) {
    const auto& l = p.links[i];
    auto &a = p.variables[l.a], &b = p.variables[l.b];
    if (a.shift.size() == 1 && b.shift.size() == 1) {
      into.conflict += p.conflict_of(l, 0, 0);
    } else if (a.shift.size() == 1) {
      for (std::size_t s = 0; s < b.shift.size(); ++s) b.conflict[s] += p.conflict_of(l, 0, s);
    } else if (b.shift.size() == 1) {
      for (std::size_t s = 0; s < a.shift.size(); ++s) a.conflict[s] += p.conflict_of(l, s, 0);
    } else if (const auto [low, high] = std::minmax_element(l.tent.begin(), l.tent.end()); *low == *high) {
      into.conflict += *low;
    } else {
      keep[i] = 1;
      root[std::max(find(l.a), find(l.b))] = std::min(find(l.a), find(l.b));
    }
  }
  std::map<std::uint32_t, part> groups;
  std::vector<std::uint32_t> place(n);
  for (std::uint32_t v = 0; v < n; ++v) {
    auto& var = p.variables[v];
    if (var.shift.size() == 1) {
      into.decided[var.campaign] = var.shift[0];
      into.cost += var.cost[0];
      into.conflict += var.conflict[0];
      continue;
    }
    auto& group = groups[find(v)];
    place[v] = static_cast<std::uint32_t>(group.variables.size());
    group.variables.push_back(var);
  }
  for (std::size_t i = 0; i < p.links.size(); ++i)
    if (keep[i]) {
      auto l = std::move(p.links[i]);
      auto& group = groups[find(l.a)];
      l.a = place[l.a];
      l.b = place[l.b];
      group.links.push_back(std::move(l));
    }
  for (auto& [first, group] : groups) {
    detail::connect(group);
    if (detail::drop_dominated_shifts(group)) {
      while (detail::drop_dominated_shifts(group)) {
      }
      divide(std::move(group), into);
    } else {
      auto ordered = detail::reordered(group, detail::search_order(group));
      detail::mark_twins(ordered);
      into.parts.push_back(std::move(ordered));
    }
  }
}

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

std::vector<std::int32_t> allowed_shifts(const movable_campaign& c, std::int32_t step) {
  if (c.fixed || c.over) return {0};
  const auto length = c.end - c.start;
  const auto low = static_cast<std::int32_t>((c.earliest - c.start).count());
  const auto high = static_cast<std::int32_t>((c.latest - c.start).count());
  std::vector<std::int32_t> out;
  for (std::int32_t s = low; s <= high; ++s) {
    if (s % step != 0) continue;
    const date first = c.start + std::chrono::days{s};
    const bool shut = s != 0 && std::any_of(c.closed.begin(), c.closed.end(), [&](const auto& span) {
                        return core::shared_days(first, first + length, span.first, span.second) > 0;
                      });
    if (!shut) out.push_back(s);
  }
  if (out.size() > std::numeric_limits<value_index>::max())
    reject("campaigns", c.id + " has " + std::to_string(out.size()) + " allowed starts", "narrow its window, or raise step_days");
  return out;
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

  part whole;
  for (std::size_t i = 0; i < n; ++i) {
    part::variable v;
    v.campaign = static_cast<std::uint32_t>(i);
    v.start = core::day_number(campaigns[i].start);
    v.length = static_cast<std::int32_t>((campaigns[i].end - campaigns[i].start).count()) + 1;
    v.shift = allowed_shifts(campaigns[i], options.step_days);
    if (v.shift.empty()) reject("campaigns", campaigns[i].id + " has no allowed start", "widen its window, or lower step_days");
    for (const auto s : v.shift) v.cost.push_back(move_cost(i, s));
    v.conflict.assign(v.shift.size(), 0.0);
    whole.variables.push_back(std::move(v));
  }
  for (const auto& p : pairs) {
    const auto &a = whole.variables[p.a], &b = whole.variables[p.b];
    const std::int32_t from_a = a.start + a.shift.front(), to_a = a.start + a.shift.back() + a.length;
    const std::int32_t from_b = b.start + b.shift.front(), to_b = b.start + b.shift.back() + b.length;
    if (from_a < to_b && from_b < to_a) whole.links.push_back({p.a, p.b, p.rate, 0, {}});
  }
  detail::connect(whole);
  landscape ground;
  divide(std::move(whole), ground);

  // Conflict of the pairs that touch a part.
  const auto conflict_around = [&](const part& p, std::span<const date> start) {
    std::vector<char> in(n, 0);
    for (const auto& v : p.variables) in[v.campaign] = 1;
    double sum = 0;
    for (const auto& q : pairs)
      if (in[q.a] || in[q.b]) sum += q.rate * shared(q, start);
    return sum;
  };

  watch clock(run, options.time_limit);
  const double unit = cost_step(ground.parts);
  std::vector<std::int32_t> shift(n, 0);
  for (const auto& [campaign, s] : ground.decided) shift[campaign] = s;
  out.feasible = out.proved = true;
  out.cost = out.bound = ground.cost;
  double least = ground.conflict;

  const auto settle = [&](const std::vector<part>& parts, double limit, double from, double to) {
    auto a = group_search(parts, limit, unit, options, clock).run(from, (from + to) / 2);
    out.proved = out.proved && a.proved;
    if (a.feasible) {
      least += a.conflict;
    } else {
      // Out of reach: the cheapest way to the least conflict that was reached.
      out.feasible = false;
      least += a.least_bound;
      auto b = group_search(parts, a.conflict, unit, options, clock).run((from + to) / 2, to);
      for (std::size_t j = 0; j < parts.size(); ++j) b.nodes[j] += a.nodes[j];
      a = std::move(b);
    }
    out.cost += a.cost;
    out.bound += a.bound;
    for (std::size_t j = 0; j < parts.size(); ++j) {
      reschedule_part report;
      for (std::size_t v = 0; v < parts[j].size(); ++v) {
        const auto& var = parts[j].variables[v];
        shift[var.campaign] = var.shift[a.values[j][v]];
        report.campaigns.push_back(var.campaign);
        report.cost += var.cost[a.values[j][v]];
      }
      std::sort(report.campaigns.begin(), report.campaigns.end());
      report.proved = a.part_done[j] != 0;
      report.nodes = a.nodes[j];
      out.nodes += a.nodes[j];
      out.parts.push_back(std::move(report));
    }
  };
  if (options.per_component) {
    const auto m = static_cast<double>(ground.parts.size());
    for (std::size_t j = 0; j < ground.parts.size(); ++j) {
      const std::vector<part> one{ground.parts[j]};
      const double limit = options.limit ? *options.limit : options.keep_share * conflict_around(one[0], planned);
      // Pairs inside the part whose conflict no choice changes count against its limit all the same.
      auto start = planned;
      for (const auto& [campaign, s] : ground.decided) start[campaign] += std::chrono::days{s};
      for (const auto& v : one[0].variables) start[v.campaign] += std::chrono::days{v.shift[0]};
      const double constant =
          conflict_around(one[0], start) - detail::assess(one[0], std::vector<value_index>(one[0].size(), 0)).conflict;
      out.limit += limit;
      settle(one, limit - constant, static_cast<double>(j) / m, static_cast<double>(j + 1) / m);
    }
  } else {
    out.limit = options.limit ? *options.limit : options.keep_share * out.conflict_before;
    if (ground.parts.empty())
      out.feasible = least <= out.limit + rounding(out.limit);
    else
      settle(ground.parts, out.limit - ground.conflict, 0, 1);
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
  for (std::size_t j = 0; j < out.parts.size(); ++j) {
    out.parts[j].conflict_before = conflict_around(ground.parts[j], planned);
    out.parts[j].conflict_after = conflict_around(ground.parts[j], out.start);
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
      const auto before = shared(p, planned), after = shared(p, out.start);
      move.removes += p.rate * (shared(p, undone) - after);
      if (before != after) move.pairs.push_back({p.a == i ? p.b : p.a, before, after, p.rate * before, p.rate * after, p.reason});
    }
    std::stable_sort(move.pairs.begin(), move.pairs.end(),
                     [](const auto& x, const auto& y) { return x.before - x.after > y.before - y.after; });
    out.moves.push_back(std::move(move));
  }
  std::stable_sort(out.moves.begin(), out.moves.end(), [](const auto& x, const auto& y) { return x.removes > y.removes; });
  return out;
}

std::vector<movable_campaign> movable_campaigns(const schema::portfolio& portfolio, const schema::policy& policy,
                                                const reschedule_options& options) {
  core::check_options(options);
  const std::chrono::days reach{options.max_shift_days};
  std::vector<movable_campaign> out;
  for (std::size_t i = 0; i < portfolio.size(); ++i) {
    movable_campaign c;
    c.id = portfolio.id[i];
    c.start = portfolio.start[i];
    c.end = portfolio.end[i];
    const auto status = portfolio.status[i];
    c.over = !counts(portfolio, i) || is_over(portfolio, i, policy.today);
    if (c.over) c.end = std::max(c.start, std::min(c.end, c.start + std::chrono::days{longest_run}));
    const auto length = c.end - c.start;
    c.earliest = portfolio.earliest_start[i].value_or(c.start - reach);
    c.latest = portfolio.latest_end[i] ? *portfolio.latest_end[i] - length : c.start + reach;
    if (policy.today) c.earliest = std::max(c.earliest, *policy.today);
    // A window that is empty, or that ends before the campaign could, leaves the plan as the only choice.
    c.fixed = portfolio.fixed_dates[i] || status == schema::status::running || (policy.today && c.start < *policy.today) ||
              c.latest < c.earliest;
    for (const auto& b : policy.blackouts)
      if (b.channel.empty() || schema::detail::comparable(b.channel) == schema::detail::comparable(portfolio.channel[i]))
        c.closed.emplace_back(b.start, b.end);
    if (!c.fixed && !c.over && allowed_shifts(c, options.step_days).empty()) c.fixed = true;
    out.push_back(std::move(c));
  }
  return out;
}

std::vector<conflict_edge> conflict_rates(const schema::portfolio& portfolio, const schema::audiences* audiences,
                                          std::span<const movable_campaign> campaigns, const pair_options& options,
                                          const run_options& run) {
  // How much nearer two campaigns can come: one as far forward, the other as far back as any of them goes.
  std::int64_t back = 0, forward = 0;
  for (const auto& c : campaigns) {
    if (c.fixed || c.over) continue;
    back = std::max<std::int64_t>(back, (c.start - c.earliest).count());
    forward = std::max<std::int64_t>(forward, (c.latest - c.start).count());
  }
  auto near = options;
  near.within_days = static_cast<std::int32_t>(std::clamp<std::int64_t>(back + forward, options.within_days, longest_run));
  return conflict_edges(pairs(portfolio, audiences, near, run), true);
}

schema::portfolio apply(const schema::portfolio& portfolio, const reschedule_result& result) {
  if (result.start.size() != portfolio.size())
    reject("result", std::to_string(result.start.size()) + " campaigns",
           "give the result for this portfolio of " + std::to_string(portfolio.size()));
  auto out = portfolio;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out.end[i] += result.start[i] - out.start[i];
    out.start[i] = result.start[i];
  }
  return out;
}

std::vector<schema::finding> reschedule_findings(const reschedule_result& result, std::span<const movable_campaign> campaigns) {
  using namespace wording;
  if (result.start.size() != campaigns.size())
    reject("campaigns", std::to_string(campaigns.size()) + " entries",
           "give those that were rescheduled, " + std::to_string(result.start.size()));
  std::vector<schema::finding> out;
  for (const auto& m : result.moves) {
    const auto& c = campaigns[m.campaign];
    const auto length = c.end - c.start;
    std::vector<std::string> involved{c.id}, pairs;
    for (const auto& p : m.pairs) {
      if (p.after >= p.before) continue;
      involved.push_back(campaigns[p.other].id);
      pairs.push_back(
          fmt::format("{} from {} to {}", campaigns[p.other].id, plural(p.days_before, "shared day"), count(p.days_after)));
    }
    auto f = schema::make_finding(rule_of("C511"), involved,
                                  fmt::format("Move {} {} {} to {} to {}: {} less conflict", c.id,
                                              plural(std::abs(m.days), "day"), m.days > 0 ? "later," : "earlier,",
                                              core::to_string(m.to), core::to_string(m.to + length), number(m.removes)));
    f.evidence = evidence_list()
                     .add_count("days", m.days, "days")
                     .add("from_start", m.from)
                     .add("to_start", m.to)
                     .add("from_end", m.from + length)
                     .add("to_end", m.to + length)
                     .add("removes", m.removes, "weighted days")
                     .add("cost", m.cost, "cost")
                     .add("conflict_before", result.conflict_before, "weighted days")
                     .add("conflict_after", result.conflict_after, "weighted days")
                     .done();
    f.why =
        pairs.empty() ? "It makes room for the other moves, or lies outside its window." : "Shared days: " + list(pairs, 5) + ".";
    f.suggestion = fmt::format("Start {} on {} instead of {}.", c.id, core::to_string(m.to), core::to_string(m.from));
    f.expected_effect = fmt::format("{} of the {} conflict that all moves together remove would come back without this one.",
                                    number(m.removes), number(result.conflict_before - result.conflict_after));
    out.push_back(std::move(f));
  }
  if (!result.feasible) {
    auto f = schema::make_finding(rule_of("C512"), {},
                                  result.proved
                                      ? fmt::format("Within the allowed windows conflict cannot go below {}; the limit is {}",
                                                    number(result.conflict_after), number(result.limit))
                                      : fmt::format("No schedule with conflict of at most {} was found; the least found is {}",
                                                    number(result.limit), number(result.conflict_after)));
    f.evidence = evidence_list()
                     .add("limit", result.limit, "weighted days")
                     .add("least_found", result.conflict_after, "weighted days")
                     .add("least_possible", result.least_conflict.value_or(0), "weighted days")
                     .add("held_by_fixed_dates", result.conflict_held, "weighted days")
                     .done();
    f.why = result.proved ? "Every schedule within the windows was searched or ruled out by a bound."
                          : "The search ended before every schedule was ruled out.";
    out.push_back(std::move(f));
  } else if (!result.proved) {
    auto f = schema::make_finding(rule_of("C513"), {},
                                  fmt::format("The moves cost {}; a cheaper schedule may exist, but none below {}",
                                              number(result.cost), number(result.bound)));
    f.evidence = evidence_list()
                     .add("cost", result.cost, "cost")
                     .add("bound", result.bound, "cost")
                     .add("gap", result.gap, "cost")
                     .add_count("nodes", static_cast<double>(result.nodes), "nodes")
                     .done();
    f.why = "The search reached max_nodes or time_limit.";
    out.push_back(std::move(f));
  }
  if (result.conflict_held > 0) {
    auto f = schema::make_finding(rule_of("C514"), {},
                                  fmt::format("{} of the {} conflict lies between campaigns that cannot move",
                                              number(result.conflict_held), number(result.conflict_before)));
    f.evidence = evidence_list()
                     .add("held_by_fixed_dates", result.conflict_held, "weighted days")
                     .add("conflict_before", result.conflict_before, "weighted days")
                     .done();
    f.why = "Both campaigns of these pairs have fixed dates, run already, or have no other date to go to.";
    out.push_back(std::move(f));
  }
  return out;
}

}  // namespace clarion::conflict
