#include "clarion/segment/cluster_quality.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "kernels/distance_sums.hpp"
#include "segment/quality.hpp"

namespace clarion::segment {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
using kernels::distance_panel;

// The point_rows of each cluster in panels of their own.
struct clustered {
  std::size_t columns = 0;
  std::span<const std::uint64_t> sizes;
  std::vector<std::size_t> start;  // of the first panel of each cluster, in values
  std::vector<double> panels;

  clustered(const point_rows& x, std::span<const std::uint32_t> labels, std::span<const std::uint64_t> counts,
            const run_options& run)
      : columns(x.columns), sizes(counts), start(counts.size() + 1) {
    std::size_t whole = 0;
    for (std::size_t c = 0; c < sizes.size(); ++c) {
      start[c] = whole;
      whole += (sizes[c] + distance_panel - 1) / distance_panel * distance_panel * columns;
    }
    start.back() = whole;
    core::require_memory("silhouettes of " + std::to_string(x.rows) + " rows", 8.0 * static_cast<double>(whole),
                         "join clusters that are hardly more than a row");
    panels.resize(whole);
    std::vector<std::uint32_t> place(x.rows);
    std::vector<std::uint32_t> next(sizes.size());
    for (std::size_t i = 0; i < x.rows; ++i) place[i] = next[labels[i]]++;
    constexpr std::size_t together = 4096;
    core::parallel_blocks(
        (x.rows + together - 1) / together, {.threads = run.threads, .cancel = run.cancel}, [&](std::size_t block) {
          for (std::size_t i = block * together; i < std::min(x.rows, (block + 1) * together); ++i) {
            const std::size_t at = place[i] / distance_panel * distance_panel * columns + place[i] % distance_panel;
            double* to = panels.data() + start[labels[i]] + at;
            for (std::size_t c = 0; c < columns; ++c) to[c * distance_panel] = x.row(i)[c];
          }
        });
  }
};

// Silhouettes of the rows `wanted`, or of all where that is empty.
std::vector<double> silhouettes_of(const point_rows& x, std::span<const std::uint32_t> labels,
                                   std::span<const std::uint64_t> sizes, std::span<const std::uint32_t> wanted,
                                   const run_options& run) {
  const std::size_t n = wanted.empty() ? x.rows : wanted.size(), k = sizes.size(), columns = x.columns;
  const clustered of(x, labels, sizes, run);
  const auto kernel = kernels::choose_distance_sums(core::permitted_simd());
  // Panels that stay in the second cache while rows pass by; rows few enough that a stop is noticed soon.
  const std::size_t panels = std::max<std::size_t>(1, 16384 / (columns * distance_panel)), chunk = panels * distance_panel;
  const std::size_t together = x.rows * columns > 16'000'000 ? 16 : 64;
  std::vector<double> out(n);
  core::parallel_blocks((n + together - 1) / together, run, [&](std::size_t block) {
    const std::size_t first = block * together, here = std::min(together, n - first);
    const auto row_of = [&](std::size_t r) { return wanted.empty() ? first + r : std::size_t{wanted[first + r]}; };
    std::vector<double> rows(here * columns), sums(here), own(here), nearest(here, infinity);
    for (std::size_t r = 0; r < here; ++r) std::copy_n(x.row(row_of(r)), columns, rows.data() + r * columns);
    for (std::size_t c = 0; c < k; ++c) {
      if (sizes[c] == 0) continue;
      std::fill(sums.begin(), sums.end(), 0.0);
      for (std::size_t at = 0; at < sizes[c]; at += chunk)
        kernel(rows.data(), here, of.panels.data() + of.start[c] + at * columns, columns, std::min(chunk, sizes[c] - at),
               sums.data());
      for (std::size_t r = 0; r < here; ++r) {
        if (labels[row_of(r)] == c)
          own[r] = sizes[c] > 1 ? sums[r] / static_cast<double>(sizes[c] - 1) : nan;
        else
          nearest[r] = std::min(nearest[r], sums[r] / static_cast<double>(sizes[c]));
      }
    }
    for (std::size_t r = 0; r < here; ++r) {
      const double larger = std::max(own[r], nearest[r]);
      out[first + r] = std::isnan(own[r]) || larger == 0 ? 0 : (nearest[r] - own[r]) / larger;
    }
  });
  return out;
}

// The mean and its standard error as one of `of` values, each of which was as likely to be drawn.
struct drawn_mean {
  double middle = 0, squares = 0;  // so far (Welford, 1962)
  std::uint64_t n = 0;

  void add(double v) {
    ++n;
    const double away = v - middle;
    middle += away / static_cast<double>(n);
    squares += away * (v - middle);
  }
  double mean() const { return n > 0 ? middle : nan; }
  double error(std::uint64_t of) const {
    if (n == of) return 0;
    if (n < 2) return nan;
    const auto m = static_cast<double>(n);
    return std::sqrt(squares / (m - 1) / m * (1 - m / static_cast<double>(of)));
  }
};

void between(const point_rows& x, std::span<const std::uint64_t> sizes, const cluster_sums& sums, cluster_quality_result& out) {
  const std::size_t k = sizes.size(), columns = x.columns;
  std::vector<double> middle(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    double away = 0;
    for (std::size_t i = 0; i < k; ++i)
      if (sizes[i] > 0) away += static_cast<double>(sizes[i]) * (sums.means[i * columns + c] - x.data[c]);
    middle[c] = x.data[c] + away / static_cast<double>(x.rows);
  }
  const auto apart = [&](const double* a, const double* b) {
    double square = 0;
    for (std::size_t c = 0; c < columns; ++c) square += (a[c] - b[c]) * (a[c] - b[c]);
    return square;
  };
  double spread = 0;
  for (std::size_t i = 0; i < k; ++i)
    if (sizes[i] > 0) spread += static_cast<double>(sizes[i]) * apart(sums.means.data() + i * columns, middle.data());
  const double n = static_cast<double>(x.rows), found = out.clusters;
  const bool defined = out.clusters >= 2 && x.rows > out.clusters && (spread > 0 || out.inertia > 0);
  out.calinski_harabasz = !defined ? nan : out.inertia == 0 ? infinity : spread * (n - found) / (out.inertia * (found - 1));

  double worst = 0;
  for (std::size_t i = 0; i < k; ++i) {
    if (sizes[i] == 0) continue;
    double most = 0;
    for (std::size_t j = 0; j < k; ++j) {
      if (j == i || sizes[j] == 0) continue;
      const double together = out.mean_distance[i] + out.mean_distance[j];
      const double distance = std::sqrt(apart(sums.means.data() + i * columns, sums.means.data() + j * columns));
      most = std::max(most, together == 0 ? 0 : distance == 0 ? infinity : together / distance);
    }
    worst += most;
  }
  out.davies_bouldin = out.clusters >= 2 ? worst / found : nan;
}

void require_two(std::span<const std::uint64_t> sizes) {
  const auto found = sizes.size() - static_cast<std::size_t>(std::count(sizes.begin(), sizes.end(), 0u));
  if (found < 2) reject("labels", std::to_string(found) + " cluster", "give at least 2 clusters");
}

}  // namespace

cluster_quality_result quality_of(const point_rows& x, std::span<const std::uint32_t> labels,
                                  const cluster_quality_options& options, const run_options& run) {
  cluster_quality_result out;
  out.rows = x.rows;
  out.size = cluster_sizes("labels", labels, x.rows);
  const std::size_t k = out.size.size();
  out.clusters = static_cast<std::uint32_t>(k - static_cast<std::size_t>(std::count(out.size.begin(), out.size.end(), 0u)));
  const auto sums = sums_of_clusters(x, labels, out.size, run);
  out.inertia = sums.within();
  out.mean_distance.resize(k, nan);
  for (std::size_t i = 0; i < k; ++i)
    if (out.size[i] > 0) out.mean_distance[i] = sums.distances[i] / static_cast<double>(out.size[i]);
  between(x, out.size, sums, out);

  out.cluster_silhouette.assign(k, nan);
  out.cluster_silhouette_se.assign(k, nan);
  out.silhouette = out.silhouette_se = nan;
  if (out.clusters < 2) return out;
  std::vector<std::uint32_t> wanted;
  if (options.sample > 0 && options.sample < x.rows) wanted = drawn_rows(x.rows, options.sample, options.seed, 0);
  const auto values = silhouettes_of(x, labels, out.size, wanted, run);
  drawn_mean all;
  std::vector<drawn_mean> of(k);
  for (std::size_t i = 0; i < values.size(); ++i) {
    all.add(values[i]);
    of[labels[wanted.empty() ? i : wanted[i]]].add(values[i]);
  }
  out.silhouette = all.mean();
  out.silhouette_se = all.error(x.rows);
  out.silhouette_rows = all.n;
  for (std::size_t i = 0; i < k; ++i) {
    out.cluster_silhouette[i] = of[i].mean();
    out.cluster_silhouette_se[i] = out.size[i] > 0 ? of[i].error(out.size[i]) : nan;
  }
  return out;
}

cluster_quality_result cluster_quality(std::span<const double> x, std::size_t columns, std::span<const std::uint32_t> labels,
                                       const cluster_quality_options& options, const run_options& run) {
  core::check_options(options);
  const point_rows of = checked_points(x, columns, run);
  require_two(cluster_sizes("labels", labels, of.rows));
  return quality_of(of, labels, options, run);
}

std::vector<double> silhouettes(std::span<const double> x, std::size_t columns, std::span<const std::uint32_t> labels,
                                const run_options& run) {
  const point_rows of = checked_points(x, columns, run);
  const auto sizes = cluster_sizes("labels", labels, of.rows);
  require_two(sizes);
  return silhouettes_of(of, labels, sizes, {}, run);
}

}  // namespace clarion::segment
