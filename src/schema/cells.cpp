#include "schema/cells.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "clarion/core/error.hpp"
#include "schema/checks.hpp"

namespace clarion::schema::detail {

cell_table::cell_table(ArrowArrayStream* stream, const run_options& run) {
  core::arrow_reader reader(stream);
  columns = reader.fields();
  for (const auto& column : columns) names.push_back(column.name);
  while (auto batch = reader.next()) {
    if (run.cancel.stop_requested()) throw cancelled();
    if (batch->rows() > 0) batches_.push_back(std::move(*batch));
  }
  for (const auto& batch : batches_) {
    starts_.push_back(rows);
    for (std::size_t first = 0; first < batch.rows(); first += block_rows)
      blocks.push_back({&batch, first, std::min(block_rows, batch.rows() - first), rows + first});
    rows += batch.rows();
  }
  if (rows >= UINT32_MAX) throw error("a table holds fewer than 2^32 - 1 rows; read it in parts");
}

std::string cell_table::text(std::size_t row, std::size_t column) const {
  const auto at = static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), row) - starts_.begin()) - 1;
  std::string scratch, scratch2;
  return std::string(cell_text(batches_[at].columns()[column], row - starts_[at], scratch, scratch2));
}

namespace {

// Bytes of the UTF-8 character that begins here; 0 where none does.
std::size_t character(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto next = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return next(at + 1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (!next(at + 1) || !next(at + 2)) return 0;
    if ((lead == 0xe0 && byte(at + 1) < 0xa0) || (lead == 0xed && byte(at + 1) > 0x9f)) return 0;
    return 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (!next(at + 1) || !next(at + 2) || !next(at + 3)) return 0;
    if ((lead == 0xf0 && byte(at + 1) < 0x90) || (lead == 0xf4 && byte(at + 1) > 0x8f)) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

std::string_view mended(std::string_view text, std::string& scratch) {
  bool valid = true;
  for (std::size_t at = 0; at < text.size() && valid;) {
    const auto n = character(text, at);
    valid = n > 0;
    at += n;
  }
  if (valid) return text;
  scratch.clear();
  for (std::size_t at = 0; at < text.size();) {
    const auto n = character(text, at);
    if (n == 0) {
      scratch += "\xef\xbf\xbd";
      ++at;
    } else {
      scratch += text.substr(at, n);
      at += n;
    }
  }
  return scratch;
}

}  // namespace clarion::schema::detail
