#pragma once

// What each customer favours among the levels of a text: category, channel, branch, region.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::segment {

/// A row a purchase, view or contact, in columns of equal length. Codes are as schema::record_column has them.
struct preference_rows {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::span<const std::uint32_t> customer;  ///< below `customers`, or none
  std::span<const std::uint32_t> level;     ///< below `levels`, or none
  std::span<const double> weight{};         ///< money, pieces, seconds; empty: each row is 1
  std::size_t customers = 0;
  std::size_t levels = 0;
};

struct preference_options {
  double prior = 5;  ///< rows of mean weight that count as if the customer had bought like everyone

  static constexpr auto fields() {
    return std::tuple{core::option("prior", &preference_options::prior,
                                   "rows of mean weight that count as if the customer were like everyone", {0, 1e9})};
  }
};

struct preference_result {
  // By customer. One without a row that counts has no favourite, NaN and 0.
  std::vector<std::uint32_t> favourite;  ///< the level of greatest weight, or preference_rows::none
  std::vector<double> share;             ///< of it in the weight of the customer
  std::vector<double> affinity;          ///< shrunken lift of it
  std::vector<std::uint32_t> distinct;   ///< levels
  std::vector<double> effective;         ///< number of them: exp of the entropy of the shares (Hill number of order 1)
  std::vector<double> total;             ///< weight

  std::vector<double> shares;  ///< by level, of all weight; 0 where there is none
  core::sparse_rows weights;   ///< customers x levels, rounded to float; n_levels columns
  double prior_weight = 0;     ///< options.prior in units of weight

  // rows = used + no_customer + no_level + no_weight
  std::uint64_t used = 0;
  std::uint64_t no_customer = 0;
  std::uint64_t no_level = 0;
  std::uint64_t no_weight = 0;  ///< NaN, 0 or less (returns), infinite or above 1e15
};

/// Of levels of equal weight (within 1e-12 of it) the favourite is the one of greater weight overall, then the lower code. The
/// shrunken lift of level l for customer c is ((w_cl + a p_l) / (w_c + a)) / p_l: w_c the customer's weight and w_cl that of the
/// level, p_l the share of the level in all weight, and a = options.prior x mean weight of a row, so that it does not depend on
/// the unit. It is the posterior mean share under a Dirichlet prior a p, over the share that everyone has: 1 is like everyone, 2
/// twice as much.
///
/// Same bits for any number of threads. O(rows + customers + levels), and O(d log d) for a customer with d levels. Memory: 8
/// bytes a row while it works (16 with weights), 20 an entry of `weights`, 48 a customer, and 8 a level and thread; what cannot
/// fit is refused.
///
/// Throws std::invalid_argument for columns that differ in length and codes out of range, clarion::error for what does not fit.
CLARION_API preference_result preference(const preference_rows& rows, const preference_options& options = {},
                                         const run_options& run = {});

/// Shrunken lifts, customers x these levels, row after row; no levels: all of them. Finite everywhere: 1 for a customer without
/// weight and for a level without. O(customers x levels + entries).
///
/// Throws std::invalid_argument for a level that is not one or occurs twice, clarion::error for what does not fit into memory.
CLARION_API std::vector<double> affinities(const preference_result& result, std::span<const std::uint32_t> levels = {},
                                           const run_options& run = {});

}  // namespace clarion::segment
