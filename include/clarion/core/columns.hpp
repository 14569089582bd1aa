#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::core {

/// Texts that mostly differ, end to end in one buffer. Reading a row is O(1); a view lives until the next push_back.
class CLARION_API text_column {
public:
  std::size_t size() const { return offsets_.size() - 1; }
  std::string_view operator[](std::size_t row) const {
    return std::string_view(bytes_).substr(offsets_[row], offsets_[row + 1] - offsets_[row]);
  }
  void push_back(std::string_view text);
  void reserve(std::size_t rows, std::size_t bytes);
  /// The rows at these positions, in this order.
  text_column take(std::span<const std::uint64_t> rows) const;
  /// Adopts a buffer and its n + 1 offsets.
  static text_column adopt(std::string bytes, std::vector<std::uint64_t> offsets);

private:
  std::string bytes_;
  std::vector<std::uint64_t> offsets_{0};
};

/// The distinct texts of a column, each with a code from 0 in order of first appearance.
class CLARION_API dictionary {
public:
  std::uint32_t intern(std::string_view text);
  std::optional<std::uint32_t> find(std::string_view text) const;
  std::size_t size() const { return names_.size(); }
  const std::string& operator[](std::uint32_t code) const { return names_[code]; }
  const std::vector<std::string>& names() const { return names_; }

private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t, hash, std::equal_to<>> codes_;
};

/// Texts that repeat (channel, owner, region): a code a row; the empty text is stored as `none`.
struct CLARION_API category_column {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  dictionary values;
  std::vector<std::uint32_t> codes;

  std::size_t size() const { return codes.size(); }
  std::string_view operator[](std::size_t row) const {
    return codes[row] == none ? std::string_view{} : std::string_view(values[codes[row]]);
  }
  void push_back(std::string_view text) { codes.push_back(text.empty() ? none : values.intern(text)); }
  /// As if built from these rows alone: `values` holds what they name.
  category_column take(std::span<const std::uint64_t> rows) const;
};

/// Lists of texts that repeat (audience segments, products, tags): codes of row r are codes[offsets[r] .. offsets[r + 1]).
struct CLARION_API list_column {
  dictionary values;
  std::vector<std::uint32_t> codes;
  std::vector<std::uint64_t> offsets{0};

  std::size_t size() const { return offsets.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t row) const {
    return std::span(codes).subspan(offsets[row], offsets[row + 1] - offsets[row]);
  }
  std::vector<std::string> texts(std::size_t row) const;
  void push_back(std::span<const std::string> texts);
  /// As if built from these rows alone: `values` holds what they name.
  list_column take(std::span<const std::uint64_t> rows) const;
};

}  // namespace clarion::core
