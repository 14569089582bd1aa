#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::schema {

/// How the cells of a field are read. `key` is an id that repeats, `time` a day with or without a time of day.
enum class field_kind : std::uint8_t { text, category, list, date, number, objective, status, flag, key, time };

CLARION_API std::string_view to_string(field_kind kind);

/// A field of a campaign, or of a record, as a column of a table.
struct field {
  std::string_view name;  ///< in clarion's own files and in every mapping
  field_kind kind = field_kind::text;
  bool required = false;                     ///< without it the row is an error (S002 to S007, S201 to S204)
  std::string_view meaning{};                ///< one line
  std::span<const std::string_view> also{};  ///< other column names that mean it, the most certain first
};

/// The fields in the order in which portfolios are written.
CLARION_API std::span<const field> fields();

/// Position in fields(); nothing for a name that is no field.
CLARION_API std::optional<std::size_t> field_index(std::string_view name);

/// For each of the fields the position of its column, if any. `chosen` holds (field, column) pairs that a person gave; they win,
/// and throw std::invalid_argument when the field or the column is not there or a column is given twice (only "start" and "end"
/// may share one). With `guess`, what is left is matched by name, ignoring case, accents, blanks, punctuation and anything in
/// parentheses. No column serves two fields.
CLARION_API std::vector<std::optional<std::size_t>> match_columns(std::span<const std::string> columns,
                                                                  std::span<const std::pair<std::string, std::string>> chosen,
                                                                  bool guess = true, std::span<const field> of = fields());

}  // namespace clarion::schema
