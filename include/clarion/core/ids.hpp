#pragma once

// The caller's own ids, numbers or texts, and the consecutive numbers that stand for them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::core {

/// Texts as they lie in memory: row i is bytes[offsets[i], offsets[i + 1]).
struct text_cells {
  const char* bytes = nullptr;
  std::span<const std::int64_t> offsets;  ///< rows + 1 values, ascending; empty for no rows

  std::size_t size() const { return offsets.empty() ? 0 : offsets.size() - 1; }
  std::string_view operator[](std::size_t row) const {
    return {bytes + offsets[row], static_cast<std::size_t>(offsets[row + 1] - offsets[row])};
  }
};

/// A column of ids, any values (negative too), repeated as often as they like.
using id_column =
    std::variant<std::span<const std::int32_t>, std::span<const std::uint32_t>, std::span<const std::int64_t>, text_cells>;

enum class id_kind { none, integer, text };  ///< what ids are; none: they are the numbers 0..n-1 themselves

/// Distinct ids and their numbers 0..size()-1. A value: built once, then constant; copies share storage.
class CLARION_API id_map {
public:
  id_map();  ///< no ids
  static id_map none(std::size_t size);

  /// Ids in the order of their numbers; throws std::invalid_argument, naming `field`, when one occurs twice or there are 2^32 - 1
  /// or more. Consecutive numbers take no memory. O(n), or O(n log n) where they do not ascend.
  static id_map integers(std::vector<std::int64_t> ids, const char* field = "ids");
  /// From first on, `size` of them.
  static id_map integers(std::int64_t first, std::size_t size);
  /// Text i is bytes[offsets[i], offsets[i + 1]).
  static id_map texts(std::vector<char> bytes, std::vector<std::uint64_t> offsets, const char* field = "ids");

  std::size_t size() const;
  id_kind kind() const;
  std::int64_t integer(std::size_t number) const;                ///< the number itself where there are no ids; not for texts
  std::string_view text(std::size_t number) const;               ///< texts only; lives as long as the map
  std::string label(std::size_t number) const;                   ///< any id as text
  std::optional<std::uint32_t> find(std::int64_t id) const;      ///< O(log n)
  std::optional<std::uint32_t> find(std::string_view id) const;  ///< O(log n)

  /// The ids of these numbers, in this order.
  id_map take(std::span<const std::uint32_t> numbers) const;
  /// These ids, then those of `more` that are not among them, in their order; `number_of[i]` becomes the number of id i of
  /// `more`. Throws std::invalid_argument, naming `field`, when one map holds texts and the other numbers.
  id_map extended(const id_map& more, std::vector<std::uint32_t>& number_of, const char* field = "ids") const;

  std::size_t memory_bytes() const;
  friend bool operator==(const id_map& a, const id_map& b) { return a.same(b); }

private:
  struct storage;
  explicit id_map(std::shared_ptr<const storage> ids);
  bool same(const id_map& other) const;
  std::shared_ptr<const storage> ids_;
};

}  // namespace clarion::core
