#pragma once

// Texts that repeat, by the million: a code each, in the order of first appearance, and the texts end to end in one buffer.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/columns.hpp"
#include "schema/hash.hpp"

namespace clarion::schema::detail {

class text_keys {
public:
  std::uint32_t code(std::string_view text) {
    if (2 * (size() + 1) > slots_.size()) grow();
    const std::uint64_t hash = hash_of(text);
    const std::uint64_t tag = hash & tag_mask;
    for (std::size_t slot = hash & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      const auto held = slots_[slot];
      if (held == free) {
        slots_[slot] = tag | (size() + 1);
        bytes_.append(text);
        ends_.push_back(bytes_.size());
        return static_cast<std::uint32_t>(size() - 1);
      }
      // The tag is not the part of the hash that led here: a text that differs is hardly ever compared.
      if ((held & tag_mask) != tag) continue;
      const auto known = static_cast<std::uint32_t>((held & ~tag_mask) - 1);
      if ((*this)[known] == text) return known;
    }
  }

  bool contains(std::string_view text) const {
    if (slots_.empty()) return false;
    const std::uint64_t hash = hash_of(text);
    for (std::size_t slot = hash & (slots_.size() - 1); slots_[slot] != free; slot = (slot + 1) & (slots_.size() - 1))
      if ((slots_[slot] & tag_mask) == (hash & tag_mask) && (*this)[(slots_[slot] & ~tag_mask) - 1] == text) return true;
    return false;
  }

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
  std::vector<std::uint64_t> slots_;  // the upper half of a hash, and a code from 1
};

}  // namespace clarion::schema::detail
