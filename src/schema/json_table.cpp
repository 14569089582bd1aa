#include "clarion/schema/detail/json_table.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "clarion/core/detail/arrow_abi.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/fields.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

using json = nlohmann::ordered_json;

// Cells by column, handed on as the Arrow stream of one batch.
struct json_store : std::enable_shared_from_this<json_store> {
  struct column {
    std::string name, bytes;
    std::vector<std::int64_t> offsets;
    bool integers = true;
    std::vector<std::int64_t> numbers;
    std::vector<std::uint8_t> valid;
    std::int64_t nulls = 0;
  };
  std::size_t rows = 0;
  std::deque<column> columns;
  std::unordered_map<std::string, std::size_t> places;
  bool given = false;

  struct described {
    std::vector<ArrowSchema> columns;
    std::vector<ArrowSchema*> pointers;
  };
  std::deque<described> schemas;
  std::vector<ArrowArray> arrays;
  std::vector<ArrowArray*> array_pointers;
  std::vector<const void*> buffers;
  const void* no_buffer = nullptr;

  column& at(const std::string& name) {
    const auto [found, added] = places.try_emplace(name, columns.size());
    if (added) {
      if (columns.size() >= 10000) throw error("JSON: more than 10,000 different keys; a table has a few dozen");
      columns.emplace_back();
      columns.back().name = name;
      columns.back().offsets.assign(rows + 1, 0);
    }
    return columns[found->second];
  }

  void set(const std::string& name, const std::string& text, bool integer) {
    auto& into = at(name);
    if (into.offsets.size() == rows + 2) return;  // a key twice: the first one counts
    into.bytes += text;
    into.integers &= integer || text.empty();
    into.offsets.push_back(static_cast<std::int64_t>(into.bytes.size()));
  }

  void end_row() {
    ++rows;
    for (auto& one : columns)
      if (one.offsets.size() < rows + 1) one.offsets.push_back(one.offsets.back());
  }

  // Validity, and numbers in the place of the texts of integers.
  void settle() {
    for (auto& one : columns) {
      one.valid.assign((rows + 7) / 8, 0);
      one.nulls = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        const bool holds = one.offsets[i + 1] > one.offsets[i];
        one.valid[i / 8] = static_cast<std::uint8_t>(one.valid[i / 8] | (unsigned{holds} << (i % 8)));
        one.nulls += !holds;
      }
      one.integers &= one.nulls < static_cast<std::int64_t>(rows);
      if (!one.integers) continue;
      one.numbers.assign(rows, 0);
      for (std::size_t i = 0; i < rows; ++i)
        std::from_chars(one.bytes.data() + one.offsets[i], one.bytes.data() + one.offsets[i + 1], one.numbers[i]);
    }
  }

  // Whoever holds a struct of the interface holds the store.
  template <class Struct>
  void own(Struct& out) {
    out.private_data = new std::shared_ptr<json_store>(shared_from_this());
    out.release = [](Struct* released) {
      auto* store = static_cast<std::shared_ptr<json_store>*>(released->private_data);
      if constexpr (requires { released->children; })
        for (std::int64_t i = 0; i < released->n_children; ++i)
          if (released->children[i]->release != nullptr) released->children[i]->release(released->children[i]);
      released->release = nullptr;
      delete store;
    };
  }

  void describe(ArrowSchema& out) {
    auto& [fields, pointers] = schemas.emplace_back();
    fields.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      fields[i].format = columns[i].integers ? "l" : "U";
      fields[i].name = columns[i].name.c_str();
      fields[i].flags = ARROW_FLAG_NULLABLE;
      own(fields[i]);
      pointers.push_back(&fields[i]);
    }
    out = {};
    out.format = "+s";
    out.name = "";
    out.n_children = static_cast<std::int64_t>(fields.size());
    out.children = pointers.data();
    own(out);
  }

  void give(ArrowArray& out) {
    out = {};
    if (given) return;
    given = true;
    arrays.assign(columns.size(), {});
    buffers.assign(columns.size() * 3, nullptr);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      auto& one = columns[i];
      buffers[3 * i] = one.valid.data();
      buffers[3 * i + 1] = one.integers ? static_cast<const void*>(one.numbers.data()) : one.offsets.data();
      buffers[3 * i + 2] = one.bytes.data();
      arrays[i].length = static_cast<std::int64_t>(rows);
      arrays[i].null_count = one.nulls;
      arrays[i].n_buffers = one.integers ? 2 : 3;
      arrays[i].buffers = &buffers[3 * i];
      own(arrays[i]);
      array_pointers.push_back(&arrays[i]);
    }
    out.length = static_cast<std::int64_t>(rows);
    out.n_buffers = 1;
    out.buffers = &no_buffer;
    out.n_children = static_cast<std::int64_t>(arrays.size());
    out.children = array_pointers.data();
    own(out);
  }
};

namespace {

constexpr int deepest = 64;

// What nests deeper would exhaust the stack of whoever writes it out again.
void check_depth(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) throw error("JSON: it nests deeper than 64 levels; a table has two or three");
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

// Python writes NaN and Infinity, which JSON has not.
std::string without_nan(std::string_view text) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto word = [&](std::string_view name) { return !quoted && text.substr(i, name.size()) == name; };
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
    if (word("NaN")) {
      out += "null";
      i += 2;
    } else if (word("-Infinity") || word("Infinity")) {
      out += text[i] == '-' ? "\"-inf\"" : "\"inf\"";
      i += text[i] == '-' ? 8 : 7;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string reason_of(const json::exception& problem) {
  const std::string what = problem.what();
  const auto at = what.find("] ");
  return at == what.npos ? what : what.substr(at + 2);
}

// Of a line by itself: where it stands is known.
std::string reason_in_line(const json::exception& problem) {
  const auto what = reason_of(problem);
  constexpr std::string_view start = "parse error at line 1, ";
  return what.starts_with(start) ? what.substr(start.size()) : what;
}

json parse(std::string_view text) {
  try {
    return json::parse(text);
  } catch (const json::exception&) {
    if (text.find("NaN") == text.npos && text.find("Infinity") == text.npos) throw;
    return json::parse(without_nan(text));
  }
}

std::string text_of(const json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  // Three digits behind the point could be a thousand in the eyes of a column; a fourth tells that they are decimals.
  if (value.is_number_float() && text.size() > 4 && text[text.size() - 4] == '.') text += '0';
  return text;
}

void set(json_store& table, const std::string& key, const json& value) {
  const bool fits = !value.is_number_unsigned() || value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX);
  table.set(key, text_of(value), value.is_number_integer() && fits);
}

void put(json_store& table, const json& row) {
  for (const auto& [key, value] : row.items()) {
    if ((key == "actuals" || key == "extras") && value.is_object()) {
      put(table, value);
    } else if (key == "budget" && value.is_object()) {
      for (const auto& [part, amount] : value.items()) set(table, part == "amount" ? "budget" : part, amount);
    } else {
      set(table, key, value);
    }
  }
}

// One object a line; what is none is set aside. Nothing when not one line is an object.
std::optional<json> parse_lines(std::string_view text, std::vector<unreadable_line>& unreadable) {
  json rows = json::array();
  bool any = false;
  std::uint64_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = trim(text.substr(at, end - at));
    at = end + 1;
    if (line.empty()) continue;
    ++number;
    try {
      auto row = parse(line);
      any |= row.is_object();
      rows.push_back(std::move(row));
    } catch (const json::exception& problem) {
      rows.push_back(nullptr);
      unreadable.push_back({number, std::string(line), "the line is no JSON: " + reason_in_line(problem)});
    }
  }
  if (!any) unreadable.clear();
  return any ? std::optional(std::move(rows)) : std::nullopt;
}

bool all_are(const json& of, bool (json::*kind)() const noexcept) {
  return !of.empty() && std::all_of(of.begin(), of.end(), [&](const json& one) { return (one.*kind)(); });
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> out;
  for (const auto& [key, value] : object.items()) out.push_back(key);
  return out;
}

bool name_fields(const json& object) {
  const auto found = match_columns(keys_of(object), {});
  return std::any_of(found.begin(), found.end(), [](const auto& column) { return column.has_value(); });
}

bool is_campaign(const json& object) { return match_columns(keys_of(object), {})[*field_index("start")].has_value(); }

// {"id": ["a", "b"], ...} or {"id": {"0": "a", "1": "b"}, ...} as rows.
json turned(const json& columns) {
  json rows = json::array();
  std::unordered_map<std::string, std::size_t> places;  // of the labels of rows
  for (const auto& [name, cells] : columns.items()) {
    std::size_t i = 0;
    for (const auto& [label, value] : cells.items()) {
      const auto row = cells.is_array() ? i++ : places.try_emplace(label, places.size()).first->second;
      while (rows.size() <= row) rows.push_back(json::object());
      rows[row][name] = value;
    }
  }
  return rows;
}

// {"a": {"name": ...}, "b": {...}} as rows whose id is the key.
json keyed(const json& records) {
  json rows = json::array();
  for (const auto& [key, record] : records.items()) {
    json row = record.contains("id") ? json::object() : json{{"id", key}};
    row.update(record);
    rows.push_back(std::move(row));
  }
  return rows;
}

// {"columns": [...], "data": [[...], ...]} as rows.
json split_rows(const json& columns, const json& data) {
  json rows = json::array();
  for (const auto& cells : data) {
    json row = json::object();
    for (std::size_t i = 0; i < cells.size() && i < columns.size(); ++i) row[text_of(columns[i])] = cells[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

json rows_of(json value) {
  if (!value.is_object()) return value;
  if (const auto columns = value.find("columns"), data = value.find("data"); columns != value.end() && data != value.end() &&
                                                                             columns->is_array() && data->is_array() &&
                                                                             (data->empty() || all_are(*data, &json::is_array)))
    return split_rows(*columns, *data);
  if (all_are(value, &json::is_object))
    return name_fields(value) || !name_fields(value.begin().value()) ? turned(value) : keyed(value);
  json* records = nullptr;
  int lists = 0;
  for (auto& member : value)
    if (member.is_array() && all_are(member, &json::is_object)) {
      records = &member;
      ++lists;
    }
  if (lists == 1 && !is_campaign(value)) return std::move(*records);
  if (all_are(value, &json::is_array) && name_fields(value)) return turned(value);
  json one = json::array();
  one.push_back(std::move(value));
  return one;
}

}  // namespace

void json_table::ensure(const std::string& column) {
  store->at(column);
  if (store->columns.size() > columns.size()) columns.push_back(column);
}

ArrowArrayStream json_table::stream() {
  store->settle();
  ArrowArrayStream out{};
  out.get_schema = [](ArrowArrayStream* s, ArrowSchema* schema) {
    (*static_cast<std::shared_ptr<json_store>*>(s->private_data))->describe(*schema);
    return 0;
  };
  out.get_next = [](ArrowArrayStream* s, ArrowArray* array) {
    (*static_cast<std::shared_ptr<json_store>*>(s->private_data))->give(*array);
    return 0;
  };
  out.get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
  store->own(out);
  return out;
}

json_table parse_records(std::string_view text, std::string_view records) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  check_depth(text);
  json_table out;
  json rows;
  try {
    auto document = parse(text);
    if (document.is_object()) {
      if (const auto named = document.find(records); named != document.end()) {
        out.own = document.contains("format") && document["format"] == 1;
        rows = rows_of(std::move(*named));
      } else {
        rows = rows_of(std::move(document));
      }
    } else {
      rows = std::move(document);
    }
  } catch (const json::exception& problem) {
    auto lines = parse_lines(text, out.unreadable);
    if (!lines) throw error("JSON: " + reason_of(problem));
    rows = std::move(*lines);
  }
  if (!rows.is_array()) throw error("JSON: expected an array of objects, one a row");
  if (!rows.empty() && std::none_of(rows.begin(), rows.end(), [](const json& row) { return row.is_object(); }))
    throw error("JSON: the array holds no objects; write each row as an object of its columns");

  out.store = std::make_shared<json_store>();
  std::uint64_t number = 0;
  std::vector<unreadable_line> strays;
  auto broken = out.unreadable.begin();
  for (const auto& row : rows) {
    ++number;
    if (row.is_object()) {
      put(*out.store, row);
      out.store->end_row();
    } else if (broken != out.unreadable.end() && broken->row == number) {
      strays.push_back(std::move(*broken++));
    } else {
      strays.push_back({number, text_of(row), "it is no object of a row's columns"});
    }
  }
  out.unreadable = std::move(strays);
  out.rows = out.store->rows;
  for (const auto& column : out.store->columns) out.columns.push_back(column.name);
  return out;
}

}  // namespace clarion::schema::detail
