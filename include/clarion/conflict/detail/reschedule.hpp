#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

// The search behind reschedule(): pairwise cost functions over small domains, bounded by mini-buckets with moment matching
// (Dechter and Rish, J. ACM 2003; Ihler et al., UAI 2012) and swept breadth first with dominance between partial schedules.
namespace clarion::conflict::detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// Index of a value in a variable's domain.
using value_index = std::uint16_t;

/// A linear view of the two criteria: cost * (cost of shifts) + conflict * (residual conflict).
struct weighting {
  double cost = 1;
  double conflict = 0;
  double of(double c, double f) const { return cost * c + conflict * f; }
};

/// Campaigns whose choices depend on each other, in search order.
struct part {
  struct variable {
    std::uint32_t campaign = 0;
    std::int32_t start = 0;              ///< planned, as a day number
    std::int32_t length = 1;             ///< days
    std::vector<std::int32_t> shift;     ///< the domain, ascending, in days
    std::vector<double> cost;            ///< of each shift
    std::vector<double> conflict;        ///< of each shift, with campaigns that cannot move
    std::vector<std::uint32_t> links;    ///< all links that touch it
    std::vector<std::uint32_t> earlier;  ///< those to variables before it
    std::int32_t twin = -1;              ///< an interchangeable variable before it, whose shift must not exceed its own
  };
  struct link {
    std::uint32_t a = 0, b = 0;  ///< a < b
    double rate = 0;             ///< conflict per shared day
    std::int32_t offset = 0;
    std::vector<double> tent;  ///< conflict by shift of b minus shift of a, plus offset
  };
  std::vector<variable> variables;
  std::vector<link> links;

  std::size_t size() const { return variables.size(); }
  double conflict_of(const link& l, std::size_t value_a, std::size_t value_b) const {
    return l.tent[static_cast<std::size_t>(variables[l.b].shift[value_b] - variables[l.a].shift[value_a] + l.offset)];
  }
  /// Conflict of link l when variable v (one of its ends) takes a value and the other end takes another.
  double conflict_at(const link& l, std::size_t v, std::size_t value, std::size_t other) const {
    return l.a == v ? conflict_of(l, value, other) : conflict_of(l, other, value);
  }
};

/// A complete schedule of a part.
struct schedule {
  double cost = 0;
  double conflict = 0;
  std::vector<value_index> values;
};

inline std::int32_t days_shared(std::int32_t start_a, std::int32_t length_a, std::int32_t start_b, std::int32_t length_b) {
  return std::max(0, std::min(start_a + length_a, start_b + length_b) - std::max(start_a, start_b));
}

/// Fills offset and tent of every link from the rates, and the lists of links of every variable.
inline void connect(part& p) {
  for (auto& v : p.variables) {
    v.links.clear();
    v.earlier.clear();
  }
  for (std::uint32_t i = 0; i < p.links.size(); ++i) {
    auto& l = p.links[i];
    if (l.a > l.b) std::swap(l.a, l.b);
    auto &a = p.variables[l.a], &b = p.variables[l.b];
    const std::int32_t lowest = b.shift.front() - a.shift.back(), highest = b.shift.back() - a.shift.front();
    l.offset = -lowest;
    l.tent.resize(static_cast<std::size_t>(highest - lowest + 1));
    for (std::int32_t d = lowest; d <= highest; ++d)
      l.tent[static_cast<std::size_t>(d - lowest)] = l.rate * days_shared(a.start, a.length, b.start + d, b.length);
    a.links.push_back(i);
    b.links.push_back(i);
    b.earlier.push_back(i);
  }
}

inline schedule assess(const part& p, std::vector<value_index> values) {
  schedule out;
  for (std::size_t v = 0; v < p.size(); ++v) {
    out.cost += p.variables[v].cost[values[v]];
    out.conflict += p.variables[v].conflict[values[v]];
  }
  for (const auto& l : p.links) out.conflict += p.conflict_of(l, values[l.a], values[l.b]);
  out.values = std::move(values);
  return out;
}

/// Removes shifts that another shift of the same campaign beats or equals in cost and in conflict whatever the others do: no
/// point of the cost-conflict frontier is lost. Returns true when it removed any. O(n D^2 degree D), or O(n D degree D) when
/// that is too much.
inline bool drop_dominated_shifts(part& p) {
  double work = 0;
  for (const auto& v : p.variables)
    for (const auto i : v.links) {
      const auto& l = p.links[i];
      const auto other = &p.variables[l.a] == &v ? l.b : l.a;
      work += static_cast<double>(v.shift.size() * v.shift.size() * p.variables[other].shift.size());
    }
  const bool thorough = work < 5e7;
  bool any = false;
  for (std::size_t i = 0; i < p.size(); ++i) {
    auto& v = p.variables[i];
    const std::size_t n = v.shift.size();
    std::vector<char> gone(n, 0);
    // How much worse value s' can be than value s, over everything that the neighbours may do.
    const auto regret = [&](std::size_t better, std::size_t worse) {
      double total = v.conflict[better] - v.conflict[worse];
      for (const auto index : v.links) {
        const auto& l = p.links[index];
        const auto other = l.a == i ? l.b : l.a;
        double most = -infinity;
        for (std::size_t t = 0; t < p.variables[other].shift.size(); ++t)
          most = std::max(most, p.conflict_at(l, i, better, t) - p.conflict_at(l, i, worse, t));
        total += most;
      }
      return total;
    };
    for (std::size_t s = 0; s < n; ++s) {
      const auto beaten_by = [&](std::size_t t) {
        if (t == s || gone[t] || v.cost[t] > v.cost[s]) return false;
        const double r = regret(t, s);
        return r < 0 || (r == 0 && (v.cost[t] < v.cost[s] || t < s));
      };
      bool beaten = false;
      if (thorough) {
        for (std::size_t t = 0; t < n && !beaten; ++t) beaten = beaten_by(t);
      } else {
        const std::size_t nearer = v.shift[s] > 0 ? s - 1 : s + 1;
        if (v.shift[s] != 0 && nearer < n) beaten = beaten_by(nearer);
        const auto zero = std::lower_bound(v.shift.begin(), v.shift.end(), 0);
        if (!beaten && zero != v.shift.end() && *zero == 0) beaten = beaten_by(static_cast<std::size_t>(zero - v.shift.begin()));
      }
      gone[s] = beaten;
    }
    if (std::find(gone.begin(), gone.end(), 1) == gone.end()) continue;
    any = true;
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
  }
  if (any) connect(p);
  return any;
}

/// The variables in `order`, links and lists renumbered.
inline part reordered(const part& p, const std::vector<std::uint32_t>& order) {
  part out;
  std::vector<std::uint32_t> position(p.size());
  for (std::uint32_t k = 0; k < order.size(); ++k) {
    position[order[k]] = k;
    out.variables.push_back(p.variables[order[k]]);
  }
  for (auto l : p.links) {
    l.a = position[l.a];
    l.b = position[l.b];
    out.links.push_back(std::move(l));
  }
  connect(out);
  return out;
}

/// A search order that keeps few campaigns "open" (decided, with a neighbour still undecided) at a time: planned start, or
/// greedily the smallest next boundary, whichever leaves fewer combinations.
inline std::vector<std::uint32_t> search_order(const part& p) {
  const std::size_t n = p.size();
  std::vector<std::vector<std::uint32_t>> around(n);
  for (const auto& l : p.links) {
    around[l.a].push_back(l.b);
    around[l.b].push_back(l.a);
  }
  std::vector<double> bits(n);
  for (std::size_t v = 0; v < n; ++v) bits[v] = std::log2(static_cast<double>(p.variables[v].shift.size()));
  const auto burden = [&](const std::vector<std::uint32_t>& order) {
    std::vector<std::size_t> left(n);
    for (std::size_t v = 0; v < n; ++v) left[v] = around[v].size();
    std::vector<char> in(n, 0);
    double open = 0, total = 0;
    for (const auto v : order) {
      total += std::exp2(std::min(open + bits[v], 200.0));
      in[v] = 1;
      if (left[v] > 0) open += bits[v];
      for (const auto w : around[v])
        if (--left[w] == 0 && in[w]) open -= bits[w];
    }
    return total;
  };
  std::vector<std::uint32_t> by_start(n);
  std::iota(by_start.begin(), by_start.end(), 0u);
  std::stable_sort(by_start.begin(), by_start.end(), [&](auto x, auto y) {
    const auto &a = p.variables[x], &b = p.variables[y];
    return std::tie(a.start, a.length) < std::tie(b.start, b.length);
  });
  std::vector<std::uint32_t> best = by_start;
  double least = burden(best);
  const std::size_t seeds = std::min<std::size_t>(n, 8);
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    std::vector<std::uint32_t> order;
    std::vector<std::size_t> left(n);
    for (std::size_t v = 0; v < n; ++v) left[v] = around[v].size();
    std::vector<char> in(n, 0), touched(n, 0);
    for (std::size_t step = 0; step < n; ++step) {
      std::uint32_t choice = 0;
      double lowest = infinity;
      for (std::size_t r = 0; r < n; ++r) {
        const auto v = step == 0 ? by_start[(r + seed * n / seeds) % n] : by_start[r];
        if (in[v]) continue;
        // Growth of the boundary, with a preference for what is already linked to it.
        double growth = left[v] > 0 ? bits[v] : 0;
        for (const auto w : around[v])
          if (in[w] && left[w] == 1) growth -= bits[w];
        if (step > 0 && !touched[v]) growth += 1e3;
        if (growth < lowest) lowest = growth, choice = v;
        if (step == 0) break;
      }
      in[choice] = 1;
      order.push_back(choice);
      for (const auto w : around[choice]) {
        --left[w];
        touched[w] = 1;
      }
    }
    if (const double b = burden(order); b < least) least = b, best = std::move(order);
  }
  return best;
}

/// Marks interchangeable campaigns: same plan, same choices, same links. One order of each such set is searched.
inline void mark_twins(part& p) {
  const std::size_t n = p.size();
  std::vector<std::vector<std::pair<std::uint32_t, double>>> around(n);
  for (const auto& l : p.links) {
    around[l.a].emplace_back(l.b, l.rate);
    around[l.b].emplace_back(l.a, l.rate);
  }
  for (auto& list : around) std::sort(list.begin(), list.end());
  const auto without = [](std::vector<std::pair<std::uint32_t, double>> list, std::size_t v) {
    std::erase_if(list, [v](const auto& item) { return item.first == v; });
    return list;
  };
  for (std::size_t b = 0; b < n; ++b) {
    auto& vb = p.variables[b];
    vb.twin = -1;
    for (const auto index : vb.earlier) {
      const std::size_t a = p.links[index].a;
      const auto& va = p.variables[a];
      if (static_cast<std::int32_t>(a) > vb.twin && va.start == vb.start && va.length == vb.length && va.shift == vb.shift &&
          va.cost == vb.cost && va.conflict == vb.conflict && without(around[a], b) == without(around[b], a))
        vb.twin = static_cast<std::int32_t>(a);
    }
  }
}

/// Lowers cost and conflict under one weighting by moving one campaign at a time, from `values`, until none helps.
inline std::vector<value_index> descend(const part& p, const weighting& w, std::vector<value_index> values) {
  std::vector<double> row;
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const auto& v = p.variables[i];
      row.resize(v.shift.size());
      for (std::size_t s = 0; s < row.size(); ++s) row[s] = w.of(v.cost[s], v.conflict[s]);
      for (const auto index : v.links) {
        const auto& l = p.links[index];
        const std::size_t other = values[l.a == i ? l.b : l.a];
        for (std::size_t s = 0; s < row.size(); ++s) row[s] += w.conflict * p.conflict_at(l, i, s, other);
      }
      const auto best = static_cast<std::size_t>(std::min_element(row.begin(), row.end()) - row.begin());
      if (row[best] < row[values[i]] - 1e-9 * (1 + std::abs(row[values[i]]))) {
        values[i] = static_cast<value_index>(best);
        moved = true;
      }
    }
  }
  return values;
}

/// Lowers the cost of a schedule whose conflict stays at or below `limit`, by the best change of one campaign or of two together,
/// until none helps. Two campaigns that do not touch are tried as well: one pays the conflict that the other saves.
template <class Stop>
void polish(const part& p, double limit, std::vector<value_index>& values, Stop&& stop) {
  const std::size_t n = p.size();
  std::vector<std::vector<double>> cost(n), conflict(n);  // change by each value of each campaign alone
  std::vector<std::vector<std::int64_t>> link_of(n, std::vector<std::int64_t>(n, -1));
  for (std::size_t l = 0; l < p.links.size(); ++l) link_of[p.links[l].a][p.links[l].b] = static_cast<std::int64_t>(l);
  for (;;) {
    const auto now = assess(p, values);
    const double room = limit - now.conflict;
    for (std::size_t i = 0; i < n; ++i) {
      const auto& v = p.variables[i];
      const std::size_t held = values[i];
      cost[i].assign(v.shift.size(), 0.0);
      conflict[i].assign(v.shift.size(), 0.0);
      for (std::size_t s = 0; s < v.shift.size(); ++s) {
        cost[i][s] = v.cost[s] - v.cost[held];
        conflict[i][s] = v.conflict[s] - v.conflict[held];
        for (const auto index : v.links) {
          const auto& l = p.links[index];
          const std::size_t other = values[l.a == i ? l.b : l.a];
          conflict[i][s] += p.conflict_at(l, i, s, other) - p.conflict_at(l, i, held, other);
        }
      }
    }
    double best = -1e-9 * (1 + now.cost);
    std::size_t at_i = n, at_j = n, to_i = 0, to_j = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (stop()) return;
      for (std::size_t s = 0; s < cost[i].size(); ++s) {
        if (cost[i][s] < best && conflict[i][s] <= room) best = cost[i][s], at_i = i, to_i = s, at_j = n;
        if (s == values[i]) continue;
        for (std::size_t j = i + 1; j < n; ++j) {
          const auto index = link_of[i][j];
          for (std::size_t t = 0; t < cost[j].size(); ++t) {
            if (cost[i][s] + cost[j][t] >= best || t == values[j]) continue;
            double change = conflict[i][s] + conflict[j][t];
            if (index >= 0) {
              const auto& l = p.links[static_cast<std::size_t>(index)];
              change += p.conflict_of(l, s, t) + p.conflict_of(l, values[i], values[j]) - p.conflict_of(l, s, values[j]) -
                        p.conflict_of(l, values[i], t);
            }
            if (change <= room) best = cost[i][s] + cost[j][t], at_i = i, to_i = s, at_j = j, to_j = t;
          }
        }
      }
    }
    if (at_i == n) return;
    values[at_i] = static_cast<value_index>(to_i);
    if (at_j < n) values[at_j] = static_cast<value_index>(to_j);
  }
}

/// Keeps the schedules that no other one equals or beats in both criteria, by ascending cost.
inline void keep_frontier(std::vector<schedule>& front) {
  std::stable_sort(front.begin(), front.end(),
                   [](const auto& x, const auto& y) { return std::tie(x.cost, x.conflict) < std::tie(y.cost, y.conflict); });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < front.size(); ++i)
    if (kept == 0 || front[i].conflict < front[kept - 1].conflict) {
      if (kept != i) front[kept] = std::move(front[i]);
      ++kept;
    }
  front.resize(kept);
}

/// What is moved from each link to its two ends, by weighting, so that the least of every link and of every variable tell more
/// about the whole: the total of a complete schedule stays the same. Each variable in turn levels its own values with the least
/// of its links ("factor graph linear programming", Ihler et al., UAI 2012). O(rounds x weights x links x D^2).
class levelling {
public:
  levelling() = default;
  levelling(const part& p, std::span<const weighting> weights, int rounds) {
    double entries = 0;
    for (const auto& l : p.links) entries += static_cast<double>(p.variables[l.a].shift.size() * p.variables[l.b].shift.size());
    if (entries > 1e7) return;
    for (const auto& w : weights) moved_.push_back(level(p, w, rounds));
  }
  bool empty() const { return moved_.empty(); }
  /// Moved under weighting k from link l to its end a (0) or b (1), by the value of that end.
  const std::vector<double>& to(std::size_t k, std::size_t l, std::size_t end) const { return moved_[k][2 * l + end]; }

private:
  template <class Visit>
  static void each_row(const part& p, std::size_t l, std::vector<double>& table, Visit&& visit) {
    const std::size_t n_a = p.variables[p.links[l].a].shift.size(), n_b = p.variables[p.links[l].b].shift.size();
    for (std::size_t a = 0; a < n_a; ++a) visit(a, table.data() + a * n_b, n_b);
  }

  static std::vector<std::vector<double>> level(const part& p, const weighting& w, int rounds) {
    std::vector<std::vector<double>> moved(2 * p.links.size()), table(p.links.size()), unary(p.size());
    for (std::size_t l = 0; l < p.links.size(); ++l) {
      const auto& link = p.links[l];
      const std::size_t n_a = p.variables[link.a].shift.size(), n_b = p.variables[link.b].shift.size();
      moved[2 * l].assign(n_a, 0.0);
      moved[2 * l + 1].assign(n_b, 0.0);
      for (std::size_t a = 0; a < n_a; ++a)
        for (std::size_t b = 0; b < n_b; ++b) table[l].push_back(w.conflict * p.conflict_of(link, a, b));
    }
    for (std::size_t v = 0; v < p.size(); ++v)
      for (std::size_t s = 0; s < p.variables[v].shift.size(); ++s)
        unary[v].push_back(w.of(p.variables[v].cost[s], p.variables[v].conflict[s]));
    std::vector<std::vector<double>> least;
    for (int round = 0; round < rounds; ++round)
      for (std::size_t step = 0; step < p.size(); ++step) {
        const std::size_t v = round % 2 == 0 ? step : p.size() - 1 - step;
        const auto& var = p.variables[v];
        const std::size_t n = var.shift.size();
        std::vector<double> share = unary[v];
        least.assign(var.links.size(), std::vector<double>(n, infinity));
        for (std::size_t i = 0; i < var.links.size(); ++i) {
          const auto l = var.links[i];
          auto& m = least[i];
          each_row(p, l, table[l], [&](std::size_t a, const double* row, std::size_t n_b) {
            if (p.links[l].a == v)
              for (std::size_t b = 0; b < n_b; ++b) m[a] = row[b] < m[a] ? row[b] : m[a];
            else
              for (std::size_t b = 0; b < n_b; ++b) m[b] = row[b] < m[b] ? row[b] : m[b];
          });
          for (std::size_t s = 0; s < n; ++s) share[s] += least[i][s];
        }
        for (auto& s : share) s /= static_cast<double>(var.links.size() + 1);
        unary[v] = share;
        for (std::size_t i = 0; i < var.links.size(); ++i) {
          const auto l = var.links[i];
          const bool first = p.links[l].a == v;
          for (std::size_t s = 0; s < n; ++s) {
            least[i][s] -= share[s];
            moved[2 * l + (first ? 0 : 1)][s] += least[i][s];
          }
          each_row(p, l, table[l], [&](std::size_t a, double* row, std::size_t n_b) {
            if (first)
              for (std::size_t b = 0; b < n_b; ++b) row[b] -= least[i][a];
            else
              for (std::size_t b = 0; b < n_b; ++b) row[b] -= least[i][b];
          });
        }
      }
    return moved;
  }

  std::vector<std::vector<std::vector<double>>> moved_;
};

/// Lower bounds on the best completion of a partial schedule, for several weightings at once. Variables are eliminated from the
/// last to the first; a bucket whose table would hold more than `cap` entries is split, after its pieces were levelled against
/// each other on the variable that goes. Exact when no bucket was split. O(weights x variables x cap x degree).
class mini_buckets {
public:
  struct message {
    std::vector<std::uint32_t> scope;        ///< ascending; lands at the last of them
    std::vector<std::uint64_t> stride;       ///< of each in the table; the last is 1
    std::vector<std::vector<double>> table;  ///< one a weighting
  };

  mini_buckets(const part& p, std::span<const weighting> weights, std::size_t cap, levelling moved = {})
      : shifted(std::move(moved)),
        constant(weights.size(), 0.0),
        closing(p.size() * weights.size(), 0.0),
        lands(p.size()),
        leaves(p.size()) {
    for (std::size_t v = p.size(); v-- > 0;) eliminate(p, weights, cap, v);
  }

  levelling shifted;
  std::vector<message> messages;
  std::vector<double> constant;                    ///< bound on the whole part, one a weighting
  std::vector<double> closing;                     ///< what each variable's own elimination added to it, variable by variable
  std::vector<std::vector<std::uint32_t>> lands;   ///< messages by the last variable of their scope
  std::vector<std::vector<std::uint32_t>> leaves;  ///< messages by the variable whose elimination made them
  bool exact = true;

private:
  struct piece {
    std::vector<std::uint32_t> scope;  // without the variable that goes
    std::vector<std::uint32_t> links, incoming;
    bool unary = false;
  };

  static double least(const double* row, std::size_t n) {
    double m0 = infinity, m1 = infinity;
    std::size_t s = 0;
    for (; s + 1 < n; s += 2) {
      m0 = row[s] < m0 ? row[s] : m0;
      m1 = row[s + 1] < m1 ? row[s + 1] : m1;
    }
    if (s < n) m0 = row[s] < m0 ? row[s] : m0;
    return m0 < m1 ? m0 : m1;
  }

  std::vector<piece> split(const part& p, std::size_t cap, std::size_t v) {
    struct item {
      std::vector<std::uint32_t> scope;
      std::uint32_t index;
      bool is_link;
    };
    std::vector<item> items;
    for (const auto m : lands[v]) {
      auto scope = messages[m].scope;
      scope.pop_back();
      items.push_back({std::move(scope), m, false});
    }
    for (const auto l : p.variables[v].earlier) items.push_back({{p.links[l].a}, l, true});
    std::stable_sort(items.begin(), items.end(), [](const item& x, const item& y) { return x.scope.size() > y.scope.size(); });
    std::vector<piece> pieces(1);
    pieces[0].unary = true;
    for (auto& it : items) {
      bool placed = false;
      for (auto& to : pieces) {
        std::vector<std::uint32_t> both;
        std::set_union(to.scope.begin(), to.scope.end(), it.scope.begin(), it.scope.end(), std::back_inserter(both));
        double entries = static_cast<double>(p.variables[v].shift.size());
        for (const auto w : both) entries *= static_cast<double>(p.variables[w].shift.size());
        if (both.size() > std::max(to.scope.size(), it.scope.size()) && entries > static_cast<double>(cap)) continue;
        to.scope = std::move(both);
        (it.is_link ? to.links : to.incoming).push_back(it.index);
        placed = true;
        break;
      }
      if (placed) continue;
      piece fresh;
      fresh.scope = it.scope;
      (it.is_link ? fresh.links : fresh.incoming).push_back(it.index);
      pieces.push_back(std::move(fresh));
    }
    return pieces;
  }

  // Calls visit(entry, row) for every combination of the scope, in the order of the table; row holds the sum over the values of
  // v.
  template <class Visit>
  void scan(const part& p, std::size_t k, std::size_t v, const piece& q, const std::vector<std::vector<double>>& dense,
            const std::vector<double>& unary, Visit&& visit) const {
    const std::size_t n = p.variables[v].shift.size(), dims = q.scope.size();
    struct source {
      const double* base;
      std::size_t at = 0;
      std::vector<std::size_t> stride;
    };
    std::vector<source> sources;
    for (const auto l : q.links) {
      source s{dense[l].data(), 0, std::vector<std::size_t>(dims, 0)};
      const auto where = std::lower_bound(q.scope.begin(), q.scope.end(), p.links[l].a) - q.scope.begin();
      s.stride[static_cast<std::size_t>(where)] = n;
      sources.push_back(std::move(s));
    }
    for (const auto m : q.incoming) {
      const auto& msg = messages[m];
      source s{msg.table[k].data(), 0, std::vector<std::size_t>(dims, 0)};
      for (std::size_t d = 0; d + 1 < msg.scope.size(); ++d) {
        const auto where = std::lower_bound(q.scope.begin(), q.scope.end(), msg.scope[d]) - q.scope.begin();
        s.stride[static_cast<std::size_t>(where)] = msg.stride[d];
      }
      sources.push_back(std::move(s));
    }
    std::vector<double> row(n), zero(n, 0.0);
    const double* first = q.unary ? unary.data() : zero.data();
    std::vector<std::size_t> at(dims, 0);
    for (std::size_t entry = 0;; ++entry) {
      std::copy(first, first + n, row.begin());
      for (const auto& s : sources) {
        const double* from = s.base + s.at;
        for (std::size_t x = 0; x < n; ++x) row[x] += from[x];
      }
      visit(entry, row);
      std::size_t d = dims;
      for (; d-- > 0;) {
        if (++at[d] < p.variables[q.scope[d]].shift.size()) {
          for (auto& s : sources) s.at += s.stride[d];
          break;
        }
        at[d] = 0;
        for (auto& s : sources) s.at -= s.stride[d] * (p.variables[q.scope[d]].shift.size() - 1);
      }
      if (d == std::size_t(-1)) return;
    }
  }

  void eliminate(const part& p, std::span<const weighting> weights, std::size_t cap, std::size_t v) {
    const auto pieces = split(p, cap, v);
    if (pieces.size() > 1) exact = false;
    const auto& var = p.variables[v];
    const std::size_t n = var.shift.size();
    std::vector<std::uint32_t> made(pieces.size(), std::uint32_t(-1));
    for (std::size_t r = 0; r < pieces.size(); ++r) {
      const auto& q = pieces[r];
      if (q.scope.empty()) continue;
      message m;
      m.scope = q.scope;
      m.stride.resize(m.scope.size());
      std::uint64_t entries = 1;
      for (std::size_t d = m.scope.size(); d-- > 0;) {
        m.stride[d] = entries;
        entries *= p.variables[m.scope[d]].shift.size();
      }
      m.table.assign(weights.size(), std::vector<double>(entries));
      made[r] = static_cast<std::uint32_t>(messages.size());
      messages.push_back(std::move(m));
    }
    std::vector<std::vector<double>> dense(p.links.size());
    std::vector<double> unary(n);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      const auto& w = weights[k];
      for (std::size_t s = 0; s < n; ++s) unary[s] = w.of(var.cost[s], var.conflict[s]);
      for (const auto l : var.earlier) {
        const auto& link = p.links[l];
        const std::size_t rows = p.variables[link.a].shift.size();
        dense[l].resize(rows * n);
        for (std::size_t a = 0; a < rows; ++a)
          for (std::size_t s = 0; s < n; ++s) dense[l][a * n + s] = w.conflict * p.conflict_of(link, a, s);
        if (shifted.empty()) continue;
        const auto &to_a = shifted.to(k, l, 0), &to_b = shifted.to(k, l, 1);
        for (std::size_t a = 0; a < rows; ++a)
          for (std::size_t s = 0; s < n; ++s) dense[l][a * n + s] -= to_a[a] + to_b[s];
      }
      if (!shifted.empty())
        for (const auto l : var.links) {
          const auto& to_v = shifted.to(k, l, p.links[l].a == v ? 0 : 1);
          for (std::size_t s = 0; s < n; ++s) unary[s] += to_v[s];
        }
      std::vector<std::vector<double>> level(pieces.size());
      if (pieces.size() > 1) {
        std::vector<double> mean(n, 0.0);
        for (std::size_t r = 0; r < pieces.size(); ++r) {
          level[r].assign(n, infinity);
          scan(p, k, v, pieces[r], dense, unary, [&](std::size_t, const std::vector<double>& row) {
            for (std::size_t s = 0; s < n; ++s) level[r][s] = row[s] < level[r][s] ? row[s] : level[r][s];
          });
          for (std::size_t s = 0; s < n; ++s) mean[s] += level[r][s] / static_cast<double>(pieces.size());
        }
        for (auto& of : level)
          for (std::size_t s = 0; s < n; ++s) of[s] = mean[s] - of[s];
      }
      for (std::size_t r = 0; r < pieces.size(); ++r) {
        std::vector<double> sum(n);
        scan(p, k, v, pieces[r], dense, unary, [&](std::size_t entry, const std::vector<double>& row) {
          const double* values = row.data();
          if (!level[r].empty()) {
            for (std::size_t s = 0; s < n; ++s) sum[s] = row[s] + level[r][s];
            values = sum.data();
          }
          const double m = least(values, n);
          if (made[r] == std::uint32_t(-1))
            constant[k] += m, closing[v * weights.size() + k] += m;
          else
            messages[made[r]].table[k][entry] = m;
        });
      }
    }
    for (const auto m : made)
      if (m != std::uint32_t(-1)) {
        lands[messages[m].scope.back()].push_back(m);
        leaves[v].push_back(m);
      }
  }
};

/// What a sweep may keep and when a partial schedule is hopeless.
struct sweep_bounds {
  /// Added to the bound of each weighting: what every other part costs at least, minus the weighted limit.
  std::vector<double> rest;
  double cut = infinity;       ///< bounds above this are hopeless (weightings that hold a cost)
  double conflict_slack = 0;   ///< same for weightings of conflict alone, where `rest` makes 0 the limit
  std::size_t width = 1000;    ///< partial schedules kept a level
  int single = -1;             ///< index of a weighting: look only for its minimum
  std::function<bool()> stop;  ///< asked now and then; true abandons the sweep
};

struct sweep_result {
  std::vector<schedule> front;  ///< complete schedules that no other one found beats in both criteria
  double open = infinity;       ///< no schedule that was left out has a lower bound than this; infinite when none was
  std::uint64_t nodes = 0;      ///< partial schedules expanded
};

/// Builds schedules campaign by campaign, all prefixes of one length together. A prefix goes when its bound shows that it
/// cannot matter, when another with the same decisions towards undecided neighbours is no worse in both criteria, or, last, when
/// the level is full: then the least promising go and `open` says what they might have reached.
inline sweep_result sweep(const part& p, std::span<const weighting> weights, const mini_buckets& buckets,
                          const sweep_bounds& limits) {
  struct child {
    std::uint64_t key;
    double score, cost, conflict;
    std::uint32_t parent;
    value_index value;
  };
  const std::size_t n = p.size(), kinds = weights.size();
  const bool single = limits.single >= 0;
  const std::size_t lone = single ? static_cast<std::size_t>(limits.single) : 0;

  // Last variable that still looks at each one: until then its value is part of a prefix's identity.
  std::vector<std::size_t> needed(n, 0);
  for (const auto& l : p.links) needed[l.a] = std::max<std::size_t>(needed[l.a], l.b);
  for (std::size_t v = 0; v < n; ++v)
    if (p.variables[v].twin >= 0) {
      auto& until = needed[static_cast<std::size_t>(p.variables[v].twin)];
      until = std::max(until, v);
    }

  sweep_result out;
  std::size_t count = 1;
  std::vector<value_index> values(n, 0), next_values;
  std::vector<double> cost{0.0}, conflict{0.0}, ahead(buckets.constant), score{-infinity};
  std::vector<double> next_cost, next_conflict, next_ahead, next_score;
  std::vector<child> children;
  std::vector<std::size_t> open_positions;
  std::vector<double> row_conflict, bound, pending;
  std::vector<std::size_t> alive, order;
  std::vector<std::uint64_t> landing;
  std::vector<const double*> rows;
  for (std::size_t k = 0; k < kinds; ++k)
    if (!single || k == lone) order.push_back(k);

  const auto offset_of = [&](const mini_buckets::message& m, const value_index* at, std::size_t dims) {
    std::uint64_t offset = 0;
    for (std::size_t d = 0; d < dims; ++d) offset += m.stride[d] * at[m.scope[d]];
    return offset;
  };

  for (std::size_t v = 0; v < n; ++v) {
    const auto& var = p.variables[v];
    const std::size_t domain = var.shift.size();
    open_positions.clear();
    for (std::size_t u = 0; u <= v; ++u)
      if (needed[u] > v) open_positions.push_back(u);
    children.clear();
    // What levelling moved to this variable from links to later ones counts until those are decided.
    pending.assign(kinds * domain, 0.0);
    if (!buckets.shifted.empty())
      for (const auto l : var.links)
        if (p.links[l].a == v)
          for (const auto k : order)
            for (std::size_t s = 0; s < domain; ++s) pending[k * domain + s] += buckets.shifted.to(k, l, 0)[s];
    const auto settled = [&](std::size_t k, const value_index* at) {
      double sum = buckets.closing[v * kinds + k];
      for (const auto m : buckets.leaves[v]) {
        const auto& msg = buckets.messages[m];
        sum += msg.table[k][offset_of(msg, at, msg.scope.size())];
      }
      if (!buckets.shifted.empty())
        for (const auto l : var.earlier) sum += buckets.shifted.to(k, l, 0)[at[p.links[l].a]];
      return sum;
    };

    const auto value_at = [&](const child& c, std::size_t u) { return u == v ? c.value : values[c.parent * n + u]; };
    const auto same_key = [&](const child& x, const child& y) {
      for (const auto u : open_positions)
        if (value_at(x, u) != value_at(y, u)) return false;
      return true;
    };
    const auto merit = [&](const child& c) { return single ? weights[lone].of(c.cost, c.conflict) : c.cost; };
    const auto thin = [&] {
      std::sort(children.begin(), children.end(), [&](const child& x, const child& y) {
        if (x.key != y.key) return x.key < y.key;
        if (const double a = merit(x), b = merit(y); a != b) return a < b;
        if (x.conflict != y.conflict) return x.conflict < y.conflict;
        return x.parent != y.parent ? x.parent < y.parent : x.value < y.value;
      });
      std::size_t kept = 0;
      for (std::size_t i = 0; i < children.size(); ++i) {
        if (kept > 0 && children[kept - 1].key == children[i].key && same_key(children[kept - 1], children[i])) {
          const double best = children[kept - 1].conflict;
          if (single || children[i].conflict >= best - 1e-12 * (1 + std::abs(best))) continue;
        }
        children[kept++] = children[i];
      }
      children.resize(kept);
      if (kept > limits.width) {
        const auto middle = children.begin() + static_cast<std::ptrdiff_t>(limits.width);
        std::nth_element(children.begin(), middle, children.end(), [](const child& x, const child& y) {
          if (x.score != y.score) return x.score < y.score;
          return x.parent != y.parent ? x.parent < y.parent : x.value < y.value;
        });
        for (auto it = middle; it != children.end(); ++it) out.open = std::min(out.open, it->score);
        children.erase(middle, children.end());
      }
    };

    for (std::size_t i = 0; i < count; ++i) {
      if (i % 256 == 0 && limits.stop && limits.stop()) {
        for (std::size_t j = i; j < count; ++j) out.open = std::min(out.open, score[j]);
        for (const auto& c : children) out.open = std::min(out.open, c.score);
        return out;
      }
      ++out.nodes;
      const value_index* at = values.data() + i * n;
      const std::size_t lowest = var.twin >= 0 ? at[static_cast<std::size_t>(var.twin)] : 0;
      if (lowest >= domain) continue;
      row_conflict.assign(var.conflict.begin(), var.conflict.end());
      for (const auto index : var.earlier) {
        const auto& l = p.links[index];
        const std::int32_t from = l.offset - p.variables[l.a].shift[at[l.a]];
        for (std::size_t s = 0; s < domain; ++s) row_conflict[s] += l.tent[static_cast<std::size_t>(from + var.shift[s])];
      }
      landing.clear();
      for (const auto m : buckets.lands[v]) {
        const auto& msg = buckets.messages[m];
        landing.push_back(offset_of(msg, at, msg.scope.size() - 1));
      }
      alive.clear();
      for (std::size_t s = lowest; s < domain; ++s) alive.push_back(s);
      bound.assign(domain, -infinity);
      for (const auto k : order) {
        const double base = ahead[i * kinds + k] - settled(k, at);
        const auto& w = weights[k];
        const bool priced = w.cost > 0 || single;
        const double rest = single ? 0.0 : limits.rest[k], cut = priced ? limits.cut : limits.conflict_slack;
        std::size_t left = 0;
        rows.assign(1, pending.data() + k * domain);
        for (std::size_t m = 0; m < landing.size(); ++m)
          rows.push_back(buckets.messages[buckets.lands[v][m]].table[k].data() + landing[m]);
        for (const auto s : alive) {
          double b = base + rest + w.of(cost[i] + var.cost[s], conflict[i] + row_conflict[s]);
          for (const double* row : rows) b += row[s];
          if (b > cut) continue;
          if (priced && b > bound[s]) bound[s] = b;
          alive[left++] = s;
        }
        alive.resize(left);
        if (left == 0) break;
      }
      for (const auto s : alive) {
        child c{0,
                std::max(bound[s], score[i]),
                cost[i] + var.cost[s],
                conflict[i] + row_conflict[s],
                static_cast<std::uint32_t>(i),
                static_cast<value_index>(s)};
        std::uint64_t key = 0x9e3779b97f4a7c15u;
        for (const auto u : open_positions) {
          key = (key ^ (u == v ? c.value : at[u])) * 0xff51afd7ed558ccdu;
          key ^= key >> 32;
        }
        c.key = key;
        children.push_back(c);
      }
      if (children.size() > 4 * limits.width + 4096) thin();
    }
    thin();
    // Prefixes go on in the order of their parents, which keeps the memory of the level below in step.
    std::sort(children.begin(), children.end(),
              [](const child& x, const child& y) { return std::tie(x.parent, x.value) < std::tie(y.parent, y.value); });

    const std::size_t next = children.size();
    next_values.resize(next * n);
    next_cost.resize(next);
    next_conflict.resize(next);
    next_score.resize(next);
    next_ahead.resize(next * kinds);
    for (std::size_t c = 0; c < next; ++c) {
      const auto& from = children[c];
      const value_index* old = values.data() + from.parent * n;
      value_index* at = next_values.data() + c * n;
      std::copy(old, old + v, at);
      at[v] = from.value;
      next_cost[c] = from.cost;
      next_conflict[c] = from.conflict;
      next_score[c] = from.score;
      for (const auto k : order) {
        double h = ahead[from.parent * kinds + k] - settled(k, at) + pending[k * domain + from.value];
        for (const auto m : buckets.lands[v]) {
          const auto& msg = buckets.messages[m];
          h += msg.table[k][offset_of(msg, at, msg.scope.size())];
        }
        next_ahead[c * kinds + k] = h;
      }
    }
    values.swap(next_values);
    cost.swap(next_cost);
    conflict.swap(next_conflict);
    score.swap(next_score);
    ahead.swap(next_ahead);
    count = next;
    if (count == 0) return out;
  }
  for (std::size_t i = 0; i < count; ++i)
    out.front.push_back(assess(p, std::vector<value_index>(values.begin() + static_cast<std::ptrdiff_t>(i * n),
                                                           values.begin() + static_cast<std::ptrdiff_t>((i + 1) * n))));
  keep_frontier(out.front);
  return out;
}

}  // namespace clarion::conflict::detail
