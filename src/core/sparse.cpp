#include "clarion/core/sparse.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>

#include "clarion/core/error.hpp"

namespace clarion::core {

namespace {

constexpr std::size_t check_rows = 4096;  // rows of a block

// A stripe of columns is turned by one thread, which reads every index once: few stripes, and none smaller than is worth a pass.
constexpr std::size_t most_stripes = 16;
constexpr std::uint64_t stripe_entries = std::uint64_t{1} << 18;

}  // namespace

void check_sparse(const char* field, const sparse_view& matrix, const run_options& run) {
  constexpr std::uint64_t most = std::uint64_t{1} << 32;
  if (matrix.rows > most || matrix.columns > most)
    reject(field, std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns),
           "give at most 4294967296 rows and columns");
  if (matrix.rows == 0) return;
  const auto in_row = [](std::size_t row) { return "row " + std::to_string(row); };
  for (std::size_t row = 0; row < matrix.rows; ++row)
    if (matrix.offsets[row + 1] < matrix.offsets[row])
      reject(field, "an offset that falls after " + in_row(row), "give offsets that never fall");
  parallel_blocks((matrix.rows + check_rows - 1) / check_rows, run, [&](std::size_t block) {
    for (std::size_t row = block * check_rows; row < std::min(matrix.rows, (block + 1) * check_rows); ++row) {
      const auto columns = matrix.indices(row);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i] >= matrix.columns)
          reject(field, "column " + std::to_string(columns[i]) + " in " + in_row(row),
                 "give columns below " + std::to_string(matrix.columns));
        if (i > 0 && columns[i] <= columns[i - 1])
          reject(field,
                 "column " + std::to_string(columns[i]) + " after " + std::to_string(columns[i - 1]) + " in " + in_row(row),
                 "sort the columns of each row and add up duplicates");
      }
      for (const float v : matrix.values(row))
        if (!std::isfinite(v)) reject(field, std::to_string(v) + " in " + in_row(row), "give finite values");
    }
  });
}

sparse_rows transposed(const sparse_view& matrix, const run_options& run) {
  sparse_rows out;
  out.rows = matrix.columns;
  out.columns = matrix.rows;
  out.offsets.assign(out.rows + 1, 0);
  const std::uint64_t entries = matrix.size();
  if (entries == 0) return out;
  out.index.resize(entries);
  if (matrix.value != nullptr) out.value.resize(entries);

  const std::uint64_t first = matrix.offsets[0];
  for (std::uint64_t e = 0; e < entries; ++e) ++out.offsets[matrix.index[first + e] + 1];
  for (std::size_t c = 0; c < out.rows; ++c) out.offsets[c + 1] += out.offsets[c];

  // Stripes of columns with about equal numbers of entries: each has its part of the result to itself, in the order of rows.
  const std::size_t stripes = std::clamp<std::size_t>(entries / stripe_entries, 1, most_stripes);
  std::vector<std::size_t> edge{0};
  for (std::size_t s = 1; s < stripes; ++s) {
    const auto at = std::lower_bound(out.offsets.begin(), out.offsets.end(), entries * s / stripes);
    edge.push_back(std::max(edge.back(), static_cast<std::size_t>(at - out.offsets.begin())));
  }
  edge.push_back(out.rows);
  std::vector<std::uint64_t> next(out.offsets.begin(), out.offsets.end() - 1);
  parallel_blocks(stripes, run, [&](std::size_t s) {
    const auto low = static_cast<std::uint32_t>(edge[s]);
    const auto high = static_cast<std::uint64_t>(edge[s + 1]);
    for (std::size_t row = 0; row < matrix.rows; ++row) {
      const auto columns = matrix.indices(row);
      auto at = low == 0 ? columns.begin() : std::lower_bound(columns.begin(), columns.end(), low);
      for (; at != columns.end() && *at < high; ++at) {
        const auto to = next[*at]++;
        out.index[to] = static_cast<std::uint32_t>(row);
        if (matrix.value != nullptr)
          out.value[to] = matrix.value[matrix.offsets[row] + static_cast<std::uint64_t>(at - columns.begin())];
      }
    }
  });
  return out;
}

}  // namespace clarion::core
