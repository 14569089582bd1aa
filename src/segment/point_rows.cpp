#include "segment/point_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

namespace clarion::segment {

namespace {

constexpr std::uint32_t random_room = 0x50545331;
constexpr std::size_t rows_together = 16384;

std::size_t blocks_of(std::size_t rows, std::size_t together) { return (rows + together - 1) / together; }

}  // namespace

point_rows checked_points(std::span<const double> x, std::size_t columns, const run_options& run) {
  if (columns == 0) reject("x", "no column", "give at least one");
  if (x.empty()) reject("x", "no row", "give at least one");
  if (x.size() % columns != 0)
    reject("x", std::to_string(x.size()) + " values in " + std::to_string(columns) + " columns", "give whole rows");
  const point_rows out{x.data(), x.size() / columns, columns};
  if (out.rows > std::numeric_limits<std::uint32_t>::max())
    reject("x", std::to_string(out.rows) + " rows", "give at most 2^32 - 1");

  std::vector<std::uint8_t> bad(blocks_of(out.rows, rows_together));
  core::parallel_blocks(bad.size(), {.threads = run.threads, .cancel = run.cancel}, [&](std::size_t block) {
    const auto part =
        x.subspan(block * rows_together * columns, std::min(rows_together, out.rows - block * rows_together) * columns);
    double nothing = 0;  // stays 0 as long as all is finite
    for (const double v : part) nothing += v * 0;
    bad[block] = nothing != 0 || std::isnan(nothing);
  });
  const auto first = static_cast<std::size_t>(std::find(bad.begin(), bad.end(), 1) - bad.begin());
  if (first == bad.size()) return out;
  for (std::size_t at = first * rows_together * columns; at < x.size(); ++at)
    if (!std::isfinite(x[at]))
      reject("x",
             std::string(std::isnan(x[at]) ? "NaN" : "infinity") + " of column " + std::to_string(at % columns) + ", row " +
                 std::to_string(at / columns),
             "give finite numbers");
  return out;
}

std::vector<std::uint64_t> cluster_sizes(const char* field, std::span<const std::uint32_t> labels, std::size_t rows) {
  if (labels.size() != rows)
    reject(field, std::to_string(labels.size()) + " of them", "give one for each of the " + std::to_string(rows) + " rows");
  std::uint32_t most = 0;
  for (const std::uint32_t label : labels) most = std::max(most, label);
  // Numbers far beyond the rows are no numbering of clusters.
  if (most / 8 > rows + 1024) reject(field, std::to_string(most), "number the clusters from 0");
  std::vector<std::uint64_t> out(labels.empty() ? 0 : std::size_t{most} + 1);
  for (const std::uint32_t label : labels) ++out[label];
  return out;
}

double cluster_sums::within() const {
  double out = 0;
  for (const double s : squares) out += s;
  return out;
}

cluster_sums sums_of_clusters(const point_rows& x, std::span<const std::uint32_t> labels, std::span<const std::uint64_t> sizes,
                              const run_options& run) {
  const std::size_t k = sizes.size(), columns = x.columns;
  // Blocks large enough that their sums take less room than the points.
  const std::size_t together = std::max(rows_together, 4 * k), blocks = blocks_of(x.rows, together);
  const run_options quiet = silent(run);
  cluster_sums out{std::vector<double>(k * columns), std::vector<double>(k), std::vector<double>(k)};

  // Sums are of differences from a row of the cluster: equal rows have exactly their mean.
  constexpr auto none = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> first(k, none);
  for (std::size_t i = x.rows; i-- > 0;) first[labels[i]] = static_cast<std::uint32_t>(i);
  std::vector<double> parts(blocks * k * columns);
  const auto rows_in = [&](std::size_t block) { return std::min(together, x.rows - block * together); };
  core::parallel_blocks(blocks, quiet, [&](std::size_t block) {
    double* sums = parts.data() + block * k * columns;
    for (std::size_t i = block * together, end = i + rows_in(block); i < end; ++i)
      for (std::size_t c = 0; c < columns; ++c) sums[labels[i] * columns + c] += x.row(i)[c] - x.row(first[labels[i]])[c];
  });
  for (std::size_t block = 0; block < blocks; ++block)
    for (std::size_t at = 0; at < k * columns; ++at) out.means[at] += parts[block * k * columns + at];
  for (std::size_t cluster = 0; cluster < k; ++cluster)
    for (std::size_t c = 0; c < columns && sizes[cluster] > 0; ++c) {
      double& mean = out.means[cluster * columns + c];
      mean = x.row(first[cluster])[c] + mean / static_cast<double>(sizes[cluster]);
    }

  parts.assign(blocks * k * 2, 0);
  core::parallel_blocks(blocks, quiet, [&](std::size_t block) {
    double* sums = parts.data() + block * k * 2;
    for (std::size_t i = block * together, end = i + rows_in(block); i < end; ++i) {
      const double* mean = out.means.data() + labels[i] * columns;
      double square = 0;
      for (std::size_t c = 0; c < columns; ++c) square += (x.row(i)[c] - mean[c]) * (x.row(i)[c] - mean[c]);
      sums[labels[i] * 2] += square;
      sums[labels[i] * 2 + 1] += std::sqrt(square);
    }
  });
  for (std::size_t block = 0; block < blocks; ++block)
    for (std::size_t cluster = 0; cluster < k; ++cluster) {
      out.squares[cluster] += parts[(block * k + cluster) * 2];
      out.distances[cluster] += parts[(block * k + cluster) * 2 + 1];
    }
  return out;
}

std::string cluster_name(std::span<const std::string> names, std::uint32_t cluster) {
  return cluster < names.size() ? names[cluster] : "Cluster " + std::to_string(cluster);
}

std::vector<std::uint32_t> drawn_rows(std::size_t rows, std::size_t count, std::uint64_t seed, std::uint64_t key) {
  core::random_stream random(seed, key, random_room);
  std::vector<std::uint32_t> out;
  out.reserve(count);
  for (std::size_t i = 0; i < rows && out.size() < count; ++i)
    if (random.uniform() * static_cast<double>(rows - i) < static_cast<double>(count - out.size()))
      out.push_back(static_cast<std::uint32_t>(i));
  return out;
}

}  // namespace clarion::segment
