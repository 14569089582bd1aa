#include "kernels/candidates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;

TEST_CASE("candidates are those of the sums") {
  const auto candidates = kernels::choose_candidates(core::permitted_simd());
  if (candidates == nullptr) return;
  core::random_stream random(7);
  for (const std::size_t depth : {4u, 12u, 128u})
    for (const std::size_t n_rows : {1u, 5u, 6u, 13u}) {
      std::vector<std::int8_t> rows(n_rows * depth);
      std::vector<std::uint8_t> panel(depth * kernels::candidate_panel);
      // The largest numbers there may be come too.
      for (auto& v : rows) v = static_cast<std::int8_t>(random.chance(0.1) ? 127 : static_cast<int>(random.below(255)) - 127);
      for (auto& v : panel) v = static_cast<std::uint8_t>(random.chance(0.1) ? 255 : random.below(256));
      std::vector<std::int32_t> bar(n_rows);
      for (auto& v : bar) v = static_cast<std::int32_t>(random.below(200000)) - 100000;
      std::vector<std::uint64_t> hits(n_rows);
      candidates(rows.data(), n_rows, panel.data(), depth, bar.data(), hits.data());
      for (std::size_t r = 0; r < n_rows; ++r)
        for (std::size_t i = 0; i < kernels::candidate_panel; ++i) {
          std::int64_t sum = 0;
          for (std::size_t k = 0; k < depth; ++k)
            sum += rows[r * depth + k] * panel[k / 4 * 4 * kernels::candidate_panel + i * 4 + k % 4];
          CHECK((hits[r] >> i & 1) == (sum > bar[r]));
        }
    }
}

TEST_CASE("dots are fused sums in order") {
  const auto dots = kernels::choose_dots(core::permitted_simd());
  if (dots == nullptr) return;
  core::random_stream random(8);
  constexpr std::size_t depth = 37, n = 21;
  std::vector<float> row(depth), items(50 * depth);
  for (auto& v : row) v = static_cast<float>(random.normal());
  for (auto& v : items) v = static_cast<float>(random.normal());
  std::vector<std::uint32_t> index(n);
  for (auto& v : index) v = static_cast<std::uint32_t>(random.below(50));
  std::vector<float> out(n);
  dots(row.data(), items.data(), depth, index.data(), n, out.data());
  for (std::size_t i = 0; i < n; ++i) {
    float sum = 0;
    for (std::size_t k = 0; k < depth; ++k) sum = std::fma(row[k], items[index[i] * depth + k], sum);
    CHECK(out[i] == sum);
  }
}
