#pragma once

// Cells as they lie in the buffers of a column.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "clarion/core/arrow.hpp"

namespace clarion::core::detail {

/// Offsets and lengths beyond this many rows are taken for garbage.
inline constexpr std::int64_t most_rows = std::int64_t{1} << 48;

template <class T>
T load(const void* base, std::size_t at) {
  T value;
  std::memcpy(&value, static_cast<const char*>(base) + at * sizeof(T), sizeof(T));
  return value;
}

// gcc and clang have 128 bits, ISO C++ has not.
__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

/// A decimal as sign and 128-bit magnitude.
struct wide {
  bool negative = false;
  uint128 magnitude = 0;
};
wide load_decimal(const void* data, std::size_t at, std::uint8_t width);
double to_double(const wide& value, int scale);
std::string to_text(const wide& value, int scale);

}  // namespace clarion::core::detail
