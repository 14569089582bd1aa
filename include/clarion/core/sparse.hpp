#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::core {

/// A sparse matrix by row (CSR) that lives elsewhere. Columns of a row ascend and are distinct.
struct sparse_view {
  std::size_t rows = 0, columns = 0;
  const std::uint64_t* offsets = nullptr;  ///< rows + 1 of them
  const std::uint32_t* index = nullptr;    ///< columns of the entries, row after row
  const float* value = nullptr;            ///< of the entries; null: each is 1

  std::uint64_t size() const { return rows == 0 ? 0 : offsets[rows] - offsets[0]; }
  std::uint64_t length(std::size_t row) const { return offsets[row + 1] - offsets[row]; }
  std::span<const std::uint32_t> indices(std::size_t row) const { return {index + offsets[row], length(row)}; }
  /// Empty where each value is 1.
  std::span<const float> values(std::size_t row) const {
    return value == nullptr ? std::span<const float>{} : std::span<const float>{value + offsets[row], length(row)};
  }
};

/// A sparse matrix by row that owns its arrays.
struct sparse_rows {
  std::size_t rows = 0, columns = 0;
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> index;
  std::vector<float> value;  ///< empty: each is 1

  operator sparse_view() const {  // NOLINT(google-explicit-constructor): a view of itself
    return {rows, columns, offsets.data(), index.data(), value.empty() ? nullptr : value.data()};
  }
};

/// Throws std::invalid_argument, naming `field`, unless the view is what its contract says: at most 2^32 rows and columns,
/// offsets that do not fall, columns below `columns` that ascend within a row, finite values. O(entries).
CLARION_API void check_sparse(const char* field, const sparse_view& matrix, const run_options& run = {});

/// The same matrix by column. The same for any number of threads. O(entries + rows + columns) time; 8 bytes an entry beside the
/// result.
CLARION_API sparse_rows transposed(const sparse_view& matrix, const run_options& run = {});

}  // namespace clarion::core
