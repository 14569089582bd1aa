#pragma once

// Columns of texts, and rows that were set aside, as numpy arrays in the layout of Arrow: Python wraps them without touching a
// cell.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/schema/read.hpp"
#include "convert.hpp"

namespace clarion::bindings {

inline py::dict text_column(const core::text_column& column) {
  std::vector<std::int64_t> offsets{0};
  offsets.reserve(column.size() + 1);
  std::size_t total = 0;
  for (std::size_t row = 0; row < column.size(); ++row) {
    total += column[row].size();
    offsets.push_back(static_cast<std::int64_t>(total));
  }
  std::vector<std::uint8_t> bytes;
  bytes.reserve(total);
  for (std::size_t row = 0; row < column.size(); ++row) bytes.insert(bytes.end(), column[row].begin(), column[row].end());
  py::dict out;
  out["bytes"] = array_of(std::move(bytes));
  out["offsets"] = array_of(std::move(offsets));
  return out;
}

inline py::dict quarantine_dict(const schema::quarantined_rows& rows, const std::vector<std::string>& columns) {
  py::list cells;
  for (const auto& column : rows.cells) cells.append(text_column(column));
  py::dict out;
  out["row"] = array_of(std::vector<std::uint64_t>(rows.row));
  out["id"] = text_column(rows.id);
  out["reasons"] = text_column(rows.reasons);
  out["columns"] = columns;
  out["cells"] = cells;
  out["findings"] = rows.findings;
  out["offsets"] = rows.offsets;
  return out;
}

}  // namespace clarion::bindings
