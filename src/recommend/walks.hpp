#pragma once

// Sums over walks from items over users to items, for a few histories at once.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clarion/core/sparse.hpp"
#include "kernels/sparse_product.hpp"

namespace clarion::recommend {

/// A number of each of as many histories as are multiplied at once: two lines of cache, which come together.
struct alignas(128) walk_line {
  static constexpr std::size_t size = 32;
  float of[size];
};

/// Multiplies histories h with sum over n of terms[n] (R'R)^(n + 1). Keeps what it needs from call to call: one for a thread.
class walker {
public:
  /// R by user and by item; both and the terms must outlive this.
  walker(const core::sparse_view& by_user, const core::sparse_view& by_item, std::span<const float> terms);

  /// A line for each item, of at most walk_line::size rows of the history: O(terms x entries of R), whatever their number. The
  /// answer of a row does not depend on the others. Valid until the next call.
  std::span<const walk_line> from(const core::sparse_view& history, std::span<const std::uint32_t> rows);
  /// Of a line for each item.
  std::span<const walk_line> from(std::span<const walk_line> items);

private:
  std::span<const walk_line> finish();
  void multiply(const core::sparse_view& matrix, std::span<const walk_line> by, std::span<walk_line> out) const;

  core::sparse_view by_user_, by_item_;
  std::span<const float> terms_;
  kernels::sparse_product product_;
  std::vector<walk_line> start_, users_, items_;
};

}  // namespace clarion::recommend
