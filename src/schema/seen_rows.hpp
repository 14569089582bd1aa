#pragma once

// What is remembered of rows that have gone by.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "clarion/core/detail/lines.hpp"
#include "schema/record_block.hpp"

namespace clarion::schema::detail {

/// Fingerprints that were met, 16 bytes each in a table that is at least three eighths full. {0, 0} is none.
class seen_prints {
public:
  /// False where it was met before.
  bool add(const fingerprint& print) {
    if (4 * (held_ + 1) > 3 * slots_.size()) grow();
    auto& slot = slots_[place(print)];
    if (same(slot, print)) return false;
    slot = print;
    ++held_;
    return true;
  }

  /// Fetches the line of one that is added soon: a table of millions lies beyond the cache.
  void expect(const fingerprint& print) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[print[1] & (slots_.size() - 1)]);
  }

private:
  // Words are compared in place: == of arrays calls memcmp.
  static bool same(const fingerprint& a, const fingerprint& b) { return a[0] == b[0] && a[1] == b[1]; }
  std::size_t place(const fingerprint& print) const {
    std::size_t slot = print[1] & (slots_.size() - 1);
    while (!same(slots_[slot], {}) && !same(slots_[slot], print)) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  void grow() {
    core::detail::line_vector<fingerprint> old(std::max<std::size_t>(1024, 2 * slots_.size()));
    old.swap(slots_);
    for (const auto& print : old)
      if (!same(print, {})) slots_[place(print)] = print;
  }
  core::detail::line_vector<fingerprint> slots_;
  std::size_t held_ = 0;
};

/// The first day of each key.
class first_days {
public:
  void add(std::uint64_t key, std::int32_t day) {
    if (4 * (held_ + 1) > 3 * keys_.size()) grow();
    const auto slot = place(key | 1);
    if (keys_[slot] == 0) {
      keys_[slot] = key | 1;
      days_[slot] = day;
      ++held_;
    } else {
      days_[slot] = std::min(days_[slot], day);
    }
  }
  std::optional<std::int32_t> find(std::uint64_t key) const {
    if (keys_.empty()) return std::nullopt;
    const auto slot = place(key | 1);
    return keys_[slot] == 0 ? std::nullopt : std::optional(days_[slot]);
  }

private:
  std::size_t place(std::uint64_t key) const {
    std::size_t slot = (key >> 1) & (keys_.size() - 1);
    while (keys_[slot] != 0 && keys_[slot] != key) slot = (slot + 1) & (keys_.size() - 1);
    return slot;
  }
  void grow() {
    core::detail::line_vector<std::uint64_t> keys(std::max<std::size_t>(1024, 2 * keys_.size()));
    core::detail::line_vector<std::int32_t> days(keys.size());
    keys.swap(keys_);
    days.swap(days_);
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i] != 0) {
        const auto slot = place(keys[i]);
        keys_[slot] = keys[i];
        days_[slot] = days[i];
      }
  }
  core::detail::line_vector<std::uint64_t> keys_;  // odd; 0: free
  core::detail::line_vector<std::int32_t> days_;
  std::size_t held_ = 0;
};

}  // namespace clarion::schema::detail
