#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace clarion::schema::detail {

inline std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 32;
  value *= 0x9e3779b97f4a7c15u;
  value ^= value >> 29;
  value *= 0xbf58476d1ce4e5b9u;
  return value ^ (value >> 32);
}

/// For tables in memory only: the value differs between machines of different byte order.
inline std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0) {
  std::uint64_t hash = seed ^ (text.size() * 0x9e3779b97f4a7c15u);
  const char* p = text.data();
  std::size_t left = text.size();
  for (; left >= 8; p += 8, left -= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    hash = mix(hash ^ word) + 0x9e3779b97f4a7c15u;
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, p, left);
  return mix(hash ^ tail);
}

}  // namespace clarion::schema::detail
