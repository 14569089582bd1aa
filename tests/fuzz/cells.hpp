#pragma once

// Bytes as a table of texts whose columns are known: cut by \x01 into cells and by \x02 into rows.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../cpp/core/arrow_table.hpp"

namespace clarion::tests {

inline arrow_table cells_of(std::span<const std::uint8_t> bytes, std::span<const char* const> names, std::size_t& rows) {
  std::vector<std::vector<std::optional<std::string>>> columns(names.size());
  std::size_t column = 0;
  std::optional<std::string> cell;
  const auto end_cell = [&] {
    if (column < columns.size()) columns[column++].push_back(cell);
    cell.reset();
  };
  const auto end_row = [&] {
    while (column < columns.size()) end_cell();
    column = 0;
    ++rows;
  };
  rows = 0;
  for (const auto byte : bytes) {
    if (byte == 1)
      end_cell();
    else if (byte == 2)
      end_row();
    else
      cell = cell.value_or("") + static_cast<char>(byte);
  }
  end_row();
  std::vector<arrow_node> nodes;
  for (std::size_t i = 0; i < names.size(); ++i) nodes.push_back(text_column(names[i], columns[i]));
  return arrow_table({nodes});
}

}  // namespace clarion::tests
