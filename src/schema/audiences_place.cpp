#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/schema/detail/audiences_place.hpp"

namespace clarion::schema::detail {

namespace {

// Rows are first cut into parts of 2^13 customers, block by block of rows, so that all later work on a part stays in cache.
constexpr unsigned part_bits = 13;
constexpr std::size_t part_keys = std::size_t{1} << part_bits;
constexpr std::size_t part_words = part_keys / 64;
constexpr std::size_t load_rows = 1024;

// item: campaign code above, low bits of the key below; 32 bits serve up to 2^19 campaigns.
template <class item>
struct partition {
  std::size_t rows = 0;
  std::size_t parts = 0;
  std::size_t block = 0;
  std::size_t blocks = 0;
  raw_array<item> items;             // block by block, inside a block part by part
  raw_array<std::uint32_t> offsets;  // blocks x (parts + 1), from the beginning of the block

  template <class F>
  void each_run(std::size_t part, F&& f) const {
    const std::uint32_t* at = offsets.data() + part;
    for (std::size_t b = 0; b < blocks; ++b, at += parts + 1) {
      const item* base = items.data() + b * block;
      if (at[0] != at[1]) f(base + at[0], base + at[1]);
    }
  }
};

template <class item>
partition<item> cut(membership_source& source, std::uint64_t key_count, const run_options& run) {
  partition<item> p;
  p.rows = source.rows();
  p.parts = static_cast<std::size_t>((key_count + part_keys - 1) >> part_bits);
  p.block = std::max<std::size_t>(std::size_t{1} << 17, std::bit_ceil(32 * p.parts));
  p.blocks = (p.rows + p.block - 1) / p.block;
  core::require_memory(fmt::format("building audiences of {} rows", p.rows),
                       static_cast<double>(p.rows) * sizeof(item) + static_cast<double>(p.blocks * (p.parts + 1)) * 4,
                       "split the table by campaign");
  p.items = raw_array<item>(p.rows);
  p.offsets = raw_array<std::uint32_t>(p.blocks * (p.parts + 1));

  struct scratch {
    std::vector<std::uint32_t> next;
  };
  core::detail::scratch_pool<scratch> pool;
  core::parallel_blocks(p.blocks, run, [&](std::size_t b) {
    auto s = pool.take();
    s->next.assign(p.parts + 1, 0);
    std::uint32_t* next = s->next.data();
    const std::size_t begin = b * p.block;
    const std::size_t end = std::min(p.rows, begin + p.block);
    std::array<std::uint32_t, load_rows> codes;
    std::array<std::uint64_t, load_rows> keys;

    const auto each = [&](auto&& f) {
      for (std::size_t row = begin; row < end; row += load_rows) {
        const std::size_t n = std::min(load_rows, end - row);
        source.load(row, n, codes.data(), keys.data());
        for (std::size_t i = 0; i < n; ++i)
          if (codes[i] != no_campaign) f(codes[i], keys[i]);
      }
    };
    each([&](std::uint32_t, std::uint64_t key) { ++next[key >> part_bits]; });

    std::uint32_t* offsets = p.offsets.data() + b * (p.parts + 1);
    std::uint32_t sum = 0;
    for (std::size_t k = 0; k < p.parts; ++k) {
      offsets[k] = sum;
      sum += next[k];
      next[k] = offsets[k];
    }
    offsets[p.parts] = sum;

    item* out = p.items.data() + begin;
    each([&](std::uint32_t code, std::uint64_t key) {
      out[next[key >> part_bits]++] = static_cast<item>(static_cast<item>(code) << part_bits | (key & (part_keys - 1)));
    });
    source.release(begin, end - begin);
    pool.give(std::move(s));
  });
  return p;
}

template <class T>
T* grown(raw_array<T>& array, std::size_t n) {
  if (array.size() < n) array = raw_array<T>(n + n / 4);
  return array.data();
}

template <class item>
class chunk_builder {
public:
  chunk_builder(const partition<item>& p, const std::vector<std::uint64_t>& present, const std::vector<std::uint64_t>& first,
                std::size_t n_campaigns, std::size_t n_customers)
      : p_(p), present_(present), first_(first), n_campaigns_(n_campaigns), n_customers_(n_customers) {}

  struct scratch {
    std::array<std::uint32_t, part_keys> next;
    std::vector<std::size_t> at, count;
    std::vector<std::size_t> part_ends;  // in `sorted`
    raw_array<item> sorted;
    raw_array<std::uint16_t> lists;
  };

  audience_chunk build(std::size_t chunk, scratch& s) const {
    s.count.assign(n_campaigns_, 0);
    s.part_ends.clear();
    const std::size_t begin = chunk << audiences::chunk_bits;
    const std::size_t customers = std::min<std::size_t>(audiences::chunk_size, n_customers_ - begin);

    // First customer by customer, a counting sort of each part.
    auto part = static_cast<std::size_t>(std::upper_bound(first_.begin(), first_.end(), begin) - first_.begin()) - 1;
    std::size_t total = 0;
    for (; part < p_.parts && first_[part] < begin + customers; ++part)
      total = sort_part(s, part, begin, begin + customers, total);

    // Then campaign by campaign, the customers of each in ascending order.
    s.at.resize(n_campaigns_);
    std::size_t sum = 0;
    for (std::size_t c = 0; c < n_campaigns_; ++c) {
      s.at[c] = sum;
      sum += s.count[c];
    }
    std::uint16_t* lists = grown(s.lists, total);
    std::size_t* at = s.at.data();
    const item* sorted = s.sorted.data();
    std::size_t i = 0;
    std::uint32_t customer = 0xffffffffu;  // the one before the first
    for (const std::size_t end : s.part_ends) {
      item key = static_cast<item>(part_keys);
      for (; i < end; ++i) {
        const item it = sorted[i];
        customer += key != (it & key_mask);
        key = it & key_mask;
        lists[at[static_cast<std::size_t>(it >> part_bits)]++] = static_cast<std::uint16_t>(customer);
      }
    }
    return pack(s, lists, (customers + 63) / 64);
  }

private:
  static constexpr item key_mask = static_cast<item>(part_keys - 1);

  // The key of the part's customer number `rank`; part_keys when it has fewer.
  std::size_t key_of(std::size_t part, std::size_t rank) const {
    for (std::size_t w = 0; w < part_words; ++w) {
      std::uint64_t bits = present_[part * part_words + w];
      const auto n = static_cast<std::size_t>(std::popcount(bits));
      if (rank >= n) {
        rank -= n;
        continue;
      }
      for (; rank > 0; --rank) bits &= bits - 1;
      return w * 64 + static_cast<std::size_t>(std::countr_zero(bits));
    }
    return part_keys;
  }

  // Appends the items of customers [low, high) of a part to s.sorted, by customer, and counts them by campaign.
  std::size_t sort_part(scratch& s, std::size_t part, std::size_t low, std::size_t high, std::size_t total) const {
    const std::size_t from = first_[part] < low ? key_of(part, low - first_[part]) : 0;
    const std::size_t to = first_[part + 1] > high ? key_of(part, high - first_[part]) : part_keys;
    s.next.fill(0);
    std::uint32_t* next = s.next.data();
    std::size_t* count = s.count.data();
    const auto each = [&](auto&& f) {
      if (to - from == part_keys) {
        p_.each_run(part, [&](const item* i, const item* end) {
          for (; i != end; ++i) f(*i);
        });
      } else {
        p_.each_run(part, [&](const item* i, const item* end) {
          for (; i != end; ++i)
            if (const auto key = static_cast<std::size_t>(*i & key_mask); key >= from && key < to) f(*i);
        });
      }
    };
    each([&](item it) {
      ++next[it & key_mask];
      ++count[static_cast<std::size_t>(it >> part_bits)];
    });
    std::uint32_t sum = 0;
    for (std::size_t k = 0; k < part_keys; ++k) {
      const std::uint32_t n = next[k];
      next[k] = sum;
      sum += n;
    }
    if (s.sorted.size() < total + sum) {
      raw_array<item> larger((total + sum) * 2);
      std::copy_n(s.sorted.data(), total, larger.data());
      s.sorted = std::move(larger);
    }
    item* out = s.sorted.data() + total;
    each([&](item it) { out[next[it & key_mask]++] = it; });
    s.part_ends.push_back(total + sum);
    return total + sum;
  }

  audience_chunk pack(scratch& s, std::uint16_t* lists, std::size_t words) const {
    const auto as_bitmap = [words](std::size_t count) { return words * sizeof(std::uint64_t) < count * sizeof(std::uint16_t); };
    const std::size_t bitmap_words = (words + 7) / 8 * 8;
    std::size_t used = 0, payload = 0, bitmaps = 0;
    for (std::size_t c = 0; c < n_campaigns_; ++c) {
      const std::size_t n = s.count[c] = drop_repeats(lists + (s.at[c] - s.count[c]), s.count[c], s.at[c]);
      used += n != 0;
      bitmaps += as_bitmap(n);
      payload += as_bitmap(n) ? bitmap_words : (n + 3) / 4;
    }
    audience_chunk out;
    out.payload = raw_array<std::uint64_t>(payload);
    out.containers.reserve(used);
    std::uint64_t* bitmap = out.payload.data();
    std::uint64_t* list = bitmap + bitmaps * bitmap_words;
    for (std::size_t c = 0; c < n_campaigns_; ++c) {
      const std::size_t n = s.count[c];
      if (n == 0) continue;
      const std::uint16_t* from = lists + s.at[c];
      if (as_bitmap(n)) {
        std::fill_n(bitmap, bitmap_words, 0);
        for (std::size_t i = 0; i < n; ++i) bitmap[from[i] >> 6] |= std::uint64_t{1} << (from[i] & 63);
        out.containers.emplace_back(static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(n),
                                    const_cast<const std::uint64_t*>(bitmap));
        bitmap += bitmap_words;
      } else {
        auto* to = reinterpret_cast<std::uint16_t*>(list);
        std::copy_n(from, n, to);
        out.containers.emplace_back(static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(n),
                                    const_cast<const std::uint16_t*>(to));
        list += (n + 3) / 4;
      }
    }
    return out;
  }

  // Makes the ascending list strictly so, sets `at` to where it begins, and returns its length.
  static std::size_t drop_repeats(std::uint16_t* list, std::size_t n, std::size_t& at) {
    at -= n;
    std::uint32_t repeats = 0;
    for (std::size_t i = 1; i < n; ++i) repeats += list[i] == list[i - 1];
    return repeats == 0 ? n : static_cast<std::size_t>(std::unique(list, list + n) - list);
  }

  const partition<item>& p_;
  const std::vector<std::uint64_t>& present_;
  const std::vector<std::uint64_t>& first_;
  std::size_t n_campaigns_;
  std::size_t n_customers_;
};

template <class item>
std::vector<std::uint64_t> place(membership_source& source, std::uint64_t key_count, audience_store& store,
                                 std::uint64_t& accepted, const run_options& run) {
  const partition<item> p = cut<item>(source, key_count, part_of(run, 0, .4));
  accepted = 0;
  for (std::size_t b = 0; b < p.blocks; ++b) accepted += p.offsets[b * (p.parts + 1) + p.parts];

  std::vector<std::uint64_t> present(p.parts * part_words, 0);
  core::parallel_blocks(p.parts, part_of(run, .4, .5), [&](std::size_t part) {
    std::uint64_t* bits = present.data() + part * part_words;
    p.each_run(part, [&](const item* i, const item* end) {
      for (; i != end; ++i) bits[(*i & (part_keys - 1)) >> 6] |= std::uint64_t{1} << (*i & 63);
    });
  });
  std::vector<std::uint64_t> first(p.parts + 1, 0);
  for (std::size_t part = 0; part < p.parts; ++part) {
    first[part + 1] = first[part];
    for (std::size_t w = 0; w < part_words; ++w)
      first[part + 1] += static_cast<std::uint64_t>(std::popcount(present[part * part_words + w]));
  }
  const std::uint64_t customers = first[p.parts];
  if (customers >= std::numeric_limits<std::uint32_t>::max())
    reject("customer", std::to_string(customers) + " distinct ids",
           "split the table: one audiences object holds fewer than 2^32 - 1");

  store.n_customers = static_cast<std::size_t>(customers);
  const std::size_t chunks = (store.n_customers + audiences::chunk_size - 1) >> audiences::chunk_bits;
  store.chunks.resize(chunks);
  const chunk_builder<item> builder(p, present, first, store.labels.size(), store.n_customers);
  core::detail::scratch_pool<typename chunk_builder<item>::scratch> pool;
  core::parallel_blocks(chunks, part_of(run, .5, 1), [&](std::size_t c) {
    auto s = pool.take();
    store.chunks[c] = builder.build(c, *s);
    pool.give(std::move(s));
  });

  store.counts.assign(store.labels.size(), 0);
  for (const auto& c : store.chunks)
    for (const auto& container : c.containers) store.counts[container.campaign()] += container.count();
  for (const std::uint64_t n : store.counts) store.n_memberships += n;
  return present;
}

}  // namespace

std::vector<std::uint64_t> place_memberships(membership_source& source, std::uint64_t key_count, audience_store& store,
                                             std::uint64_t& accepted, const run_options& run) {
  if (store.labels.size() < std::size_t{1} << (32 - part_bits))
    return place<std::uint32_t>(source, key_count, store, accepted, run);
  return place<std::uint64_t>(source, key_count, store, accepted, run);
}

}  // namespace clarion::schema::detail
