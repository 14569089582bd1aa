#pragma once

// Rows of a sparse matrix compared by the columns that they share.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"
#include "kernels/select.hpp"
#include "recommend/check_interactions.hpp"

namespace clarion::recommend {

/// What two rows have in common: columns, where each value is 1.
struct shared_count {
  std::uint32_t count = 0;
  void add() { ++count; }
  double sum() const { return count; }
};

/// Columns, and the sum of products of values.
struct shared_sum {
  using number = double;
  double total = 0;
  std::uint32_t count = 0;
  void add(double product) {
    total += product;
    ++count;
  }
  double sum() const { return total; }
};

/// What a sum is made of.
template <class Shared>
constexpr auto number_of(float value) {
  if constexpr (requires { typename Shared::number; })
    return typename Shared::number{value};
  else
    return value;
}

/// Numbers below a limit, to be read in order: a bit each, and a bit for each word that has one.
class ordered_marks {
public:
  explicit ordered_marks(std::size_t size) : words_((size + 63) / 64), summary_((words_.size() + 63) / 64) {}
  void set(std::uint32_t i) {
    words_[i / 64] |= std::uint64_t{1} << i % 64;
    summary_[i / 4096] |= std::uint64_t{1} << i / 64 % 64;
  }
  /// Calls visit(number) ascending, and forgets them.
  template <class Visit>
  void drain(Visit&& visit) {
    for (std::size_t s = 0; s < summary_.size(); ++s)
      for (auto some = std::exchange(summary_[s], 0); some != 0; some &= some - 1) {
        const std::size_t w = s * 64 + static_cast<std::size_t>(std::countr_zero(some));
        for (auto bits = std::exchange(words_[w], 0); bits != 0; bits &= bits - 1)
          visit(static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(bits))));
      }
  }

private:
  std::vector<std::uint64_t> words_, summary_;
};

/// One row of a product of sparse matrices at a time.
template <class Shared>
struct row_product {
  std::vector<Shared> of;              ///< by row of the other side; zero between calls
  std::vector<std::uint32_t> touched;  ///< those of it that are not zero, in the order in which they were met
  std::vector<float> scores, work;
  std::vector<std::uint32_t> positions;
  ordered_marks marks;
  std::vector<float> weight;  ///< by row of the other side, of those marked

  explicit row_product(std::size_t n)
      : of(n),
        touched(n + 1),
        scores(n + kernels::select_pad),
        work(scores.size()),
        positions(scores.size()),
        marks(n),
        weight(n) {}

  static double bytes(double n) { return n * (sizeof(Shared) + 5 * 4 + 0.2); }

  /// Adds up row `row` of `left` (rows x columns) times `right` (columns x others); gives the number of touched.
  std::size_t multiply(const core::sparse_view& left, std::size_t row, const core::sparse_view& right) {
    std::size_t n = 0;
    const auto columns = left.indices(row);
    const auto values = left.values(row);
    for (std::size_t e = 0; e < columns.size(); ++e) {
      // Rows of the right lie far from each other: the next one but one is on its way meanwhile.
      if (e + 2 < columns.size()) __builtin_prefetch(right.index + right.offsets[columns[e + 2]]);
      const auto first = right.offsets[columns[e]], last = right.offsets[columns[e] + 1];
      [[maybe_unused]] const auto own = number_of<Shared>(values.empty() ? 1.0f : values[e]);
      // No branch on whether it is new: which it is cannot be foreseen.
      for (auto at = first; at < last; ++at) {
        const auto other = right.index[at];
        auto& shared = of[other];
        touched[n] = other;
        n += shared.count == 0;
        if constexpr (std::is_same_v<Shared, shared_count>)
          shared.add();
        else
          shared.add(own * (right.value == nullptr ? 1 : typename Shared::number{right.value[at]}));
      }
    }
    return n;
  }

  /// Calls visit(place) for the k highest of the first n scores, those of touched: equal ones by the order of rows.
  template <class Visit>
  void best(std::size_t n, std::size_t k, kernels::select select, Visit&& visit) {
    if (n <= k) {
      for (std::size_t at = 0; at < n; ++at) visit(at);
      return;
    }
    const std::size_t found = select(scores.data(), n, k, work.data(), positions.data());
    const auto begin = positions.begin(), end = begin + static_cast<std::ptrdiff_t>(found);
    if (found > k) {
      float least = scores[positions[0]];
      for (std::size_t p = 1; p < found; ++p) least = std::min(least, scores[positions[p]]);
      const auto tied = std::partition(begin, end, [&](std::uint32_t at) { return scores[at] > least; });
      std::nth_element(tied, begin + static_cast<std::ptrdiff_t>(k), end,
                       [&](std::uint32_t a, std::uint32_t b) { return touched[a] < touched[b]; });
    }
    for (std::size_t p = 0; p < k; ++p) visit(positions[p]);
  }
};

/// Rows cut into blocks of about equal numbers of products, about `least` of them or more.
std::vector<std::size_t> product_blocks(const core::sparse_view& left, const core::sparse_view& right, double least = 512);

/// Rows that blocks made, one after the other.
struct row_block {
  std::vector<std::uint32_t> length, index;
  std::vector<float> value;
};
core::sparse_rows joined(std::vector<row_block>& blocks, std::size_t columns);

/// Bytes of the k best of each row, in blocks and joined, and of a row of all sums a thread: what `nearest` takes.
double nearest_memory(double rows, double others, double k, const run_options& run);

struct nearest_options {
  std::size_t k = 100;
  std::uint32_t min_support = 1;  ///< columns that two rows share at least
  bool normalize = false;         ///< weights of a row add up to 1
  bool same = true;               ///< rows of the left are the rows that are found: none is found for itself
};

/// The k highest scores above 0 of each row of left * right, by column; equal ones in the order of columns.
/// score(row, other, shared) gives a float. O(products). The same bits for any number of threads.
template <class Shared, class Score>
core::sparse_rows nearest(const core::sparse_view& left, const core::sparse_view& right, const nearest_options& options,
                          const Score& score, const run_options& run) {
  const std::size_t n = right.columns;
  const auto edge = product_blocks(left, right);
  const std::size_t n_blocks = edge.size() - 1;
  const auto select = kernels::choose_select(core::permitted_simd());
  core::detail::scratch_pool<row_product<Shared>> pool;
  std::vector<row_block> blocks(n_blocks);
  core::parallel_blocks(n_blocks, part_of(run, 0, 0.95), [&](std::size_t b) {
    auto scratch = pool.take(n);
    auto& [of, touched, scores, work, positions, marks, weight] = *scratch;
    auto& out = blocks[b];
    for (std::size_t row = edge[b]; row < edge[b + 1]; ++row) {
      const std::size_t met = scratch->multiply(left, row, right);
      if (options.same) of[row] = {};
      std::size_t candidates = 0;
      for (std::size_t t = 0; t < met; ++t) {
        const auto other = touched[t];
        const auto shared = std::exchange(of[other], {});
        const float value = score(static_cast<std::uint32_t>(row), other, shared);
        touched[candidates] = other;
        scores[candidates] = value;
        candidates += (value > 0) & (shared.count >= options.min_support);
      }
      scratch->best(candidates, options.k, select, [&](std::size_t at) {
        marks.set(touched[at]);
        weight[touched[at]] = scores[at];
      });
      const std::size_t before = out.index.size();
      double sum = 0;
      marks.drain([&](std::uint32_t other) {
        out.index.push_back(other);
        out.value.push_back(weight[other]);
        sum += weight[other];
      });
      if (!std::isfinite(sum)) throw error("similarities beyond single precision: give smaller weights");
      if (options.normalize)
        for (std::size_t e = before; e < out.index.size(); ++e) out.value[e] = static_cast<float>(out.value[e] / sum);
      out.length.push_back(static_cast<std::uint32_t>(out.index.size() - before));
    }
    out.index.shrink_to_fit();
    out.value.shrink_to_fit();
    pool.give(std::move(scratch));
  });
  return joined(blocks, n);
}

}  // namespace clarion::recommend
