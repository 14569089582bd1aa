#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "clarion/core/error.hpp"
#include "clarion/schema/detail/audiences_place.hpp"

namespace clarion::schema::detail {

namespace {

// Rows are first cut into parts of 2^13 customers, block by block of rows, so that all later work on a part stays in cache.
constexpr unsigned part_bits = 13;
constexpr std::size_t part_keys = std::size_t{1} << part_bits;
constexpr std::size_t part_words = part_keys / 64;
constexpr std::size_t parts_per_chunk = audiences::chunk_size / part_keys;
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
  p.items = raw_array<item>(p.rows);
  p.offsets = raw_array<std::uint32_t>(p.blocks * (p.parts + 1));

  struct scratch {
    std::vector<std::uint32_t> next;
  };
  scratch_pool<scratch> pool;
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
    std::vector<std::uint32_t> last_customer, count;
    std::vector<std::size_t> at;
    raw_array<item> sorted;
    raw_array<std::uint16_t> lists;
  };

  audience_chunk build(std::size_t chunk, scratch& s) const {
    s.last_customer.assign(n_campaigns_, 0xffffffffu);
    s.count.assign(n_campaigns_, 0);
    const std::size_t begin = chunk << audiences::chunk_bits;
    const std::size_t customers = std::min<std::size_t>(audiences::chunk_size, n_customers_ - begin);

    // Customer by customer, each campaign once: a counting sort by customer, then rows that repeat a campaign are dropped.
    std::array<std::size_t, parts_per_chunk + 1> part_end{};
    std::size_t kept = 0;
    for (std::size_t q = 0; q < parts_per_chunk; ++q) {
      const std::size_t low = begin + q * part_keys;
      const std::size_t high = std::min(low + part_keys, n_customers_);
      if (low < high) kept = sort_part(s, q, low, high, kept);
      part_end[q + 1] = kept;
    }

    s.at.resize(n_campaigns_ + 1);
    std::size_t sum = 0;
    for (std::size_t c = 0; c < n_campaigns_; ++c) {
      s.at[c] = sum;
      sum += s.count[c];
    }
    std::uint16_t* lists = grown(s.lists, kept);
    for (std::size_t q = 0; q < parts_per_chunk; ++q)
      for (std::size_t i = part_end[q]; i < part_end[q + 1]; ++i) {
        const item it = s.sorted[i];
        lists[s.at[static_cast<std::size_t>(it >> part_bits)]++] =
            static_cast<std::uint16_t>(q << part_bits | (it & (part_keys - 1)));
      }
    return pack(s, lists, (customers + 63) / 64);
  }

private:
  // Calls f(customer - low, item) for the items of customers [low, high).
  template <class F>
  void each_item(std::size_t low, std::size_t high, F&& f) const {
    if (complete(low)) {
      p_.each_run(low >> part_bits, [&](const item* i, const item* end) {
        for (; i != end; ++i) f(static_cast<std::size_t>(*i & (part_keys - 1)), *i);
      });
      return;
    }
    std::size_t part = static_cast<std::size_t>(std::upper_bound(first_.begin(), first_.end(), low) - first_.begin()) - 1;
    for (; part < p_.parts && first_[part] < high; ++part) {
      const std::uint64_t* bits = present_.data() + part * part_words;
      std::array<std::uint32_t, part_words> before;
      std::uint32_t sum = 0;
      for (std::size_t w = 0; w < part_words; ++w) {
        before[w] = sum;
        sum += static_cast<std::uint32_t>(std::popcount(bits[w]));
      }
      const std::size_t base = first_[part];
      p_.each_run(part, [&](const item* i, const item* end) {
        for (; i != end; ++i) {
          const std::size_t key = static_cast<std::size_t>(*i & (part_keys - 1));
          const std::uint64_t below = bits[key >> 6] & ((std::uint64_t{1} << (key & 63)) - 1);
          const std::size_t customer = base + before[key >> 6] + static_cast<std::size_t>(std::popcount(below));
          if (customer >= low && customer < high) f(customer - low, *i);
        }
      });
    }
  }

  // Whether the keys of the part that begins at key `low` are its customers: no key is missing before its last one.
  bool complete(std::size_t low) const {
    const std::size_t part = low >> part_bits;
    if (first_[part] != low) return false;
    const std::size_t n = first_[part + 1] - low;
    if (n == part_keys) return true;
    if (part + 1 != p_.parts) return false;
    for (std::size_t w = 0; w < part_words; ++w) {
      const std::size_t rest = n > w * 64 ? std::min<std::size_t>(64, n - w * 64) : 0;
      const std::uint64_t want = rest == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rest) - 1;
      if (present_[part * part_words + w] != want) return false;
    }
    return true;
  }

  std::size_t sort_part(scratch& s, std::size_t q, std::size_t low, std::size_t high, std::size_t kept) const {
    s.next.fill(0);
    std::size_t total = 0;
    each_item(low, high, [&](std::size_t k, item) {
      ++s.next[k];
      ++total;
    });
    std::uint32_t sum = 0;
    for (auto& n : s.next) {
      const std::uint32_t count = n;
      n = sum;
      sum += count;
    }
    if (s.sorted.size() < kept + total) {
      raw_array<item> larger((kept + total) * 2);
      std::copy_n(s.sorted.data(), kept, larger.data());
      s.sorted = std::move(larger);
    }
    item* out = s.sorted.data() + kept;
    each_item(low, high, [&](std::size_t k, item it) {
      out[s.next[k]++] = static_cast<item>((it & ~static_cast<item>(part_keys - 1)) | k);
    });

    item* keep = out;
    const auto tag = static_cast<std::uint32_t>(q << part_bits);
    for (std::size_t i = 0; i < total; ++i) {
      const item it = out[i];
      const auto campaign = static_cast<std::size_t>(it >> part_bits);
      const std::uint32_t customer = tag | static_cast<std::uint32_t>(it & (part_keys - 1));
      const bool fresh = s.last_customer[campaign] != customer;
      s.last_customer[campaign] = customer;
      s.count[campaign] += fresh;
      *keep = it;
      keep += fresh;
    }
    return kept + static_cast<std::size_t>(keep - out);
  }

  audience_chunk pack(const scratch& s, const std::uint16_t* lists, std::size_t words) const {
    const auto as_bitmap = [words](std::uint32_t count) { return words * sizeof(std::uint64_t) < count * sizeof(std::uint16_t); };
    const std::size_t bitmap_words = (words + 7) / 8 * 8;
    std::size_t used = 0, payload = 0, bitmaps = 0;
    for (const std::uint32_t n : s.count) {
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
      const std::uint32_t n = s.count[c];
      if (n == 0) continue;
      const std::uint16_t* from = lists + (s.at[c] - n);
      if (as_bitmap(n)) {
        std::fill_n(bitmap, bitmap_words, 0);
        for (std::uint32_t i = 0; i < n; ++i) bitmap[from[i] >> 6] |= std::uint64_t{1} << (from[i] & 63);
        out.containers.emplace_back(static_cast<std::uint32_t>(c), n, const_cast<const std::uint64_t*>(bitmap));
        bitmap += bitmap_words;
      } else {
        auto* to = reinterpret_cast<std::uint16_t*>(list);
        std::copy_n(from, n, to);
        out.containers.emplace_back(static_cast<std::uint32_t>(c), n, const_cast<const std::uint16_t*>(to));
        list += (n + 3) / 4;
      }
    }
    return out;
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
  const partition<item> p = cut<item>(source, key_count, phase(run, 0, .4));
  accepted = 0;
  for (std::size_t b = 0; b < p.blocks; ++b) accepted += p.offsets[b * (p.parts + 1) + p.parts];

  std::vector<std::uint64_t> present(p.parts * part_words, 0);
  core::parallel_blocks(p.parts, phase(run, .4, .5), [&](std::size_t part) {
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
  scratch_pool<typename chunk_builder<item>::scratch> pool;
  core::parallel_blocks(chunks, phase(run, .5, 1), [&](std::size_t c) {
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
