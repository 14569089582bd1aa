#include "conflict/reschedule_proof.hpp"

#include <algorithm>
#include <cmath>

#include "clarion/core/random.hpp"
#include "conflict/reschedule_dual.hpp"
#include "conflict/reschedule_search.hpp"

namespace clarion::conflict::detail {

namespace {

class prover {
public:
  prover(const task& t, std::vector<value_index>& values, kernels::min_plus kernel, watch& clock)
      : t_(t), c_(t.all), kernel_(kernel), clock_(clock), bench_(kernel, [this] { return clock_.stop(); }), seen_(t_, values) {
    verdict_.nodes.assign(t_.groups.size(), 0);
    verdict_.searched.assign(t_.groups.size(), 0);
  }

  verdict run() {
    seen_.descend_from_plan(clock_);
    if (!seen_.feasible && !clock_.stop()) find_quietest();
    if (!seen_.feasible) {
      settle_for_quietest();
      return verdict_;
    }
    dual bounds(t_, seen_, verdict_.nodes, kernel_, clock_);
    if (bounds.open()) bounds.climb();
    // A first search shows whether better schedules are worth a search of their own.
    if (bounds.open() && !raise_cut(bounds, t_.quick ? t_.max_nodes : t_.max_nodes / 16 + 1, 16) && !t_.quick) {
      improve(bounds);
      if (bounds.open()) bounds.narrow();
      raise_cut(bounds, t_.max_nodes, 4);
    }
    verdict_.feasible = true;
    verdict_.proved = bounds.bound() >= seen_.cost - rounding(seen_.cost);
    if (verdict_.proved) std::fill(verdict_.searched.begin(), verdict_.searched.end(), 1);
    verdict_.cost = seen_.cost;
    verdict_.conflict = seen_.conflict;
    verdict_.bound = verdict_.proved ? seen_.cost : std::max(0.0, bounds.bound());
    return verdict_;
  }

private:
  /// No schedule within the limit is known: the least conflict of each group, by the same search without costs.
  void find_quietest() {
    choices free = c_;
    for (auto& v : free.campaigns) std::fill(v.cost.begin(), v.cost.end(), 0.0);
    std::vector<double> known;
    double sum = 0;
    for (const auto& group : t_.groups) sum += known.emplace_back(seen_.assess(group, seen_.quiet).second);
    complete_ = true;
    for (std::size_t j = 0; j < t_.groups.size(); ++j) {
      std::vector<tables> root{tables(free, t_.groups[j], 1, 4'000'000)};
      for (int round = 0; round < 5; ++round) level(root[0], bench_);
      const double floor = root[0].sound ? std::max(0.0, root[0].floor) : 0;
      quest q;
      q.allowed.allow({{0, known[j] - rounding(known[j])}});
      std::uint64_t left = t_.max_nodes;
      const bool searched = search(free, 1, bench_).combine(std::move(root), q, std::span(&left, 1));
      complete_ = complete_ && searched;
      verdict_.nodes[j] += t_.max_nodes - left;
      if (!q.front.empty()) {
        sum -= known[j];
        for (const auto& to : q.front.back().at) seen_.quiet[to.campaign] = to.value;
        sum += known[j] = q.front.back().conflict;
      }
      verdict_.least_conflict += searched ? known[j] : std::min(floor, known[j]);
      if (sum <= t_.most_conflict()) break;
    }
    seen_.consider(seen_.quiet);
  }

  /// The limit is out of reach: the cheapest way to the least conflict, where each group keeps its own share of it.
  void settle_for_quietest() {
    verdict_.proved = complete_;
    seen_.best = seen_.quiet;
    for (std::size_t j = 0; j < t_.groups.size(); ++j) {
      task one = t_;
      one.groups = t_.groups.subspan(j, 1);
      one.limit = seen_.assess(t_.groups[j], seen_.quiet).second;
      one.max_nodes -= std::min(one.max_nodes - 1, verdict_.nodes[j]);
      one.known = true;
      const auto v = prover(one, seen_.best, kernel_, clock_).run();
      verdict_.nodes[j] += v.nodes[0];
      verdict_.searched[j] = complete_ && v.proved;
      verdict_.cost += v.cost;
      verdict_.conflict += v.conflict;
      verdict_.bound += v.bound;
    }
  }

  /// Looks for schedules that cost at most a cut, which rises from the bound: either one is found, and the cheapest of them is
  /// the optimum, or the bound rises above the cut. False when a group ran out of nodes, of which it may take so many.
  bool raise_cut(dual& bounds, std::uint64_t nodes, double parts) {
    std::vector<std::uint64_t> left;
    for (const auto spent : verdict_.nodes) left.push_back(std::min(nodes, t_.max_nodes - std::min(t_.max_nodes, spent)));
    double reach = t_.step > 0 ? 0 : (seen_.cost - bounds.bound()) / parts;
    for (int cheap = 0; bounds.open();) {
      const double most = seen_.cost - bounds.saving();
      double cut = bounds.bound() + reach;
      if (t_.step > 0) cut = std::round(cut / t_.step) * t_.step;
      if (cut + reach > most) cut = most;
      quest q;
      q.allowed.allow({{cut + rounding(cut), t_.most_conflict()}});
      const auto had = left;
      const bool complete = search(c_, bounds.saving(), bench_).combine(bounds.groups(), q, left);
      std::uint64_t spent = 0;
      for (std::size_t j = 0; j < left.size(); ++j) {
        spent += had[j] - left[j];
        verdict_.nodes[j] += had[j] - left[j];
        verdict_.searched[j] = left[j] > 0;
      }
      for (const auto& found : q.front) {
        auto values = seen_.best;
        for (const auto& to : found.at) values[to.campaign] = to.value;
        seen_.consider(values);
      }
      if (!complete) return false;
      bounds.raise_bound(!q.front.empty() || cut >= most ? seen_.cost : cut + bounds.saving());
      // Where a cut takes little, the optimum may be far above.
      if (t_.step == 0 || (spent < 100 && ++cheap > 1)) reach = std::max(2 * reach, t_.step);
    }
    return true;
  }

  /// Campaigns that depend on each other, around one of all or around two: then one may pay for what the other saves.
  std::vector<std::uint32_t> neighbourhood(std::span<const std::uint32_t> members, std::size_t size, bool two,
                                           core::random_stream& random) const {
    std::vector<char> in(c_.size(), 0);
    std::vector<std::uint32_t> out;
    const auto add = [&](std::uint32_t m) {
      if (!in[m]) out.push_back(m);
      in[m] = 1;
    };
    std::size_t at = 0;
    while (out.size() < size) {
      if (at == out.size() || (two && out.size() == size / 2)) {
        at = out.size();
        add(members[random.below(members.size())]);
        two = false;
        continue;
      }
      const auto& links = c_.campaigns[out[at]].links;
      const std::size_t before = out.size();
      for (int tries = 0; tries < 4 && out.size() == before && !links.empty(); ++tries)
        add(c_.beyond(c_.links[links[random.below(links.size())]], out[at]));
      if (out.size() == before || random.chance(.5)) ++at;
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  /// Better schedules by searching few campaigns at a time while the others stay (large neighbourhood search: Shaw, 1998).
  void improve(const dual& bounds) {
    std::vector<std::uint32_t> members;
    for (const auto& group : t_.groups) members.insert(members.end(), group.begin(), group.end());
    core::random_stream random(0);
    std::size_t size = 8;
    for (std::size_t turn = 0, idle = 0; idle < 16 + members.size() / 2 && bounds.open(); ++turn) {
      const auto chosen = neighbourhood(members, std::min(size, (members.size() + 1) / 2), turn % 2 == 1, random);
      const auto few = alone(c_, chosen, seen_.best);
      auto values = seen_.best;
      std::vector<value_index> at;
      for (const auto m : chosen) at.push_back(values[m]);
      const double held = seen_.conflict - detail::assess(few, at).conflict, before = seen_.cost;
      const auto groups = few.groups();
      prover({few, groups, t_.limit - held, t_.step, 1000, true, true}, at, kernel_, clock_).run();
      for (std::size_t i = 0; i < chosen.size(); ++i) values[chosen[i]] = at[i];
      if (values != seen_.best) seen_.consider(values);
      if (seen_.cost < before)
        idle = 0;
      else if (++idle % 16 == 0)
        size = std::min<std::size_t>(size + 4, 16);
    }
  }

  const task t_;
  const choices& c_;
  kernels::min_plus kernel_;
  watch& clock_;
  workbench bench_;
  schedules seen_;
  verdict verdict_;
  bool complete_ = false;  ///< the least conflict is proved
};

}  // namespace

verdict prove(const task& t, std::vector<value_index>& values, watch& clock) {
  return prover(t, values, kernels::choose_min_plus(core::permitted_simd()), clock).run();
}

}  // namespace clarion::conflict::detail
