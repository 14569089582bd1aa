#include "clarion/segment/stability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "schema/wording.hpp"
#include "segment/contingency.hpp"
#include "segment/point_rows.hpp"

namespace clarion::segment {

namespace {

constexpr std::uint32_t random_room = 0x4a414343;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The distinct rows among as many drawn as there are, ascending.
std::vector<std::uint32_t> sample_of(std::size_t rows, std::uint64_t seed, std::uint64_t sample) {
  core::random_stream random(seed, sample, random_room);
  std::vector<std::uint8_t> drawn(rows);
  for (std::size_t i = 0; i < rows; ++i) drawn[random.below(rows)] = 1;
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < rows; ++i)
    if (drawn[i] != 0) out.push_back(static_cast<std::uint32_t>(i));
  return out;
}

// Of each cluster of a, the similarity to the cluster of b that is most like it; NaN where a does not have it.
std::vector<double> best_jaccards(std::span<const contingency_cell> cells, std::size_t clusters) {
  std::vector<std::uint64_t> in_a(clusters), in_b;
  for (const auto& cell : cells) {
    if (in_b.size() <= cell.b) in_b.resize(cell.b + std::size_t{1});
    in_a[cell.a] += cell.count;
    in_b[cell.b] += cell.count;
  }
  std::vector<double> out(clusters, nan);
  for (const auto& cell : cells) {
    const double either = static_cast<double>(in_a[cell.a] + in_b[cell.b] - cell.count);
    const double jaccard = static_cast<double>(cell.count) / either;
    if (!(out[cell.a] >= jaccard)) out[cell.a] = jaccard;
  }
  return out;
}

std::string sentence_of(const cluster_stability& of, const std::string& name) {
  if (of.samples == 0)
    return fmt::format("{} is so small ({}) that no sample held a row of it.", name, wording::plural(of.size, "row"));
  const std::string counts = fmt::format("it came back in {} of {} and dissolved in {} (mean Jaccard {:.2f})", of.recovered,
                                         wording::plural(of.samples, "sample"), of.dissolved, of.jaccard);
  switch (of.verdict) {
    case stability_verdict::highly_stable:
      return fmt::format("{} is highly stable: {}.", name, counts);
    case stability_verdict::valid:
      return fmt::format("{} is valid and stable: {}.", name, counts);
    case stability_verdict::pattern:
      return fmt::format("{} shows a pattern, but which rows belong to it is doubtful: {}.", name, counts);
    case stability_verdict::dissolved:
      break;
  }
  return fmt::format("{} is not to be trusted: {}.", name, counts);
}

void summarize(std::span<const double> jaccards, std::size_t stride, std::size_t column, const std::string& name,
               cluster_stability& of) {
  double sum = 0, squares = 0;
  for (std::size_t at = column; at < jaccards.size(); at += stride) {
    const double j = jaccards[at];
    if (std::isnan(j)) continue;
    ++of.samples;
    of.recovered += j >= 0.75;
    of.dissolved += j <= 0.5;
    sum += j;
  }
  const double n = of.samples;
  of.jaccard = of.samples > 0 ? sum / n : nan;
  for (std::size_t at = column; at < jaccards.size(); at += stride)
    if (!std::isnan(jaccards[at])) squares += (jaccards[at] - of.jaccard) * (jaccards[at] - of.jaccard);
  of.jaccard_se = of.samples > 1 ? std::sqrt(squares / (n - 1) / n) : nan;
  of.verdict = verdict_of(of.jaccard);
  of.sentence = sentence_of(of, name);
}

}  // namespace

double adjusted_rand(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  if (a.size() != b.size())
    reject("b", std::to_string(b.size()) + " labels", "give one for each of the " + std::to_string(a.size()) + " of a");
  return adjusted_rand_of(contingency(a, b));
}

std::string_view to_string(stability_verdict verdict) {
  switch (verdict) {
    case stability_verdict::highly_stable:
      return "highly stable";
    case stability_verdict::valid:
      return "valid";
    case stability_verdict::pattern:
      return "pattern";
    case stability_verdict::dissolved:
      break;
  }
  return "dissolved";
}

stability_verdict verdict_of(double jaccard) {
  return jaccard > 0.85    ? stability_verdict::highly_stable
         : jaccard >= 0.75 ? stability_verdict::valid
         : jaccard >= 0.6  ? stability_verdict::pattern
                           : stability_verdict::dissolved;
}

stability_result stability(std::span<const double> x, std::size_t columns, std::span<const std::uint32_t> labels,
                           const clustering_method& method, const stability_options& options, const run_options& run,
                           std::span<const std::string> names) {
  core::check_options(options);
  const point_rows of = checked_points(x, columns, run);
  const auto sizes = cluster_sizes("labels", labels, of.rows);
  if (of.rows < 2) reject("x", "1 row", "give at least 2");

  stability_result out;
  for (std::uint32_t c = 0; c < sizes.size(); ++c)
    if (sizes[c] > 0) out.clusters.push_back({.cluster = c, .size = sizes[c]});
  out.jaccards.reserve(options.n_bootstraps * out.clusters.size());
  core::pulse pulse(run);
  std::vector<double> sample;
  std::vector<std::uint32_t> own;
  for (std::uint32_t b = 0; b < options.n_bootstraps; ++b) {
    pulse.beat(static_cast<double>(b) / options.n_bootstraps);
    const auto rows = sample_of(of.rows, options.seed, b);
    sample.resize(rows.size() * columns);
    own.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(of.row(rows[i]), columns, sample.data() + i * columns);
      own[i] = labels[rows[i]];
    }
    const auto found = method(sample, columns);
    cluster_sizes("the labels of the method", found, rows.size());
    const auto cells = contingency(own, found);
    const auto best = best_jaccards(cells, sizes.size());
    for (const auto& cluster : out.clusters) out.jaccards.push_back(best[cluster.cluster]);
    out.rand += adjusted_rand_of(cells) / options.n_bootstraps;
  }
  for (std::size_t i = 0; i < out.clusters.size(); ++i) {
    const std::uint32_t c = out.clusters[i].cluster;
    summarize(out.jaccards, out.clusters.size(), i, cluster_name(names, c), out.clusters[i]);
  }
  if (run.progress) run.progress(1);
  return out;
}

}  // namespace clarion::segment
