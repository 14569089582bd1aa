#pragma once

// From scattered ids and texts to consecutive numbers.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/ids.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::core::detail {

inline std::uint64_t hash_id(std::uint64_t id) {
  id = (id ^ (id >> 32)) * 0x9e3779b97f4a7c15u;
  id = (id ^ (id >> 29)) * 0xbf58476d1ce4e5b9u;
  return id ^ (id >> 32);
}
inline std::uint64_t hash_id(std::int64_t id) { return hash_id(static_cast<std::uint64_t>(id)); }
inline std::uint64_t hash_id(std::int32_t id) { return hash_id(static_cast<std::uint64_t>(id)); }
inline std::uint64_t hash_id(std::uint32_t id) { return hash_id(static_cast<std::uint64_t>(id)); }
inline std::uint64_t hash_id(std::string_view id) {
  return hash_id(static_cast<std::uint64_t>(std::hash<std::string_view>{}(id)));
}

/// Numbers distinct keys in the order of their appearance.
template <class Key>
class id_dictionary {
public:
  std::uint32_t index(const Key& key) { return index(key, hash_id(key)); }

  std::uint32_t index(const Key& key, std::uint64_t hash) {
    if (keys_.size() * 2 >= slots_.size()) grow();
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
      slot& s = slots_[at];
      if (s.number == 0) {
        keys_.push_back(key);
        s = {static_cast<std::uint32_t>(keys_.size()), tag};
        return s.number - 1;
      }
      if (s.tag == tag && keys_[s.number - 1] == key) return s.number - 1;
    }
  }

  std::optional<std::uint32_t> find(const Key& key, std::uint64_t hash) const {
    if (slots_.empty()) return std::nullopt;
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & mask_; slots_[at].number != 0; at = (at + 1) & mask_)
      if (slots_[at].tag == tag && keys_[slots_[at].number - 1] == key) return slots_[at].number - 1;
    return std::nullopt;
  }

  const std::vector<Key>& keys() const { return keys_; }
  std::vector<Key> take_keys() { return std::move(keys_); }

private:
  struct slot {
    std::uint32_t number = 0;  // 0: free
    std::uint32_t tag = 0;
  };

  void grow() {
    const std::size_t size = slots_.empty() ? 64 : slots_.size() * 2;
    slots_.assign(size, {});
    mask_ = size - 1;
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      const std::uint64_t hash = hash_id(keys_[k]);
      std::size_t at = hash & mask_;
      while (slots_[at].number != 0) at = (at + 1) & mask_;
      slots_[at] = {static_cast<std::uint32_t>(k + 1), static_cast<std::uint32_t>(hash >> 32)};
    }
  }

  std::vector<slot> slots_;
  std::vector<Key> keys_;
  std::size_t mask_ = 0;
};

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
  parallel_blocks(blocks, next(), [&](std::size_t b) {
    std::sort(values.data() + b * run_length, values.data() + std::min(n, (b + 1) * run_length), less);
  });
  std::vector<T> other(n > run_length ? n : 0);
  for (std::size_t width = run_length; width < n; width *= 2) {
    parallel_blocks(blocks, next(), [&](std::size_t b) {
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

/// `distinct` holds the distinct ids of each shard, none in two shards. Returns all of them, ascending, and the rank of each.
/// Throws std::invalid_argument, naming `field`, for 2^32 - 1 ids or more.
template <class Key>
std::vector<Key> rank_shards(std::vector<std::vector<Key>> distinct, std::vector<std::vector<std::uint32_t>>& rank,
                             const char* field, const char* remedy, const run_options& run) {
  struct entry {
    Key id;
    std::uint32_t shard;
    std::uint32_t number;
  };
  std::size_t total = 0;
  for (const auto& d : distinct) total += d.size();
  if (total >= std::numeric_limits<std::uint32_t>::max()) reject(field, std::to_string(total) + " distinct ids", remedy);
  std::vector<entry> order;
  order.reserve(total);
  rank.assign(distinct.size(), {});
  pulse pulse(run);
  for (std::size_t s = 0; s < distinct.size(); ++s) {
    pulse.beat(0);
    for (std::size_t k = 0; k < distinct[s].size(); ++k)
      order.push_back({distinct[s][k], static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(k)});
    rank[s].resize(distinct[s].size());
    distinct[s] = {};
  }
  sort_parallel(
      order, [](const entry& a, const entry& b) { return a.id < b.id; }, run);
  std::vector<Key> sorted(total);
  for (std::size_t r = 0; r < total; ++r) {
    if (r % 65536 == 0) pulse.beat(1);
    sorted[r] = order[r].id;
    rank[order[r].shard][order[r].number] = static_cast<std::uint32_t>(r);
  }
  return sorted;
}

/// Returns the distinct ids of all pieces, ascending, and in rank_of[p][k] the rank of id k of piece p. The ids are dealt into
/// shards by hash, each shard finds its distinct ones, and one sort ranks them.
template <class Key>
std::vector<Key> rank_pieces(std::vector<std::vector<Key>> pieces, std::vector<std::vector<std::uint32_t>>& rank_of,
                             const char* field, const char* remedy, const run_options& run) {
  std::size_t total = 0;
  for (const auto& ids : pieces) total += ids.size();
  const unsigned shard_bits = std::clamp<unsigned>(static_cast<unsigned>(std::bit_width(total >> 14)), 1, 10);
  const std::size_t shards = std::size_t{1} << shard_bits;
  rank_of.assign(pieces.size(), {});
  // Ids of a piece in the order of their shards, [begin[p][s], begin[p][s + 1]), and where each was. Later passes then read on.
  std::vector<std::vector<std::uint32_t>> place(pieces.size()), begin(pieces.size()), number(pieces.size());
  parallel_blocks(pieces.size(), part_of(run, 0, .3), [&](std::size_t p) {
    const std::size_t n = pieces[p].size();
    std::vector<std::uint16_t> shard(n);
    std::vector<std::uint32_t>& at = begin[p];
    at.assign(shards + 1, 0);
    for (std::size_t k = 0; k < n; ++k) {
      shard[k] = static_cast<std::uint16_t>(hash_id(pieces[p][k]) >> (64 - shard_bits));
      ++at[shard[k] + 1];
    }
    for (std::size_t s = 0; s < shards; ++s) at[s + 1] += at[s];
    std::vector<std::uint32_t> next(at.begin(), at.end() - 1);
    std::vector<Key> dealt(n);
    place[p].resize(n);
    for (std::size_t k = 0; k < n; ++k) {
      const std::uint32_t to = next[shard[k]]++;
      dealt[to] = pieces[p][k];
      place[p][to] = static_cast<std::uint32_t>(k);
    }
    pieces[p] = std::move(dealt);
    number[p].resize(n);
  });
  std::vector<std::vector<Key>> distinct(shards);
  parallel_blocks(shards, part_of(run, .3, .6), [&](std::size_t s) {
    id_dictionary<Key> seen;
    for (std::size_t p = 0; p < pieces.size(); ++p)
      for (std::uint32_t i = begin[p][s]; i < begin[p][s + 1]; ++i) number[p][i] = seen.index(pieces[p][i]);
    distinct[s] = seen.take_keys();
  });
  pieces = {};
  std::vector<std::vector<std::uint32_t>> rank;
  std::vector<Key> sorted = rank_shards(std::move(distinct), rank, field, remedy, part_of(run, .6, .9));
  parallel_blocks(number.size(), part_of(run, .9, 1), [&](std::size_t p) {
    rank_of[p].resize(number[p].size());
    for (std::size_t s = 0; s < shards; ++s)
      for (std::uint32_t i = begin[p][s]; i < begin[p][s + 1]; ++i) rank_of[p][place[p][i]] = rank[s][number[p][i]];
    number[p] = {};
    place[p] = {};
  });
  return sorted;
}

/// Sorted distinct texts, copied.
inline id_map map_of(const std::vector<std::string_view>& sorted, const char* field) {
  std::size_t size = 0;
  for (const auto id : sorted) size += id.size();
  std::vector<char> bytes;
  std::vector<std::uint64_t> offsets{0};
  bytes.reserve(size);
  offsets.reserve(sorted.size() + 1);
  for (const auto id : sorted) {
    bytes.insert(bytes.end(), id.begin(), id.end());
    offsets.push_back(bytes.size());
  }
  return id_map::texts(std::move(bytes), std::move(offsets), field);
}

}  // namespace clarion::core::detail
