#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "clarion/core/memory.hpp"
#include "clarion/schema/detail/audiences_rank.hpp"

namespace clarion::schema::detail {

namespace {

constexpr std::size_t block_rows = std::size_t{1} << 17;
constexpr std::size_t load_rows = 1024;

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

  std::vector<std::vector<key>> distinct(shards);
  core::parallel_blocks(shards, part_of(run, .3, .5), [&](std::size_t s) {
    id_dictionary<key> seen;
    each_run(s, [&](std::uint64_t* i, const std::uint64_t* end) {
      for (; i != end; ++i) *i = seen.index(ids.at(*i));
    });
    distinct[s] = seen.take_keys();
  });

  std::vector<std::vector<std::uint32_t>> rank;
  sorted = core::detail::rank_shards(std::move(distinct), rank, "customer",
                                     "split the table: one audiences object holds fewer than 2^32 - 1", part_of(run, .5, .57));
  const std::size_t total = sorted.size();

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
  std::vector<std::int64_t> ids(sorted.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    ids[i] = static_cast<std::int64_t>(sorted[i] + static_cast<std::uint64_t>(range.low));
  store.customers = core::id_map::integers(std::move(ids), "customer");
}

void place_text(membership_source& source, const text_pool& pool, bool keep, audience_store& store, std::uint64_t& accepted,
                const run_options& run) {
  std::vector<std::string_view> sorted;
  rank_and_place(source, text_ids{pool}, sorted, store, accepted, run);
  if (!keep) return;
  store.customers = core::detail::map_of(sorted, "customer");
}

}  // namespace clarion::schema::detail
