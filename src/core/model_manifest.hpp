#pragma once

// model.json: what a model folder says of itself.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/model_folder.hpp"

namespace clarion::core::detail {

inline constexpr std::uint64_t manifest_most_bytes = std::uint64_t{8} << 20;
inline constexpr std::size_t manifest_most_arrays = 1000;
inline constexpr std::size_t metadata_most_bytes = std::size_t{4} << 20;
inline constexpr std::size_t json_deepest = 64;

struct manifest_array {
  std::string name;
  element_type type{};
  std::vector<std::uint64_t> shape;
  std::uint64_t bytes = 0;  ///< of the file
  std::string sha256;       ///< of the file
};

struct manifest {
  std::string kind;
  std::string metadata;  ///< a JSON object
  std::vector<manifest_array> arrays;
};

/// 1 to 64 of a-z, 0-9 and _.
bool is_model_name(std::string_view name);

/// For messages: control characters escaped, and bytes that are no UTF-8 replaced.
std::string printable(const std::string& text);

/// The object as it is written, its members ascending by name. Throws std::invalid_argument for what would not be read again.
std::string checked_metadata(const std::string& metadata);

/// Metadata and names have been checked.
std::string write_manifest(const manifest& model);

/// Throws clarion::error that begins with `where`.
manifest read_manifest(const std::string& where, std::string_view text);

/// The start of every model.json up to the digits of its checksum, which covers what comes after them.
inline constexpr std::string_view manifest_start = "{\n  \"sha256\": \"";
inline constexpr std::size_t sha256_digits = 64;

}  // namespace clarion::core::detail
