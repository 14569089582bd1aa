#pragma once

// The leading singular vectors of a sparse matrix.

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

namespace clarion::core {

struct truncated_svd_options {
  std::uint32_t rank = 64;
  std::uint32_t passes = 16;  ///< products with the matrix and its transpose
  double oversampling = 2.5;  ///< dimensions that are searched for each that is wanted
  std::uint64_t seed = 0;

  static constexpr auto fields() {
    using self = truncated_svd_options;
    return std::tuple{
        option("rank", &self::rank, "singular values that are wanted", {1, 4096}),
        option("passes", &self::passes, "products with the matrix and its transpose", {2, 64}),
        option("oversampling", &self::oversampling, "dimensions that are searched for each that is wanted", {1, 16}),
        option("seed", &self::seed, "of the random vectors to begin with"),
    };
  }
};

/// matrix ~ left diag(values) right', row after row; columns of left and right are orthonormal.
struct truncated_svd_result {
  std::size_t rank = 0;       ///< as many as asked for, or as the matrix has
  std::vector<float> values;  ///< descending, above 0
  std::vector<float> left;    ///< rows x rank
  std::vector<float> right;   ///< columns x rank; the entry of greatest size in a column is positive
};

/// The greatest singular values of a sparse matrix and their vectors by a randomized block Krylov method (Musco and Musco,
/// NeurIPS 2015; Halko, Martinsson, Tropp, SIAM Review 2011): a random block is multiplied by the matrix and its transpose
/// `passes` times, kept orthonormal throughout, and the answer is the best one within the span of all that came out, oversampling
/// x rank dimensions. Leading values have the precision of floats; the last ones fall short where values fall slowly, less with
/// more passes and dimensions. Values below a thousandth of the greatest may be missing.
///
/// O(entries x dimensions + min(rows, columns) x dimensions^2 + dimensions^3); memory min(rows, columns) x dimensions floats
/// beside the result and the transpose. The same bits for any number of threads. Throws std::invalid_argument for options and
/// matrices that are not allowed, clarion::error for what memory cannot hold or floats overflow on, clarion::cancelled.
CLARION_API truncated_svd_result truncated_svd(const sparse_view& matrix, const truncated_svd_options& options = {},
                                               const run_options& run = {});

/// Bytes that it takes at its peak beside the matrix, the result included, estimated from above: what it requires of memory.
CLARION_API double truncated_svd_memory(std::size_t rows, std::size_t columns, std::uint64_t entries,
                                        const truncated_svd_options& options = {});

}  // namespace clarion::core
