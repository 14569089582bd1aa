#include "conflict/reschedule_choices.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace clarion::conflict::detail {

namespace {

std::int32_t days_shared(std::int32_t start_a, std::int32_t length_a, std::int32_t start_b, std::int32_t length_b) {
  return std::max(0, std::min(start_a + length_a, start_b + length_b) - std::max(start_a, start_b));
}

/// Puts campaigns by planned start, and fills what follows from the rates.
void connect(choices& c) {
  const std::size_t n = c.size();
  std::vector<std::uint32_t> order(n), place(n);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) {
    const auto &a = c.campaigns[x], &b = c.campaigns[y];
    return std::tie(a.start, a.length) < std::tie(b.start, b.length);
  });
  std::vector<choices::campaign> sorted;
  for (std::uint32_t k = 0; k < n; ++k) {
    place[order[k]] = k;
    sorted.push_back(std::move(c.campaigns[order[k]]));
    sorted.back().links.clear();
  }
  c.campaigns = std::move(sorted);
  for (std::uint32_t i = 0; i < c.links.size(); ++i) {
    auto& l = c.links[i];
    l.a = place[l.a];
    l.b = place[l.b];
    if (l.a > l.b) std::swap(l.a, l.b);
    auto &a = c.campaigns[l.a], &b = c.campaigns[l.b];
    const std::int32_t lowest = b.shift.front() - a.shift.back(), highest = b.shift.back() - a.shift.front();
    l.offset = -lowest;
    l.tent.resize(static_cast<std::size_t>(highest - lowest + 1));
    for (std::int32_t d = lowest; d <= highest; ++d)
      l.tent[static_cast<std::size_t>(d - lowest)] = l.rate * days_shared(a.start, a.length, b.start + d, b.length);
    a.links.push_back(i);
    b.links.push_back(i);
  }
}

/// Folds what has no choice left into constants.
void fold(choices& c) {
  const std::size_t n = c.size();
  std::vector<choices::link> links;
  for (auto& l : c.links) {
    auto &a = c.campaigns[l.a], &b = c.campaigns[l.b];
    const auto [low, high] = std::minmax_element(l.tent.begin(), l.tent.end());
    if (*low == *high)
      c.conflict += *low;
    else if (a.shift.size() == 1)
      for (std::size_t s = 0; s < b.shift.size(); ++s) b.conflict[s] += c.conflict_of(l, 0, s);
    else if (b.shift.size() == 1)
      for (std::size_t s = 0; s < a.shift.size(); ++s) a.conflict[s] += c.conflict_of(l, s, 0);
    else
      links.push_back(std::move(l));
  }
  std::vector<std::uint32_t> place(n);
  std::vector<choices::campaign> open;
  for (std::size_t i = 0; i < n; ++i) {
    auto& campaign = c.campaigns[i];
    place[i] = static_cast<std::uint32_t>(open.size());
    if (campaign.shift.size() > 1) {
      open.push_back(std::move(campaign));
      continue;
    }
    c.decided.emplace_back(campaign.row, campaign.shift[0]);
    c.cost += campaign.cost[0];
    c.conflict += campaign.conflict[0];
  }
  for (auto& l : links) {
    l.a = place[l.a];
    l.b = place[l.b];
  }
  c.campaigns = std::move(open);
  c.links = std::move(links);
  connect(c);
}

/// How much worse one value of a campaign can be than another in conflict, over everything that its neighbours may do.
double regret(const choices& c, std::size_t i, std::size_t better, std::size_t worse) {
  const auto& v = c.campaigns[i];
  double total = v.conflict[better] - v.conflict[worse];
  for (const auto index : v.links) {
    const auto& l = c.links[index];
    const std::size_t others = c.campaigns[c.beyond(l, i)].shift.size();
    double most = -infinity;
    for (std::size_t t = 0; t < others; ++t)
      most = std::max(most, c.conflict_at(l, i, better, t) - c.conflict_at(l, i, worse, t));
    total += most;
  }
  return total;
}

/// True when any shift of campaign i went: beaten by any other, or by the next one towards the plan and the plan itself.
bool drop_dominated(choices& c, std::size_t i, bool thorough, const std::function<bool()>& stop) {
  auto& v = c.campaigns[i];
  const std::size_t n = v.shift.size();
  const auto zero = std::lower_bound(v.shift.begin(), v.shift.end(), 0);
  std::vector<char> gone(n, 0);
  for (std::size_t s = 0; s < n && !stop(); ++s) {
    const auto beaten_by = [&](std::size_t t) {
      if (t == s || t >= n || gone[t] || v.cost[t] > v.cost[s]) return false;
      const double r = regret(c, i, t, s);
      return r < 0 || (r == 0 && (v.cost[t] < v.cost[s] || t < s));
    };
    if (thorough) {
      for (std::size_t t = 0; t < n && !gone[s]; ++t) gone[s] = beaten_by(t);
    } else {
      gone[s] = (v.shift[s] != 0 && beaten_by(v.shift[s] > 0 ? s - 1 : s + 1)) ||
                (zero != v.shift.end() && *zero == 0 && beaten_by(static_cast<std::size_t>(zero - v.shift.begin())));
    }
  }
  std::size_t kept = 0;
  for (std::size_t s = 0; s < n; ++s)
    if (!gone[s]) {
      v.shift[kept] = v.shift[s];
      v.cost[kept] = v.cost[s];
      v.conflict[kept++] = v.conflict[s];
    }
  v.shift.resize(kept);
  v.cost.resize(kept);
  v.conflict.resize(kept);
  return kept < n;
}

/// Marks interchangeable campaigns: same plan, same choices, same links. One order of each such set is searched.
void mark_twins(choices& c) {
  const std::size_t n = c.size();
  std::vector<std::vector<std::pair<std::uint32_t, double>>> around(n);
  for (const auto& l : c.links) {
    around[l.a].emplace_back(l.b, l.rate);
    around[l.b].emplace_back(l.a, l.rate);
  }
  for (auto& list : around) std::sort(list.begin(), list.end());
  const auto without = [](std::vector<std::pair<std::uint32_t, double>> list, std::size_t v) {
    std::erase_if(list, [v](const auto& item) { return item.first == v; });
    return list;
  };
  for (std::uint32_t b = 0; b < n; ++b) {
    auto& second = c.campaigns[b];
    second.twin = -1;
    for (const auto index : second.links) {
      const auto a = c.links[index].a;
      if (a == b) continue;
      const auto& first = c.campaigns[a];
      if (static_cast<std::int32_t>(a) > second.twin && first.start == second.start && first.length == second.length &&
          first.shift == second.shift && first.cost == second.cost && first.conflict == second.conflict &&
          without(around[a], b) == without(around[b], a))
        second.twin = static_cast<std::int32_t>(a);
    }
  }
}

}  // namespace

std::vector<std::vector<std::uint32_t>> choices::groups() const {
  std::vector<std::uint32_t> root(size());
  std::iota(root.begin(), root.end(), 0u);
  const auto find = [&](std::uint32_t v) {
    while (root[v] != v) v = root[v] = root[root[v]];
    return v;
  };
  for (const auto& l : links) {
    const auto a = find(l.a), b = find(l.b);
    root[std::max(a, b)] = std::min(a, b);
  }
  std::vector<std::vector<std::uint32_t>> out(size());
  for (std::uint32_t v = 0; v < size(); ++v) out[find(v)].push_back(v);
  std::erase_if(out, [](const auto& group) { return group.empty(); });
  return out;
}

void reduce(choices& c, const std::function<bool()>& stop) {
  connect(c);
  for (bool any = true; any;) {
    fold(c);
    double work = 0;
    for (std::size_t i = 0; i < c.size(); ++i)
      for (const auto l : c.campaigns[i].links) {
        const auto n = static_cast<double>(c.campaigns[i].shift.size());
        work += n * n * static_cast<double>(c.campaigns[c.beyond(c.links[l], i)].shift.size());
      }
    any = false;
    for (std::size_t i = 0; i < c.size() && !stop(); ++i) any = drop_dominated(c, i, work < 2e8, stop) || any;
    if (any) connect(c);
  }
  mark_twins(c);
}

choices alone(const choices& c, std::span<const std::uint32_t> members, std::span<const value_index> values) {
  constexpr std::uint32_t outside = std::uint32_t(-1);
  choices out;
  std::vector<std::uint32_t> place(c.size(), outside);
  for (const auto m : members) {
    place[m] = static_cast<std::uint32_t>(out.size());
    auto& own = out.campaigns.emplace_back(c.campaigns[m]);
    const auto twin = own.twin < 0 ? outside : place[static_cast<std::size_t>(own.twin)];
    own.twin = twin == outside ? -1 : static_cast<std::int32_t>(twin);
    own.links.clear();
  }
  for (const auto m : members)
    for (const auto index : c.campaigns[m].links) {
      const auto& l = c.links[index];
      const auto other = c.beyond(l, m);
      auto& own = out.campaigns[place[m]];
      if (place[other] == outside) {
        for (std::size_t s = 0; s < own.shift.size(); ++s) own.conflict[s] += c.conflict_at(l, m, s, values[other]);
      } else if (l.a == m) {
        const auto i = static_cast<std::uint32_t>(out.links.size());
        out.links.push_back({place[l.a], place[l.b], l.rate, l.offset, l.tent});
        own.links.push_back(i);
        out.campaigns[place[l.b]].links.push_back(i);
      }
    }
  return out;
}

schedule assess(const choices& c, std::vector<value_index> values) {
  schedule out;
  for (std::size_t v = 0; v < c.size(); ++v) {
    out.cost += c.campaigns[v].cost[values[v]];
    out.conflict += c.campaigns[v].conflict[values[v]];
  }
  for (const auto& l : c.links) out.conflict += c.conflict_of(l, values[l.a], values[l.b]);
  out.values = std::move(values);
  return out;
}

void descend(const choices& c, std::span<const std::uint32_t> members, double price, std::vector<value_index>& values,
             const std::function<bool()>& stop) {
  const double weight = std::isinf(price) ? 0 : 1;
  if (weight == 0) price = 1;
  std::vector<double> row;
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto i : members) {
      if (stop()) return;
      const auto& v = c.campaigns[i];
      row.resize(v.shift.size());
      for (std::size_t s = 0; s < row.size(); ++s) row[s] = weight * v.cost[s] + price * v.conflict[s];
      for (const auto index : v.links) {
        const auto& l = c.links[index];
        const std::size_t other = values[c.beyond(l, i)];
        for (std::size_t s = 0; s < row.size(); ++s) row[s] += price * c.conflict_at(l, i, s, other);
      }
      const auto best = static_cast<std::size_t>(std::min_element(row.begin(), row.end()) - row.begin());
      if (row[best] < row[values[i]] - 1e-9 * (1 + std::abs(row[values[i]]))) {
        values[i] = static_cast<value_index>(best);
        moved = true;
      }
    }
  }
}

double cost_step(const choices& c) {
  std::int64_t step = 0;
  double most = 0;
  for (const auto& v : c.campaigns) {
    most += *std::max_element(v.cost.begin(), v.cost.end());
    for (const double cost : v.cost) {
      const double millionths = cost * 1e6;
      if (millionths > 1e15 || std::abs(millionths - std::round(millionths)) > 1e-3) return 0;
      step = std::gcd(step, static_cast<std::int64_t>(std::llround(millionths)));
    }
  }
  const double out = static_cast<double>(step) * 1e-6;
  // Sums of costs must be exact to far less than a step.
  return out > 1e-7 * most ? out : 0;
}

}  // namespace clarion::conflict::detail
