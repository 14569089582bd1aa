#include "conflict/reschedule_tables.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <tuple>

namespace clarion::conflict::detail {

namespace {

/// A triple larger than this costs more than it tells.
constexpr std::size_t largest_triple = 64 * 64 * 64;
/// A loose link gets its table once that is no larger.
constexpr std::size_t small_table = 1024;
/// Pairs of links that are looked at for triples.
constexpr std::size_t most_looks = 20'000'000;
constexpr std::uint32_t absent = std::uint32_t(-1);

/// Conflict of a pair by the indices of two values left.
double tent_of(const choices& c, const tables& t, const tables::pair& e, std::size_t a, std::size_t b) {
  const auto& l = c.links[e.link];
  return l.tent[static_cast<std::size_t>(t.shift[t.variables[e.b].first + b] - t.shift[t.variables[e.a].first + a] + l.offset)];
}

/// Calls visit(entry, conflict) for the entries of all pairs.
template <class Visit>
void each_entry(const choices& c, tables& t, Visit&& visit) {
  for (const auto& e : t.pairs) {
    if (e.first == tables::loose) continue;
    const auto& l = c.links[e.link];
    const auto &a = t.variables[e.a], &b = t.variables[e.b];
    double* row = t.entry.data() + e.first;
    for (std::uint32_t i = 0; i < a.size; ++i, row += b.size) {
      const std::int32_t from = l.offset - t.shift[a.first + i];
      for (std::uint32_t j = 0; j < b.size; ++j) visit(row[j], l.tent[static_cast<std::size_t>(from + t.shift[b.first + j])]);
    }
  }
}

void list_pairs(tables& t) {
  const std::size_t n = t.variables.size();
  t.touching_from.assign(n + 1, 0);
  for (const auto& e : t.pairs) ++t.touching_from[e.a + 1], ++t.touching_from[e.b + 1];
  std::partial_sum(t.touching_from.begin(), t.touching_from.end(), t.touching_from.begin());
  t.touching.resize(2 * t.pairs.size());
  auto next = t.touching_from;
  for (std::uint32_t i = 0; i < t.pairs.size(); ++i) {
    t.touching[next[t.pairs[i].a]++] = i;
    t.touching[next[t.pairs[i].b]++] = i;
  }
}

/// The floor that makes the equation true, from any one schedule: shares moved between these variables and others that are gone.
void settle_floor(const choices& c, tables& t) {
  double truth = t.cost + t.price * t.conflict, told = 0;
  for (const auto& v : t.variables) {
    truth += t.value_cost[v.first] + t.price * t.value_conflict[v.first];
    told += t.share[v.first];
  }
  for (const auto& e : t.pairs)
    if (e.first != tables::loose) {
      truth += t.price * tent_of(c, t, e, 0, 0);
      told += t.entry[e.first];
    }
  for (const auto& r : t.triples)
    for (const auto first : r.first) told += t.entry[first];
  t.floor = truth - told;
}

/// Appends a table of a pair's conflict times the price.
std::size_t add_table(const choices& c, tables& t, const tables::pair& e) {
  const std::size_t first = t.entry.size();
  for (std::size_t a = 0; a < t.variables[e.a].size; ++a)
    for (std::size_t b = 0; b < t.variables[e.b].size; ++b) t.entry.push_back(t.price * tent_of(c, t, e, a, b));
  return first;
}

}  // namespace

tables::tables(const choices& c, std::span<const std::uint32_t> members, double at_price, std::size_t most_entries)
    : price(at_price) {
  std::map<std::uint32_t, std::uint32_t> place;
  for (const auto m : members) {
    const auto& from = c.campaigns[m];
    place[m] = static_cast<std::uint32_t>(variables.size());
    variables.push_back({m, static_cast<std::uint32_t>(value.size()), static_cast<std::uint32_t>(from.shift.size())});
    for (std::size_t s = 0; s < from.shift.size(); ++s) {
      value.push_back(static_cast<value_index>(s));
      shift.push_back(from.shift[s]);
      value_cost.push_back(from.cost[s]);
      value_conflict.push_back(from.conflict[s]);
      share.push_back(from.cost[s] + price * from.conflict[s]);
    }
  }
  std::vector<double> strength;
  for (const auto m : members)
    for (const auto l : c.campaigns[m].links)
      if (c.links[l].a == m) {
        pairs.push_back({place[m], place[c.links[l].b], l, loose});
        strength.push_back(*std::max_element(c.links[l].tent.begin(), c.links[l].tent.end()));
      }
  const auto size_of = [&](const pair& e) { return std::size_t{variables[e.a].size} * variables[e.b].size; };
  std::vector<std::uint32_t> order(pairs.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) { return strength[x] > strength[y]; });
  std::size_t used = 0;
  for (const auto i : order)
    if (used + size_of(pairs[i]) <= most_entries / 2) {
      used += size_of(pairs[i]);
      pairs[i].first = 0;
    }
  for (auto& e : pairs)
    if (e.first != loose) e.first = add_table(c, *this, e);
  list_pairs(*this);

  // A triple tells no more than its weakest side: pairs come from the strongest, each with the triples that it completes.
  struct side {
    std::uint32_t other, pair;
  };
  std::vector<std::vector<side>> around(variables.size());
  std::vector<std::uint32_t> mark(variables.size(), absent);
  std::size_t looked = 0;
  for (const auto i : order) {
    if (pairs[i].first == loose) continue;
    const auto a = pairs[i].a, b = pairs[i].b;
    looked += around[a].size() + around[b].size();
    if (looked > most_looks) break;
    for (const auto& s : around[a]) mark[s.other] = s.pair;
    for (const auto& s : around[b]) {
      if (mark[s.other] == absent) continue;
      std::array<std::uint32_t, 3> member{a, b, s.other};
      std::sort(member.begin(), member.end());
      const std::size_t sizes[] = {variables[member[0]].size, variables[member[1]].size, variables[member[2]].size};
      const std::size_t more = sizes[0] * sizes[1] + sizes[0] * sizes[2] + sizes[1] * sizes[2];
      if (sizes[0] * sizes[1] * sizes[2] > largest_triple || used + more > most_entries) continue;
      used += more;
      triple r;
      // The side opposite to a member is the pair of the other two.
      for (const auto edge : {i, mark[s.other], s.pair})
        r.side[pairs[edge].a != member[0] ? 2 : pairs[edge].b != member[1] ? 1 : 0] = edge;
      for (int k = 0; k < 3; ++k) {
        r.member[k] = member[k];
        r.first[k] = entry.size();
        entry.resize(entry.size() + size_of(pairs[r.side[k]]), 0.0);
      }
      triples.push_back(r);
    }
    for (const auto& s : around[a]) mark[s.other] = absent;
    around[a].push_back({b, i});
    around[b].push_back({a, i});
  }
  std::sort(triples.begin(), triples.end(), [](const triple& x, const triple& y) {
    return std::tie(x.member[0], x.member[1], x.member[2]) < std::tie(y.member[0], y.member[1], y.member[2]);
  });
}

void reprice(const choices& c, tables& t, double price) {
  const double by = price - t.price;
  t.price = price;
  t.sound = false;
  t.floor += by * t.conflict;
  for (std::size_t i = 0; i < t.share.size(); ++i) t.share[i] += by * t.value_conflict[i];
  each_entry(c, t, [&](double& entry, double conflict) { entry += by * conflict; });
}

void renew(const choices& c, tables& t, double price) {
  t.price = price;
  t.sound = true;
  t.floor = t.cost + price * t.conflict;
  for (std::size_t i = 0; i < t.share.size(); ++i) t.share[i] = t.value_cost[i] + price * t.value_conflict[i];
  std::fill(t.entry.begin(), t.entry.end(), 0.0);
  each_entry(c, t, [&](double& entry, double conflict) { entry = price * conflict; });
}

std::vector<std::uint32_t> decode(const tables& t) {
  std::vector<std::uint32_t> at(t.variables.size());
  std::vector<double> row;
  for (std::size_t v = 0; v < at.size(); ++v) {
    const auto& var = t.variables[v];
    row.assign(t.share.begin() + var.first, t.share.begin() + var.first + var.size);
    for (const auto index : t.pairs_of(v)) {
      const auto& e = t.pairs[index];
      if (e.first == tables::loose || e.b != v) continue;
      const double* from = t.entry.data() + e.first + at[e.a] * std::size_t{var.size};
      for (std::size_t s = 0; s < row.size(); ++s) row[s] += from[s];
    }
    at[v] = static_cast<std::uint32_t>(std::min_element(row.begin(), row.end()) - row.begin());
  }
  return at;
}

std::pair<double, double> assess(const choices& c, const tables& t, std::span<const std::uint32_t> at) {
  double cost = t.cost, conflict = t.conflict;
  for (std::size_t v = 0; v < at.size(); ++v) {
    cost += t.value_cost[t.variables[v].first + at[v]];
    conflict += t.value_conflict[t.variables[v].first + at[v]];
  }
  for (const auto& e : t.pairs) conflict += tent_of(c, t, e, at[e.a], at[e.b]);
  return {cost, conflict};
}

tables restricted(const choices& c, const tables& t, std::span<const std::uint32_t> kept, std::span<const char> gone, bool whole,
                  bool lean) {
  constexpr std::uint32_t outside = std::uint32_t(-1), single = std::uint32_t(-2);
  const std::size_t n = t.variables.size();
  tables out;
  out.price = t.price;
  out.sound = t.sound;
  out.forward = t.forward;
  out.partial = t.partial;
  if (whole) {
    out.floor = t.floor;
    out.cost = t.cost;
    out.conflict = t.conflict;
    out.decided = t.decided;
  }
  // Indices of the values left, by variable: left[first[v]] and on.
  std::vector<std::uint32_t> place(n, outside), left, first(n + 1, 0);
  left.reserve(t.value.size());
  std::size_t next = 0;
  for (std::uint32_t v = 0; v < n; ++v) {
    first[v] = static_cast<std::uint32_t>(left.size());
    if (next == kept.size() || kept[next] != v) continue;
    ++next;
    const auto& var = t.variables[v];
    for (std::uint32_t s = 0; s < var.size; ++s)
      if (!gone[var.first + s]) left.push_back(s);
    const auto size = static_cast<std::uint32_t>(left.size()) - first[v];
    if (size == 1) {
      const auto at = var.first + left.back();
      place[v] = single;
      out.cost += t.value_cost[at];
      out.conflict += t.value_conflict[at];
      out.floor += t.share[at];
      out.decided.push_back({var.campaign, t.value[at]});
      continue;
    }
    place[v] = static_cast<std::uint32_t>(out.variables.size());
    out.variables.push_back({var.campaign, static_cast<std::uint32_t>(out.value.size()), size});
    for (auto i = first[v]; i < left.size(); ++i) {
      const auto at = var.first + left[i];
      out.value.push_back(t.value[at]);
      out.shift.push_back(t.shift[at]);
      out.value_cost.push_back(t.value_cost[at]);
      out.value_conflict.push_back(t.value_conflict[at]);
      out.share.push_back(t.share[at]);
    }
  }
  first[n] = static_cast<std::uint32_t>(left.size());
  const auto open = [&](std::uint32_t v) { return place[v] != outside && place[v] != single; };
  const auto values = [&](std::uint32_t v) { return std::span(left).subspan(first[v], first[v + 1] - first[v]); };

  out.entry.reserve(t.entry.size());
  std::vector<std::uint32_t> pair_place(t.pairs.size(), outside);
  for (std::uint32_t i = 0; i < t.pairs.size(); ++i) {
    const auto& e = t.pairs[i];
    if (place[e.a] == outside || place[e.b] == outside) continue;
    const auto in_a = values(e.a), in_b = values(e.b);
    const std::size_t columns = t.variables[e.b].size;
    const bool tight = e.first != tables::loose;
    const double* table = tight ? t.entry.data() + e.first : nullptr;
    if (open(e.a) && open(e.b)) {
      pair_place[i] = static_cast<std::uint32_t>(out.pairs.size());
      tables::pair moved{place[e.a], place[e.b], e.link, tables::loose};
      if (tight) {
        moved.first = out.entry.size();
        for (const auto a : in_a)
          for (const auto b : in_b) out.entry.push_back(table[a * columns + b]);
      } else if (in_a.size() * in_b.size() <= small_table) {
        moved.first = add_table(c, out, moved);
      }
      out.pairs.push_back(moved);
      continue;
    }
    if (!open(e.a) && !open(e.b)) {
      const double conflict = tent_of(c, t, e, in_a[0], in_b[0]);
      out.conflict += conflict;
      out.floor += tight ? table[in_a[0] * columns + in_b[0]] : t.price * conflict;
      continue;
    }
    const bool keeps_a = open(e.a);
    const auto& var = out.variables[place[keeps_a ? e.a : e.b]];
    for (std::uint32_t s = 0; s < var.size; ++s) {
      const std::size_t a = in_a[keeps_a ? s : 0], b = in_b[keeps_a ? 0 : s];
      const double conflict = tent_of(c, t, e, a, b);
      out.value_conflict[var.first + s] += conflict;
      out.share[var.first + s] += tight ? table[a * columns + b] : t.price * conflict;
    }
  }
  for (const auto& r : t.triples) {
    std::array<std::span<const std::uint32_t>, 3> in;
    std::size_t opened = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      if (place[r.member[k]] == outside) break;
      in[k] = values(r.member[k]);
      opened += open(r.member[k]);
    }
    if (place[r.member[0]] == outside) continue;
    const std::size_t y = t.variables[r.member[1]].size, z = t.variables[r.member[2]].size;
    const double *ab = t.entry.data() + r.first[0], *ac = t.entry.data() + r.first[1], *bc = t.entry.data() + r.first[2];
    if (opened == 3) {
      if (lean) {
        out.partial = true;
        continue;
      }
      tables::triple moved;
      for (int k = 0; k < 3; ++k) {
        moved.member[k] = place[r.member[k]];
        moved.side[k] = pair_place[r.side[k]];
      }
      const auto copy = [&](int k, const double* table, std::size_t columns, auto rows, auto across) {
        moved.first[k] = out.entry.size();
        for (const auto a : rows)
          for (const auto b : across) out.entry.push_back(table[a * columns + b]);
      };
      copy(0, ab, y, in[0], in[1]);
      copy(1, ac, z, in[0], in[2]);
      copy(2, bc, z, in[1], in[2]);
      out.triples.push_back(moved);
      continue;
    }
    // The triple falls to the side, or the variable, that stays open: as a whole, so that it stays nonnegative.
    double* to = &out.floor;
    if (opened == 1) {
      for (const auto m : r.member)
        if (open(m)) to = out.share.data() + out.variables[place[m]].first;
    } else if (opened == 2) {
      const int side = !open(r.member[2]) ? 0 : !open(r.member[1]) ? 1 : 2;
      to = out.entry.data() + out.pairs[pair_place[r.side[side]]].first;
    }
    for (const auto a : in[0])
      for (const auto b : in[1])
        for (const auto d : in[2]) *to++ += ab[a * y + b] + ac[a * z + d] + bc[b * z + d];
  }
  list_pairs(out);
  if (!whole) settle_floor(c, out);
  return out;
}

std::vector<std::vector<std::uint32_t>> groups(const tables& t) {
  std::vector<std::uint32_t> root(t.variables.size());
  std::iota(root.begin(), root.end(), 0u);
  const auto find = [&](std::uint32_t v) {
    while (root[v] != v) v = root[v] = root[root[v]];
    return v;
  };
  for (const auto& e : t.pairs) {
    const auto a = find(e.a), b = find(e.b);
    root[std::max(a, b)] = std::min(a, b);
  }
  std::vector<std::vector<std::uint32_t>> out(root.size());
  for (std::uint32_t v = 0; v < root.size(); ++v) out[find(v)].push_back(v);
  std::erase_if(out, [](const auto& group) { return group.empty(); });
  return out;
}

}  // namespace clarion::conflict::detail
