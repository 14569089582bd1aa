#pragma once

// Cells of a table that came as record batches: by row and column, and by blocks of rows that threads work on.

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/arrow.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::schema::detail {

/// Rows that follow each other within one batch.
struct block {
  const core::arrow_batch* batch = nullptr;
  std::size_t first = 0, rows = 0;  ///< within the batch
  std::size_t row = 0;              ///< within the table
};

/// All batches of a stream, which it takes over. Throws clarion::error when the stream fails or there are 2^32 - 1 rows or more.
class cell_table {
public:
  cell_table(ArrowArrayStream* stream, const run_options& run);

  std::string text(std::size_t row, std::size_t column) const;

  std::vector<std::string> names;                  ///< of the columns, as they came
  std::vector<core::arrow_reader::field> columns;  ///< of the same order
  std::vector<block> blocks;
  std::size_t rows = 0;

private:
  std::deque<core::arrow_batch> batches_;
  std::vector<std::size_t> starts_;
};

/// The text with invalid UTF-8 as U+FFFD: what leaves again as JSON or Python text must be text.
std::string_view mended(std::string_view text, std::string& scratch);

inline std::string_view clean(std::string_view text, std::string& scratch) {
  bool ascii = true;
  for (const char c : text) ascii &= static_cast<unsigned char>(c) < 0x80;
  return ascii ? text : mended(text, scratch);
}

/// A cell as text, without a copy where the column holds texts; empty for a null and for a type that is not read.
inline std::string_view cell_text(const core::arrow_column& column, std::size_t row, std::string& scratch,
                                  std::string& scratch2) {
  if (!column.valid(row)) return {};
  if (column.type() == core::arrow_type::text) return clean(column.text(row), scratch);
  if (column.type() == core::arrow_type::unsupported) return {};
  scratch2 = column.to_text(row);
  return clean(scratch2, scratch);
}

}  // namespace clarion::schema::detail
