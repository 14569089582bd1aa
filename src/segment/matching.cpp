#include "segment/matching.hpp"

#include <limits>

namespace clarion::segment {

std::vector<std::uint32_t> cheapest_matching(std::span<const double> cost, std::size_t rows, std::size_t columns) {
  const bool turned = rows > columns;
  const std::size_t n = turned ? columns : rows, m = turned ? rows : columns;
  const auto at = [&](std::size_t i, std::size_t j) { return turned ? cost[j * columns + i] : cost[i * columns + j]; };
  constexpr double infinity = std::numeric_limits<double>::infinity();

  // Rows and columns from 1; row 0 and column 0 are where a path begins.
  std::vector<double> row_price(n + 1), column_price(m + 1), least(m + 1);
  std::vector<std::size_t> owner(m + 1), before(m + 1);
  std::vector<std::uint8_t> reached(m + 1);
  for (std::size_t i = 1; i <= n; ++i) {
    owner[0] = i;
    least.assign(m + 1, infinity);
    reached.assign(m + 1, 0);
    std::size_t column = 0;
    while (owner[column] != 0) {
      reached[column] = 1;
      const std::size_t row = owner[column];
      double step = infinity;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= m; ++j) {
        if (reached[j] != 0) continue;
        const double reduced = at(row - 1, j - 1) - row_price[row] - column_price[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          before[j] = column;
        }
        if (least[j] < step) {
          step = least[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= m; ++j) {
        if (reached[j] != 0) {
          row_price[owner[j]] += step;
          column_price[j] -= step;
        } else {
          least[j] -= step;
        }
      }
      column = next;
    }
    for (; column != 0; column = before[column]) owner[column] = owner[before[column]];
  }

  std::vector<std::uint32_t> out(rows, no_column);
  for (std::size_t j = 1; j <= m; ++j) {
    if (owner[j] == 0) continue;
    if (turned)
      out[j - 1] = static_cast<std::uint32_t>(owner[j] - 1);
    else
      out[owner[j] - 1] = static_cast<std::uint32_t>(j - 1);
  }
  return out;
}

}  // namespace clarion::segment
