#pragma once

// Rows of a source as values of a table of records: what a block of rows says by itself, before the rows around it are known.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clarion/schema/fields.hpp"
#include "clarion/schema/mapping.hpp"
#include "schema/cells.hpp"
#include "schema/checks.hpp"
#include "schema/day_format.hpp"
#include "schema/time_zone.hpp"

namespace clarion::schema::detail {

/// Where the values of a field come from, bound to the columns of a source.
struct bound_field {
  std::optional<std::size_t> column;
  column_rule rule;  ///< of the mapping, or a plain one where the column was guessed
  bool dayfirst = true, comma = false;
  bool timed = false;  ///< the first cells have a time of day
  time_zone own;       ///< of a column of times with a zone in its type
  bool zoned = false;  ///< `own` is one
  bool given() const { return column || rule.constant; }
};

struct bound_condition {
  std::size_t field = 0;
  row_condition condition;
};

/// What reading has settled about a source.
struct record_layout {
  record_kind kind = record_kind::transactions;
  std::span<const field> fields;
  std::vector<bound_field> of;  ///< by field
  std::vector<bound_condition> cancellations, returns, tests;
  day_format format{""};
  std::optional<time_zone> zone;  ///< days are those there
  std::string currency;
  bool signs = false;  ///< amounts are texts, and no column names their currency: signs beside them do
  std::string convert_to;
  std::map<std::string, double> rates;
  duplicate_rule duplicates = duplicate_rule::row;
  std::int32_t today = 0;
  double largest = 0;  ///< amounts above it are out of all proportion; 0: not known

  std::size_t at(std::string_view name) const;  ///< of a field; fields.size() where it is none
};

/// 128 bits that stand for a row or an id.
using fingerprint = std::array<std::uint64_t, 2>;

struct block_column {
  std::vector<std::int32_t> days, seconds;
  std::vector<double> numbers;
  std::vector<std::uint32_t> codes;  ///< into `meant`, or record_column::none
  std::vector<std::string> meant;    ///< distinct texts of the block, after stripping and replacing
  std::vector<std::string> names;    ///< the same as they stand in the source; empty where nothing was stripped or replaced
  std::vector<std::int8_t> flags;
  const std::vector<std::string>& told() const { return names.empty() ? meant : names; }
};

struct record_block {
  std::size_t rows = 0;
  std::vector<block_column> of;     ///< by field
  std::vector<fingerprint> prints;  ///< where rows are compared
  std::vector<issue> issues;        ///< row: within the block; ascending by row
};

/// The values of a block; with issues where cells cannot be read.
record_block read_block(const block& where, const record_layout& layout);

/// What a text without a value looks like: "", NULL, nan, ...
bool is_no_text(std::string_view text);

}  // namespace clarion::schema::detail
