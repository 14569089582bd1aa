#pragma once

// Headers of .npy files (numpy's NEP 1), versions 1 and 2, of the types and the order of values that a model folder holds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/model_folder.hpp"

namespace clarion::core::detail {

inline constexpr std::size_t npy_most_dimensions = 8;
inline constexpr std::size_t npy_longest_header = 4096;  ///< up to the values

struct npy_header {
  element_type type{};
  std::vector<std::uint64_t> shape;
  std::uint64_t length = 0;  ///< of the header; values come after it
};

/// "<f4" and the like.
std::string_view descr_of(element_type type);
std::optional<element_type> element_type_of_descr(std::string_view descr);

/// Bytes of that many values; nothing where they are 2^63 or more, counted without the lengths that are 0.
std::optional<std::uint64_t> bytes_of(element_type type, const std::vector<std::uint64_t>& shape);

/// "(3, 2)", "(3,)", "()".
std::string shape_text(const std::vector<std::uint64_t>& shape);

/// The header as numpy writes it, version 1.
std::string npy_header_of(element_type type, const std::vector<std::uint64_t>& shape);

/// Reads the header at the beginning of a file, of which the first npy_longest_header bytes are enough. Throws clarion::error
/// that begins with `where`.
npy_header read_npy_header(const std::string& where, std::string_view start);

}  // namespace clarion::core::detail
