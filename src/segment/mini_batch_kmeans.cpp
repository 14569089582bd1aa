#include "clarion/segment/mini_batch_kmeans.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "kmeans_rows.hpp"
#include "kmeans_start.hpp"

namespace clarion::segment {

namespace {

constexpr std::uint32_t batch_room = 0x6d626b6d;

/// Some rows, one behind the other.
template <class T>
struct some_rows {
  std::vector<T> values;
  std::vector<double> weight;
  std::size_t columns;

  some_rows(const points_view<T>& x, const double* weights, std::size_t count, core::random_stream& random) : columns(x.columns) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto r = static_cast<std::size_t>(random.below(x.rows));
      values.insert(values.end(), x.row(r), x.row(r) + columns);
      if (weights != nullptr) weight.push_back(weights[r]);
    }
  }
  points_view<T> view() const { return {values.data(), values.size() / columns, columns}; }
  const double* weights() const { return weight.empty() ? nullptr : weight.data(); }
};

template <class T>
double step(const points_view<T>& rows, std::vector<T>& centers, std::vector<double>& counts, const double* weight,
            const run_options& run) {
  const std::size_t k = counts.size(), d = rows.columns;
  const auto labels = nearest_labels(rows, centers.data(), k, run);
  const double inertia = inertia_of(rows, centers.data(), labels, weight, run);
  std::vector<double> sum(k * d), mass(k);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const auto c = static_cast<std::size_t>(labels[r]);
    const double w = weight == nullptr ? 1.0 : weight[r];
    mass[c] += w;
    for (std::size_t j = 0; j < d; ++j) sum[c * d + j] += w * static_cast<double>(rows.row(r)[j]);
  }
  for (std::size_t c = 0; c < k; ++c) {
    if (!(mass[c] > 0)) continue;
    const double all = counts[c] + mass[c];
    for (std::size_t j = 0; j < d; ++j)
      centers[c * d + j] = static_cast<T>((static_cast<double>(centers[c * d + j]) * counts[c] + sum[c * d + j]) / all);
    counts[c] = all;
  }
  return inertia;
}

/// Centers that were given next to nothing begin anew from rows of the batch.
template <class T>
void reassign(const some_rows<T>& batch, double ratio, std::vector<T>& centers, std::vector<double>& counts,
              core::random_stream& random) {
  const double bar = ratio * *std::max_element(counts.begin(), counts.end());
  // What is kept says how much a new one counts for.
  double least = std::numeric_limits<double>::infinity();
  for (const double n : counts)
    if (n >= bar && n > 0) least = std::min(least, n);
  const auto rows = batch.view();
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] > 0 && counts[c] >= bar) continue;
    std::copy_n(rows.row(static_cast<std::size_t>(random.below(rows.rows))), rows.columns, centers.data() + c * rows.columns);
    counts[c] = std::isfinite(least) ? least : 0;
  }
}

}  // namespace

template <class T>
double mini_batch_step(const points_view<T>& rows, std::vector<T>& centers, std::vector<double>& counts, const double* weight,
                       const run_options& run) {
  if (counts.empty() || centers.size() != counts.size() * rows.columns)
    reject("centers", std::to_string(centers.size()) + " numbers", "give one for each center and column");
  check_rows("x", rows, run);
  total_weight(weight, rows.rows);
  return step(rows, centers, counts, weight, run);
}

template <class T>
mini_batch_kmeans_result<T> mini_batch_kmeans(const points_view<T>& x, const mini_batch_kmeans_options& options,
                                              const kmeans_given<T>& given, const run_options& caller) {
  const core::thread_team team(caller);
  const run_options& run = team.run();
  core::check_options(options);
  if (options.init != "k-means++" && options.init != "random")
    reject("init", "\"" + options.init + "\"", "give k-means++ or random");
  check_clusters(options.n_clusters, x.rows);
  const std::size_t k = options.n_clusters, d = x.columns;
  const auto beginning = part_of(run, 0, 0.1), middle = part_of(run, 0.1, 0.9), last = part_of(run, 0.9, 1);
  check_rows("x", x, beginning);
  total_weight(given.weight, x.rows);
  const run_options quiet = silent(run);
  const std::size_t batch = std::min<std::size_t>(options.batch_size, x.rows);

  mini_batch_kmeans_result<T> out;
  auto& centers = out.clusters.centers;
  if (given.centers != nullptr) {
    check_rows("centers", points_view<T>{given.centers, k, d}, quiet);
    centers.assign(given.centers, given.centers + k * d);
  } else {
    const std::size_t size = std::min(x.rows, std::max(3 * batch, 3 * k));
    core::random_stream random(options.seed, 0, batch_room);
    // All rows where they are few: no draw leaves a group out.
    some_rows<T> judges(x, given.weight, size == x.rows ? 0 : size, random);
    const points_view<T> seen = size == x.rows ? x : judges.view();
    const double* weight = size == x.rows ? given.weight : judges.weights();
    double all = 0;
    for (std::size_t r = 0; r < seen.rows; ++r) all += weight == nullptr ? 1.0 : weight[r];
    if (!(all > 0)) weight = nullptr, all = static_cast<double>(seen.rows);
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t s = 0; s < options.n_init; ++s) {
      const core::random_stream draw(options.seed, s, batch_room + 1);
      const auto rows = options.init == "random" ? random_rows(seen.rows, options.n_clusters, weight, draw, quiet)
                                                 : plusplus_rows(seen, options.n_clusters, weight, all, draw, quiet);
      std::vector<T> found;
      for (const std::uint32_t r : rows) found.insert(found.end(), seen.row(r), seen.row(r) + d);
      const double inertia =
          options.n_init == 1 ? 0 : inertia_of(seen, found.data(), nearest_labels(seen, found.data(), k, quiet), weight, quiet);
      if (s > 0 && inertia >= least) continue;
      least = inertia;
      centers = std::move(found);
    }
  }

  out.counts.assign(k, 0);
  const auto n = static_cast<double>(x.rows);
  const auto most = static_cast<std::uint64_t>(std::ceil(n * options.max_iter / static_cast<double>(batch)));
  const double share = std::min(1.0, 2.0 * static_cast<double>(batch) / (n + 1));
  double smoothed = 0, least = std::numeric_limits<double>::infinity();
  std::uint32_t since = 0;
  std::size_t rows_since = 0;
  core::pulse pulse(middle);
  while (out.n_steps < most) {
    pulse.beat(static_cast<double>(out.n_steps) / static_cast<double>(most));
    core::random_stream random(options.seed, out.n_steps + 1, batch_room);
    const some_rows<T> rows(x, given.weight, batch, random);
    const double inertia = step(rows.view(), centers, out.counts, rows.weights(), quiet) / static_cast<double>(batch);
    ++out.n_steps;
    rows_since += batch;
    if (options.reassignment_ratio > 0 && rows_since >= 10 * k) {
      rows_since = 0;
      reassign(rows, options.reassignment_ratio, centers, out.counts, random);
    }
    if (out.n_steps == 1) continue;  // of centers that have seen nothing
    smoothed = out.n_steps == 2 ? inertia : smoothed * (1 - share) + inertia * share;
    since = smoothed < least ? 0 : since + 1;
    least = std::min(least, smoothed);
    if (options.max_no_improvement > 0 && since >= options.max_no_improvement) break;
  }
  auto& all = out.clusters;
  all.columns = d;
  all.labels = nearest_labels(x, centers.data(), k, quiet);
  all.inertia = inertia_of(x, centers.data(), all.labels, given.weight, last);
  all.n_iter = static_cast<std::uint32_t>(std::ceil(static_cast<double>(out.n_steps * batch) / n));
  all.n_found = clusters_in(all.labels, k);
  return out;
}

template CLARION_API mini_batch_kmeans_result<float> mini_batch_kmeans(const points_view<float>&,
                                                                       const mini_batch_kmeans_options&,
                                                                       const kmeans_given<float>&, const run_options&);
template CLARION_API mini_batch_kmeans_result<double> mini_batch_kmeans(const points_view<double>&,
                                                                        const mini_batch_kmeans_options&,
                                                                        const kmeans_given<double>&, const run_options&);
template CLARION_API double mini_batch_step(const points_view<float>&, std::vector<float>&, std::vector<double>&, const double*,
                                            const run_options&);
template CLARION_API double mini_batch_step(const points_view<double>&, std::vector<double>&, std::vector<double>&, const double*,
                                            const run_options&);

}  // namespace clarion::segment
