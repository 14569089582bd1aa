#include "segment/contingency.hpp"

#include <algorithm>

namespace clarion::segment {

std::vector<contingency_cell> contingency(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  std::vector<contingency_cell> out;
  if (a.empty()) return out;
  const std::uint64_t rows = std::uint64_t{*std::max_element(a.begin(), a.end())} + 1;
  const std::uint64_t columns = std::uint64_t{*std::max_element(b.begin(), b.end())} + 1;
  if (columns <= (4 * std::uint64_t{a.size()} + 4096) / rows) {
    std::vector<std::uint64_t> table(rows * columns);
    for (std::size_t i = 0; i < a.size(); ++i) ++table[a[i] * columns + b[i]];
    for (std::uint64_t at = 0; at < table.size(); ++at)
      if (table[at] > 0)
        out.push_back({static_cast<std::uint32_t>(at / columns), static_cast<std::uint32_t>(at % columns), table[at]});
    return out;
  }
  std::vector<std::uint64_t> keys(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) keys[i] = std::uint64_t{a[i]} << 32 | b[i];
  std::sort(keys.begin(), keys.end());
  for (std::size_t i = 0, end = 0; i < keys.size(); i = end) {
    while (end < keys.size() && keys[end] == keys[i]) ++end;
    out.push_back({static_cast<std::uint32_t>(keys[i] >> 32), static_cast<std::uint32_t>(keys[i]), end - i});
  }
  return out;
}

double adjusted_rand_of(std::span<const contingency_cell> cells) {
  const auto pairs = [](std::uint64_t n) { return n == 0 ? 0 : n * (n - 1) / 2; };
  std::uint64_t rows = 0, together = 0, in_a = 0, in_b = 0;
  for (std::size_t i = 0, end = 0; i < cells.size(); i = end) {
    std::uint64_t size = 0;
    for (; end < cells.size() && cells[end].a == cells[i].a; ++end) {
      size += cells[end].count;
      together += pairs(cells[end].count);
    }
    in_a += pairs(size);
    rows += size;
  }
  std::vector<contingency_cell> by_b(cells.begin(), cells.end());
  std::sort(by_b.begin(), by_b.end(), [](const contingency_cell& x, const contingency_cell& y) { return x.b < y.b; });
  for (std::size_t i = 0, end = 0; i < by_b.size(); i = end) {
    std::uint64_t size = 0;
    for (; end < by_b.size() && by_b[end].b == by_b[i].b; ++end) size += by_b[end].count;
    in_b += pairs(size);
  }
  if (in_a == together && in_b == together) return 1;  // the same pairs together in both
  const double expected = static_cast<double>(in_a) * static_cast<double>(in_b) / static_cast<double>(pairs(rows));
  const double most = (static_cast<double>(in_a) + static_cast<double>(in_b)) / 2;
  return (static_cast<double>(together) - expected) / (most - expected);
}

}  // namespace clarion::segment
