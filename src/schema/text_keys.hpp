#pragma once

// Texts that repeat, by the million: a code each, in the order of first appearance, and the texts end to end in one buffer.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/core/detail/lines.hpp"
#include "schema/hash.hpp"

namespace clarion::schema::detail {

class text_keys {
public:
  std::uint32_t code(std::string_view text) {
    make_room(1);
    return place(text, hash_of(text));
  }

  /// out[i] = code(text_at(i)) for i in [0, n), in that order. A table beyond the cache answers about four times faster than
  /// asked one by one: the lines that the next texts lie on are fetched while one is looked at.
  template <class TextAt>
  void codes(std::size_t n, TextAt text_at, std::uint32_t* out) {
    constexpr std::size_t ahead = 32;
    std::array<std::uint64_t, ahead> hashes{};
    std::array<std::uint64_t, ahead> likely{};  // codes from 1
    for (std::size_t begin = 0; begin < n; begin += ahead) {
      const std::size_t m = std::min(ahead, n - begin);
      make_room(m);
      for (std::size_t i = 0; i < m; ++i) {
        hashes[i] = hash_of(text_at(begin + i));
        __builtin_prefetch(&slots_[hashes[i] & (slots_.size() - 1)]);
      }
      for (std::size_t i = 0; i < m; ++i) {
        const auto held = slots_[slot_of(hashes[i], hashes[i])];
        likely[i] = held & ~tag_mask;
        if (likely[i] != 0) __builtin_prefetch(&ends_[likely[i] - 1]);
      }
      for (std::size_t i = 0; i < m; ++i)
        if (likely[i] != 0) __builtin_prefetch(bytes_.data() + ends_[likely[i] - 1]);
      for (std::size_t i = 0; i < m; ++i) {
        const auto text = text_at(begin + i);
        const bool known = likely[i] != 0 && (*this)[likely[i] - 1] == text;
        out[begin + i] = known ? static_cast<std::uint32_t>(likely[i] - 1) : place(text, hashes[i]);
      }
    }
  }

  bool contains(std::string_view text) const { return !slots_.empty() && slots_[find(text, hash_of(text))] != free; }

  std::size_t size() const { return ends_.size() - 1; }
  std::string_view operator[](std::size_t code) const {
    return std::string_view(bytes_).substr(ends_[code], ends_[code + 1] - ends_[code]);
  }

  core::text_column take() {
    slots_ = {};
    auto out = core::text_column::adopt(std::move(bytes_), std::move(ends_));
    bytes_.clear();
    ends_ = {0};
    return out;
  }

private:
  static constexpr std::uint64_t free = 0, tag_mask = 0xffffffff00000000u;

  void make_room(std::size_t more) {
    while (2 * (size() + more) > slots_.size()) grow();
  }

  // The first slot from there on that is free or has the tag of this hash. The tag is not the part of the hash that led here: a
  // text that differs is hardly ever compared.
  std::size_t slot_of(std::uint64_t hash, std::size_t from) const {
    std::size_t slot = from & (slots_.size() - 1);
    while (slots_[slot] != free && (slots_[slot] & tag_mask) != (hash & tag_mask)) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }

  // The slot of a text, or the free one where it belongs.
  std::size_t find(std::string_view text, std::uint64_t hash) const {
    std::size_t slot = slot_of(hash, hash);
    while (slots_[slot] != free && (*this)[(slots_[slot] & ~tag_mask) - 1] != text) slot = slot_of(hash, slot + 1);
    return slot;
  }

  // There is room.
  std::uint32_t place(std::string_view text, std::uint64_t hash) {
    auto& held = slots_[find(text, hash)];
    if (held == free) {
      held = (hash & tag_mask) | (size() + 1);
      bytes_.append(text);
      ends_.push_back(bytes_.size());
    }
    return static_cast<std::uint32_t>((held & ~tag_mask) - 1);
  }

  void grow() {
    const std::size_t slots = slots_.empty() ? 64 : slots_.size() * 4;
    slots_.assign(slots, free);
    for (std::size_t i = 0; i < size(); ++i) {
      const std::uint64_t hash = hash_of((*this)[i]);
      std::size_t slot = hash & (slots - 1);
      while (slots_[slot] != free) slot = (slot + 1) & (slots - 1);
      slots_[slot] = (hash & tag_mask) | (i + 1);
    }
  }

  std::string bytes_;
  std::vector<std::uint64_t> ends_{0};
  core::detail::line_vector<std::uint64_t> slots_;  // the upper half of a hash, and a code from 1
};

}  // namespace clarion::schema::detail
