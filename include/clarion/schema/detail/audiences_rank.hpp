#pragma once

// From scattered ids and texts to consecutive numbers.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/schema/detail/audiences_build.hpp"
#include "clarion/schema/detail/audiences_place.hpp"

namespace clarion::schema::detail {

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

/// Keys of the source are id - range.low.
void place_integers(membership_source& source, const id_range& range, bool keep_ids, audience_store& store,
                    std::uint64_t& accepted, const run_options& run);

/// Texts in several columns; a key names a column and a row of it.
struct text_pool {
  static constexpr unsigned row_bits = 40;
  std::vector<text_column> parts;
  std::string_view operator[](std::uint64_t key) const {
    const text_column& part = parts[key >> row_bits];
    const std::uint64_t row = key & ((std::uint64_t{1} << row_bits) - 1);
    const std::int64_t begin = part.offsets[row];
    return {part.bytes + begin, static_cast<std::size_t>(part.offsets[row + 1] - begin)};
  }
};
/// Keys of the source are keys of the pool.
void place_text(membership_source& source, const text_pool& pool, bool keep_ids, audience_store& store, std::uint64_t& accepted,
                const run_options& run);

}  // namespace clarion::schema::detail
