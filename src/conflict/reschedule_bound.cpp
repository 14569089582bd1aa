#include "conflict/reschedule_bound.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace clarion::conflict::detail {

namespace {

/// Each triple takes from its sides, evenly with the triples after it, and gives back the least it leaves: the sides then know of
/// each other.
void level_triples(tables& t, workbench& bench) {
  auto& least = bench.least;
  auto& turned = bench.turned;
  const auto turn = [&](const double* table, std::size_t rows, std::size_t columns) {
    turned.resize(rows * columns);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c) turned[c * rows + r] = table[r * columns + c];
    return turned.data();
  };
  const auto spare = [&](double* side, double* own, std::size_t size, double part) {
    for (std::size_t i = 0; i < size; ++i) {
      const double give = (least[i] + own[i]) * part;
      side[i] += give;
      own[i] -= give;
    }
  };
  auto& waiting = bench.waiting;  // triples of each pair still to come
  waiting.assign(t.pairs.size(), 0);
  for (const auto& r : t.triples)
    for (const auto side : r.side) ++waiting[side];
  for (std::size_t step = 0; step < t.triples.size(); ++step) {
    const auto& r = t.triples[t.forward ? step : t.triples.size() - 1 - step];
    const std::size_t x = t.variables[r.member[0]].size, y = t.variables[r.member[1]].size, z = t.variables[r.member[2]].size;
    if (bench.halted(static_cast<double>(x * y * z))) return;
    const std::array<std::size_t, 3> size{x * y, x * z, y * z};
    std::array<double*, 3> side, own;
    for (std::size_t k = 0; k < 3; ++k) {
      side[k] = t.entry.data() + t.pairs[r.side[k]].first;
      own[k] = t.entry.data() + r.first[k];
      const double part = 1.0 / waiting[r.side[k]]--;
      for (std::size_t i = 0; i < size[k]; ++i) {
        const double take = side[k][i] * part;
        own[k][i] += take;
        side[k][i] -= take;
      }
    }
    least.resize(std::max({size[0], size[1], size[2]}));
    // The first side takes a third of what the triple can spare, the second half of the rest, the last what is left.
    for (int turn_of = 0; turn_of < 3; ++turn_of) {
      const int k = t.forward ? turn_of : 2 - turn_of;
      if (k == 0)
        bench.min_plus(own[1], x, z, turn(own[2], y, z), y, least.data());
      else if (k == 1)
        bench.min_plus(own[0], x, y, own[2], z, least.data());
      else
        bench.min_plus(turn(own[0], x, y), y, x, own[1], z, least.data());
      spare(side[k], own[k], size[k], 1.0 / (3 - turn_of));
    }
  }
}

/// Four minima side by side, so that none waits for the other.
double least_of(const double* row, std::size_t size) {
  double a = row[0], b = a, c = a, d = a;
  std::size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    a = row[i] < a ? row[i] : a;
    b = row[i + 1] < b ? row[i + 1] : b;
    c = row[i + 2] < c ? row[i + 2] : c;
    d = row[i + 3] < d ? row[i + 3] : d;
  }
  for (; i < size; ++i) a = row[i] < a ? row[i] : a;
  return std::min(std::min(a, b), std::min(c, d));
}

/// Each variable in turn collects the least of its pairs and hands it on to those ahead (sequential reweighting).
bool level_pairs(tables& t, bool forward, double most, std::span<char> gone, workbench& bench) {
  const std::size_t n = t.variables.size();
  auto& given = bench.given;
  const bool tell = t.sound;
  for (std::size_t step = 0; step < n; ++step) {
    const std::size_t v = forward ? step : n - 1 - step;
    const auto& var = t.variables[v];
    double* share = t.share.data() + var.first;
    given.resize(var.size);
    std::size_t ahead = 0, behind = 0;
    for (const auto index : t.pairs_of(v)) {
      const auto& e = t.pairs[index];
      if (e.first == tables::loose) continue;
      const bool first = e.a == v;
      ++((first == forward) ? ahead : behind);
      const std::size_t rows = t.variables[e.a].size, columns = t.variables[e.b].size;
      double* table = t.entry.data() + e.first;
      if (bench.halted(static_cast<double>(rows * columns))) return true;
      if (first) {
        for (std::size_t a = 0; a < rows; ++a) {
          double* row = table + a * columns;
          const double m = least_of(row, columns);
          for (std::size_t b = 0; b < columns; ++b) row[b] -= m;
          share[a] += m;
        }
      } else {
        std::copy(table, table + columns, given.begin());
        for (std::size_t a = 1; a < rows; ++a)
          for (std::size_t b = 0; b < columns; ++b) given[b] = std::min(given[b], table[a * columns + b]);
        for (std::size_t a = 0; a < rows; ++a)
          for (std::size_t b = 0; b < columns; ++b) table[a * columns + b] -= given[b];
        for (std::size_t b = 0; b < columns; ++b) share[b] += given[b];
      }
    }
    const double m = least_of(share, var.size);
    for (std::size_t s = 0; s < var.size; ++s) share[s] -= m;
    t.floor += m;
    if (tell) {
      const double room = most - t.floor;
      if (room < 0) return false;
      if (!gone.empty())
        for (std::size_t s = 0; s < var.size; ++s)
          if (share[s] > room) gone[var.first + s] = 1;
    }
    if (ahead == 0) continue;
    const double part = 1.0 / static_cast<double>(std::max(ahead, behind));
    for (std::size_t s = 0; s < var.size; ++s) {
      given[s] = share[s] * part;
      share[s] -= given[s] * static_cast<double>(ahead);
    }
    for (const auto index : t.pairs_of(v)) {
      const auto& e = t.pairs[index];
      const bool first = e.a == v;
      if (e.first == tables::loose || first != forward) continue;
      const std::size_t rows = t.variables[e.a].size, columns = t.variables[e.b].size;
      double* table = t.entry.data() + e.first;
      for (std::size_t a = 0; a < rows; ++a)
        for (std::size_t b = 0; b < columns; ++b) table[a * columns + b] += given[first ? a : b];
    }
  }
  t.sound = true;
  return !tell || t.floor <= most;
}

}  // namespace

bool level(tables& t, double most, std::span<char> gone, workbench& bench) {
  if (bench.halted(static_cast<double>(t.pairs.size()))) return true;
  level_triples(t, bench);
  if (!level_pairs(t, t.forward, most, gone, bench) || !level_pairs(t, !t.forward, most, gone, bench)) return false;
  t.forward = !t.forward;
  return true;
}

bool tighten_once(const choices& c, tables& t, double most, workbench& bench) {
  std::vector<char> gone(t.value.size(), 0);
  if (!level(t, most, gone, bench)) return false;
  if (bench.halted() || std::find(gone.begin(), gone.end(), 1) == gone.end()) return true;
  for (const auto& v : t.variables)
    if (std::all_of(gone.begin() + v.first, gone.begin() + v.first + v.size, [](char g) { return g; })) return false;
  std::vector<std::uint32_t> all(t.variables.size());
  std::iota(all.begin(), all.end(), 0u);
  t = restricted(c, t, all, gone, true, false);
  return true;
}

}  // namespace clarion::conflict::detail
