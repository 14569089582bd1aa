#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::stats {

struct bootstrap_options {
  std::uint32_t replicates = 1000;
  double level = 0.95;
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using o = bootstrap_options;
    return std::tuple{core::option("replicates", &o::replicates, "samples that are drawn", {2, 1e7}),
                      core::option("level", &o::level, "probability that an interval holds the truth", {0.01, 0.999}),
                      core::option("seed", &o::seed, "of the draws")};
  }
};

struct bootstrap_interval {
  std::uint64_t n = 0;                         ///< values that are not NaN
  double mean = 0, sd = 0, low = 0, high = 0;  ///< sd: of the mean. All NaN without values; sd, low and high with one
};

/// Intervals of the means of several columns over the same rows (column after column, `rows` values each) by the bias-corrected
/// and accelerated bootstrap (Efron, JASA 82, 1987): rows are drawn with replacement, the same ones for every column, so that
/// a column of differences is compared pair by pair. NaN values are left out of their column. Where all values are equal the
/// interval is that value. The same bits for any number of threads.
/// Throws std::invalid_argument for options out of range and columns that are not whole. O(replicates x rows x columns).
CLARION_API std::vector<bootstrap_interval> bootstrap_means(std::span<const double> columns, std::size_t rows,
                                                            const bootstrap_options& options = {}, const run_options& run = {});

}  // namespace clarion::stats
