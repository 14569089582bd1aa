#include "segment/gap.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "clarion/core/random.hpp"

namespace clarion::segment {

namespace {

constexpr std::uint32_t random_room = 0x47415053;
constexpr std::size_t rows_together = 4096;
using matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The box that x fills along its principal axes.
struct principal_box {
  std::vector<double> middle;
  matrix axes;  // a column each
  std::vector<double> low, high;

  explicit principal_box(const point_rows& x) : middle(x.columns), low(x.columns), high(x.columns) {
    const auto d = static_cast<Eigen::Index>(x.columns);
    const Eigen::Map<const matrix> all(x.data, static_cast<Eigen::Index>(x.rows), d);
    Eigen::Map<Eigen::RowVectorXd> mean(middle.data(), d);
    mean = all.row(0) + (all.rowwise() - all.row(0)).colwise().mean();
    matrix spread = matrix::Zero(d, d);
    for (Eigen::Index i = 0; i < all.rows(); ++i) {
      const Eigen::RowVectorXd away = all.row(i) - mean;
      spread.noalias() += away.transpose() * away;
    }
    axes = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(spread).eigenvectors();
    for (Eigen::Index i = 0; i < all.rows(); ++i) {
      const Eigen::RowVectorXd at = (all.row(i) - mean) * axes;
      for (Eigen::Index c = 0; c < d; ++c) {
        const auto at_c = static_cast<std::size_t>(c);
        low[at_c] = i == 0 ? at[c] : std::min(low[at_c], at[c]);
        high[at_c] = i == 0 ? at[c] : std::max(high[at_c], at[c]);
      }
    }
  }

  std::vector<double> drawn(std::size_t rows, std::uint64_t seed, std::uint64_t reference, const run_options& run) const {
    const std::size_t d = middle.size();
    std::vector<double> out(rows * d);
    core::parallel_blocks((rows + rows_together - 1) / rows_together, run, [&](std::size_t block) {
      std::vector<double> at(d);
      for (std::size_t i = block * rows_together; i < std::min(rows, (block + 1) * rows_together); ++i) {
        core::random_stream random(seed, reference << 32 | i, random_room);
        for (std::size_t c = 0; c < d; ++c) at[c] = low[c] + (high[c] - low[c]) * random.uniform();
        for (std::size_t c = 0; c < d; ++c) {
          double sum = middle[c];
          for (std::size_t a = 0; a < d; ++a) sum += at[a] * axes(static_cast<Eigen::Index>(c), static_cast<Eigen::Index>(a));
          out[i * d + c] = sum;
        }
      }
    });
    return out;
  }
};

double log_within(const point_rows& x, std::span<const std::uint32_t> labels, const run_options& run) {
  const auto sizes = cluster_sizes("the labels of the method", labels, x.rows);
  return std::log(sums_of_clusters(x, labels, sizes, run).within());
}

// log W of one cluster, then of each k.
std::vector<double> logs_of(const point_rows& x, std::span<const std::uint32_t> k, const k_clustering& method,
                            const run_options& run, core::pulse& pulse, double from, double to) {
  std::vector<double> out{log_within(x, std::vector<std::uint32_t>(x.rows), run)};
  for (std::size_t i = 0; i < k.size(); ++i) {
    pulse.beat(from + (to - from) * static_cast<double>(i) / static_cast<double>(k.size()));
    out.push_back(log_within(x, method({x.data, x.rows * x.columns}, x.columns, k[i]), run));
  }
  return out;
}

}  // namespace

gap_values gaps(const point_rows& x, std::span<const std::uint32_t> k, const k_clustering& method,
                const choose_k_options& options, const run_options& run) {
  const run_options quiet = silent(run);
  core::pulse pulse(run);
  const double steps = options.n_references + 1.0;
  const auto own = logs_of(x, k, method, quiet, pulse, 0, 1 / steps);
  const principal_box box(x);
  std::vector<std::vector<double>> references;
  for (std::uint32_t b = 0; b < options.n_references; ++b) {
    const auto drawn = box.drawn(x.rows, options.seed, b, quiet);
    references.push_back(logs_of({drawn.data(), x.rows, x.columns}, k, method, quiet, pulse, (b + 1) / steps, (b + 2) / steps));
  }
  gap_values out;
  const double n = options.n_references;
  for (std::size_t i = 0; i < own.size(); ++i) {
    double mean = 0, squares = 0;
    for (const auto& logs : references) mean += logs[i] / n;
    for (const auto& logs : references) squares += (logs[i] - mean) * (logs[i] - mean);
    out.gap.push_back(mean - own[i]);
    out.error.push_back(std::sqrt(squares / n * (1 + 1 / n)));
  }
  return out;
}

}  // namespace clarion::segment
