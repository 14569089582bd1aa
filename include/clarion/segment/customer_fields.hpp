#pragma once

// What is known of customers, by field: what definitions are about.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"

struct ArrowArrayStream;

namespace clarion::segment {

enum class field_kind : std::uint8_t { number, text, date, boolean };
CLARION_API std::string_view to_string(field_kind kind);

inline constexpr std::int32_t missing_day = std::numeric_limits<std::int32_t>::min();
inline constexpr std::uint8_t missing_flag = 2;

/// One field of all customers; the vector of its kind is filled.
struct CLARION_API customer_field {
  std::string name{};
  field_kind kind = field_kind::number;
  std::vector<double> number{};      ///< NaN: missing
  core::category_column text{};      ///< empty: missing
  std::vector<std::int32_t> day{};   ///< since 1970-01-01; missing_day
  std::vector<std::uint8_t> flag{};  ///< 0, 1 or missing_flag

  std::size_t size() const;
  bool missing(std::size_t row) const;
  std::string shown(std::size_t row) const;  ///< the value as text; "missing"
};

/// Fields of one length.
struct CLARION_API customer_fields {
  std::size_t rows = 0;
  std::vector<customer_field> fields{};

  const customer_field* find(std::string_view name) const;
  /// Throws std::invalid_argument for another length and for a name that is there.
  void add(customer_field field);
};

/// Reads the fields of these names that the table has; names that it does not have are left out. Numbers, decimals and integers
/// become numbers (whole ones exact up to 2^53), texts, UUIDs and dictionaries of them texts, dates and timestamps days. Takes
/// the stream over. Same result for any number of threads. O(rows x fields).
///
/// Throws clarion::error for a column of another type.
CLARION_API customer_fields read_fields(ArrowArrayStream* stream, std::span<const std::string> names,
                                        const run_options& run = {});

}  // namespace clarion::segment
