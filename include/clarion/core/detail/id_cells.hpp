#pragma once

// Ids in the cells of Arrow columns.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "clarion/core/arrow.hpp"
#include "clarion/core/error.hpp"

namespace clarion::core::detail {

inline constexpr double two_63 = 9223372036854775808.0;

enum class id_form { integer, real, text };

inline id_form form_of(const arrow_reader::field& field) {
  if (field.type == arrow_type::null || is_integer(field.type)) return id_form::integer;
  if (field.type >= arrow_type::float16 && field.type <= arrow_type::float64) return id_form::real;
  if (field.type == arrow_type::list || field.type == arrow_type::unsupported)
    throw error("column " + field.name + ": ids of Arrow type " + field.format +
                " cannot be read; cast them to integers or text");
  return id_form::text;
}

inline std::optional<std::int64_t> whole(const arrow_column& column, std::size_t row, id_form form) {
  if (form == id_form::integer) return column.integer(row);
  const double value = column.number(row);
  if (!(value >= -two_63 && value < two_63) || value != std::floor(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

inline bool missing(const arrow_column& column, std::size_t row, id_form form) {
  return !column.valid(row) || (form == id_form::real && std::isnan(column.number(row)));
}

// Calls f(T{}) with the number type of a plain integer column without nulls, whose buffer can be read as it is.
template <class F>
bool plain_integers(const arrow_column& column, F&& f) {
  if (!column.all_valid() || column.is_dictionary()) return false;
  switch (column.type()) {
    case arrow_type::int8:
      return f(std::int8_t{}), true;
    case arrow_type::int16:
      return f(std::int16_t{}), true;
    case arrow_type::int32:
      return f(std::int32_t{}), true;
    case arrow_type::int64:
      return f(std::int64_t{}), true;
    case arrow_type::uint8:
      return f(std::uint8_t{}), true;
    case arrow_type::uint16:
      return f(std::uint16_t{}), true;
    case arrow_type::uint32:
      return f(std::uint32_t{}), true;
    default:
      return false;
  }
}

/// The field of this name; throws std::invalid_argument, naming `option`, when there is none.
inline const arrow_reader::field& field_of(const arrow_reader& reader, const char* option, const std::string& name) {
  constexpr std::size_t most = 30, longest = 60;
  std::string names;
  std::size_t n = 0;
  for (const auto& field : reader.fields()) {
    if (field.name == name) return field;
    if (n < most) names += (n == 0 ? "" : ", ") + field.name.substr(0, longest);
    ++n;
  }
  if (n == 0) reject(option, '"' + name + '"', "the table has no columns");
  reject(option, '"' + name + '"', "name one of the columns: " + names + (n > most ? ", ..." : ""));
}

}  // namespace clarion::core::detail
