#include "clarion/conflict/overlap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string>

#include "clarion/core/detail/lines.hpp"
#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/kernels.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/schema/detail/audiences_rows.hpp"

namespace clarion::conflict {

namespace {

using schema::audiences;
using pair_list = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

// Campaigns are renumbered by falling size, so that the counters of the pairs that are met most lie together. The pair of
// numbers i < j has the counter below(j) + i.
constexpr std::size_t below(std::size_t j) { return j * (j - 1) / 2; }

// Nanoseconds, measured; they decide how a pair is counted, never what the count is.
constexpr double increment_ns = 0.7;  // one customer of one pair, walking rows
constexpr double turn_ns = 4.0;       // one membership, from the set into the customer's row
constexpr double expand_ns = 0.6;     // one member of a list, into a bitmap
constexpr double merge_ns = 4.0;      // one member of a list, merged with another list
double and_word_ns(core::simd_level level) {
  return level == core::simd_level::scalar ? 4.6 : level == core::simd_level::avx2 ? 0.4 : 0.15;
}

// Counts the pairs whose larger number lies in [from, to), chunk by chunk.
template <class Code>
class pair_counter {
public:
  pair_counter(const audiences& sets, std::span<const Code> number_of, std::size_t from, std::size_t to)
      : sets_(sets), number_of_(number_of), from_(from), to_(to), first_(below(from)), pairs_(below(to) - first_) {
    const core::simd_level level = core::permitted_simd();
    and_popcount_ = kernels::choose_and_popcount(level);
    word_ns_ = and_word_ns(level);
  }

  std::vector<std::uint32_t> count(const run_options& run) {
    core::parallel_blocks(sets_.n_chunks(), run, [&](std::size_t chunk) {
      auto s = pool_.take();
      s->shared.resize(pairs_);
      count_chunk(chunk, *s);
      pool_.give(std::move(s));
    });
    std::vector<std::uint32_t> out(pairs_, 0);
    for (const auto& s : pool_.all())
      for (std::size_t p = 0; p < pairs_; ++p) out[p] += s->shared[p];
    return out;
  }

private:
  struct member {
    std::size_t number;
    const schema::audience_container* container;
  };
  struct scratch {
    schema::detail::customer_rows<Code> rows;
    std::vector<std::uint32_t> shared;
    std::vector<member> members;
    std::vector<const std::uint64_t*> bitmaps;
    core::detail::raw_array<std::uint64_t> expanded;
  };

  void count_chunk(std::size_t chunk, scratch& s) const {
    s.members.clear();
    for (const schema::audience_container& c : sets_.chunk(chunk)) {
      const std::size_t number = number_of_[c.campaign()];
      if (number < to_) s.members.push_back({number, &c});
    }
    std::ranges::sort(s.members, {}, &member::number);
    const std::size_t dense = dense_members(chunk, s.members);
    if (dense > 1) and_bitmaps(chunk, dense, s);
    if (dense == s.members.size()) return;
    const std::size_t least = std::max(from_, s.members[dense].number);
    walk(chunk, least, s);
  }

  // How many of the largest audiences to count as bitmaps. In a chunk of N customers, audiences of n and m members are expected
  // to meet nm / N times when rows are walked; correlated audiences meet more often, which only makes bitmaps better.
  std::size_t dense_members(std::size_t chunk, const std::vector<member>& members) const {
    const auto words = static_cast<double>(sets_.chunk_words(chunk));
    double saved = 0, best = 0, members_so_far = 0;
    std::size_t dense = 0;
    for (std::size_t k = 0; k < members.size(); ++k) {
      const auto n = static_cast<double>(members[k].container->count());
      if (members[k].number >= from_) {
        saved += increment_ns * members_so_far * n / (words * 64) - word_ns_ * words * static_cast<double>(k);
        if (!members[k].container->is_bitmap()) saved -= expand_ns * n;
      }
      members_so_far += n;
      const bool all = k + 1 == members.size();  // then no row is made
      if (saved + (all ? turn_ns * members_so_far : 0) > best) {
        best = saved + (all ? turn_ns * members_so_far : 0);
        dense = k + 1;
      }
    }
    return dense;
  }

  void and_bitmaps(std::size_t chunk, std::size_t dense, scratch& s) const {
    const std::size_t words = (sets_.chunk_words(chunk) + 7) / 8 * 8;
    std::size_t lists = 0;
    for (std::size_t i = 0; i < dense; ++i) lists += !s.members[i].container->is_bitmap();
    if (s.expanded.size() < lists * words) s.expanded = core::detail::raw_array<std::uint64_t>(lists * words);
    std::uint64_t* expanded = s.expanded.data();
    s.bitmaps.clear();
    for (std::size_t i = 0; i < dense; ++i) {
      const schema::audience_container& c = *s.members[i].container;
      if (c.is_bitmap()) {
        s.bitmaps.push_back(c.bits());
        continue;
      }
      std::fill_n(expanded, words, 0);
      for (std::uint32_t m = 0; m < c.count(); ++m) expanded[c.list()[m] >> 6] |= std::uint64_t{1} << (c.list()[m] & 63);
      s.bitmaps.push_back(expanded);
      expanded += words;
    }
    // A piece of all bitmaps at a time, so that they stay in the second-level cache.
    constexpr std::size_t piece = 256;
    for (std::size_t w = 0; w < words; w += piece) {
      const std::size_t n = std::min(piece, words - w);
      for (std::size_t j = 1; j < dense; ++j) {
        if (s.members[j].number < from_) continue;
        std::uint32_t* shared = s.shared.data() + (below(s.members[j].number) - first_);
        for (std::size_t i = 0; i < j; ++i)
          shared[s.members[i].number] += static_cast<std::uint32_t>(and_popcount_(s.bitmaps[i] + w, s.bitmaps[j] + w, n));
      }
    }
  }

  // Pairs whose larger number is `least` or more, customer by customer.
  void walk(std::size_t chunk, std::size_t least, scratch& s) const {
    std::uint32_t* shared = s.shared.data();
    s.rows.open(sets_, chunk, number_of_, to_);
    while (s.rows.next())
      for (std::size_t k = 0; k < s.rows.size(); ++k) {
        const auto row = s.rows.row(k);
        for (std::size_t j = row.size(); j-- > 1 && row[j] >= least;) {
          std::uint32_t* counter = shared + (below(row[j]) - first_);
          for (std::size_t i = 0; i < j; ++i) ++counter[row[i]];
        }
      }
  }

  const audiences& sets_;
  std::span<const Code> number_of_;
  std::size_t from_, to_, first_, pairs_;
  kernels::and_popcount and_popcount_;
  double word_ns_;
  core::detail::scratch_pool<scratch> pool_;
};

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

// Pairs of campaigns that share a day: all but those of which one ends before the other starts.
double concurrent_pairs(const std::vector<run_days>& days) {
  std::vector<std::int32_t> ends;
  for (const run_days& d : days) ends.push_back(d.end);
  std::ranges::sort(ends);
  double out = static_cast<double>(days.size()) * (static_cast<double>(days.size()) - 1) / 2;
  for (const run_days& d : days) out -= static_cast<double>(std::ranges::lower_bound(ends, d.start) - ends.begin());
  return out;
}

// 48 bytes of the table, and 16 while it is put in order.
void require_rows(double rows) {
  core::require_memory(fmt::format("overlap: a table of {:.0f} pairs", rows), rows * 64,
                       "name the pairs, give a min_shared, or keep those that run together");
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
  const double rows = concurrent_pairs(days);
  core::require_memory(fmt::format("overlap: a list of {:.0f} pairs", rows), rows * 8, "name fewer pairs");
  out.reserve(static_cast<std::size_t>(rows));
  for (std::uint32_t a = 0; a < n; ++a)
    for (std::uint32_t b = a + 1; b < n; ++b)
      if (concurrent(a, b)) out.emplace_back(a, b);
  return out;
}

void sort_rows(overlap_table& t) {
  std::vector<std::size_t> order(t.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t r) { return std::uint64_t{t.a[r]} << 32 | t.b[r]; });
  const auto apply = [&](auto& column) {
    auto sorted = column;
    for (std::size_t r = 0; r < order.size(); ++r) sorted[r] = column[order[r]];
    column = std::move(sorted);
  };
  apply(t.a), apply(t.b), apply(t.size_a), apply(t.size_b), apply(t.shared), apply(t.jaccard), apply(t.containment);
}

// Stripe by stripe of larger numbers, so that the counters of very many campaigns do not fill the memory.
template <class Code>
void count_all(overlap_table& out, const audiences& sets, const overlap_options& options, const std::optional<pair_list>& pairs,
               const std::vector<std::uint32_t>& campaigns, const run_options& run) {
  constexpr std::size_t stripe_pairs = std::size_t{1} << 25;
  const std::size_t n = campaigns.size();
  std::vector<Code> number_of(sets.size(), static_cast<Code>(~Code{0}));
  std::vector<std::uint32_t> by_size = campaigns;
  std::ranges::stable_sort(by_size, std::greater<>{}, [&](std::uint32_t c) { return sets.count(c); });
  for (std::size_t i = 0; i < n; ++i) number_of[by_size[i]] = static_cast<Code>(i);

  const auto done = [n](std::size_t numbers) { return static_cast<double>(below(numbers)) / static_cast<double>(below(n)); };
  std::size_t from = 1;
  while (from < n) {
    std::size_t to = from + 1;
    while (to < n && below(to + 1) - below(from) <= stripe_pairs) ++to;
    const auto shared = pair_counter<Code>(sets, number_of, from, to).count(part_of(run, done(from), done(to)));
    const auto emit = [&](std::size_t i, std::size_t j) {
      const std::uint32_t count = shared[below(j) - below(from) + i];
      if (count >= options.min_shared)
        append(out, sets, std::min(by_size[i], by_size[j]), std::max(by_size[i], by_size[j]), count);
    };
    if (pairs) {
      for (const auto& [a, b] : *pairs) {
        const std::size_t i = std::min(number_of[a], number_of[b]), j = std::max(number_of[a], number_of[b]);
        if (j >= from && j < to) emit(i, j);
      }
    } else {
      for (std::size_t j = from; j < to; ++j)
        for (std::size_t i = 0; i < j; ++i) emit(i, j);
    }
    from = to;
  }
  sort_rows(out);
}

using schema::audience_container;

std::uint64_t intersect(const audience_container& x, const audience_container& y, std::size_t words, kernels::and_popcount both) {
  if (x.is_bitmap() && y.is_bitmap()) return both(x.bits(), y.bits(), (words + 7) / 8 * 8);
  std::uint64_t shared = 0;
  if (x.is_bitmap() || y.is_bitmap()) {
    const audience_container& list = x.is_bitmap() ? y : x;
    const std::uint64_t* bits = x.is_bitmap() ? x.bits() : y.bits();
    for (std::uint32_t i = 0; i < list.count(); ++i) shared += bits[list.list()[i] >> 6] >> (list.list()[i] & 63) & 1;
    return shared;
  }
  const std::uint16_t *i = x.list(), *j = y.list();
  const std::uint16_t *const i_end = i + x.count(), *const j_end = j + y.count();
  while (i != i_end && j != j_end) {
    const std::uint16_t a = *i, b = *j;
    shared += a == b;
    i += a <= b;
    j += b <= a;
  }
  return shared;
}

// Whether a few pairs are sooner intersected each for itself than counted with all others. In a chunk of N customers, lists of n
// and m members take n + m steps to merge, and bitmaps N / 64.
bool one_by_one(const audiences& sets, const pair_list& pairs, const std::vector<std::uint32_t>& campaigns) {
  const double customers = static_cast<double>(sets.n_customers()), bitmap = customers / 64 * and_word_ns(core::permitted_simd());
  double each = 0, all = 0, members = 0, squares = 0;
  for (const auto& [a, b] : pairs) {
    const auto n = static_cast<double>(sets.count(a)), m = static_cast<double>(sets.count(b));
    each +=
        std::max(n, m) * 16 < customers ? merge_ns * (n + m) : std::min(merge_ns * (n + m), bitmap + merge_ns * std::min(n, m));
  }
  for (const auto c : campaigns) {
    const auto n = static_cast<double>(sets.count(c));
    members += n;
    squares += n * n;
  }
  if (customers > 0) all = turn_ns * members + increment_ns * (members * members - squares) / 2 / customers;
  return each < all;
}

// A few pairs among many campaigns: each for itself.
void count_each(overlap_table& out, const audiences& sets, const overlap_options& options, const pair_list& pairs,
                const run_options& run) {
  const kernels::and_popcount both = kernels::choose_and_popcount(core::permitted_simd());
  struct scratch {
    std::vector<const audience_container*> of;
    std::vector<std::uint64_t> shared;
  };
  core::detail::scratch_pool<scratch> pool;
  core::parallel_blocks(sets.n_chunks(), run, [&](std::size_t chunk) {
    auto s = pool.take();
    s->shared.resize(pairs.size());
    s->of.assign(sets.size(), nullptr);
    for (const audience_container& c : sets.chunk(chunk)) s->of[c.campaign()] = &c;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const audience_container *x = s->of[pairs[p].first], *y = s->of[pairs[p].second];
      if (x && y) s->shared[p] += intersect(*x, *y, sets.chunk_words(chunk), both);
    }
    pool.give(std::move(s));
  });
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    std::uint64_t count = 0;
    for (const auto& s : pool.all()) count += s->shared[p];
    if (count >= options.min_shared) append(out, sets, pairs[p].first, pairs[p].second, count);
  }
}

}  // namespace

overlap_table overlap(const audiences& sets, const overlap_options& options, const run_options& run) {
  const std::size_t n = sets.size();
  const std::optional<pair_list> pairs = wanted_pairs(n, options);
  std::vector<std::uint32_t> campaigns;
  if (pairs) {
    for (const auto& [a, b] : *pairs) campaigns.insert(campaigns.end(), {a, b});
    std::ranges::sort(campaigns);
    campaigns.erase(std::ranges::unique(campaigns).begin(), campaigns.end());
  } else {
    campaigns.resize(n);
    std::iota(campaigns.begin(), campaigns.end(), 0u);
  }

  if (options.min_shared == 0)
    require_rows(pairs ? static_cast<double>(pairs->size()) : static_cast<double>(n) * (static_cast<double>(n) - 1) / 2);
  overlap_table out;
  if (pairs && one_by_one(sets, *pairs, campaigns))
    count_each(out, sets, options, *pairs, run);
  else if (campaigns.size() < 65535)
    count_all<std::uint16_t>(out, sets, options, pairs, campaigns, run);
  else
    count_all<std::uint32_t>(out, sets, options, pairs, campaigns, run);
  return out;
}

}  // namespace clarion::conflict
