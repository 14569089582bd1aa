#include "clarion/segment/drift.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "schema/wording.hpp"
#include "segment/contingency.hpp"
#include "segment/matching.hpp"
#include "segment/point_rows.hpp"

namespace clarion::segment {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A period with its clusters that have rows.
struct side {
  std::span<const std::uint32_t> labels;
  std::vector<std::uint64_t> sizes;        // by number
  std::vector<std::uint32_t> numbers;      // of those that have rows
  std::vector<double> means;               // by number; empty without x
  std::vector<double> variances, middles;  // of the columns
  std::size_t columns = 0;

  double share(std::uint32_t number) const { return static_cast<double>(sizes[number]) / static_cast<double>(labels.size()); }
};

side side_of(const char* name, const clustered_period& of) {
  side out;
  out.labels = of.labels;
  if (of.labels.empty()) reject(std::string(name) + " labels", "none", "give one for each row");
  out.sizes = cluster_sizes(name, of.labels, of.labels.size());
  for (std::uint32_t c = 0; c < out.sizes.size(); ++c)
    if (out.sizes[c] > 0) out.numbers.push_back(c);
  if (of.x.empty()) return out;
  if (of.x.size() % of.labels.size() != 0)
    reject(std::string(name) + " x", std::to_string(of.x.size()) + " values",
           "give a row for each of the " + std::to_string(of.labels.size()) + " labels");
  out.columns = of.x.size() / of.labels.size();
  const run_options alone{.threads = 1};
  const point_rows x = checked_points(of.x, out.columns, alone);
  out.means = sums_of_clusters(x, of.labels, out.sizes, alone).means;
  const std::vector<std::uint32_t> all(x.rows);
  const std::uint64_t whole[] = {x.rows};
  out.middles = sums_of_clusters(x, all, whole, alone).means;
  out.variances.resize(out.columns);
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t c = 0; c < out.columns; ++c) {
      const double away = x.row(i)[c] - out.middles[c];
      out.variances[c] += away * away / static_cast<double>(x.rows);
    }
  return out;
}

// Rows of the two periods that are the same member.
struct members {
  std::vector<std::uint32_t> before, after;  // their clusters
  std::vector<std::uint64_t> left, joined;   // by cluster
};

std::vector<std::pair<std::uint64_t, std::uint32_t>> sorted_ids(const char* name, const clustered_period& of) {
  if (of.ids.size() != of.labels.size())
    reject(std::string(name) + " ids", std::to_string(of.ids.size()) + " of them",
           "give one for each of the " + std::to_string(of.labels.size()) + " rows");
  std::vector<std::pair<std::uint64_t, std::uint32_t>> out(of.ids.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {of.ids[i], of.labels[i]};
  std::sort(out.begin(), out.end());
  for (std::size_t i = 1; i < out.size(); ++i)
    if (out[i].first == out[i - 1].first)
      reject(std::string(name) + " ids", "row number or code " + std::to_string(out[i].first) + " twice",
             "give each member once");
  return out;
}

members members_of(const clustered_period& before, const clustered_period& after, const side& b, const side& a, bool by_overlap) {
  members out;
  out.left.resize(b.sizes.size());
  out.joined.resize(a.sizes.size());
  if (before.ids.empty() && after.ids.empty()) {
    if (!by_overlap) return out;
    if (before.labels.size() != after.labels.size())
      reject("after labels", std::to_string(after.labels.size()) + " of them",
             "give ids, or as many rows as before, " + std::to_string(before.labels.size()));
    out.before.assign(before.labels.begin(), before.labels.end());
    out.after.assign(after.labels.begin(), after.labels.end());
    return out;
  }
  const auto first = sorted_ids("before", before), second = sorted_ids("after", after);
  std::size_t i = 0, j = 0;
  while (i < first.size() || j < second.size()) {
    if (j == second.size() || (i < first.size() && first[i].first < second[j].first)) {
      ++out.left[first[i++].second];
    } else if (i == first.size() || second[j].first < first[i].first) {
      ++out.joined[second[j++].second];
    } else {
      out.before.push_back(first[i++].second);
      out.after.push_back(second[j++].second);
    }
  }
  return out;
}

// What a column's means differ by, in standard deviations.
std::vector<double> spreads_of(const side& b, const side& a) {
  std::vector<double> out(b.columns);
  for (std::size_t c = 0; c < out.size(); ++c) {
    double variance = (b.variances[c] + a.variances[c]) / 2;
    const auto n = static_cast<double>(b.labels.size()), m = static_cast<double>(a.labels.size());
    const double away = b.middles[c] - a.middles[c];
    if (variance == 0) variance = n * m / ((n + m) * (n + m)) * away * away;
    out[c] = std::sqrt(variance);
  }
  return out;
}

std::vector<double> shift_of(const side& b, const side& a, std::span<const double> spreads, std::uint32_t from,
                             std::uint32_t to) {
  std::vector<double> out(spreads.size());
  for (std::size_t c = 0; c < out.size(); ++c) {
    const double away = a.means[to * out.size() + c] - b.means[from * out.size() + c];
    out[c] = spreads[c] > 0 ? away / spreads[c] : 0;
  }
  return out;
}

double length_of(std::span<const double> shift) {
  double square = 0;
  for (const double s : shift) square += s * s;
  return std::sqrt(square / static_cast<double>(shift.size()));
}

drift_verdict verdict_of(const cluster_drift& of) {
  if (of.after == no_cluster) return drift_verdict::vanished;
  if (of.before == no_cluster) return drift_verdict::appeared;
  if (of.jaccard < 0.5 || of.distance >= 0.5) return drift_verdict::changed;
  if (of.jaccard < 0.75 || of.distance >= 0.2) return drift_verdict::drifted;
  return drift_verdict::held;
}

std::string sentence_of(const cluster_drift& of, const std::string& name, const std::string& now) {
  if (of.before == no_cluster)
    return fmt::format("{} is new: {}, {} of all.", now, wording::plural(of.size_after, "member"),
                       wording::percent(of.share_after));
  if (of.after == no_cluster)
    return fmt::format("{} is gone; it had {}, {} of all.", name, wording::plural(of.size_before, "member"),
                       wording::percent(of.share_before));
  std::string out = fmt::format("{} {}", name, to_string(of.verdict));
  if (name != now) out += fmt::format(", now {}", now);
  out += fmt::format(": {} of all, {} before", wording::percent(of.share_after), wording::percent(of.share_before));
  if (!std::isnan(of.jaccard)) {
    const auto known = static_cast<double>(of.stayed + of.moved);
    out += fmt::format("; of {} still known {} stayed (Jaccard {:.2f})", wording::plural(known, "member"),
                       known > 0 ? wording::percent(static_cast<double>(of.stayed) / known) : "none", of.jaccard);
  }
  if (!std::isnan(of.distance)) out += fmt::format("; its center moved {:.2f} standard deviations", of.distance);
  return out + ".";
}

}  // namespace

std::string_view to_string(drift_verdict verdict) {
  switch (verdict) {
    case drift_verdict::held:
      return "held";
    case drift_verdict::drifted:
      return "drifted";
    case drift_verdict::changed:
      return "changed";
    case drift_verdict::vanished:
      return "vanished";
    case drift_verdict::appeared:
      break;
  }
  return "appeared";
}

drift_result drift(const clustered_period& before, const clustered_period& after, const drift_options& options) {
  if (options.by != "overlap" && options.by != "centers") reject("by", '"' + options.by + '"', "give overlap or centers");
  const bool by_overlap = options.by == "overlap";
  const side b = side_of("before", before), a = side_of("after", after);
  if (!by_overlap && (b.columns == 0 || a.columns == 0)) reject("by", "centers without x", "give x of both periods");
  const bool located = b.columns > 0 && a.columns > 0;
  if (located && b.columns != a.columns)
    reject("after x", std::to_string(a.columns) + " columns", "give as many as before, " + std::to_string(b.columns));
  const auto who = members_of(before, after, b, a, by_overlap);
  const auto cells = contingency(who.before, who.after);

  const std::size_t n = b.sizes.size(), m = a.sizes.size(), rows = b.numbers.size(), columns = a.numbers.size();
  core::require_memory("a table of " + std::to_string(n) + " x " + std::to_string(m) + " clusters",
                       16.0 * static_cast<double>(n + 1) * static_cast<double>(m + 1), "compare fewer clusters");
  drift_result out;
  out.common = who.before.size();
  out.rand = out.common > 0 ? adjusted_rand_of(cells) : nan;
  out.numbers_before = n;
  out.numbers_after = m;
  out.transitions.resize((n + 1) * (m + 1));
  std::vector<std::uint64_t> known_before(n), known_after(m);
  for (const auto& cell : cells) {
    out.transitions[cell.a * (m + 1) + cell.b] = cell.count;
    known_before[cell.a] += cell.count;
    known_after[cell.b] += cell.count;
  }
  for (std::size_t c = 0; c < n; ++c) out.transitions[c * (m + 1) + m] = who.left[c];
  for (std::size_t c = 0; c < m; ++c) out.transitions[n * (m + 1) + c] = who.joined[c];

  const auto spreads = located ? spreads_of(b, a) : std::vector<double>{};
  const auto jaccard = [&](std::uint32_t from, std::uint32_t to) {
    const std::uint64_t both = out.transitions[from * (m + 1) + to], either = known_before[from] + known_after[to] - both;
    return either > 0 ? static_cast<double>(both) / static_cast<double>(either) : nan;
  };
  std::vector<double> cost(rows * columns);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      const double shared = jaccard(b.numbers[i], a.numbers[j]);
      cost[i * columns + j] = !by_overlap  ? length_of(shift_of(b, a, spreads, b.numbers[i], a.numbers[j]))
                              : shared > 0 ? -shared
                                           : 0;
    }
  auto partner = cheapest_matching(cost, rows, columns);

  std::vector<std::uint8_t> taken(columns);
  for (std::size_t i = 0; i < rows; ++i) {
    if (partner[i] != no_column && by_overlap && cost[i * columns + partner[i]] == 0) partner[i] = no_column;
    cluster_drift of{.before = b.numbers[i], .size_before = b.sizes[b.numbers[i]], .share_before = b.share(b.numbers[i])};
    of.left = who.left[of.before];
    of.jaccard = of.distance = nan;
    if (partner[i] != no_column) {
      taken[partner[i]] = 1;
      of.after = a.numbers[partner[i]];
      of.size_after = a.sizes[of.after];
      of.share_after = a.share(of.after);
      of.stayed = out.transitions[of.before * (m + 1) + of.after];
      of.joined = who.joined[of.after];
      of.jaccard = jaccard(of.before, of.after);
      if (located) {
        of.shift = shift_of(b, a, spreads, of.before, of.after);
        of.distance = length_of(of.shift);
      }
    }
    of.moved = known_before[of.before] - of.stayed;
    out.clusters.push_back(std::move(of));
  }
  for (std::size_t j = 0; j < columns; ++j) {
    if (taken[j] != 0) continue;
    const std::uint32_t number = a.numbers[j];
    cluster_drift of{.after = number, .size_after = a.sizes[number], .share_after = a.share(number)};
    of.joined = who.joined[number];
    of.jaccard = of.distance = nan;
    out.clusters.push_back(std::move(of));
  }
  for (auto& cluster : out.clusters) {
    cluster.verdict = verdict_of(cluster);
    cluster.sentence = sentence_of(cluster, cluster_name(before.names, cluster.before), cluster_name(after.names, cluster.after));
  }
  return out;
}

}  // namespace clarion::segment
