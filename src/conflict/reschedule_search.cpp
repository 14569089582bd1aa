#include "conflict/reschedule_search.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace clarion::conflict::detail {

namespace {

/// What sums in another order differ by at most; nothing where there is no sum.
double slack(double scale) { return std::isfinite(scale) ? rounding(scale) : 0; }

/// Numbers held on the way down before subproblems go on without triples, and before the search gives up.
constexpr std::size_t much_held = 24'000'000, most_held = 48'000'000;
/// Corners of an allowance; more are merged, which only admits more.
constexpr std::size_t most_corners = 512;

/// No schedule of these has less cost, nor less conflict.
allowance::corner least_of(const tables& t) {
  allowance::corner out{t.cost, t.conflict};
  for (const auto& v : t.variables) {
    out.cost += *std::min_element(t.value_cost.begin() + v.first, t.value_cost.begin() + v.first + v.size);
    out.conflict += *std::min_element(t.value_conflict.begin() + v.first, t.value_conflict.begin() + v.first + v.size);
  }
  out.cost -= slack(out.cost);
  out.conflict -= slack(out.conflict);
  return out;
}

}  // namespace

void allowance::allow(std::vector<corner> points) {
  std::erase_if(points, [&](const corner& p) { return p.cost < least.cost || p.conflict < least.conflict; });
  std::sort(points.begin(), points.end(),
            [](const corner& x, const corner& y) { return x.cost != y.cost ? x.cost > y.cost : x.conflict > y.conflict; });
  corners.clear();
  for (const auto& p : points)
    if (corners.empty() || p.conflict > corners.back().conflict) corners.push_back(p);
  std::reverse(corners.begin(), corners.end());
  const std::size_t width = (corners.size() + most_corners - 1) / most_corners;
  if (width < 2) return;
  std::vector<corner> fewer;
  for (std::size_t i = 0; i < corners.size(); i += width)
    fewer.push_back({corners[std::min(i + width, corners.size()) - 1].cost, corners[i].conflict});
  corners = std::move(fewer);
}

bool allowance::below_corner(double cost, double conflict) const {
  const auto at = std::lower_bound(corners.begin(), corners.end(), cost, [](const corner& c, double x) { return c.cost < x; });
  return at != corners.end() && at->conflict >= conflict;
}

bool allowance::admits(double cost, double conflict) const {
  return below_corner(cost, conflict) && std::all_of(lines.begin(), lines.end(), [&](const line& l) {
           return cost + l.price * conflict <= l.most + slack(l.most);
         });
}

double allowance::most(double price, const corner& from, double* conflict) const {
  double most = -infinity;
  for (const auto& c : corners)
    if (const double x = c.cost + price * c.conflict; x > most && c.cost >= from.cost && c.conflict >= from.conflict) {
      most = x;
      if (conflict != nullptr) *conflict = c.conflict;
    }
  if (lines.empty()) return most;
  // Between two lines their common point is the farthest.
  std::size_t i = 0;
  while (i + 2 < lines.size() && lines[i + 1].price < price) ++i;
  const auto &low = lines[i], &high = lines[std::min(i + 1, lines.size() - 1)];
  const double slope = low.price < high.price ? (high.most - low.most) / (high.price - low.price) : 0;
  const double reach = low.most + (price - low.price) * slope;
  if (reach < most) {
    most = reach;
    if (conflict != nullptr) *conflict = slope;
  }
  return most;
}

void allowance::exclude(double cost, double conflict, double step) {
  // The corners above the point are neighbours: the first keeps what costs less, the last what conflicts less.
  const auto first = std::lower_bound(corners.begin(), corners.end(), cost, [](const corner& c, double x) { return c.cost < x; });
  auto last = first;
  while (last != corners.end() && last->conflict >= conflict) ++last;
  if (first == last) return;
  const corner cheaper{cost - step, first->conflict};
  const corner quieter{(last - 1)->cost, conflict - slack(conflict)};
  auto at = corners.erase(first, last);
  if (quieter.conflict >= least.conflict && (at == corners.end() || at->conflict < quieter.conflict))
    at = corners.insert(at, quieter);
  if (cheaper.cost >= least.cost && (at == corners.begin() || (at - 1)->cost < cheaper.cost)) corners.insert(at, cheaper);
}

bool search::of_use(quest& q, double cost, double conflict) const {
  if (!q.allowed.admits(cost, conflict)) return false;
  for (const auto& f : q.front)
    if (f.cost <= cost && f.conflict <= conflict) return false;
  std::erase_if(q.front, [&](const auto& f) { return f.cost >= cost && f.conflict >= conflict; });
  q.allowed.exclude(cost, conflict, step_);
  return true;
}

void search::offer(quest& q, const tables& t, std::span<const std::uint32_t> at) const {
  const auto [cost, conflict] = assess(c_, t, at);
  if (!of_use(q, cost, conflict)) return;
  q.front.push_back({cost, conflict, t.decided});
  for (std::size_t v = 0; v < at.size(); ++v)
    q.front.back().at.push_back({t.variables[v].campaign, t.value[t.variables[v].first + at[v]]});
}

bool search::tighten(tables& t, quest& q) {
  constexpr int rounds = 6;
  double best = infinity, stride = .1;
  tables kept;  // before the price moved
  bool moved = false;
  for (int round = 0; round < rounds && !t.variables.empty() && !bench_.halted(); ++round) {
    const auto from = least_of(t);
    double most = q.allowed.most(t.price, from);
    if (!tighten_once(c_, t, most + slack(most), bench_)) return false;
    if (bench_.halted()) return true;
    const auto at = decode(t);
    const auto [cost, conflict] = assess(c_, t, at);
    offer(q, t, at);
    double corner = 0;
    most = q.allowed.most(t.price, least_of(t), &corner);
    most += slack(most);
    const double gap = most - t.floor;
    if (gap < 0) return false;
    if (moved && gap >= best) {
      t = std::move(kept);
      moved = false;
      stride /= 4;
      if (stride < .001) return true;
      continue;
    }
    // A schedule below the edge that is of no use stands in the way; the price moves until it no longer does.
    const double blocks = most - (cost + t.price * conflict), excess = conflict - corner;
    const bool stalls = best - gap < gap / 10;
    best = gap;
    moved = false;
    if (round + 1 < rounds && blocks > 0 && excess != 0) {
      const double by = std::min(blocks / std::abs(excess), stride * t.price);
      double price = t.price + (excess > 0 ? by : -by);
      if (!q.allowed.lines.empty()) price = std::clamp(price, q.allowed.lines.front().price, q.allowed.lines.back().price);
      if (price != t.price) {
        kept = t;
        reprice(c_, t, price);
        moved = true;
      }
    }
    if (!moved && stalls) return true;
  }
  if (moved) t = std::move(kept);
  return true;
}

/// Every schedule of at most two campaigns.
void search::enumerate(const tables& t, quest& q) {
  std::vector<std::uint32_t> at(t.variables.size(), 0);
  const std::size_t rows = at.empty() ? 1 : t.variables[0].size, columns = at.size() < 2 ? 1 : t.variables[1].size;
  for (std::uint32_t a = 0; a < rows && !bench_.halted(static_cast<double>(columns)); ++a)
    for (std::uint32_t b = 0; b < columns; ++b) {
      if (!at.empty()) at[0] = a;
      if (at.size() > 1) at[1] = b;
      offer(q, t, at);
    }
}

void search::explore(tables t, quest& q) {
  if (out() || q.allowed.corners.empty()) return;
  const auto before = bench_.work();
  const bool possible = t.variables.size() <= 2 || tighten(t, q);
  const bool few = t.variables.size() <= 2;
  if (possible && few) enumerate(t, q);
  *left_ -= std::min(*left_, 1 + bench_.work() - before);
  if (!possible || few) return;
  if (const auto apart = groups(t); apart.size() > 1 && !t.partial) {
    take_apart(t, apart, q);
  } else if (held_ + t.bulk() > most_held) {
    *left_ = 0;
  } else {
    held_ += t.bulk();
    branch(t, q);
    held_ -= t.bulk();
  }
}

void search::branch(const tables& t, quest& q) {
  const auto from = least_of(t);
  // The campaign with many neighbours and few values that could still matter.
  const double room = std::max(q.allowed.most(t.price, from) - t.floor, 1e-12);
  const std::size_t n = t.variables.size();
  std::size_t at = 0;
  double best = -1;
  for (std::size_t v = 0; v < n; ++v) {
    double promising = 1e-9;
    for (std::uint32_t s = 0; s < t.variables[v].size; ++s)
      promising += std::max(0.0, 1 - t.share[t.variables[v].first + s] / room);
    if (const double merit = static_cast<double>(t.pairs_of(v).size() + 1) / promising; merit > best) best = merit, at = v;
  }
  const auto& var = t.variables[at];
  const auto share = std::span(t.share).subspan(var.first, var.size);
  std::vector<std::uint32_t> order(var.size), all(n);
  std::iota(order.begin(), order.end(), 0u);
  std::iota(all.begin(), all.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) { return share[x] < share[y]; });
  const auto twin = c_.campaigns[var.campaign].twin;
  for (const auto s : order) {
    const double most = q.allowed.most(t.price, from);
    if (t.sound && t.floor + share[s] > most + slack(most)) break;
    std::vector<char> gone(t.value.size(), 0);
    for (std::uint32_t other = 0; other < var.size; ++other) gone[var.first + other] = other != s;
    bool possible = true;
    for (const auto& v : t.variables) {
      const bool below = static_cast<std::int32_t>(v.campaign) == twin;
      const bool above = c_.campaigns[v.campaign].twin == static_cast<std::int32_t>(var.campaign);
      if (!below && !above) continue;
      std::uint32_t kept = 0;
      for (std::uint32_t i = v.first; i < v.first + v.size; ++i) {
        gone[i] = below ? t.value[i] > t.value[var.first + s] : t.value[i] < t.value[var.first + s];
        kept += !gone[i];
      }
      possible = possible && kept > 0;
    }
    if (possible) explore(restricted(c_, t, all, gone, true, held_ > much_held), q);
    if (out()) return;
  }
}

void search::take_apart(const tables& t, std::span<const std::vector<std::uint32_t>> groups, quest& q) {
  const std::vector<char> none(t.value.size(), 0);
  std::vector<tables> parts;
  for (const auto& group : groups) parts.push_back(restricted(c_, t, group, none, false, false));
  tables decided;
  decided.price = t.price;
  decided.cost = t.cost;
  decided.conflict = t.conflict;
  decided.decided = t.decided;
  combine(decided, std::move(parts), q, {});
}

bool search::combine(std::vector<tables> parts, quest& q, std::span<std::uint64_t> left) {
  tables nothing;
  nothing.price = parts[0].price;
  combine(nothing, std::move(parts), q, left);
  return !bench_.halted() && std::find(left.begin(), left.end(), 0u) == left.end();
}

/// A combination of schedules of the first parts.
struct search::label {
  double cost, conflict;
  std::uint32_t before, pick;
};

void search::combine(const tables& whole, std::vector<tables> parts, quest& q, std::span<std::uint64_t> left) {
  const std::size_t m = parts.size();
  // Small parts first: what is known of them exactly narrows the search of the large ones.
  std::vector<std::uint32_t> order(m);
  std::iota(order.begin(), order.end(), 0u);
  std::vector<double> bulk(m, 0.0), least_cost(m), least_conflict(m);
  for (std::size_t j = 0; j < m; ++j) {
    const auto& t = parts[j];
    least_cost[j] = t.cost;
    least_conflict[j] = t.conflict;
    for (const auto& v : t.variables) {
      bulk[j] += std::log(v.size);
      least_cost[j] += *std::min_element(t.value_cost.begin() + v.first, t.value_cost.begin() + v.first + v.size);
      least_conflict[j] += *std::min_element(t.value_conflict.begin() + v.first, t.value_conflict.begin() + v.first + v.size);
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) { return bulk[x] < bulk[y]; });

  // What each part adds at least, at prices around the present one.
  const double price = whole.price;
  std::vector<double> prices{price / 1.05, price, price * 1.05};
  if (!q.allowed.lines.empty())
    for (auto& p : prices) p = std::clamp(p, q.allowed.lines.front().price, q.allowed.lines.back().price);
  prices.erase(std::unique(prices.begin(), prices.end()), prices.end());
  const std::size_t kinds = prices.size();
  std::vector<double> floors(m * kinds);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t k = 0; k < kinds; ++k) {
      if (prices[k] == price) {
        floors[j * kinds + k] = parts[j].sound ? parts[j].floor : -infinity;
        continue;
      }
      auto t = parts[j];
      reprice(c_, t, prices[k]);
      level(t, bench_);
      level(t, bench_);
      if (bench_.halted()) return;
      floors[j * kinds + k] = t.floor;
    }

  // Sums over the parts that come later, in order.
  std::vector<double> later_cost(m + 1, 0.0), later_conflict(m + 1, 0.0), later(kinds * (m + 1), 0.0);
  for (std::size_t i = m; i-- > 0;) {
    later_cost[i] = later_cost[i + 1] + least_cost[order[i]];
    later_conflict[i] = later_conflict[i + 1] + least_conflict[order[i]];
    for (std::size_t k = 0; k < kinds; ++k) later[i * kinds + k] = later[(i + 1) * kinds + k] + floors[order[i] * kinds + k];
  }
  std::vector<std::vector<label>> levels(m + 1);
  std::vector<quest> quests(m);
  levels[0] = {{whole.cost, whole.conflict, 0, 0}};
  std::uint64_t* outer = left_;
  for (std::size_t i = 0; i < m; ++i) {
    auto& sub = quests[i];
    const bool last = i + 1 == m;
    // Many labels are taken in bundles, by the least of each, which only admits more.
    std::vector<allowance::corner> corners;
    const std::size_t bundle = (levels[i].size() + most_corners - 1) / most_corners;
    for (std::size_t x = 0; x < levels[i].size(); x += bundle) {
      const double cost = levels[i][x].cost + later_cost[i + 1];
      const double conflict = levels[i][std::min(x + bundle, levels[i].size()) - 1].conflict + later_conflict[i + 1];
      for (const auto& c : q.allowed.corners)
        corners.push_back({c.cost - cost + slack(c.cost), c.conflict - conflict + slack(c.conflict)});
    }
    sub.allowed.least = {least_cost[order[i]] - slack(least_cost[order[i]]),
                         least_conflict[order[i]] - slack(least_conflict[order[i]])};
    sub.allowed.allow(std::move(corners));
    std::vector<double> most(kinds);
    for (std::size_t k = 0; k < kinds; ++k) most[k] = q.allowed.most(prices[k], q.allowed.least) - later[(i + 1) * kinds + k];
    if (!last || !q.allowed.lines.empty())
      for (std::size_t k = 0; k < kinds; ++k) {
        double least = infinity;
        for (const auto& l : levels[i]) least = std::min(least, l.cost + prices[k] * l.conflict);
        sub.allowed.lines.push_back({prices[k], most[k] - least});
      }
    if (!left.empty()) left_ = &left[order[i]];
    explore(std::move(parts[order[i]]), sub);
    left_ = left.empty() ? left_ : outer;
    if (bench_.halted()) return;

    auto& next = levels[i + 1];
    const auto keep_frontier = [&next] {
      std::sort(next.begin(), next.end(), [](const label& x, const label& y) {
        return std::tie(x.cost, x.conflict, x.before, x.pick) < std::tie(y.cost, y.conflict, y.before, y.pick);
      });
      std::size_t kept = 0;
      for (const auto& l : next)
        if (kept == 0 || l.conflict < next[kept - 1].conflict - slack(next[kept - 1].conflict)) next[kept++] = l;
      next.resize(kept);
    };
    std::size_t most_labels = 1 << 20;
    for (std::uint32_t x = 0; x < levels[i].size(); ++x) {
      if (bench_.halted(static_cast<double>(sub.front.size()))) return;
      if (next.size() > most_labels) {
        keep_frontier();
        most_labels = std::max(most_labels, 2 * next.size());
      }
      for (std::uint32_t s = 0; s < sub.front.size(); ++s) {
        const label l{levels[i][x].cost + sub.front[s].cost, levels[i][x].conflict + sub.front[s].conflict, x, s};
        bool of_use = true;
        for (std::size_t k = 0; k < kinds && of_use; ++k) of_use = l.cost + prices[k] * l.conflict <= most[k] + slack(most[k]);
        const double cost = l.cost + later_cost[i + 1], conflict = l.conflict + later_conflict[i + 1];
        of_use = of_use && q.allowed.below_corner(cost - slack(cost), conflict - slack(conflict));
        if (of_use) next.push_back(l);
      }
    }
    keep_frontier();
    if (next.empty()) return;
  }
  for (const auto& l : levels[m]) {
    if (!of_use(q, l.cost, l.conflict)) continue;
    q.front.push_back({l.cost, l.conflict, whole.decided});
    label from = l;
    for (std::size_t i = m; i-- > 0; from = levels[i][from.before]) {
      const auto& add = quests[i].front[from.pick].at;
      q.front.back().at.insert(q.front.back().at.end(), add.begin(), add.end());
    }
  }
}

}  // namespace clarion::conflict::detail
