#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/schema/detail/audiences_rank.hpp"

namespace clarion::schema::detail {

namespace {

constexpr std::size_t block_rows = std::size_t{1} << 17;
constexpr std::size_t load_rows = 1024;

// How many of the first k of the merged values come from the first list (Odeh et al., "Merge path", 2012).
template <class T, class Less>
std::size_t taken_from_first(std::span<const T> first, std::span<const T> second, std::size_t k, Less less) {
  std::size_t low = k > second.size() ? k - second.size() : 0, high = std::min(k, first.size());
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (less(second[k - middle - 1], first[middle]))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

template <class T, class Less>
void sort_parallel(std::vector<T>& values, Less less, const run_options& run) {
  constexpr std::size_t run_length = std::size_t{1} << 16;
  const std::size_t n = values.size(), blocks = (n + run_length - 1) / run_length;
  const auto passes = static_cast<double>(1 + std::bit_width(blocks == 0 ? 0 : blocks - 1));
  double pass = 0;
  const auto next = [&] {
    pass += 1;
    return part_of(run, (pass - 1) / passes, pass / passes);
  };
  core::parallel_blocks(blocks, next(), [&](std::size_t b) {
    std::sort(values.data() + b * run_length, values.data() + std::min(n, (b + 1) * run_length), less);
  });
  std::vector<T> other(n > run_length ? n : 0);
  for (std::size_t width = run_length; width < n; width *= 2) {
    core::parallel_blocks(blocks, next(), [&](std::size_t b) {
      const std::size_t to = b * run_length, begin = to / (2 * width) * (2 * width);
      const std::size_t middle = std::min(n, begin + width), end = std::min(n, begin + 2 * width);
      const std::span<const T> first(values.data() + begin, middle - begin), second(values.data() + middle, end - middle);
      const std::size_t from = to - begin, until = std::min(n, to + run_length) - begin;
      const std::size_t i = taken_from_first(first, second, from, less), i_end = taken_from_first(first, second, until, less);
      std::merge(first.begin() + static_cast<std::ptrdiff_t>(i), first.begin() + static_cast<std::ptrdiff_t>(i_end),
                 second.begin() + static_cast<std::ptrdiff_t>(from - i),
                 second.begin() + static_cast<std::ptrdiff_t>(until - i_end), other.data() + to, less);
    });
    values.swap(other);
  }
}

// Rows as the shards left them: keys are ranks by now. Unused slots carry no_campaign.
class ranked_source final : public membership_source {
public:
  ranked_source(raw_array<std::uint32_t> codes, raw_array<std::uint64_t> keys)
      : codes_(std::move(codes)), keys_(std::move(keys)), rows_(codes_.size()), left_(codes_.size()) {}
  std::size_t rows() const override { return rows_; }
  void load(std::size_t begin, std::size_t n, std::uint32_t* codes, std::uint64_t* keys) const override {
    std::copy_n(codes_.data() + begin, n, codes);
    std::copy_n(keys_.data() + begin, n, keys);
  }
  void release(std::size_t, std::size_t n) override {
    if (left_.fetch_sub(n) == n) {
      codes_.reset();
      keys_.reset();
    }
  }

private:
  raw_array<std::uint32_t> codes_;
  raw_array<std::uint64_t> keys_;
  std::size_t rows_;
  std::atomic<std::size_t> left_;
};

struct integer_ids {
  using key = std::uint64_t;
  key at(std::uint64_t id) const { return id; }
};

struct text_ids {
  using key = std::string_view;
  const text_pool& pool;
  key at(std::uint64_t id) const { return pool[id]; }
};

// Replaces keys by ranks: rows are dealt into shards by hash, each shard numbers its own ids, and one sort of the distinct
// ids turns numbers into ranks. `sorted` receives the distinct ids, ascending.
template <class Ids>
void rank_and_place(membership_source& source, const Ids& ids, std::vector<typename Ids::key>& sorted, audience_store& store,
                    std::uint64_t& accepted, const run_options& run) {
  using key = typename Ids::key;
  const std::size_t rows = source.rows();
  const std::size_t blocks = (rows + block_rows - 1) / block_rows;
  const unsigned shard_bits =
      static_cast<unsigned>(std::clamp<std::size_t>(static_cast<std::size_t>(std::bit_width(rows >> 14)), 1, 10));
  const std::size_t shards = std::size_t{1} << shard_bits;

  core::require_memory(fmt::format("building audiences of {} rows", rows), static_cast<double>(rows) * 16,
                       "split the table by campaign");
  raw_array<std::uint64_t> keys(rows);
  raw_array<std::uint32_t> codes(rows);
  std::vector<std::uint32_t> offsets(blocks * (shards + 1));
  core::parallel_blocks(blocks, part_of(run, 0, .3), [&](std::size_t b) {
    const std::size_t begin = b * block_rows, end = std::min(rows, begin + block_rows);
    std::uint32_t some_codes[load_rows];
    std::uint64_t some_keys[load_rows];
    std::vector<std::uint16_t> shard(end - begin);
    std::vector<std::uint32_t> next(shards, 0);
    for (std::size_t row = begin; row < end; row += load_rows) {
      const std::size_t n = std::min(load_rows, end - row);
      source.load(row, n, some_codes, some_keys);
      for (std::size_t i = 0; i < n; ++i) {
        if (some_codes[i] == no_campaign) continue;
        const auto s = static_cast<std::uint16_t>(hash_id(ids.at(some_keys[i])) >> (64 - shard_bits));
        shard[row - begin + i] = s;
        ++next[s];
      }
    }
    std::uint32_t sum = 0;
    for (std::size_t s = 0; s < shards; ++s) {
      offsets[b * (shards + 1) + s] = sum;
      sum += next[s];
      next[s] = offsets[b * (shards + 1) + s];
    }
    offsets[b * (shards + 1) + shards] = sum;
    for (std::size_t row = begin; row < end; row += load_rows) {
      const std::size_t n = std::min(load_rows, end - row);
      source.load(row, n, some_codes, some_keys);
      for (std::size_t i = 0; i < n; ++i) {
        if (some_codes[i] == no_campaign) continue;
        const std::size_t to = begin + next[shard[row - begin + i]]++;
        keys[to] = some_keys[i];
        codes[to] = some_codes[i];
      }
    }
    for (std::size_t to = begin + sum; to < end; ++to) {
      keys[to] = 0;
      codes[to] = no_campaign;
    }
    source.release(begin, end - begin);
  });

  const auto each_run = [&](std::size_t shard, auto&& f) {
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::uint32_t* at = offsets.data() + b * (shards + 1) + shard;
      if (at[0] != at[1]) f(keys.data() + b * block_rows + at[0], keys.data() + b * block_rows + at[1]);
    }
  };

  struct entry {
    key id;
    std::uint32_t shard;
    std::uint32_t number;
  };
  std::vector<std::vector<key>> distinct(shards);
  core::parallel_blocks(shards, part_of(run, .3, .5), [&](std::size_t s) {
    id_dictionary<key> seen;
    each_run(s, [&](std::uint64_t* i, const std::uint64_t* end) {
      for (; i != end; ++i) *i = seen.index(ids.at(*i));
    });
    distinct[s] = seen.take_keys();
  });

  std::size_t total = 0;
  for (const auto& d : distinct) total += d.size();
  if (total >= std::numeric_limits<std::uint32_t>::max())
    reject("customer", std::to_string(total) + " distinct ids",
           "split the table: one audiences object holds fewer than 2^32 - 1");
  std::vector<entry> order;
  order.reserve(total);
  std::vector<std::vector<std::uint32_t>> rank(shards);
  const auto numbering = part_of(run, .5, .57);
  core::pulse pulse(numbering);
  for (std::size_t s = 0; s < shards; ++s) {
    pulse.beat(0);
    for (std::size_t k = 0; k < distinct[s].size(); ++k)
      order.push_back({distinct[s][k], static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(k)});
    rank[s].resize(distinct[s].size());
    distinct[s] = {};
  }
  sort_parallel(
      order, [](const entry& a, const entry& b) { return a.id < b.id; }, numbering);
  sorted.resize(total);
  for (std::size_t r = 0; r < total; ++r) {
    if (r % 65536 == 0) pulse.beat(1);
    sorted[r] = order[r].id;
    rank[order[r].shard][order[r].number] = static_cast<std::uint32_t>(r);
  }
  order = {};

  core::parallel_blocks(shards, part_of(run, .57, .6), [&](std::size_t s) {
    each_run(s, [&](std::uint64_t* i, const std::uint64_t* end) {
      for (; i != end; ++i) *i = rank[s][*i];
    });
  });
  ranked_source ranked(std::move(codes), std::move(keys));
  place_memberships(ranked, total, store, accepted, part_of(run, .6, 1));
}

}  // namespace

void place_integers(membership_source& source, const id_range& range, bool keep, audience_store& store, std::uint64_t& accepted,
                    const run_options& run) {
  if (range.width() / 16 <= source.rows()) {
    const std::vector<std::uint64_t> present = place_memberships(source, range.width(), store, accepted, run);
    if (keep) keep_ids(store, present, range.low);
    return;
  }
  std::vector<std::uint64_t> sorted;
  rank_and_place(source, integer_ids{}, sorted, store, accepted, run);
  if (!keep) return;
  store.ids = customer_ids::integer;
  store.integers.reserve(sorted.size());
  for (const std::uint64_t id : sorted)
    store.integers.push_back(static_cast<std::int64_t>(id + static_cast<std::uint64_t>(range.low)));
}

void place_text(membership_source& source, const text_pool& pool, bool keep, audience_store& store, std::uint64_t& accepted,
                const run_options& run) {
  std::vector<std::string_view> sorted;
  rank_and_place(source, text_ids{pool}, sorted, store, accepted, run);
  if (!keep) return;
  store.ids = customer_ids::text;
  std::size_t bytes = 0;
  for (const auto id : sorted) bytes += id.size();
  store.text.reserve(bytes);
  store.text_offsets.reserve(sorted.size() + 1);
  store.text_offsets.push_back(0);
  for (const auto id : sorted) {
    store.text.insert(store.text.end(), id.begin(), id.end());
    store.text_offsets.push_back(store.text.size());
  }
}

}  // namespace clarion::schema::detail
