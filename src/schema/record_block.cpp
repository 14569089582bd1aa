#include "schema/record_block.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "clarion/core/columns.hpp"
#include "clarion/schema/campaign.hpp"
#include "clarion/schema/detail/parse.hpp"
#include "schema/apart.hpp"
#include "schema/days.hpp"
#include "schema/hash.hpp"
#include "schema/numbers.hpp"
#include "schema/text.hpp"
#include "schema/text_keys.hpp"

namespace clarion::schema::detail {

std::size_t record_layout::at(std::string_view name) const {
  for (std::size_t f = 0; f < fields.size(); ++f)
    if (fields[f].name == name) return f;
  return fields.size();
}

bool is_no_text(std::string_view text) {
  if (text.size() > 4) return false;
  for (const std::string_view word : {"", "NULL", "null", "Null", "NaN", "nan", "None", "N/A", "#N/A", "\\N"})
    if (text == word) return true;
  return false;
}

namespace {

using core::arrow_column;
using core::arrow_type;

constexpr auto none = core::category_column::none;
constexpr std::int64_t day_seconds = 86400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// A cell as the text of an id. An integer that a library holds as a float, because other cells are empty, is an integer.
std::string_view key_text(const arrow_column& cells, std::size_t row, std::string& scratch, std::string& scratch2) {
  if (!cells.valid(row)) return {};
  if (cells.is_number() && !core::is_integer(cells.type())) {
    const double value = cells.number(row);
    if (std::abs(value) < 9007199254740992.0 && value == std::floor(value)) {
      scratch2 = std::to_string(static_cast<std::int64_t>(value));
      return scratch2;
    }
  }
  const auto text = trim(cell_text(cells, row, scratch, scratch2));
  return is_no_text(text) ? std::string_view{} : text;
}

void read_keys(const block& where, std::size_t column, block_column& out) {
  const auto& cells = where.batch->columns()[column];
  constexpr std::uint32_t unseen = none - 1;
  const bool coded = cells.is_dictionary() && cells.dictionary().size() <= 4 * where.rows + 64;
  std::vector<std::uint32_t> seen(coded ? cells.dictionary().size() : 0, unseen);
  text_keys keys;
  std::string scratch, scratch2;
  out.codes.resize(where.rows);
  for (std::size_t i = 0; i < where.rows; ++i) {
    const std::size_t row = where.first + i;
    std::uint32_t* known = coded && cells.valid(row) ? &seen[cells.index(row)] : nullptr;
    if (known != nullptr && *known != unseen) {
      out.codes[i] = *known;
      continue;
    }
    const auto text = key_text(cells, row, scratch, scratch2);
    out.codes[i] = text.empty() ? none : keys.code(text);
    if (known != nullptr) *known = out.codes[i];
  }
  for (std::size_t k = 0; k < keys.size(); ++k) out.names.emplace_back(keys[k]);
}

// What the texts of a column mean: stripped, then replaced.
void settle_meaning(const column_rule& rule, block_column& out) {
  if (rule.strip_prefix.empty() && rule.strip_suffix.empty() && rule.values.empty()) {
    out.meant = std::move(out.names);
    out.names.clear();
    return;
  }
  std::unordered_map<std::string_view, std::string_view> replaced;
  for (const auto& [from, to] : rule.values) replaced.emplace(from, to);
  out.meant.reserve(out.names.size());
  for (const auto& name : out.names) {
    std::string_view text = name;
    if (!rule.strip_prefix.empty() && text.starts_with(rule.strip_prefix)) text.remove_prefix(rule.strip_prefix.size());
    if (!rule.strip_suffix.empty() && text.ends_with(rule.strip_suffix)) text.remove_suffix(rule.strip_suffix.size());
    if (const auto at = replaced.find(text); at != replaced.end()) text = at->second;
    out.meant.emplace_back(text);
  }
}

std::int8_t answer_of(std::string_view text) {
  const auto key = lower(text);
  for (const auto* word :
       {"true", "t", "yes", "y", "1", "x", "on", "ja", "j", "wahr", "oui", "o", "si", "s\xc3\xad", "sim", "in", "granted"})
    if (key == word) return 1;
  for (const auto* word :
       {"false", "f", "no", "n", "0", "off", "nein", "falsch", "non", "n\xc3\xa3o", "nao", "out", "revoked", "denied", "none"})
    if (key == word) return 0;
  return -1;
}

class block_reader {
public:
  block_reader(const block& where, const record_layout& layout) : where_(where), layout_(layout) {
    out_.rows = where.rows;
    out_.of.resize(layout.fields.size());
  }

  record_block read() {
    for (std::size_t f = 0; f < layout_.fields.size(); ++f) read_field(f);
    if (layout_.duplicates == duplicate_rule::row) print_rows();
    if (layout_.duplicates == duplicate_rule::id) print_ids();
    return std::move(out_);
  }

private:
  void note(std::size_t row, code which, std::size_t field) {
    out_.issues.push_back({row, 0, which, static_cast<std::uint8_t>(field)});
  }

  void read_field(std::size_t f) {
    const auto& from = layout_.of[f];
    auto& into = out_.of[f];
    if (from.rule.constant) {
      into.meant = {*from.rule.constant};
      into.codes.assign(where_.rows, from.rule.constant->empty() ? none : 0);
      return;
    }
    if (!from.column) return;
    switch (layout_.fields[f].kind) {
      case field_kind::number:
        read_numbers_of(f);
        break;
      case field_kind::date:
      case field_kind::time:
        read_times(f);
        break;
      case field_kind::flag:
        read_flags(f);
        break;
      default:
        read_keys(where_, *from.column, into);
        settle_meaning(from.rule, into);
        note_long(f, into);
    }
  }

  void note_long(std::size_t f, const block_column& column) {
    const auto& names = column.told();
    if (std::none_of(names.begin(), names.end(), [](const auto& name) { return name.size() > longest_text; })) return;
    for (std::size_t i = 0; i < where_.rows; ++i)
      if (column.codes[i] != none && names[column.codes[i]].size() > longest_text) note(i, code::too_long, f);
  }

  void read_numbers_of(std::size_t f) {
    const auto& from = layout_.of[f];
    auto& into = out_.of[f];
    into.numbers.resize(where_.rows);
    auto local = where_;
    local.row = 0;
    auto part = read_numbers(local, *from.column, from.comma, into.numbers.data());
    if (from.rule.scale != 1)
      for (auto& value : into.numbers) value *= from.rule.scale;
    for (const auto row : part.bad) note(row, code::bad_number, f);
    // The currency beside an amount, where no column says it.
    if (!layout_.signs || layout_.fields[f].name != "amount") return;
    auto& money = out_.of[layout_.at("currency")];
    money.codes.assign(where_.rows, none);
    text_keys keys;
    for (const auto& [row, sign] : part.currencies) money.codes[row] = keys.code(currency_code(sign, layout_.currency));
    for (std::size_t k = 0; k < keys.size(); ++k) money.meant.emplace_back(keys[k]);
  }

  void read_times(std::size_t f) {
    const auto& from = layout_.of[f];
    const auto& cells = where_.batch->columns()[*from.column];
    auto& into = out_.of[f];
    into.days.assign(where_.rows, no_day);
    const bool timed = layout_.fields[f].kind == field_kind::time || layout_.zone || from.zoned;
    if (timed) into.seconds.assign(where_.rows, -1);
    if (layout_.format.given() && cells.type() == arrow_type::text) {
      read_formatted(f, cells, timed);
    } else {
      auto local = where_;
      local.row = 0;
      const auto part = read_days(local, *from.column, from.dayfirst, into.days.data());
      for (const auto row : part.bad) note(row, code::bad_date, f);
      if (timed) read_clocks(f, cells);
    }
    if (layout_.fields[f].kind == field_kind::date) into.seconds.clear();
  }

  void read_formatted(std::size_t f, const arrow_column& cells, bool timed) {
    auto& into = out_.of[f];
    std::string scratch, scratch2;
    for (std::size_t i = 0; i < where_.rows; ++i) {
      const auto text = trim(cell_text(cells, where_.first + i, scratch, scratch2));
      if (is_no_text(text)) continue;
      const auto found = layout_.format.read(text);
      if (!found) {
        note(i, code::bad_date, f);
        continue;
      }
      into.days[i] = found->day;
      if (timed) settle_clock(into, i, *found);
    }
  }

  void read_clocks(std::size_t f, const arrow_column& cells) {
    auto& into = out_.of[f];
    const auto& own = layout_.of[f].own;
    std::string scratch, scratch2;
    if (cells.type() == arrow_type::timestamp) {
      for (std::size_t i = 0; i < where_.rows; ++i) {
        if (into.days[i] == no_day) continue;
        const std::int64_t utc = cells.second(where_.first + i);
        const std::int64_t local = utc + (layout_.zone ? layout_.zone->ahead(utc) : layout_.of[f].zoned ? own.ahead(utc) : 0);
        into.days[i] = static_cast<std::int32_t>(floor_div(local, day_seconds));
        into.seconds[i] = static_cast<std::int32_t>(local - into.days[i] * day_seconds);
      }
    } else if (cells.type() == arrow_type::text) {
      for (std::size_t i = 0; i < where_.rows; ++i) {
        if (into.days[i] == no_day) continue;
        auto found = clock_of(cell_text(cells, where_.first + i, scratch, scratch2));
        if (found.second < 0) continue;
        found.day = into.days[i];
        settle_clock(into, i, found);
      }
    }
  }

  // A local time with its offset stays what it says, unless days are those of a zone.
  void settle_clock(block_column& into, std::size_t row, const moment& found) const {
    into.seconds[row] = found.second;
    if (!layout_.zone || found.second < 0) return;
    const std::int64_t utc = found.day * day_seconds + found.second - found.offset.value_or(0);
    const std::int64_t local = utc + layout_.zone->ahead(utc);
    into.days[row] = static_cast<std::int32_t>(floor_div(local, day_seconds));
    into.seconds[row] = static_cast<std::int32_t>(local - into.days[row] * day_seconds);
  }

  void read_flags(std::size_t f) {
    const auto& from = layout_.of[f];
    const auto& cells = where_.batch->columns()[*from.column];
    auto& into = out_.of[f];
    into.flags.assign(where_.rows, -1);
    if (cells.type() == arrow_type::boolean) {
      for (std::size_t i = 0; i < where_.rows; ++i)
        if (cells.valid(where_.first + i)) into.flags[i] = cells.number(where_.first + i) != 0;
      return;
    }
    block_column texts;
    read_keys(where_, *from.column, texts);
    settle_meaning(from.rule, texts);
    std::vector<std::int8_t> answers;
    for (const auto& text : texts.meant) answers.push_back(answer_of(text));
    for (std::size_t i = 0; i < where_.rows; ++i) {
      if (texts.codes[i] == none) continue;
      into.flags[i] = answers[texts.codes[i]];
      if (into.flags[i] < 0 && !texts.meant[texts.codes[i]].empty()) note(i, code::unknown_answer, f);
    }
  }

  void print_rows() {
    out_.prints.assign(where_.rows, {0x243f6a8885a308d3u, 0x13198a2e03707344u});
    std::string scratch, scratch2;
    for (const auto& cells : where_.batch->columns()) {
      if (cells.type() == arrow_type::unsupported) continue;
      for (std::size_t i = 0; i < where_.rows; ++i) {
        const std::size_t row = where_.first + i;
        auto& [a, b] = out_.prints[i];
        // An empty cell is none of the texts.
        const bool valid = cells.valid(row);
        std::string_view text;
        double number = 0;
        if (valid && (cells.type() == arrow_type::float64 || cells.type() == arrow_type::float32)) {
          number = cells.number(row);
          text = {reinterpret_cast<const char*>(&number), sizeof number};
        } else if (valid) {
          text = cell_text(cells, row, scratch, scratch2);
        }
        a = hash_of(text, mix(a + (valid ? 1 : 2)));
        b = hash_of(text, mix(b ^ (valid ? 0x9e3779b97f4a7c15u : 0xc2b2ae3d27d4eb4fu)));
      }
    }
  }

  void print_ids() {
    const auto& ids = out_.of[0];
    out_.prints.assign(where_.rows, {0, 0});
    std::vector<fingerprint> of;
    for (const auto& text : ids.meant) of.push_back({hash_of(text, 0x243f6a8885a308d3u) | 1, hash_of(text, 0x13198a2e03707344u)});
    for (std::size_t i = 0; i < ids.codes.size(); ++i)
      if (ids.codes[i] != none) out_.prints[i] = of[ids.codes[i]];
  }

  const block& where_;
  const record_layout& layout_;
  record_block out_;
};

}  // namespace

record_block read_block(const block& where, const record_layout& layout) { return block_reader(where, layout).read(); }

}  // namespace clarion::schema::detail
