#pragma once

// Tables of texts as streams, for the tests of records.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../core/arrow_table.hpp"
#include "clarion/schema/records.hpp"

namespace clarion::tests {

using texts = std::vector<std::optional<std::string>>;
using named_texts = std::vector<std::pair<std::string, texts>>;

/// The columns, cut into batches of so many rows (0: one).
inline arrow_table table_of(const named_texts& columns, std::size_t batch = 0) {
  const std::size_t rows = columns.empty() ? 0 : columns.front().second.size();
  if (batch == 0) batch = rows == 0 ? 1 : rows;
  std::vector<std::vector<arrow_node>> batches;
  for (std::size_t begin = 0; begin == 0 || begin < rows; begin += batch) {
    std::vector<arrow_node> nodes;
    const auto from = static_cast<std::ptrdiff_t>(begin);
    const auto to = static_cast<std::ptrdiff_t>(std::min(rows, begin + batch));
    for (const auto& [name, cells] : columns) nodes.push_back(text_column(name, texts(cells.begin() + from, cells.begin() + to)));
    batches.push_back(std::move(nodes));
  }
  return arrow_table(std::move(batches));
}

inline schema::record_reading read_table(const named_texts& columns, const std::string& mapping = "{}",
                                         const schema::policy& rules = {}, const schema::record_references& known = {},
                                         const schema::record_options& options = {}, unsigned threads = 1,
                                         std::size_t batch = 0) {
  auto table = table_of(columns, batch);
  auto stream = table.stream();
  return schema::read_records(&stream, schema::parse_mapping(mapping), rules, known, options, {.threads = threads});
}

inline std::size_t count(const schema::record_reading& reading, const std::string& code) {
  for (const auto& [name, n] : reading.counts)
    if (name == code) return static_cast<std::size_t>(n);
  return 0;
}

}  // namespace clarion::tests
