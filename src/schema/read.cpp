#include "clarion/schema/read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <unordered_map>

#include "clarion/core/arrow.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/detail/parse.hpp"
#include "clarion/schema/fields.hpp"
#include "clarion/schema/rules.hpp"
#include "clarion/schema/validate.hpp"
#include "schema/checks.hpp"
#include "schema/hash.hpp"
#include "schema/text.hpp"

namespace clarion::schema {

namespace {

using namespace detail;
using core::arrow_batch;
using core::arrow_column;
using core::arrow_type;
using core::category_column;

constexpr char unit_separator = '\x1f';  // between the items of an Arrow list while its cell is one text

// ---- texts ----

// Invalid UTF-8 becomes U+FFFD: what leaves again as JSON or Python text must be text.
std::string_view clean(std::string_view text, std::string& scratch) {
  bool ascii = true;
  for (const char c : text) ascii &= static_cast<unsigned char>(c) < 0x80;
  if (ascii) return text;
  const auto length = [&](std::size_t at) -> std::size_t {
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
  };
  bool valid = true;
  for (std::size_t at = 0; at < text.size() && valid;) {
    const auto n = length(at);
    valid = n > 0;
    at += n;
  }
  if (valid) return text;
  scratch.clear();
  for (std::size_t at = 0; at < text.size();) {
    const auto n = length(at);
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

// A cell as text, without a copy where the column holds texts.
std::string_view cell_text(const arrow_column& column, std::size_t row, std::string& scratch, std::string& scratch2) {
  if (!column.valid(row)) return {};
  if (column.type() == arrow_type::text) return clean(column.text(row), scratch);
  if (column.type() == arrow_type::unsupported) return {};
  scratch2 = column.to_text(row);
  return clean(scratch2, scratch);
}

// ---- where rows are ----

struct block {
  const arrow_batch* batch = nullptr;
  std::size_t first = 0, rows = 0;  // within the batch
  std::size_t row = 0;              // within the table
};

class table {
public:
  explicit table(ArrowArrayStream* stream, const run_options& run) {
    core::arrow_reader reader(stream);
    for (const auto& field : reader.fields()) {
      names.push_back(field.name);
      types.push_back(field.type);
    }
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
    if (rows >= UINT32_MAX) throw error("a portfolio holds fewer than 2^32 - 1 campaigns; read the table in parts");
  }

  std::string text(std::size_t row, std::size_t column) const {
    const auto at = static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), row) - starts_.begin()) - 1;
    std::string scratch, scratch2;
    return std::string(cell_text(batches_[at].columns()[column], row - starts_[at], scratch, scratch2));
  }

  std::vector<std::string> names;
  std::vector<arrow_type> types;
  std::vector<block> blocks;
  std::size_t rows = 0;

private:
  std::deque<arrow_batch> batches_;
  std::vector<std::size_t> starts_;
};

// ---- columns of texts ----

struct text_part {
  std::string bytes;
  std::vector<std::uint32_t> ends;
};

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

// ---- columns of texts that repeat ----

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

// Distinct texts of a block, and the code of each row of the table that is in it; empty cells have category_column::none.
std::vector<std::string> read_categories(const block& where, std::size_t column, std::uint32_t* codes) {
  const auto& cells = where.batch->columns()[column];
  interner names;
  std::string scratch, scratch2;
  const bool list = cells.type() == arrow_type::list && !cells.is_dictionary();
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

// Rewrites the codes of the blocks into those of one dictionary; `canonical` gives the spelling under which a text is kept.
core::dictionary unified(const std::vector<block>& blocks, const std::vector<std::vector<std::string>>& names,
                         std::vector<std::uint32_t>& codes, const run_options& run, const auto& canonical) {
  core::dictionary out;
  std::vector<std::vector<std::uint32_t>> to(blocks.size());
  for (std::size_t b = 0; b < blocks.size(); ++b)
    for (const auto& name : names[b]) {
      const std::string kept = canonical(name);
      to[b].push_back(kept.empty() ? category_column::none : out.intern(kept));
    }
  core::parallel_blocks(blocks.size(), run, [&](std::size_t b) {
    for (std::size_t i = 0; i < blocks[b].rows; ++i)
      if (auto& code = codes[blocks[b].row + i]; code != category_column::none) code = to[b][code];
  });
  return out;
}

// ---- lists ----

std::vector<std::string> split(std::string_view cell, std::string_view separator) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view item) {
    if (item = trim(item); !item.empty()) out.emplace_back(item);
  };
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
    add(cell.substr(at, end - at));
    at = end + separator.size();
  }
  return out;
}

core::list_column lists_of(const core::dictionary& cells, const std::vector<std::uint32_t>& codes, std::string separator,
                           const auto& canonical) {
  if (separator.empty()) {
    separator = ",";
    bool bar = false, semicolon = false;
    for (const auto& cell : cells.names()) {
      if (cell.starts_with('[') || cell.starts_with(unit_separator)) continue;
      semicolon |= cell.find(';') != cell.npos;
      bar |= cell.find('|') != cell.npos;
    }
    if (semicolon)
      separator = ";";
    else if (bar)
      separator = "|";
  }
  core::list_column out;
  std::vector<std::vector<std::uint32_t>> items(cells.size());
  for (std::uint32_t i = 0; i < cells.size(); ++i)
    for (const auto& item : split(cells[i], separator)) items[i].push_back(out.values.intern(canonical(item)));
  out.offsets.reserve(codes.size() + 1);
  for (const auto code : codes) {
    if (code != category_column::none) out.codes.insert(out.codes.end(), items[code].begin(), items[code].end());
    out.offsets.push_back(out.codes.size());
  }
  return out;
}

// ---- dates ----

struct date_part {
  std::uint64_t day_only = 0, month_only = 0, either = 0;
  char mark = 0;
  std::vector<std::uint32_t> bad;  // rows without a day in the reading that was asked for
};

// Days of a block in one reading; blank cells are no_day and not bad.
date_part read_days(const block& where, std::size_t column, bool day_first, std::int32_t* days) {
  const auto& cells = where.batch->columns()[column];
  date_part out;
  std::string scratch, scratch2;
  const bool typed = cells.type() == arrow_type::date || cells.type() == arrow_type::timestamp;
  for (std::size_t i = 0; i < where.rows; ++i) {
    const std::size_t row = where.first + i;
    auto& day = days[where.row + i];
    day = no_day;
    if (!cells.valid(row)) continue;
    const auto fail = [&] { out.bad.push_back(static_cast<std::uint32_t>(where.row + i)); };
    if (typed) {
      const auto number = cells.day(row);
      if (number >= -719162 && number <= 2932896)
        day = static_cast<std::int32_t>(number);
      else
        fail();
    } else if (cells.is_number()) {
      const double number = cells.number(row);
      if (std::isnan(number)) continue;
      day = day_of_number(number);
      if (day == no_day) fail();
    } else {
      const auto text = trim(cell_text(cells, row, scratch, scratch2));
      if (text.empty()) continue;
      const auto guess = parse_day(text);
      day = day_first ? guess.day_first : guess.month_first;
      if (!guess.certain() && guess.readable()) {
        if (guess.month_first == no_day)
          ++out.day_only;
        else if (guess.day_first == no_day)
          ++out.month_only;
        else
          ++out.either;
        if (out.mark == 0) out.mark = guess.mark;
      }
      if (day == no_day && !(text.size() <= 4 && parse_number(text).blank)) fail();
    }
  }
  return out;
}

// ---- numbers ----

struct number_part {
  std::uint64_t point = 0, comma = 0;                // cells that only one reading explains
  std::uint64_t either_point = 0, either_comma = 0;  // cells with the mark that both explain
  std::vector<std::uint32_t> bad;
  std::vector<std::pair<std::uint32_t, std::string_view>> currencies;
};

number_part read_numbers(const block& where, std::size_t column, bool comma, double* values) {
  const auto& cells = where.batch->columns()[column];
  number_part out;
  std::string scratch, scratch2;
  const bool typed = cells.is_number() || cells.type() == arrow_type::boolean;
  for (std::size_t i = 0; i < where.rows; ++i) {
    const std::size_t row = where.first + i;
    auto& value = values[where.row + i];
    value = missing;
    if (!cells.valid(row)) continue;
    const auto fail = [&] { out.bad.push_back(static_cast<std::uint32_t>(where.row + i)); };
    if (typed) {
      const double number = cells.number(row);
      if (std::isnan(number)) continue;
      if (std::abs(number) <= 1e15)
        value = number;
      else
        fail();
      continue;
    }
    const auto guess = parse_number(cell_text(cells, row, scratch, scratch2));
    if (guess.blank) continue;
    value = comma ? guess.comma : guess.point;
    if (std::isnan(guess.comma) != std::isnan(guess.point))
      ++(std::isnan(guess.comma) ? out.point : out.comma);
    else if (guess.point != guess.comma && !std::isnan(guess.point))
      ++(std::abs(guess.point) < std::abs(guess.comma) ? out.either_point : out.either_comma);
    if (!guess.currency.empty()) out.currencies.emplace_back(static_cast<std::uint32_t>(where.row + i), guess.currency);
    if (std::isnan(value)) fail();
  }
  return out;
}

// ---- words ----

std::optional<bool> parse_flag(std::string_view text) {
  const auto key = normal_key(text);
  for (const auto* word : {"true", "t", "yes", "y", "1", "x", "on", "fixed", "ja", "j", "wahr", "oui", "si"})
    if (key == word) return true;
  for (const auto* word : {"false", "f", "no", "n", "0", "off", "nein", "falsch", "non"})
    if (key == word) return false;
  return std::nullopt;
}

std::string currency_code(std::string_view text, std::string_view fallback) {
  if (text == "$") {
    for (const auto* other : {"CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
      if (fallback == other) return std::string(fallback);
    return "USD";
  }
  const std::string one = "1 " + std::string(text);
  if (const auto guess = parse_number(one); !guess.currency.empty() && !std::isnan(guess.point))
    return guess.currency == "$" ? currency_code("$", fallback) : std::string(guess.currency);
  std::string out(trim(text));
  for (auto& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// "Budget (EUR)", "cost [£]"
std::optional<std::string> currency_of_header(std::string_view name, std::string_view fallback) {
  const auto open = name.find_first_of("([");
  if (open == name.npos) return std::nullopt;
  const auto close = name.find_first_of(")]", open);
  if (close == name.npos) return std::nullopt;
  const auto inside = trim(name.substr(open + 1, close - open - 1));
  const std::string one = "1 " + std::string(inside);
  if (const auto guess = parse_number(one); !guess.currency.empty()) return currency_code(inside, fallback);
  return std::nullopt;
}

// ---- all of it ----

class reader {
public:
  reader(ArrowArrayStream* stream, const policy& rules, const catalog* products, const read_options& options,
         const run_options& run)
      : rules_(rules), products_(products), options_(options), run_(run), source_(stream, run) {}

  reading read() {
    name_columns();
    const auto columns = matched();
    stage(0.05, 0.55);
    read_columns(columns);
    stage(0.55, 0.7);
    assemble(columns);
    stage(0.7, 0.95);
    judge_rows();
    if (run_.progress) run_.progress(1.0);
    return std::move(out_);
  }

private:
  using places = std::vector<std::optional<std::size_t>>;

  void stage(double from, double to) {
    step_ = run_;
    if (run_.progress) step_.progress = [this, from, to](double part) { run_.progress(from + part * (to - from)); };
  }

  void tell(code which, std::string message, std::vector<evidence> items = {}, std::string column = {}) {
    auto one = make_finding(rule_at(which), {}, std::move(message));
    one.evidence = std::move(items);
    one.why = rule_at(which).explanation;
    one.column = std::move(column);
    ++told_[static_cast<std::size_t>(which)];
    out_.findings.push_back(std::move(one));
  }

  void name_columns() {
    auto& names = source_.names;
    std::string scratch;
    std::set<std::string> used;
    for (std::size_t i = 0; i < names.size(); ++i) {
      names[i] = std::string(trim(clean(names[i], scratch)));
      unnamed_.push_back(names[i].empty());
      if (names[i].empty()) names[i] = fmt::format("column {}", i + 1);
      if (!used.insert(names[i]).second) {
        std::string other;
        for (int n = 2; other.empty() || used.count(other) > 0; ++n) other = fmt::format("{} ({})", names[i], n);
        tell(code::column_twice,
             fmt::format("Column {} has the name \"{}\" of an earlier one; it is kept as \"{}\".", i + 1, names[i], other),
             {{"column", names[i], ""}, {"position", static_cast<std::int64_t>(i + 1), ""}}, names[i]);
        used.insert(other);
        names[i] = other;
      }
    }
    out_.columns = names;
    if (!options_.encoding.empty())
      tell(code::encoding, fmt::format("The file is not UTF-8; it was read as {}.", options_.encoding),
           {{"encoding", options_.encoding, ""}});
  }

  places matched() {
    if (options_.decimal != 0 && options_.decimal != '.' && options_.decimal != ',')
      reject("decimal", std::string(1, options_.decimal), "give \".\" or \",\"");
    auto found = match_columns(source_.names, options_.columns, options_.guess_columns);
    const auto all = fields();
    std::string assumed;
    std::vector<std::string> pairs, kept;
    std::vector<bool> used(source_.names.size());
    for (std::size_t f = 0; f < all.size(); ++f) {
      if (!found[f]) continue;
      if (source_.types[*found[f]] == arrow_type::unsupported) {
        found[f].reset();
        continue;
      }
      used[*found[f]] = true;
      const auto& column = source_.names[*found[f]];
      out_.mapping.emplace_back(all[f].name, column);
      const bool chosen = std::any_of(options_.columns.begin(), options_.columns.end(),
                                      [&](const auto& pair) { return pair.first == all[f].name; });
      if (!chosen && column != all[f].name) {
        pairs.push_back(fmt::format("{}={}", all[f].name, column));
        assumed += fmt::format("{}\"{}\" as {}", assumed.empty() ? "" : ", ", column, all[f].name);
      }
    }
    for (std::size_t i = 0; i < source_.names.size(); ++i) {
      if (source_.types[i] == arrow_type::unsupported) {
        tell(code::column_unreadable, fmt::format("Column \"{}\" has a type that is not read; it is left out.", source_.names[i]),
             {{"column", source_.names[i], ""}}, source_.names[i]);
      } else if (!used[i]) {
        extras_.push_back(i);
        kept.push_back(source_.names[i]);
      }
    }
    if (!found[at_start] || !found[at_end]) {
      std::string names;
      for (std::size_t i = 0; i < source_.names.size() && i < 30; ++i) names += (i ? ", " : "") + source_.names[i];
      if (source_.names.size() > 30) names += ", ...";
      const char* lacking = !found[at_start] && !found[at_end] ? "start and end" : !found[at_start] ? "start" : "end";
      throw error(fmt::format(
          "no column holds the {} of the campaigns; the columns are {}. Say which one does: columns={{\"{}\": \"...\"}} "
          "or --map {}=...",
          lacking, names.empty() ? "none" : names, found[at_start] ? "end" : "start", found[at_start] ? "end" : "start"));
    }
    if (!pairs.empty()) {
      std::string message = "Took " + assumed;
      if (!kept.empty()) {
        message += "; kept as they are: ";
        for (std::size_t i = 0; i < kept.size() && i < 12; ++i) message += (i ? ", " : "") + kept[i];
        if (kept.size() > 12) message += fmt::format(" and {} more", kept.size() - 12);
      }
      tell(code::columns_matched, message + ".", {{"mapping", pairs, ""}, {"kept", kept, ""}});
    }
    for (std::size_t f = 0; f < all.size(); ++f) absent_[f] = !found[f];
    return found;
  }

  // Every column of every block once, in the reading that is most likely; then again where the column turned out otherwise.
  void read_columns(const places& columns) {
    const auto& blocks = source_.blocks;
    const auto all = fields();
    const std::size_t n = source_.rows;
    texts_.resize(all.size());
    codes_.resize(all.size());
    names_.resize(all.size());
    days_.resize(all.size());
    numbers_.resize(all.size());
    std::vector<std::vector<date_part>> dates(all.size());
    std::vector<std::vector<number_part>> numbers(all.size());
    for (std::size_t f = 0; f < all.size(); ++f) {
      if (!columns[f]) continue;
      switch (all[f].kind) {
        case field_kind::text:
          texts_[f].resize(blocks.size());
          break;
        case field_kind::date:
          days_[f].resize(n);
          dates[f].resize(blocks.size());
          break;
        case field_kind::number:
          numbers_[f].resize(n);
          numbers[f].resize(blocks.size());
          break;
        default:
          codes_[f].resize(n);
          names_[f].resize(blocks.size());
      }
    }
    extra_parts_.resize(extras_.size());
    for (auto& parts : extra_parts_) parts.resize(blocks.size());
    const bool day_first = options_.dayfirst.value_or(true);
    const bool comma = options_.decimal == ',';
    core::parallel_blocks(blocks.size(), step_, [&](std::size_t b) {
      for (std::size_t f = 0; f < all.size(); ++f) {
        if (!columns[f]) continue;
        const std::size_t column = *columns[f];
        switch (all[f].kind) {
          case field_kind::text:
            texts_[f][b] = read_texts(blocks[b], column, true);
            break;
          case field_kind::date:
            dates[f][b] = read_days(blocks[b], column, day_first, days_[f].data());
            break;
          case field_kind::number:
            numbers[f][b] = read_numbers(blocks[b], column, comma, numbers_[f].data());
            break;
          default:
            names_[f][b] = read_categories(blocks[b], column, codes_[f].data());
        }
      }
      for (std::size_t e = 0; e < extras_.size(); ++e) extra_parts_[e][b] = read_texts(blocks[b], extras_[e], false);
    });
    settle_dates(columns, dates);
    settle_numbers(columns, numbers);
    for (std::size_t f = 0; f < all.size(); ++f) {
      for (const auto& part : dates[f])
        for (const auto row : part.bad) parse_issues_.push_back({row, 0, code::bad_date, static_cast<std::uint8_t>(f)});
      for (const auto& part : numbers[f])
        for (const auto row : part.bad) parse_issues_.push_back({row, 0, code::bad_number, static_cast<std::uint8_t>(f)});
    }
    flags_.assign(n, 0);
    for (const auto& one : parse_issues_) {
      if (one.field == at_budget) flags_[one.row] |= budget_unread;
      if (one.field >= at_spend) flags_[one.row] |= result_unread;
    }
    for (const auto f : {at_start, at_end}) {
      const std::uint8_t flag = f == at_start ? start_unknown : end_unknown;
      for (std::size_t row = 0; row < n; ++row)
        if (days_[f][row] == no_day) flags_[row] |= flag;
      std::vector<bool> bad(n);
      for (const auto& part : dates[f])
        for (const auto row : part.bad) bad[row] = true;
      for (std::size_t row = 0; row < n; ++row)
        if (days_[f][row] == no_day && !bad[row]) parse_issues_.push_back({row, 0, code::no_dates, f});
    }
    if (!absent_[at_budget])
      for (const auto& part : numbers[at_budget]) signs_.insert(signs_.end(), part.currencies.begin(), part.currencies.end());
  }

  void settle_dates(const places& columns, std::vector<std::vector<date_part>>& dates) {
    if (options_.dayfirst) return;
    struct votes {
      std::uint64_t day = 0, month = 0, either = 0;
      char mark = 0;
    };
    std::vector<votes> own(dates.size());
    std::array<votes, 128> by_mark{};
    for (std::size_t f = 0; f < dates.size(); ++f) {
      for (const auto& part : dates[f]) {
        own[f].day += part.day_only;
        own[f].month += part.month_only;
        own[f].either += part.either;
        if (own[f].mark == 0) own[f].mark = part.mark;
      }
      auto& pool = by_mark[static_cast<unsigned char>(own[f].mark) & 127];
      pool.day += own[f].day;
      pool.month += own[f].month;
    }
    for (std::size_t f = 0; f < dates.size(); ++f) {
      const auto& vote = own[f];
      if (vote.day + vote.month + vote.either == 0) continue;
      const auto& pool = by_mark[static_cast<unsigned char>(vote.mark) & 127];
      bool day_first = vote.day >= vote.month;
      if (vote.day == 0 && vote.month == 0) {
        day_first = pool.day != pool.month ? pool.day > pool.month : vote.mark != '/';
        if (pool.day == pool.month && vote.mark != '.')
          tell(code::day_month,
               fmt::format("Every date of \"{}\" can be read with the day first and with the month first; {} first was taken.",
                           source_.names[*columns[f]], day_first ? "the day" : "the month"),
               {{"cells", static_cast<std::int64_t>(vote.either), "cells"},
                {"dayfirst", std::string(day_first ? "true" : "false"), ""}},
               source_.names[*columns[f]]);
      }
      if (!day_first)
        core::parallel_blocks(source_.blocks.size(), step_, [&](std::size_t b) {
          dates[f][b] = read_days(source_.blocks[b], *columns[f], false, days_[f].data());
        });
    }
  }

  void settle_numbers(const places& columns, std::vector<std::vector<number_part>>& numbers) {
    if (options_.decimal != 0) return;
    struct votes {
      std::uint64_t point = 0, comma = 0, either_point = 0, either_comma = 0;
    };
    std::vector<votes> own(numbers.size());
    votes pool;
    for (std::size_t f = 0; f < numbers.size(); ++f) {
      for (const auto& part : numbers[f]) {
        own[f].point += part.point;
        own[f].comma += part.comma;
        own[f].either_point += part.either_point;
        own[f].either_comma += part.either_comma;
      }
      // Of counts, that the mark parts thousands is the only reading that makes sense.
      const bool counts =
          f == at_impressions || f == at_clicks || f == at_conversions || f == at_new_customers || f == at_returns;
      if (counts && own[f].point == 0 && own[f].comma == 0 && (own[f].either_point == 0) != (own[f].either_comma == 0)) {
        own[f].comma = own[f].either_point;
        own[f].point = own[f].either_comma;
      }
      pool.point += own[f].point;
      pool.comma += own[f].comma;
    }
    for (std::size_t f = 0; f < numbers.size(); ++f) {
      const auto& vote = own[f];
      const auto either = vote.either_point + vote.either_comma;
      if (vote.point + vote.comma + either == 0) continue;
      bool comma = vote.comma > vote.point;
      if (vote.point == vote.comma) {
        comma = pool.comma > pool.point;
        // A comma before three digits parts thousands nearly always; only of the point can nobody tell.
        if (pool.comma == pool.point && vote.either_point > 0)
          tell(code::decimal_mark,
               fmt::format("The numbers of \"{}\" do not tell whether their mark parts thousands or decimals; the point was "
                           "taken as the decimal mark.",
                           source_.names[*columns[f]]),
               {{"cells", static_cast<std::int64_t>(either), "cells"}}, source_.names[*columns[f]]);
      }
      if (comma)
        core::parallel_blocks(source_.blocks.size(), step_, [&](std::size_t b) {
          numbers[f][b] = read_numbers(source_.blocks[b], *columns[f], true, numbers_[f].data());
        });
    }
  }

  // The columns of the portfolio, each a task of its own.
  void assemble(const places& columns) {
    const std::size_t n = source_.rows;
    const auto& blocks = source_.blocks;
    auto& p = all_;
    run_options alone;
    alone.threads = 1;
    std::vector<std::function<void()>> tasks;
    const auto same = [](const std::string& text) { return text; };
    const auto text = [&](std::size_t f, core::text_column& into) {
      tasks.push_back([&, f] {
        if (columns[f])
          into = joined(texts_[f], n);
        else
          into = core::text_column::adopt({}, std::vector<std::uint64_t>(n + 1));
      });
    };
    const auto category = [&](std::size_t f, category_column& into, auto canonical) {
      tasks.push_back([&, f, canonical] {
        if (columns[f])
          into.values = unified(blocks, names_[f], codes_[f], alone, canonical);
        else
          codes_[f].assign(n, category_column::none);
        into.codes = std::move(codes_[f]);
      });
    };
    const auto list = [&](std::size_t f, core::list_column& into, auto canonical) {
      tasks.push_back([&, f, canonical] {
        if (!columns[f]) {
          into.offsets.assign(n + 1, 0);
          return;
        }
        const auto cells = unified(blocks, names_[f], codes_[f], alone, same);
        into = lists_of(cells, codes_[f], options_.list_separator, canonical);
        codes_[f] = {};
      });
    };
    const auto number = [&](std::size_t f, std::vector<double>& into) {
      tasks.push_back([&, f] {
        if (columns[f])
          into = std::move(numbers_[f]);
        else
          into.assign(n, missing);
      });
    };
    const auto day = [&](std::size_t f, std::vector<date>& into) {
      tasks.push_back([&, f] {
        into.reserve(n);
        for (const auto at : days_[f]) into.push_back(core::from_day_number(at == no_day ? 0 : at));
      });
    };
    const auto maybe_day = [&](std::size_t f, std::vector<std::optional<date>>& into) {
      tasks.push_back([&, f] {
        into.resize(n);
        if (columns[f])
          for (std::size_t row = 0; row < n; ++row)
            if (days_[f][row] != no_day) into[row] = core::from_day_number(days_[f][row]);
      });
    };
    std::vector<issue> word_issues[3], criterion_issues;
    const auto word = [&](std::size_t f, std::vector<issue>& issues, auto& into, auto parse, auto otherwise) {
      tasks.push_back([&, f, parse, otherwise] {
        into.assign(n, otherwise);
        if (!columns[f]) return;
        const auto cells = unified(blocks, names_[f], codes_[f], alone, same);
        std::vector<decltype(parse(std::string_view{}))> values;
        for (const auto& name : cells.names()) values.push_back(parse(name));
        for (std::size_t row = 0; row < n; ++row) {
          const auto code = codes_[f][row];
          if (code == category_column::none) continue;
          if (values[code])
            into[row] = *values[code];
          else
            issues.push_back({row, 0, code::bad_word, static_cast<std::uint8_t>(f)});
        }
        codes_[f] = {};
      });
    };

    text(at_id, p.id);
    text(at_name, p.name);
    text(at_hash, p.approved_hash);
    day(at_start, p.start);
    day(at_end, p.end);
    number(at_budget, p.budget);
    const std::string header = absent_[at_budget] ? std::string{} : source_.names[*columns[at_budget]];
    const std::string currency = currency_of_header(header, options_.currency).value_or(options_.currency);
    category(at_currency, p.currency, [currency](const std::string& given) { return currency_code(given, currency); });
    category(at_channel, p.channel, [&](const std::string& given) {
      const auto* known = find_channel(rules_.channels, given);
      return known != nullptr ? known->name : given;
    });
    list(at_audience, p.audience, same);
    list(at_products, p.products, same);
    category(at_owner, p.owner, same);
    category(at_group, p.group, same);
    word(at_objective, word_issues[0], p.objective, parse_objective, objective::unspecified);
    category(at_region, p.region, same);
    word(at_status, word_issues[1], p.status, parse_status, options_.history ? status::finished : status::unspecified);
    category(at_approver, p.approver, same);
    category(at_channel_manager, p.channel_manager, same);
    number(at_touches, p.touches_per_week);
    number(at_cap, p.frequency_cap);
    list(at_tags, p.tags, same);
    maybe_day(at_earliest, p.earliest_start);
    maybe_day(at_latest, p.latest_end);
    word(at_fixed, word_issues[2], p.fixed_dates, parse_flag, false);
    list(at_targets, p.targets, [](const std::string& item) {
      const auto target = parse_kpi_target(item);
      return target ? to_string(*target) : item;
    });
    maybe_day(at_approved_on, p.approved_on);
    number(at_spend, p.spend);
    number(at_impressions, p.impressions);
    number(at_clicks, p.clicks);
    number(at_conversions, p.conversions);
    number(at_revenue, p.revenue);
    number(at_new_customers, p.new_customers);
    number(at_returns, p.returns);
    p.extras.resize(extras_.size());
    for (std::size_t e = 0; e < extras_.size(); ++e) {
      p.extras[e].first = source_.names[extras_[e]];
      tasks.push_back([&, e] { p.extras[e].second = joined(extra_parts_[e], n); });
    }
    core::parallel_blocks(tasks.size(), step_, [&](std::size_t t) { tasks[t](); });

    // Exports that end each line in a delimiter have a last column without name or content.
    std::erase_if(p.extras, [&](const auto& extra) {
      const auto at =
          static_cast<std::size_t>(std::find(source_.names.begin(), source_.names.end(), extra.first) - source_.names.begin());
      if (!unnamed_[at]) return false;
      for (std::size_t row = 0; row < n; ++row)
        if (!extra.second[row].empty()) return false;
      return true;
    });
    for (const auto& issues : word_issues) parse_issues_.insert(parse_issues_.end(), issues.begin(), issues.end());
    check_targets();
    fill_currency(currency);
    fill_names();
    number_rows();
  }

  void check_targets() {
    auto& column = all_.targets;
    std::vector<bool> bad(column.values.size());
    for (std::uint32_t i = 0; i < bad.size(); ++i) bad[i] = !parse_kpi_target(column.values[i]);
    for (std::size_t row = 0; row < column.size(); ++row)
      for (const auto item : column[row])
        if (bad[item]) {
          parse_issues_.push_back({row, item, code::bad_criterion, at_targets});
          break;
        }
  }

  void fill_currency(const std::string& currency) {
    auto& column = all_.currency;
    const auto otherwise = currency.empty() ? category_column::none : column.values.intern(currency);
    for (const auto& [row, sign] : signs_)
      if (column.codes[row] == category_column::none) column.codes[row] = column.values.intern(currency_code(sign, currency));
    for (auto& code : column.codes)
      if (code == category_column::none) code = otherwise;
  }

  void fill_names() {
    const std::size_t n = source_.rows;
    if (absent_[at_id] && absent_[at_name]) {
      core::text_column made;
      for (std::size_t row = 0; row < n; ++row) made.push_back(fmt::format("row-{}", row + 1));
      all_.id = made;
      all_.name = made;
    } else if (absent_[at_id]) {
      all_.id = all_.name;
    } else if (absent_[at_name]) {
      all_.name = all_.id;
    }
  }

  void number_rows() {
    all_.source_row.reserve(source_.rows);
    std::uint64_t row = 0;
    std::size_t skipped = 0;
    for (std::size_t i = 0; i < source_.rows; ++i) {
      ++row;
      while (skipped < options_.unreadable.size() && options_.unreadable[skipped].row <= row) ++skipped, ++row;
      all_.source_row.push_back(row);
    }
  }

  bool quarantines(const issue& one) const {
    if (one.code == code::no_dates || one.code == code::blank_row) return true;
    if (one.code == code::bad_date && (one.field == at_start || one.field == at_end)) return true;
    const auto& rule = rule_at(one.code);
    if (!error_[static_cast<std::size_t>(one.code)]) return false;
    for (const auto& accepted : rules_.accepted) {
      if (accepted.code != rule.code || (accepted.until && *accepted.until < today_)) continue;
      if (accepted.campaign.empty() || accepted.campaign == all_.id[one.row]) return false;
    }
    return true;
  }

  // A row without content breaks every rule about what must be there; that it is blank says all of it.
  void set_blank_rows_apart(std::vector<issue>& issues, const std::vector<std::uint8_t>& flags) {
    std::vector<bool> blank(source_.rows);
    bool any = false;
    for (std::size_t row = 0; row < source_.rows; ++row) {
      if ((flags[row] & start_unknown) == 0 || (flags[row] & end_unknown) == 0) continue;
      bool empty = true;
      for (std::size_t c = 0; c < source_.names.size() && empty; ++c) empty = trim(source_.text(row, c)).empty();
      blank[row] = empty;
      any |= empty;
    }
    if (!any) return;
    std::erase_if(issues, [&](const issue& one) { return blank[one.row]; });
    for (std::size_t row = 0; row < source_.rows; ++row)
      if (blank[row]) issues.push_back({row, 0, code::blank_row, at_id});
  }

  void judge_rows() {
    const std::size_t n = source_.rows;
    today_ = rules_.today.value_or(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
    for (std::size_t c = 0; c < rule_count; ++c) {
      const auto& rule = rules()[c];
      const auto changed = rules_.severities.find(std::string(rule.code));
      error_[c] = (changed != rules_.severities.end() ? changed->second : rule.severity) == severity::error;
      for (const auto& prefix : rules_.ignore)
        if (rule.code.starts_with(prefix)) error_[c] = false;
    }
    check_context context{all_, rules_, products_};
    context.flags = std::move(flags_);
    context.absent = absent_;
    context.history = options_.history;
    auto issues = find_issues(context, step_);
    issues.insert(issues.end(), parse_issues_.begin(), parse_issues_.end());
    set_blank_rows_apart(issues, context.flags);
    if (!parse_issues_.empty())
      std::sort(issues.begin(), issues.end(), [](const issue& a, const issue& b) {
        return std::tuple(a.row, a.code, a.field, a.other) < std::tuple(b.row, b.code, b.field, b.other);
      });

    std::vector<bool> out_of(n);
    for (const auto& one : issues)
      if (!out_of[one.row] && quarantines(one)) out_of[one.row] = true;

    // Described before any row moves: an issue names rows of the whole table.
    std::vector<std::size_t> columns(fields().size(), SIZE_MAX);
    for (const auto& [name, column] : out_.mapping)
      columns[*field_index(name)] =
          static_cast<std::size_t>(std::find(source_.names.begin(), source_.names.end(), column) - source_.names.begin());
    const auto cell = [&](std::uint64_t row, std::size_t f) -> std::pair<std::string, std::string> {
      if (columns[f] == SIZE_MAX) return {std::string(fields()[f].name), {}};
      return {source_.names[columns[f]], source_.text(row, columns[f])};
    };
    auto rows = report(issues, context, cell, options_.most_per_code);
    set_aside(issues, out_of, rows.place);
    keep(out_of);

    check_context kept{out_.accepted, rules_, products_};
    kept.absent = absent_;
    kept.history = options_.history;
    for (auto& one : portfolio_findings(kept)) {
      ++told_[static_cast<std::size_t>(
          std::find_if(rules().begin(), rules().end(), [&](const auto& r) { return r.code == one.code; }) - rules().begin())];
      out_.findings.push_back(std::move(one));
    }
    std::vector<std::uint32_t> line_places;
    for (const auto& line : options_.unreadable) {
      line_places.push_back(static_cast<std::uint32_t>(out_.findings.size()));
      tell(code::bad_line, fmt::format("Row {} cannot be cut into cells: {}.", line.row, line.reason));
      auto& one = out_.findings.back();
      one.row = line.row;
      one.value = line.text;
    }
    const auto offset = static_cast<std::uint32_t>(out_.findings.size());
    out_.findings.insert(out_.findings.end(), std::make_move_iterator(rows.findings.begin()),
                         std::make_move_iterator(rows.findings.end()));
    place_lines(line_places, offset);

    const auto counts = count_by_code(issues);
    for (std::size_t c = 0; c < rule_count; ++c)
      if (const auto total = counts[c] + told_[c]; total > 0) out_.counts.emplace_back(rules()[c].code, total);
    out_.rows_read = n + options_.unreadable.size();
  }

  void set_aside(const std::vector<issue>& issues, const std::vector<bool>& out_of, const std::vector<std::uint32_t>& place) {
    auto& q = out_.quarantine;
    q.cells.resize(source_.names.size());
    for (std::size_t i = 0; i < issues.size();) {
      const auto row = issues[i].row;
      std::size_t end = i;
      while (end < issues.size() && issues[end].row == row) ++end;
      if (out_of[row]) {
        std::string reasons;
        for (std::size_t k = i; k < end; ++k) {
          const auto& rule = rule_at(issues[k].code);
          if (error_[static_cast<std::size_t>(issues[k].code)] || quarantines(issues[k]))
            reasons += fmt::format("{}{} {}", reasons.empty() ? "" : "; ", rule.code, rule.title);
          if (place[k] != reported::none()) q.findings.push_back(place[k]);
        }
        q.row.push_back(all_.source_row[row]);
        q.id.push_back(absent_[at_id] && absent_[at_name] ? std::string_view{} : all_.id[row]);
        q.reasons.push_back(reasons);
        for (std::size_t c = 0; c < q.cells.size(); ++c) q.cells[c].push_back(source_.text(row, c));
        q.offsets.push_back(q.findings.size());
      }
      i = end;
    }
  }

  // Findings of rows stand behind those of the file and of its unreadable lines; the quarantine gets the lines at their places.
  void place_lines(const std::vector<std::uint32_t>& line_places, std::uint32_t offset) {
    auto& q = out_.quarantine;
    for (auto& position : q.findings) position += offset;
    if (options_.unreadable.empty()) return;
    quarantined_rows merged;
    merged.cells.resize(std::max<std::size_t>(1, q.cells.size()));
    std::size_t line = 0;
    const auto take_line = [&] {
      const auto& one = options_.unreadable[line];
      std::string scratch;
      merged.row.push_back(one.row);
      merged.id.push_back({});
      merged.reasons.push_back(fmt::format("{} {}: {}", rule_at(code::bad_line).code, rule_at(code::bad_line).title, one.reason));
      for (std::size_t c = 0; c < merged.cells.size(); ++c)
        merged.cells[c].push_back(c == 0 ? clean(one.text, scratch) : std::string_view{});
      merged.findings.push_back(line_places[line]);
      merged.offsets.push_back(merged.findings.size());
      ++line;
    };
    for (std::size_t i = 0; i < q.size(); ++i) {
      while (line < options_.unreadable.size() && options_.unreadable[line].row < q.row[i]) take_line();
      merged.row.push_back(q.row[i]);
      merged.id.push_back(q.id[i]);
      merged.reasons.push_back(q.reasons[i]);
      for (std::size_t c = 0; c < q.cells.size(); ++c) merged.cells[c].push_back(q.cells[c][i]);
      for (auto k = q.offsets[i]; k < q.offsets[i + 1]; ++k) merged.findings.push_back(q.findings[k]);
      merged.offsets.push_back(merged.findings.size());
    }
    while (line < options_.unreadable.size()) take_line();
    q = std::move(merged);
  }

  void keep(const std::vector<bool>& out_of) {
    std::vector<std::uint64_t> rows;
    rows.reserve(source_.rows);
    for (std::size_t row = 0; row < source_.rows; ++row)
      if (!out_of[row]) rows.push_back(row);
    if (rows.size() == source_.rows) {
      out_.accepted = std::move(all_);
      return;
    }
    auto& from = all_;
    auto& to = out_.accepted;
    std::vector<std::function<void()>> tasks;
    const auto column = [&](auto& source, auto& target) { tasks.push_back([&] { target = source.take(rows); }); };
    const auto plain = [&](auto& source, auto& target) {
      tasks.push_back([&] {
        target.reserve(rows.size());
        for (const auto row : rows) target.push_back(source[row]);
      });
    };
    column(from.id, to.id);
    column(from.name, to.name);
    plain(from.start, to.start);
    plain(from.end, to.end);
    plain(from.budget, to.budget);
    column(from.currency, to.currency);
    column(from.channel, to.channel);
    column(from.audience, to.audience);
    column(from.products, to.products);
    column(from.owner, to.owner);
    column(from.group, to.group);
    plain(from.objective, to.objective);
    column(from.region, to.region);
    plain(from.status, to.status);
    column(from.approver, to.approver);
    column(from.channel_manager, to.channel_manager);
    plain(from.touches_per_week, to.touches_per_week);
    plain(from.frequency_cap, to.frequency_cap);
    column(from.tags, to.tags);
    plain(from.earliest_start, to.earliest_start);
    plain(from.latest_end, to.latest_end);
    plain(from.fixed_dates, to.fixed_dates);
    column(from.targets, to.targets);
    plain(from.approved_on, to.approved_on);
    column(from.approved_hash, to.approved_hash);
    for (const auto member : {&portfolio::spend, &portfolio::impressions, &portfolio::clicks, &portfolio::conversions,
                              &portfolio::revenue, &portfolio::new_customers, &portfolio::returns})
      plain(from.*member, to.*member);
    plain(from.source_row, to.source_row);
    to.extras.resize(from.extras.size());
    for (std::size_t e = 0; e < from.extras.size(); ++e) {
      to.extras[e].first = from.extras[e].first;
      column(from.extras[e].second, to.extras[e].second);
    }
    core::parallel_blocks(tasks.size(), step_, [&](std::size_t t) { tasks[t](); });
  }

  const policy& rules_;
  const catalog* products_;
  const read_options& options_;
  const run_options& run_;
  run_options step_;
  table source_;
  std::vector<bool> unnamed_;
  std::vector<std::size_t> extras_;
  std::array<bool, 64> absent_{};
  std::array<bool, rule_count> error_{};
  std::array<std::uint64_t, rule_count> told_{};
  date today_{};

  std::vector<std::vector<text_part>> texts_, extra_parts_;
  std::vector<std::vector<std::uint32_t>> codes_;
  std::vector<std::vector<std::vector<std::string>>> names_;
  std::vector<std::vector<std::int32_t>> days_;
  std::vector<std::vector<double>> numbers_;
  std::vector<std::pair<std::uint32_t, std::string_view>> signs_;
  std::vector<std::uint8_t> flags_;
  std::vector<issue> parse_issues_;
  portfolio all_;
  reading out_;
};

}  // namespace

reading from_arrow(ArrowArrayStream* stream, const policy& policy, const catalog* products, const read_options& options,
                   const run_options& run) {
  return reader(stream, policy, products, options, run).read();
}

}  // namespace clarion::schema
