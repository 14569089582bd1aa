#include "clarion/segment/linkage.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>

#include "clarion/core/memory.hpp"
#include "kernels/point_distances.hpp"
#include "segment/distance_chain.hpp"
#include "segment/spanning_tree.hpp"
#include "segment/ward.hpp"

namespace clarion::segment {

namespace {

enum class how { ward, average, complete, single };

how how_of(const std::string& name) {
  constexpr std::array<std::string_view, 4> names{"ward", "average", "complete", "single"};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (name == names[i]) return static_cast<how>(i);
  reject("method", '"' + name + '"', "give ward, average, complete or single");
}

template <class T>
std::size_t rows_of(std::span<const T> points, std::size_t columns) {
  if (columns == 0 || points.size() % columns != 0)
    reject("columns", std::to_string(columns), "give at least 1, and as many values as rows times columns");
  const std::size_t n = points.size() / columns;
  constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max() / 2;
  if (n > most) reject("points", std::to_string(n) + " rows", "give at most " + std::to_string(most));
  for (std::size_t i = 0; i < points.size(); ++i)
    if (!std::isfinite(points[i]))
      reject("points", std::isnan(points[i]) ? "NaN" : "infinity",
             "row " + std::to_string(i / columns) + ", column " + std::to_string(i % columns) + " must be finite");
  return n;
}

// The power of two that brings all values to at most 1.
template <class T>
int exponent_of(std::span<const T> points) {
  double most = 0;
  for (const T value : points) most = std::max(most, std::abs(static_cast<double>(value)));
  int exponent = 0;
  if (most > 0) std::frexp(most, &exponent);
  return std::max(exponent, -1000);
}

// Rows sorted by their values, equal ones by number.
template <class T>
std::vector<std::uint32_t> sorted_rows(std::span<const T> points, std::size_t n, std::size_t columns, const run_options& run) {
  struct row {
    T first;
    std::uint32_t number;
  };
  std::vector<row> rows(n);
  for (std::size_t i = 0; i < n; ++i) rows[i] = {points[i * columns], static_cast<std::uint32_t>(i)};
  core::pulse pulse(run);
  std::size_t compared = 0;
  std::sort(rows.begin(), rows.end(), [&](const row& a, const row& b) {
    if (++compared % 65536 == 0) pulse.beat(0);
    if (a.first != b.first) return a.first < b.first;
    const T *x = points.data() + a.number * columns, *y = points.data() + b.number * columns;
    for (std::size_t k = 1; k < columns; ++k)
      if (x[k] != y[k]) return x[k] < y[k];
    return a.number < b.number;
  });
  std::vector<std::uint32_t> out(n);
  std::transform(rows.begin(), rows.end(), out.begin(), [](const row& of) { return of.number; });
  return out;
}

// The points once each, where they first appear, and merges of the others with them; `first` holds their numbers.
template <class T>
distinct_points distinct_of(std::span<const T> points, std::size_t n, std::size_t columns, std::vector<std::uint32_t>& first,
                            std::vector<cluster_merge>& merges, const run_options& run) {
  std::vector<std::uint32_t> times(n);
  const auto order = sorted_rows(points, n, columns, run);
  std::uint32_t original = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const T *row = points.data() + order[i] * columns, *like = points.data() + original * columns;
    if (i == 0 || !std::equal(row, row + columns, like))
      original = order[i];
    else
      merges.push_back({original, order[i], 0});
    ++times[original];
  }
  distinct_points out;
  out.columns = columns;
  const double scale = std::ldexp(1.0, -exponent_of(points));
  out.n = n - merges.size();
  out.values.reserve(out.n * columns);
  for (std::size_t i = 0; i < n; ++i) {
    if (times[i] == 0) continue;
    first.push_back(static_cast<std::uint32_t>(i));
    out.size.push_back(times[i]);
    for (std::size_t k = 0; k < columns; ++k) out.values.push_back(scale * static_cast<double>(points[i * columns + k]));
  }
  return out;
}

// Merges by height, clusters numbered as they are made.
linkage_tree tree_of(std::size_t n, std::vector<cluster_merge> merges) {
  std::stable_sort(merges.begin(), merges.end(),
                   [](const cluster_merge& a, const cluster_merge& b) { return a.height < b.height; });
  linkage_tree out{n, {}};
  out.merges.reserve(4 * merges.size());
  std::vector<std::uint32_t> parent(n + merges.size());
  std::iota(parent.begin(), parent.end(), 0u);
  std::vector<double> size(n + merges.size(), 1);
  const auto cluster_of = [&](std::uint32_t point) {
    while (parent[point] != point) {
      parent[point] = parent[parent[point]];
      point = parent[point];
    }
    return point;
  };
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const auto made = static_cast<std::uint32_t>(n + i);
    auto left = cluster_of(merges[i].one), right = cluster_of(merges[i].other);
    if (left > right) std::swap(left, right);
    size[made] = size[left] + size[right];
    parent[left] = parent[right] = made;
    out.merges.insert(out.merges.end(), {static_cast<double>(left), static_cast<double>(right), merges[i].height, size[made]});
  }
  return out;
}

template <class T>
linkage_tree linkage_of(std::span<const T> points, std::size_t columns, const linkage_options& options,
                        const run_options& caller) {
  const core::thread_team team(caller);
  const run_options& run = team.run();
  core::check_options(options);
  const how method = how_of(options.method);
  const std::size_t n = rows_of(points, columns);
  core::require_memory("a tree over " + std::to_string(n) + " points", linkage_memory(n, columns, {"ward"}), "give fewer points");
  std::vector<std::uint32_t> first;
  std::vector<cluster_merge> merges;
  merges.reserve(n);
  const auto distinct = distinct_of(points, n, columns, first, merges, run);
  std::vector<cluster_merge> found;
  if (distinct.n > 1) switch (method) {
      case how::ward:
        found = ward(distinct, run);
        break;
      case how::single:
        found = spanning_tree(distinct, run);
        break;
      case how::average:
        found = distance_chain(distinct, chain_method::average, run);
        break;
      case how::complete:
        found = distance_chain(distinct, chain_method::complete, run);
        break;
    }
  const double scale = std::ldexp(1.0, exponent_of(points));
  for (const auto& merge : found) merges.push_back({first[merge.one], first[merge.other], merge.height * scale});
  return tree_of(n, std::move(merges));
}

void check_tree(const linkage_tree& tree) {
  if (tree.n == 0 ? !tree.merges.empty() : tree.merges.size() != 4 * (tree.n - 1))
    reject("tree", std::to_string(tree.merges.size()) + " numbers", "give 4 for each of its n - 1 merges");
  for (std::size_t i = 0; i < tree.merges.size(); i += 4)
    for (const double child : {tree.merges[i], tree.merges[i + 1]})
      if (!(child >= 0 && child < static_cast<double>(tree.n + i / 4)))
        reject("tree", std::to_string(child), "a merge is of clusters that were made before it");
}

std::size_t left_of(const linkage_tree& tree, std::size_t merge) { return static_cast<std::size_t>(tree.merges[4 * merge]); }
std::size_t right_of(const linkage_tree& tree, std::size_t merge) { return static_cast<std::size_t>(tree.merges[4 * merge + 1]); }
std::size_t size_of(const linkage_tree& tree, std::size_t cluster) {
  return cluster < tree.n ? 1 : static_cast<std::size_t>(tree.merges[4 * (cluster - tree.n) + 3]);
}

// Clusters after the first `merges` of a tree.
std::vector<std::uint32_t> clusters_after(const linkage_tree& tree, std::size_t merges) {
  std::vector<std::size_t> whole(tree.n + merges);
  std::iota(whole.begin(), whole.end(), std::size_t{0});
  for (std::size_t i = merges; i-- > 0;) whole[left_of(tree, i)] = whole[right_of(tree, i)] = whole[tree.n + i];
  constexpr auto unseen = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> number(tree.n + merges, unseen), out(tree.n);
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < tree.n; ++i) {
    auto& of = number[whole[i]];
    if (of == unseen) of = next++;
    out[i] = of;
  }
  return out;
}

// Where the points of each cluster begin, in the order of leaves.
std::vector<std::size_t> starts_of(const linkage_tree& tree) {
  const std::size_t merges = tree.n == 0 ? 0 : tree.n - 1;
  std::vector<std::size_t> start(tree.n + merges);
  for (std::size_t i = merges; i-- > 0;) {
    const std::size_t left = left_of(tree, i);
    start[left] = start[tree.n + i];
    start[right_of(tree, i)] = start[tree.n + i] + size_of(tree, left);
  }
  return start;
}

}  // namespace

linkage_tree linkage(std::span<const double> points, std::size_t columns, const linkage_options& options,
                     const run_options& run) {
  return linkage_of(points, columns, options, run);
}

linkage_tree linkage(std::span<const float> points, std::size_t columns, const linkage_options& options, const run_options& run) {
  return linkage_of(points, columns, options, run);
}

double linkage_memory(std::size_t n, std::size_t columns, const linkage_options& options) {
  const auto rows = static_cast<double>(n), d = static_cast<double>(columns);
  const double shared = rows * (8 * d + 96);
  switch (how_of(options.method)) {
    case how::ward:
      return shared + ward_memory(n, columns);
    case how::single:
      return shared + spanning_tree_memory(n, columns);
    default:
      return shared + distance_chain_memory(n, columns, n);
  }
}

std::vector<std::uint32_t> cut_into(const linkage_tree& tree, std::size_t n_clusters) {
  check_tree(tree);
  if (n_clusters < 1 || n_clusters > tree.n)
    reject("n_clusters", std::to_string(n_clusters), "give a number from 1 to " + std::to_string(tree.n) + ", the points");
  return clusters_after(tree, tree.n - n_clusters);
}

std::vector<std::uint32_t> cut_at(const linkage_tree& tree, double height) {
  check_tree(tree);
  if (std::isnan(height)) reject("height", "NaN", "give a number");
  std::size_t merges = 0;
  while (merges + 1 < tree.n && tree.height(merges) <= height) ++merges;
  return clusters_after(tree, merges);
}

std::vector<std::uint32_t> leaf_order(const linkage_tree& tree) {
  check_tree(tree);
  const auto start = starts_of(tree);
  std::vector<std::uint32_t> out(tree.n);
  for (std::size_t i = 0; i < tree.n; ++i) out[start[i]] = static_cast<std::uint32_t>(i);
  return out;
}

double cophenetic_correlation(const linkage_tree& tree, std::span<const double> points, std::size_t columns,
                              const run_options& run) {
  check_tree(tree);
  const std::size_t n = rows_of(points, columns);
  if (n != tree.n) reject("points", std::to_string(n) + " rows", "give the " + std::to_string(tree.n) + " of the tree");
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  if (n < 3) return nothing;

  // In the order of leaves two merge at the greatest of the heights between neighbours that lie between them.
  const double scale = std::ldexp(1.0, -exponent_of(points));
  const auto order = leaf_order(tree);
  const auto start = starts_of(tree);
  std::vector<double> between(n), rows(n * columns), by_column(n * columns);
  double middle = 0;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const double height = scale * tree.height(i);
    const auto left = size_of(tree, left_of(tree, i)), right = size_of(tree, right_of(tree, i));
    between[start[right_of(tree, i)]] = height;
    middle += height * static_cast<double>(left) * static_cast<double>(right);
  }
  const double pairs = 0.5 * static_cast<double>(n) * static_cast<double>(n - 1);
  middle /= pairs;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < columns; ++k)
      rows[i * columns + k] = by_column[k * n + i] = scale * points[order[i] * columns + k];

  struct sums {
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  };
  constexpr std::size_t together = 32;
  std::vector<sums> parts((n + together - 1) / together);
  const auto measure = kernels::choose_point_distances(core::permitted_simd());
  core::parallel_blocks(parts.size(), run, [&](std::size_t block) {
    std::vector<double> distance(n);
    sums& all = parts[block];
    for (std::size_t i = block * together; i < std::min(n, (block + 1) * together); ++i) {
      measure(by_column.data() + i + 1, n, n - i - 1, columns, rows.data() + i * columns, distance.data());
      double height = 0;
      for (std::size_t j = i + 1; j < n; ++j) {
        height = std::max(height, between[j]);
        const double x = distance[j - i - 1] - middle, y = height - middle;
        all.x += x;
        all.y += y;
        all.xx += x * x;
        all.yy += y * y;
        all.xy += x * y;
      }
    }
  });
  sums all;
  for (const auto& part : parts) {
    all.x += part.x;
    all.y += part.y;
    all.xx += part.xx;
    all.yy += part.yy;
    all.xy += part.xy;
  }
  const double xx = all.xx - all.x * all.x / pairs, yy = all.yy - all.y * all.y / pairs, xy = all.xy - all.x * all.y / pairs;
  constexpr double still = 1e-14;  // of a sum of squares: what rounding leaves of a constant
  return xx <= still * all.xx || yy <= still * all.yy ? nothing : xy / std::sqrt(xx * yy);
}

}  // namespace clarion::segment
