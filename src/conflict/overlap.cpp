#include "clarion/conflict/overlap.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/schema/detail/audiences_place.hpp"
#include "clarion/schema/detail/audiences_rows.hpp"

namespace clarion::conflict {

namespace {

using schema::audiences;
using pair_list = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

// Campaigns are renumbered by falling size, so that the counters of the pairs that are met most lie together. The pair of
// numbers i < j has the counter below(j) + i.
constexpr std::size_t below(std::size_t j) { return j * (j - 1) / 2; }

// Counters of the pairs whose larger number lies in [from, to).
template <class Code>
std::vector<std::uint32_t> count_pairs(const audiences& sets, std::span<const Code> number_of, std::size_t from, std::size_t to,
                                       const run_options& run) {
  const std::size_t first = below(from), n_pairs = below(to) - first;
  struct scratch {
    schema::detail::customer_rows<Code> rows;
    std::vector<std::uint32_t> shared;
  };
  schema::detail::scratch_pool<scratch> pool;
  core::parallel_blocks(sets.n_chunks(), run, [&](std::size_t chunk) {
    auto s = pool.take();
    s->shared.resize(n_pairs);
    std::uint32_t* shared = s->shared.data();
    s->rows.open(sets, chunk, number_of);
    while (s->rows.next())
      for (std::size_t k = 0; k < s->rows.size(); ++k) {
        const auto row = s->rows.row(k);
        for (std::size_t j = row.size(); j-- > 1 && row[j] >= from;) {
          if (row[j] >= to) continue;
          std::uint32_t* counter = shared + (below(row[j]) - first);
          for (std::size_t i = 0; i < j; ++i) ++counter[row[i]];
        }
      }
    pool.give(std::move(s));
  });
  std::vector<std::uint32_t> out(n_pairs, 0);
  for (const auto& s : pool.all())
    for (std::size_t p = 0; p < s->shared.size(); ++p) out[p] += s->shared[p];
  return out;
}

void append(overlap_table& out, const audiences& sets, std::uint32_t a, std::uint32_t b, std::uint64_t shared) {
  const std::uint64_t size_a = sets.count(a), size_b = sets.count(b);
  const std::uint64_t either = size_a + size_b - shared, smaller = std::min(size_a, size_b);
  out.a.push_back(a);
  out.b.push_back(b);
  out.size_a.push_back(size_a);
  out.size_b.push_back(size_b);
  out.shared.push_back(shared);
  out.jaccard.push_back(either ? static_cast<double>(shared) / static_cast<double>(either) : 0.0);
  out.containment.push_back(smaller ? static_cast<double>(shared) / static_cast<double>(smaller) : 0.0);
}

// The wanted pairs as (smaller, larger), ascending, each once; nothing when all are wanted.
std::optional<pair_list> wanted_pairs(std::size_t n, const overlap_options& options) {
  const auto& days = options.concurrent_only;
  if (!days.empty() && days.size() != n)
    reject("concurrent_only", std::to_string(days.size()) + " entries", "give one a campaign: " + std::to_string(n));
  for (std::size_t i = 0; i < days.size(); ++i)
    if (days[i].end < days[i].start)
      reject("concurrent_only",
             "campaign " + std::to_string(i) + " ends on day " + std::to_string(days[i].end) + " and starts on " +
                 std::to_string(days[i].start),
             "let end be start or later");
  const auto concurrent = [&](std::uint32_t a, std::uint32_t b) {
    return days.empty() || (days[a].start <= days[b].end && days[b].start <= days[a].end);
  };
  pair_list out;
  if (options.pairs) {
    for (auto [a, b] : *options.pairs) {
      if (a >= n || b >= n || a == b)
        reject("pairs", "(" + std::to_string(a) + ", " + std::to_string(b) + ")",
               "give two different indices below " + std::to_string(n));
      if (concurrent(a, b)) out.emplace_back(std::min(a, b), std::max(a, b));
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
  }
  if (days.empty()) return std::nullopt;
  for (std::uint32_t a = 0; a < n; ++a)
    for (std::uint32_t b = a + 1; b < n; ++b)
      if (concurrent(a, b)) out.emplace_back(a, b);
  return out;
}

}  // namespace

overlap_table overlap(const audiences& sets, const overlap_options& options, const run_options& run) {
  const std::size_t n = sets.size();
  const std::optional<pair_list> pairs = wanted_pairs(n, options);
  std::vector<std::uint32_t> by_size(n), number_of(n);
  std::iota(by_size.begin(), by_size.end(), 0u);
  std::ranges::stable_sort(by_size, std::greater<>{}, [&](std::uint32_t i) { return sets.count(i); });
  for (std::uint32_t i = 0; i < n; ++i) number_of[by_size[i]] = i;

  overlap_table out;
  if (n < 2) return out;
  const std::vector<std::uint32_t> shared = count_pairs<std::uint32_t>(sets, number_of, 1, n, run);
  const auto emit = [&](std::uint32_t a, std::uint32_t b) {
    const auto [i, j] = std::minmax(number_of[a], number_of[b]);
    const std::uint32_t count = shared[below(j) + i];
    if (count >= options.min_shared) append(out, sets, a, b, count);
  };
  if (pairs) {
    for (const auto& [a, b] : *pairs) emit(a, b);
  } else {
    for (std::uint32_t a = 0; a < n; ++a)
      for (std::uint32_t b = a + 1; b < n; ++b) emit(a, b);
  }
  return out;
}

}  // namespace clarion::conflict
