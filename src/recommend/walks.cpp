#include "recommend/walks.hpp"

#include <algorithm>

#include "clarion/core/kernels.hpp"

namespace clarion::recommend {

walker::walker(const core::sparse_view& by_user, const core::sparse_view& by_item, std::span<const float> terms)
    : by_user_(by_user),
      by_item_(by_item),
      terms_(terms),
      product_(kernels::choose_sparse_product(core::permitted_simd())),
      start_(by_user.rows),
      users_(by_user.rows),
      items_(by_item.rows) {}

void walker::multiply(const core::sparse_view& matrix, std::span<const walk_line> by, std::span<walk_line> out) const {
  if (matrix.rows == 0) return;
  product_(matrix.offsets, matrix.index, matrix.value, matrix.rows, by.data()->of, walk_line::size, out.data()->of,
           walk_line::size, walk_line::size);
}

std::span<const walk_line> walker::from(const core::sparse_view& history, std::span<const std::uint32_t> rows) {
  std::fill(start_.begin(), start_.end(), walk_line{});
  // Few items are in a history: from each to its users is less than all users to their items.
  for (std::size_t lane = 0; lane < rows.size(); ++lane) {
    const auto items = history.indices(rows[lane]);
    const auto values = history.values(rows[lane]);
    for (std::size_t e = 0; e < items.size(); ++e) {
      const float value = values.empty() ? 1.0f : values[e];
      const auto users = by_item_.indices(items[e]);
      const auto weights = by_item_.values(items[e]);
      for (std::size_t u = 0; u < users.size(); ++u) start_[users[u]].of[lane] += weights.empty() ? value : value * weights[u];
    }
  }
  return finish();
}

std::span<const walk_line> walker::from(std::span<const walk_line> items) {
  multiply(by_user_, items, start_);
  return finish();
}

// R' (terms[0] + terms[1] RR' + ...) of what users start with, from the last term on.
std::span<const walk_line> walker::finish() {
  const float last = terms_.back();
  for (std::size_t u = 0; u < users_.size(); ++u)
    for (std::size_t lane = 0; lane < walk_line::size; ++lane) users_[u].of[lane] = last * start_[u].of[lane];
  for (std::size_t n = terms_.size() - 1; n-- > 0;) {
    multiply(by_item_, users_, items_);
    multiply(by_user_, items_, users_);
    for (std::size_t u = 0; u < users_.size(); ++u)
      for (std::size_t lane = 0; lane < walk_line::size; ++lane) users_[u].of[lane] += terms_[n] * start_[u].of[lane];
  }
  multiply(by_item_, users_, items_);
  return items_;
}

}  // namespace clarion::recommend
