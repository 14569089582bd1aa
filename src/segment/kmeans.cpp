#include "clarion/segment/kmeans.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/core/random.hpp"
#include "kmeans_lloyd.hpp"
#include "kmeans_rows.hpp"
#include "kmeans_start.hpp"

namespace clarion::segment {

namespace {

constexpr std::uint32_t start_room = 0x6b6d6e73;
constexpr std::size_t most_clusters = 16777216;  // numbers of clusters are floats in the kernel

template <class T>
std::vector<T> narrowed(const std::vector<double>& values) {
  std::vector<T> out(values.size());
  std::transform(values.begin(), values.end(), out.begin(), [](double v) { return static_cast<T>(v); });
  return out;
}

template <class T>
void check_centers(const points_view<T>& x, const points_view<T>& centers) {
  if (centers.columns != x.columns)
    reject("centers", std::to_string(centers.columns) + " columns", "give " + std::to_string(x.columns) + ", as the rows have");
  if (centers.rows > most_clusters) reject("centers", std::to_string(centers.rows) + " rows", "give at most 16777216");
}

}  // namespace

template <class T>
kmeans_result<T> kmeans(const points_view<T>& x, const kmeans_options& options, const kmeans_given<T>& given,
                        const run_options& caller) {
  const core::thread_team team(caller);
  const run_options& run = team.run();
  core::check_options(options);
  if (options.init != "k-means++" && options.init != "random")
    reject("init", "\"" + options.init + "\"", "give k-means++ or random");
  check_clusters(options.n_clusters, x.rows);
  const std::size_t k = options.n_clusters;
  const auto n = static_cast<double>(x.rows);
  core::require_memory(std::to_string(k) + " clusters of " + std::to_string(x.rows) + " x " + std::to_string(x.columns),
                       8 * n + lloyd_memory(x.rows, x.columns, k, sizeof(T)), "give fewer rows or clusters");
  const auto beginning = part_of(run, 0, 0.02);
  column_moments moments;
  if (by_products(x.columns) || options.tol > 0)
    moments = moments_of("x", x, beginning);
  else
    check_rows("x", x, beginning);
  const double total = total_weight(given.weight, x.rows);
  if (given.centers != nullptr) check_rows("centers", points_view<T>{given.centers, k, x.columns}, run_options{1, {}, {}});
  const auto shift = narrowed<T>(moments.mean);

  const std::uint32_t starts = given.centers == nullptr ? options.n_init : 1;
  kmeans_result<T> best;
  for (std::uint32_t s = 0; s < starts; ++s) {
    const auto whole = part_of(run, 0.02 + 0.98 * s / starts, 0.02 + 0.98 * (s + 1.0) / starts);
    kmeans_result<T> found;
    if (given.centers != nullptr) {
      found.centers.assign(given.centers, given.centers + k * x.columns);
    } else {
      const core::random_stream random(options.seed, s, start_room);
      const auto part = part_of(whole, 0, 0.2);
      const auto rows = options.init == "random" ? random_rows(x.rows, options.n_clusters, given.weight, random, part)
                                                 : plusplus_rows(x, options.n_clusters, given.weight, total, random, part);
      for (const std::uint32_t r : rows) found.centers.insert(found.centers.end(), x.row(r), x.row(r) + x.columns);
    }
    const auto part = part_of(whole, 0.2, 0.99), last = part_of(whole, 0.99, 1);
    lloyd(x, {given.weight, options.n_clusters, options.max_iter, options.tol * moments.variance, &shift}, found, part);
    found.inertia = inertia_of(x, found.centers.data(), found.labels, given.weight, last);
    if (s == 0 || found.inertia < best.inertia) best = std::move(found);
  }
  best.n_found = clusters_in(best.labels, k);
  return best;
}

template <class T>
std::vector<std::uint32_t> kmeans_plusplus(const points_view<T>& x, std::uint32_t n_clusters, std::uint64_t seed,
                                           const double* weight, const run_options& caller) {
  const core::thread_team team(caller);
  const run_options& run = team.run();
  if (n_clusters == 0) reject("n_clusters", "0", "give at least 1");
  check_clusters(n_clusters, x.rows);
  const auto beginning = part_of(run, 0, 0.1), rest = part_of(run, 0.1, 1);
  check_rows("x", x, beginning);
  return plusplus_rows(x, n_clusters, weight, total_weight(weight, x.rows), core::random_stream(seed, 0, start_room), rest);
}

template <class T>
kmeans_labels<T> kmeans_predict(const points_view<T>& x, const points_view<T>& centers, const double* weight,
                                const run_options& run) {
  check_centers(x, centers);
  const auto beginning = part_of(run, 0, 0.2), middle = part_of(run, 0.2, 0.8), last = part_of(run, 0.8, 1);
  check_rows("x", x, beginning);
  total_weight(weight, x.rows);
  check_rows("centers", centers, run_options{1, {}, {}});
  kmeans_labels<T> out;
  out.labels = nearest_labels(x, centers.data, centers.rows, middle);
  out.inertia = inertia_of(x, centers.data, out.labels, weight, last);
  return out;
}

template <class T>
std::vector<T> kmeans_distances(const points_view<T>& x, const points_view<T>& centers, const run_options& run) {
  check_centers(x, centers);
  const auto n = static_cast<double>(x.rows), k = static_cast<double>(centers.rows);
  core::require_memory("distances of " + std::to_string(x.rows) + " rows to " + std::to_string(centers.rows) + " centers",
                       n * k * sizeof(T), "give fewer rows at a time");
  const auto beginning = part_of(run, 0, 0.2), rest = part_of(run, 0.2, 1);
  check_rows("x", x, beginning);
  check_rows("centers", centers, run_options{1, {}, {}});
  const center_index<T> index(centers.data, centers.rows, centers.columns, {}, true);
  std::vector<T> out(x.rows * centers.rows);
  core::parallel_blocks(row_blocks(x.rows), rest, [&](std::size_t b) {
    std::vector<double> squared(centers.rows);
    for (std::size_t r = b * row_block; r < std::min(x.rows, (b + 1) * row_block); ++r) {
      index.distances(x.row(r), squared.data());
      for (std::size_t c = 0; c < centers.rows; ++c) out[r * centers.rows + c] = static_cast<T>(std::sqrt(squared[c]));
    }
  });
  return out;
}

template CLARION_API kmeans_result<float> kmeans(const points_view<float>&, const kmeans_options&, const kmeans_given<float>&,
                                                 const run_options&);
template CLARION_API kmeans_result<double> kmeans(const points_view<double>&, const kmeans_options&, const kmeans_given<double>&,
                                                  const run_options&);
template CLARION_API std::vector<std::uint32_t> kmeans_plusplus(const points_view<float>&, std::uint32_t, std::uint64_t,
                                                                const double*, const run_options&);
template CLARION_API std::vector<std::uint32_t> kmeans_plusplus(const points_view<double>&, std::uint32_t, std::uint64_t,
                                                                const double*, const run_options&);
template CLARION_API kmeans_labels<float> kmeans_predict(const points_view<float>&, const points_view<float>&, const double*,
                                                         const run_options&);
template CLARION_API kmeans_labels<double> kmeans_predict(const points_view<double>&, const points_view<double>&, const double*,
                                                          const run_options&);
template CLARION_API std::vector<float> kmeans_distances(const points_view<float>&, const points_view<float>&,
                                                         const run_options&);
template CLARION_API std::vector<double> kmeans_distances(const points_view<double>&, const points_view<double>&,
                                                          const run_options&);

}  // namespace clarion::segment
