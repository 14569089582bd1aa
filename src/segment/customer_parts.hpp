#pragma once

// Rows of coded customers, dealt to parts of neighbouring customers: what follows works on a part at a time, within the caches.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment::detail {

inline constexpr std::uint32_t no_code = std::numeric_limits<std::uint32_t>::max();

inline void require_length(const char* field, std::size_t length, std::size_t rows) {
  if (length != rows)
    reject(field, std::to_string(length) + " rows", "give one for each of the " + std::to_string(rows) + " rows");
}

inline bool has_code(const char* field, std::uint32_t code, std::size_t codes) {
  if (code < codes) return true;
  if (code == no_code) return false;
  reject(field, "code " + std::to_string(code), "give codes below " + std::to_string(codes) + ", or 2^32 - 1 for none");
}

/// Reasons: why rows are left out, from 1; 0 is a row that is dealt.
template <class Row, std::size_t Reasons>
struct customer_parts {
  unsigned shift = 0;                           ///< customer c is in part c >> shift
  std::vector<std::uint64_t> begin{0};          ///< rows of part p are [begin[p], begin[p + 1]), in the order that they came in
  std::unique_ptr<Row[]> rows{};                // NOLINT(modernize-avoid-c-arrays): not filled before it is written
  std::array<std::uint64_t, Reasons> counts{};  ///< rows by reason

  std::size_t size() const { return begin.size() - 1; }
  std::span<const Row> part(std::size_t p) const { return {rows.get() + begin[p], begin[p + 1] - begin[p]}; }
  std::size_t first(std::size_t p) const { return p << shift; }
};

/// Parts of some 2^16 rows, at most 512: as many ends as the caches can write to at once. judge(i) says why row i is left out, or
/// 0, and is called twice for each; make(i) is what is kept of it. Blocks follow from the number of rows alone. O(rows).
template <class Row, std::size_t Reasons, class Judge, class Make>
customer_parts<Row, Reasons> deal_rows(std::span<const std::uint32_t> customer, std::size_t customers, const Judge& judge,
                                       const Make& make, const run_options& run) {
  customer_parts<Row, Reasons> out;
  const std::size_t n = customer.size(), most = std::clamp<std::size_t>(n >> 16, 1, 512);
  while (customers > 0 && ((customers - 1) >> out.shift) >= most) ++out.shift;
  const std::size_t parts = customers == 0 ? 0 : ((customers - 1) >> out.shift) + 1;
  const std::size_t length = std::max<std::size_t>(std::size_t{1} << 16, (n + 1023) / 1024), blocks = (n + length - 1) / length;
  std::vector<std::uint64_t> at(blocks * parts);
  std::vector<std::array<std::uint64_t, Reasons>> counts(blocks);
  core::parallel_blocks(blocks, part_of(run, 0, .3), [&](std::size_t b) {
    std::array<std::uint64_t, Reasons> tally{};
    std::vector<std::uint64_t> here(parts);
    for (std::size_t i = b * length, end = std::min(n, i + length); i < end; ++i) {
      const std::size_t why = judge(i);
      ++tally[why];
      if (why == 0) ++here[customer[i] >> out.shift];
    }
    counts[b] = tally;
    std::ranges::copy(here, at.begin() + static_cast<std::ptrdiff_t>(b * parts));
  });
  for (const auto& tally : counts)
    for (std::size_t r = 0; r < Reasons; ++r) out.counts[r] += tally[r];
  out.begin.assign(parts + 1, 0);
  std::uint64_t total = 0;
  for (std::size_t p = 0; p < parts; ++p) {
    out.begin[p] = total;
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::uint64_t rows = at[b * parts + p];
      at[b * parts + p] = total;
      total += rows;
    }
  }
  out.begin[parts] = total;
  out.rows = std::make_unique_for_overwrite<Row[]>(total);  // NOLINT(modernize-avoid-c-arrays)
  core::parallel_blocks(blocks, part_of(run, .3, 1), [&](std::size_t b) {
    const auto from = at.begin() + static_cast<std::ptrdiff_t>(b * parts);
    std::vector<std::uint64_t> next(from, from + static_cast<std::ptrdiff_t>(parts));
    for (std::size_t i = b * length, end = std::min(n, i + length); i < end; ++i)
      if (judge(i) == 0) out.rows[next[customer[i] >> out.shift]++] = make(i);
  });
  return out;
}

}  // namespace clarion::segment::detail
