#include "schema/texts.hpp"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "clarion/core/error.hpp"
#include "schema/hash.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

namespace {

using core::category_column;

constexpr char unit_separator = '\x1f';  // between the items of an Arrow list while its cell is one text

// Gives each distinct text a code, in the order of first appearance.
class interner {
public:
  std::uint32_t code(std::string_view text) {
    if (last_ != none && text == values[last_]) return last_;
    if (2 * values.size() >= slots_.size()) grow();
    std::size_t slot = hash_of(text) & (slots_.size() - 1);
    while (slots_[slot] != none) {
      if (values[slots_[slot]] == text) return last_ = slots_[slot];
      slot = (slot + 1) & (slots_.size() - 1);
    }
    kept_.emplace_back(text);
    values.push_back(kept_.back());
    return last_ = slots_[slot] = static_cast<std::uint32_t>(values.size() - 1);
  }
  std::vector<std::string_view> values;

private:
  static constexpr std::uint32_t none = UINT32_MAX;
  void grow() {
    slots_.assign(std::max<std::size_t>(64, slots_.size() * 4), none);
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      std::size_t slot = hash_of(values[i]) & (slots_.size() - 1);
      while (slots_[slot] != none) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = i;
    }
  }
  std::deque<std::string> kept_;
  std::vector<std::uint32_t> slots_;
  std::uint32_t last_ = none;
};

}  // namespace

text_part read_texts(const block& where, std::size_t column, bool trimmed) {
  const auto& cells = where.batch->columns()[column];
  text_part out;
  out.ends.reserve(where.rows);
  std::string scratch, scratch2;
  for (std::size_t i = 0; i < where.rows; ++i) {
    auto text = cell_text(cells, where.first + i, scratch, scratch2);
    if (trimmed) text = trim(text);
    out.bytes.append(text);
    if (out.bytes.size() > UINT32_MAX) throw error("a text column holds more than 4 GiB in one block of rows");
    out.ends.push_back(static_cast<std::uint32_t>(out.bytes.size()));
  }
  return out;
}

core::text_column joined(std::vector<text_part>& parts, std::size_t rows) {
  std::size_t total = 0;
  for (const auto& part : parts) total += part.bytes.size();
  std::string bytes;
  bytes.reserve(total);
  std::vector<std::uint64_t> offsets;
  offsets.reserve(rows + 1);
  offsets.push_back(0);
  for (auto& part : parts) {
    const auto base = bytes.size();
    bytes += part.bytes;
    for (const auto end : part.ends) offsets.push_back(base + end);
    part = {};
  }
  return core::text_column::adopt(std::move(bytes), std::move(offsets));
}

std::vector<std::string> read_categories(const block& where, std::size_t column, std::uint32_t* codes) {
  const auto& cells = where.batch->columns()[column];
  interner names;
  std::string scratch, scratch2;
  const bool list = cells.type() == core::arrow_type::list && !cells.is_dictionary();
  const bool coded = cells.is_dictionary() && cells.dictionary().size() <= 4 * where.rows + 64;
  constexpr std::uint32_t unseen = category_column::none - 1;
  std::vector<std::uint32_t> seen(coded ? cells.dictionary().size() : 0, unseen);
  for (std::size_t i = 0; i < where.rows; ++i) {
    const std::size_t row = where.first + i;
    auto& code = codes[where.row + i];
    code = category_column::none;
    if (!cells.valid(row)) continue;
    std::uint32_t* known = coded ? &seen[cells.index(row)] : nullptr;
    if (known != nullptr && *known != unseen) {
      code = *known;
      continue;
    }
    if (list) {
      scratch2 = unit_separator + cells.to_text(row, std::string_view(&unit_separator, 1));
      if (scratch2.size() > 1) code = names.code(clean(scratch2, scratch));
    } else {
      const auto text = trim(cell_text(cells, row, scratch, scratch2));
      if (!text.empty()) code = names.code(text);
    }
    if (known != nullptr) *known = code;
  }
  return {names.values.begin(), names.values.end()};
}

std::string list_separator_of(const core::dictionary& cells) {
  bool bar = false, semicolon = false;
  for (const auto& cell : cells.names()) {
    if (cell.starts_with('[') || cell.starts_with(unit_separator)) continue;
    semicolon |= cell.find(';') != cell.npos;
    bar |= cell.find('|') != cell.npos;
  }
  return semicolon ? ";" : bar ? "|" : ",";
}

std::vector<std::string> split(std::string_view cell, std::string_view separator) {
  std::vector<std::string> out;
  if (cell.starts_with(unit_separator)) {
    cell.remove_prefix(1);
    for (std::size_t at = 0; at <= cell.size();) {
      const auto end = std::min(cell.find(unit_separator, at), cell.size());
      if (end > at) out.emplace_back(cell.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }
  if (cell.starts_with('[') && cell.ends_with(']')) {
    const auto parsed = nlohmann::json::parse(cell, nullptr, false);
    if (parsed.is_array() && std::all_of(parsed.begin(), parsed.end(), [](const auto& item) { return item.is_string(); })) {
      for (const auto& item : parsed) out.push_back(item.template get<std::string>());
      return out;
    }
  }
  for (std::size_t at = 0; at <= cell.size();) {
    const auto end = std::min(cell.find(separator, at), cell.size());
    if (const auto item = trim(cell.substr(at, end - at)); !item.empty()) out.emplace_back(item);
    at = end + separator.size();
  }
  return out;
}

}  // namespace clarion::schema::detail
