#include "schema/record_binding.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clarion/core/error.hpp"
#include "schema/days.hpp"
#include "schema/numbers.hpp"
#include "schema/source_columns.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::schema::detail {

namespace {

bool stands_for_amount(const record_layout& layout) {
  return layout.kind == record_kind::transactions && layout.of[layout.at("price")].given();
}

void require_fields(const record_layout& layout, const std::vector<std::string>& names) {
  std::string lacking;
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    const auto& field = layout.fields[f];
    if (!field.required || layout.of[f].given() || (field.name == "amount" && stands_for_amount(layout))) continue;
    lacking += (lacking.empty() ? "" : " and ") + std::string(field.name);
  }
  const auto at = [&](std::string_view name) { return layout.of[layout.at(name)].given(); };
  if (layout.kind == record_kind::events && !at("customer") && !at("cookie"))
    lacking += (lacking.empty() ? "" : " and ") + std::string("customer or cookie");
  if (lacking.empty()) return;
  throw error(
      fmt::format("no column holds the {} of the {}; the columns are {}. Say which one does in the mapping: columns = {{{} = "
                  "\"...\"}}",
                  lacking, to_string(layout.kind), names.empty() ? "none" : listed(names), lacking.substr(0, lacking.find(' '))));
}

std::vector<bound_condition> bound(const std::vector<row_condition>& conditions, const record_layout& layout, const char* what) {
  std::vector<bound_condition> out;
  for (const auto& one : conditions) {
    const auto f = layout.at(one.field);
    if (f == layout.fields.size())
      reject(what, "field \"" + one.field + "\"", "name a field of " + std::string(to_string(layout.kind)));
    if (!layout.of[f].given())
      reject(what, "field \"" + one.field + "\"",
             "no column of this source holds it; name one: columns = {" + one.field + " = \"...\"}");
    out.push_back({f, one});
  }
  return out;
}

}  // namespace

record_layout bind_columns(std::vector<std::string>& names, const std::vector<core::arrow_reader::field>& columns,
                           const mapping& map, const policy& rules, const record_options& options, remarks& about,
                           std::vector<std::pair<std::string, std::string>>& used) {
  std::vector<bool> unnamed;
  name_columns(names, unnamed, about);
  tell_of_file(options.encoding, options.skipped, about);
  record_layout out;
  out.kind = map.table;
  out.fields = record_fields(map.table);
  out.of.resize(out.fields.size());
  out.currency = map.currency.empty() ? std::string() : currency_code(map.currency, "USD");
  out.convert_to = map.convert_to;
  out.rates = map.rates;
  out.format = day_format(map.date_format);
  if (!map.time_zone.empty()) out.zone = time_zone(map.time_zone);
  out.today = core::day_number(today_of(rules));

  std::vector<std::pair<std::string, std::string>> chosen;
  for (const auto& [name, rule] : map.columns)
    if (!rule.constant) chosen.emplace_back(name, rule.column);
  auto matched = match_columns(names, chosen, map.guess_columns, out.fields);
  std::string assumed;
  std::vector<std::string> pairs, kept;
  std::vector<bool> taken(names.size());
  for (std::size_t f = 0; f < out.fields.size(); ++f) {
    const std::string field(out.fields[f].name);
    const auto said = std::find_if(map.columns.begin(), map.columns.end(), [&](const auto& one) { return one.first == field; });
    if (said != map.columns.end()) out.of[f].rule = said->second;
    if (out.of[f].rule.constant) continue;
    auto& column = matched[f];
    if (column && columns[*column].type == core::arrow_type::unsupported) {
      about.tell(code::column_unreadable,
                 fmt::format("Column \"{}\" holds cells of a type that is not read; it is left out.", names[*column]),
                 {{"column", names[*column], ""}, {"format", columns[*column].format, ""}}, names[*column]);
      column.reset();
    }
    if (!column) continue;
    out.of[f].column = column;
    taken[*column] = true;
    used.emplace_back(field, names[*column]);
    if (said == map.columns.end() && names[*column] != field) {
      assumed += (assumed.empty() ? "" : ", ") + fmt::format("\"{}\" for {}", names[*column], field);
      pairs.push_back(names[*column] + " -> " + field);
    }
    // Times with a zone in their type: "tsu:Europe/Berlin".
    const auto& format = columns[*column].format;
    const auto colon = format.find(':');
    if (columns[*column].type == core::arrow_type::timestamp && colon != format.npos && colon + 1 < format.size()) {
      try {
        out.of[f].own = time_zone(format.substr(colon + 1));
        out.of[f].zoned = true;
      } catch (const std::invalid_argument&) {
        if (!out.zone)
          about.tell(code::utc_days,
                     fmt::format("\"{}\" holds points in time of the zone {}; its days are those of UTC.", names[*column],
                                 format.substr(colon + 1)),
                     {{"zone", format.substr(colon + 1), ""}}, names[*column]);
      }
    }
  }
  require_fields(out, names);
  if (out.kind == record_kind::transactions && !out.of[out.at("currency")].given())
    if (const auto& amount = out.of[out.at("amount")].column) out.signs = columns[*amount].type == core::arrow_type::text;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!taken[i]) kept.push_back(names[i]);
  if (!pairs.empty())
    about.tell(code::columns_matched, "Took " + assumed + (kept.empty() ? "." : "; not read: " + listed(kept) + "."),
               {{"mapping", pairs, ""}, {"kept", kept, ""}});
  out.cancellations = bound(map.cancellations, out, "cancellation");
  out.returns = bound(map.returns, out, "return");
  out.tests = bound(map.tests, out, "test");
  out.duplicates = duplicates_of(map);
  if (out.duplicates == duplicate_rule::id && !out.of[0].given())
    reject("duplicates", "\"id\"", "no column of this source holds the id; name one, or write \"row\"");
  return out;
}

void settle_forms(const std::vector<block>& first, const std::vector<std::string>& names, const mapping& map,
                  record_layout& layout, remarks& about, const run_options& run) {
  const std::size_t n = layout.fields.size();
  const auto is_time = [&](std::size_t f) {
    return layout.fields[f].kind == field_kind::date || layout.fields[f].kind == field_kind::time;
  };
  bool pointed = false;
  std::vector<day_votes> days(n);
  std::vector<number_votes> numbers(n);
  std::vector<std::vector<day_votes>> day_parts(n, std::vector<day_votes>(first.size()));
  std::vector<std::vector<number_votes>> number_parts(n, std::vector<number_votes>(first.size()));
  core::parallel_blocks(first.size(), run, [&](std::size_t b) {
    block local = first[b];
    local.row = 0;
    std::vector<std::int32_t> some_days;
    std::vector<double> some_numbers;
    for (std::size_t f = 0; f < n; ++f) {
      if (!layout.of[f].column) continue;
      if (is_time(f) && !map.dayfirst && map.date_format.empty()) {
        some_days.resize(local.rows);
        day_parts[f][b] = read_days(local, *layout.of[f].column, true, some_days.data()).votes;
      } else if (layout.fields[f].kind == field_kind::number && map.decimal == 0) {
        some_numbers.resize(local.rows);
        number_parts[f][b] = read_numbers(local, *layout.of[f].column, false, some_numbers.data()).votes;
      }
    }
  });
  for (std::size_t f = 0; f < n; ++f)
    for (std::size_t b = 0; b < first.size(); ++b) {
      days[f] += day_parts[f][b];
      numbers[f] += number_parts[f][b];
      pointed |= days[f].mark == '.';
    }
  const auto orders = day_orders(days);
  std::vector<bool> counts(n);
  if (layout.at("quantity") < n) counts[layout.at("quantity")] = true;
  if (layout.at("birth_year") < n) counts[layout.at("birth_year")] = true;
  const auto marks = decimal_marks(numbers, counts, pointed);
  for (std::size_t f = 0; f < n; ++f) {
    auto& of = layout.of[f];
    if (!of.column) continue;
    of.dayfirst = map.dayfirst.value_or(orders[f].day_first);
    of.comma = map.decimal != 0 ? map.decimal == ',' : marks[f].comma;
    const auto& name = names[*of.column];
    if (!map.dayfirst && orders[f].assumed)
      about.tell(code::day_month,
                 fmt::format("Every date of \"{}\" can be read with the day first and with the month first; {} first was taken.",
                             name, orders[f].day_first ? "the day" : "the month"),
                 {{"cells", static_cast<std::int64_t>(orders[f].doubtful), "cells"},
                  {"dayfirst", std::string(orders[f].day_first ? "true" : "false"), ""}},
                 name);
    if (map.decimal == 0 && marks[f].assumed)
      about.tell(code::decimal_mark,
                 fmt::format("The numbers of \"{}\" do not tell whether their mark parts thousands or decimals; {}.", name,
                             marks[f].comma ? "it was taken to part thousands, as the dates are written with points too"
                                            : "the point was taken as the decimal mark"),
                 {{"cells", static_cast<std::int64_t>(marks[f].doubtful), "cells"}}, name);
  }
}

}  // namespace clarion::schema::detail
