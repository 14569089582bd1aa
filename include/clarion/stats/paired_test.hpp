#pragma once

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::stats {

struct paired_options {
  std::uint32_t permutations = 9999;
  double level = 0.95;
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using o = paired_options;
    return std::tuple{core::option("permutations", &o::permutations, "draws of signs", {1, 1e7}),
                      core::option("level", &o::level, "probability that the interval holds the truth", {0.01, 0.999}),
                      core::option("seed", &o::seed, "of the draws")};
  }
};

struct paired_result {
  std::uint64_t n = 0;               ///< pairs of which neither is NaN
  double difference = 0;             ///< mean of a - b; NaN without pairs
  double sd = 0, low = 0, high = 0;  ///< of that mean, and its t interval; NaN with fewer than 2 pairs
  double t = 0;
  double p_t = 1;          ///< two-sided, Student's t with n - 1 degrees of freedom; 1 with fewer than 2 pairs
  double p_sign_flip = 1;  ///< two-sided, of the signs of the differences
  bool exact = false;      ///< all signs were gone through, for they are no more than `permutations`
};

/// Whether a and b, measured on the same units, have the same mean: the paired t test, and the permutation of signs that supposes
/// no distribution (Fisher, The Design of Experiments, 1935; for metrics of ranked lists: Smucker, Allan and Carterette, CIKM
/// 2007). Drawn signs count the observed ones among them: p = (1 + as extreme) / (1 + permutations) (Phipson and Smyth, 2010).
/// The same bits for any number of threads. Throws std::invalid_argument for lengths that differ, an infinite value or options
/// out of range. O(n x permutations / 4).
CLARION_API paired_result paired_test(std::span<const double> a, std::span<const double> b, const paired_options& options = {},
                                      const run_options& run = {});

/// p-values adjusted so that the chance of any false rejection among them stays at the level (Holm, Scandinavian Journal of
/// Statistics 6, 1979). NaN stays and counts for nothing. Throws std::invalid_argument for a number outside [0, 1]. O(n log n).
CLARION_API std::vector<double> holm(std::span<const double> p);

}  // namespace clarion::stats
