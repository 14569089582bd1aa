#pragma once

// Fitted models on disk: a folder of .npy arrays and one model.json. docs/core/model_folder.md specifies it byte by byte.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/ids.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::core {

/// Of an array's values, named as numpy does: boolean bytes, unsigned and signed integers, floating-point numbers; little-endian.
enum class element_type : std::uint8_t { b1, u1, i4, u4, f4, i8, u8, f8 };

CLARION_API std::size_t size_of(element_type type);

/// bool, std::uint8_t, std::int32_t, std::uint32_t, float, std::int64_t, std::uint64_t or double.
template <class T>
consteval element_type element_type_of() {
  using enum element_type;
  constexpr bool known[] = {std::is_same_v<T, bool>,          std::is_same_v<T, std::uint8_t>, std::is_same_v<T, std::int32_t>,
                            std::is_same_v<T, std::uint32_t>, std::is_same_v<T, float>,        std::is_same_v<T, std::int64_t>,
                            std::is_same_v<T, std::uint64_t>, std::is_same_v<T, double>};
  std::uint8_t at = 0;
  while (!known[at]) ++at;
  return static_cast<element_type>(at);
}

/// Values in C order under a name. Copies share them.
struct named_array {
  std::string name;  ///< 1 to 64 of a-z, 0-9 and _
  element_type type{};
  std::vector<std::uint64_t> shape;  ///< 8 dimensions at most; none: one value
  const void* data = nullptr;
  std::shared_ptr<const void> owner{};  ///< keeps the data alive; null: the caller does
  std::string file{};                   ///< where it was read from, for messages
};

/// Over the caller's values; no shape: one dimension.
template <class T>
named_array array_over(std::string name, std::span<const T> values, std::vector<std::uint64_t> shape = {}) {
  if (shape.empty()) shape = {values.size()};
  return {std::move(name), element_type_of<T>(), std::move(shape), values.data()};
}

/// The same, and the array takes the values over.
template <class T>
named_array array_owning(std::string name, std::vector<T>&& values, std::vector<std::uint64_t> shape = {}) {
  const auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  named_array out = array_over(std::move(name), std::span<const T>(*kept), std::move(shape));
  out.owner = kept;
  return out;
}

/// What a folder holds. The arrays lie in the mapped files, read-only, for as long as they have an owner.
struct model_folder {
  std::string kind;
  std::string metadata;             ///< a JSON object
  std::vector<named_array> arrays;  ///< ascending by name
};

inline constexpr std::uint64_t any_length = std::numeric_limits<std::uint64_t>::max();

/// The array of this name, or null.
CLARION_API const named_array* find_array(std::span<const named_array> arrays, std::string_view name);
/// Throws clarion::error, naming the array, unless it is there with this type and shape (any_length: of any length there).
CLARION_API const named_array& require_array(std::span<const named_array> arrays, std::string_view name, element_type type,
                                             std::initializer_list<std::uint64_t> shape);
template <class T>
std::span<const T> values_of(std::span<const named_array> arrays, std::string_view name,
                             std::initializer_list<std::uint64_t> shape) {
  const named_array& found = require_array(arrays, name, element_type_of<T>(), shape);
  std::size_t size = 1;
  for (const std::uint64_t n : found.shape) size *= n;
  return {static_cast<const T*>(found.data), size};
}

/// Texts that may repeat: their bytes end to end, `name`_bytes, and where each begins and the last ends, `name`_offsets.
CLARION_API void add_texts(std::vector<named_array>& arrays, const std::string& name, std::span<const std::string> texts);
/// Throws clarion::error where offsets fall or leave the bytes.
CLARION_API std::vector<std::string> texts_of(std::span<const named_array> arrays, const std::string& name);

/// Ids: texts as above, numbers as `name`_ids.
CLARION_API void add_ids(std::vector<named_array>& arrays, const std::string& name, const id_map& ids);
/// Throws clarion::error also where an id occurs twice.
CLARION_API id_map ids_of(std::span<const named_array> arrays, const std::string& name);

/// Writes the folder whole or not at all: into a folder beside it, .clarion-*, which is flushed to the disk and takes the name in
/// one step. What is there is replaced when it is empty or a model folder with nothing else in it, and refused otherwise; arrays
/// of it that are mapped stay as they were. `kind` follows the rule of names; `metadata` is a JSON object of at most 4 MiB,
/// nested 63 deep at most, integers within 64 bits. O(bytes), files on threads.
///
/// Throws std::invalid_argument for names, metadata or more than 1,000 arrays, clarion::error where the folder cannot be
/// written, saying why, or is not replaced, clarion::cancelled. Nothing half-written stays.
CLARION_API void save_model(const std::filesystem::path& folder, const std::string& kind, const std::string& metadata,
                            std::span<const named_array> arrays, const run_options& run = {});

/// Opens a folder and maps its arrays. Sizes, headers, names and the checksum of model.json are always compared, and `verify`
/// compares the SHA-256 of each array too, which reads all of it: O(bytes), files on threads; O(arrays) without, and files are
/// read as they are used. A symbolic link to a folder is followed, one in it refused; names that begin with a dot are not looked
/// at. `kind`: what the folder must hold; empty: anything.
///
/// Throws clarion::error naming the file and what is wrong with it, clarion::cancelled. A folder that save_model replaces
/// meanwhile is opened as it was or as it will be. While arrays are mapped their files may be replaced or deleted, but a file
/// that is cut short in place ends the process when it is read.
CLARION_API model_folder open_model(const std::filesystem::path& folder, const std::string& kind = {}, bool verify = true,
                                    const run_options& run = {});

}  // namespace clarion::core
