#include "schema/source_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>

#include "clarion/core/error.hpp"
#include "clarion/schema/detail/parse.hpp"
#include "clarion/schema/fields.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::schema::detail {

namespace {

// What the cells of a column are whose type is not read, by Arrow's format string.
std::string_view held(std::string_view format) {
  if (format == "+s") return "structs, which are";
  if (format == "+m") return "maps, which are";
  if (format == "+r") return "run-end encoded cells, which are";
  if (format == "l") return "periods of pandas, which are";
  if (format.starts_with("+u")) return "unions, which are";
  if (format.starts_with("tD")) return "durations, which are";
  if (format.starts_with("ti")) return "intervals, which are";
  if (format.starts_with("tt")) return "times of day, which are";
  if (format.starts_with("d:")) return "decimals of 256 bits, which are";
  if (format.starts_with("w:")) return "binary data, which is";
  return "a type that is";
}

// `name` with the first number behind it that is not in use; it is from then on.
std::string numbered(const std::string& name, std::set<std::string>& used) {
  for (int n = 2;; ++n)
    if (auto other = fmt::format("{} ({})", name, n); used.insert(other).second) return other;
}

// An extra never has the name of a field, or what is written would not be what is read again.
void set_apart(std::vector<std::string>& names, const std::vector<std::size_t>& extras, remarks& about) {
  std::set<std::string> used(names.begin(), names.end());
  for (const auto i : extras) {
    if (!field_index(names[i])) continue;
    const auto other = numbered(names[i], used);
    about.tell(code::column_twice,
               fmt::format("Column {} has the name \"{}\" of a field that it does not hold; it is kept as \"{}\".", i + 1,
                           names[i], other),
               {{"column", names[i], ""}, {"position", static_cast<std::int64_t>(i + 1), ""}}, names[i]);
    names[i] = other;
  }
}

[[noreturn]] void lacks(bool start, bool end, const std::vector<std::string>& columns) {
  const auto names = listed(columns);
  const char* lacking = start && end ? "start and end" : start ? "start" : "end";
  const char* example = start ? "start" : "end";
  const bool data = std::any_of(columns.begin(), columns.end(), [](const auto& name) { return parse_day(name).readable(); });
  throw error(
      fmt::format("no column holds the {} of the campaigns; the columns are {}. Say which one does: columns={{\"{}\": \"...\"}} "
                  "or --map {}=...{}",
                  lacking, columns.empty() ? "none" : names, example, example,
                  data ? ". One of these names is a date: is the line with the names of the columns missing?" : ""));
}

}  // namespace

void name_columns(std::vector<std::string>& names, std::vector<bool>& unnamed, remarks& about) {
  std::string scratch;
  std::set<std::string> used;
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = std::string(trim(clean(names[i], scratch)));
    unnamed.push_back(names[i].empty());
    if (names[i].empty()) names[i] = fmt::format("column {}", i + 1);
    if (!used.insert(names[i]).second) {
      const auto other = numbered(names[i], used);
      about.tell(code::column_twice,
                 fmt::format("Column {} has the name \"{}\" of an earlier one; it is kept as \"{}\".", i + 1, names[i], other),
                 {{"column", names[i], ""}, {"position", static_cast<std::int64_t>(i + 1), ""}}, names[i]);
      names[i] = other;
    }
  }
}

void tell_of_file(const std::string& encoding, const std::vector<std::string>& skipped, remarks& about) {
  if (!encoding.empty())
    about.tell(code::encoding, fmt::format("The file is not UTF-8; it was read as {}.", encoding), {{"encoding", encoding, ""}});
  if (!skipped.empty()) {
    std::string lines;
    for (std::size_t i = 0; i < skipped.size() && i < 3; ++i)
      lines += fmt::format("{}\"{}\"", i ? ", " : "", shortened(skipped[i], 80));
    const auto n = skipped.size();
    about.tell(code::lines_skipped,
               fmt::format("{} above the header {} skipped: {}{}", wording::plural(n, "line"), n == 1 ? "was" : "were", lines,
                           n > 3 ? ", ..." : "."),
               {{"lines", skipped, ""}});
  }
}

source_columns find_columns(cell_table& source, const read_options& options, remarks& about) {
  source_columns out;
  name_columns(source.names, out.unnamed, about);
  tell_of_file(options.encoding, options.skipped, about);
  const auto& names = source.names;
  out.of_field = match_columns(names, options.columns, options.guess_columns);
  const auto all = fields();
  std::string assumed;
  std::vector<std::string> pairs, kept;
  std::vector<bool> used(names.size());
  for (std::size_t f = 0; f < all.size(); ++f) {
    auto& found = out.of_field[f];
    if (!found) continue;
    if (source.columns[*found].type == core::arrow_type::unsupported) {
      found.reset();
      continue;
    }
    used[*found] = true;
    const auto& column = names[*found];
    if (const auto& zone = source.columns[*found].zone; !zone.empty() && all[f].kind == field_kind::date)
      about.tell(code::utc_days,
                 fmt::format("The times of \"{}\" are in the zone {}, and its rules are not at hand: days are taken in UTC.",
                             column, zone),
                 {{"column", column, ""}, {"zone", zone, ""}}, column);
    out.mapping.emplace_back(all[f].name, column);
    const bool chosen =
        std::any_of(options.columns.begin(), options.columns.end(), [&](const auto& pair) { return pair.first == all[f].name; });
    if (!chosen && column != all[f].name) {
      pairs.push_back(fmt::format("{}={}", all[f].name, column));
      assumed += fmt::format("{}\"{}\" as {}", assumed.empty() ? "" : ", ", column, all[f].name);
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (source.columns[i].type == core::arrow_type::unsupported) {
      about.tell(code::column_unreadable,
                 fmt::format("Column \"{}\" holds {} not read; it is left out.", names[i], held(source.columns[i].format)),
                 {{"column", names[i], ""}, {"format", source.columns[i].format, ""}}, names[i]);
    } else if (!used[i]) {
      out.extras.push_back(i);
    }
  }
  set_apart(source.names, out.extras, about);
  for (const auto i : out.extras) kept.push_back(names[i]);
  const bool start = out.of_field[at_start].has_value(), end = out.of_field[at_end].has_value();
  if (!start || !end) lacks(!start, !end, names);
  if (!pairs.empty()) {
    std::string message = "Took " + assumed;
    if (!kept.empty()) {
      message += "; kept as they are: ";
      for (std::size_t i = 0; i < kept.size() && i < 12; ++i) message += (i ? ", " : "") + kept[i];
      if (kept.size() > 12) message += fmt::format(" and {} more", kept.size() - 12);
    }
    about.tell(code::columns_matched, message + ".", {{"mapping", pairs, ""}, {"kept", kept, ""}});
  }
  return out;
}

}  // namespace clarion::schema::detail
