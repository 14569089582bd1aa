#include "clarion/schema/mapping.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>

#include "clarion/core/error.hpp"
#include "clarion/schema/channel.hpp"
#include "clarion/schema/records.hpp"
#include "clarion/schema/rules.hpp"
#include "schema/day_format.hpp"
#include "schema/text.hpp"
#include "schema/time_zone.hpp"

namespace clarion::schema {

namespace {

using json = nlohmann::ordered_json;
using names = std::vector<std::string>;

constexpr std::string_view kinds[] = {"transactions", "customers", "branches", "responses", "events"};

[[noreturn]] void refuse(const std::string& place, const json& value, const std::string& remedy) {
  reject(place, detail::shortened(value.dump(-1, ' ', false, json::error_handler_t::replace), 80), remedy);
}

std::string all_of(const names& known) {
  std::string out;
  for (const auto& one : known) out += (out.empty() ? "" : ", ") + one;
  return out;
}

void check_keys(const json& table, const std::string& place, const names& known) {
  if (!table.is_object()) refuse(place, table, "write a table of " + all_of(known));
  for (const auto& [key, value] : table.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = nearest_name(known, key);
    reject(place, "key \"" + detail::shortened(key, 60) + "\"",
           near ? "did you mean \"" + *near + "\"?" : "the keys are " + all_of(known));
  }
}

std::string text_of(const json& value, const std::string& place) {
  if (!value.is_string()) refuse(place, value, "write a text in quotes");
  return value.get<std::string>();
}

bool flag_of(const json& value, const std::string& place) {
  if (!value.is_boolean()) refuse(place, value, "write true or false");
  return value.get<bool>();
}

double number_of(const json& value, const std::string& place) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) refuse(place, value, "write a number");
  return value.get<double>();
}

// A cell may be asked for as the number that it looks like.
std::string cell_of(const json& value, const std::string& place) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer() || value.is_boolean()) return value.dump();
  refuse(place, value, "write a text in quotes");
}

class mapping_reader {
public:
  explicit mapping_reader(const json& all) : all_(all) {}

  mapping read() {
    check_keys(all_, "mapping",
               {"table", "name", "columns", "guess_columns", "dayfirst", "decimal", "date_format", "time_zone", "currency",
                "duplicates", "cancellation", "return", "test", "convert", "severity"});
    if (const auto* value = find("table")) {
      const auto kind = value->is_string() ? parse_record_kind(value->get<std::string>()) : std::nullopt;
      if (!kind) refuse("table", *value, "name one of transactions, customers, branches, responses, events");
      out_.table = *kind;
    }
    for (const auto& one : record_fields(out_.table)) fields_.emplace_back(one.name);
    if (const auto* value = find("name")) out_.name = text_of(*value, "name");
    if (const auto* value = find("guess_columns")) out_.guess_columns = flag_of(*value, "guess_columns");
    if (const auto* value = find("dayfirst")) out_.dayfirst = flag_of(*value, "dayfirst");
    if (const auto* value = find("decimal")) {
      const auto mark = text_of(*value, "decimal");
      if (mark != "." && mark != ",") refuse("decimal", *value, "write \".\" or \",\"");
      out_.decimal = mark[0];
    }
    if (const auto* value = find("date_format")) {
      out_.date_format = text_of(*value, "date_format");
      detail::day_format::check(out_.date_format);
    }
    if (const auto* value = find("time_zone")) {
      out_.time_zone = text_of(*value, "time_zone");
      (void)detail::time_zone(out_.time_zone);
    }
    if (const auto* value = find("currency")) out_.currency = text_of(*value, "currency");
    if (const auto* value = find("duplicates")) {
      const auto word = value->is_string() ? value->get<std::string>() : std::string();
      if (word == "keep")
        out_.duplicates = duplicate_rule::keep;
      else if (word == "row")
        out_.duplicates = duplicate_rule::row;
      else if (word == "id")
        out_.duplicates = duplicate_rule::id;
      else
        refuse("duplicates", *value, "write \"keep\", \"row\" or \"id\"");
      if (word == "id" && fields_.front() != "id")
        refuse("duplicates", *value, "this table has no id; write \"keep\" or \"row\"");
    }
    read_columns();
    const bool sells = out_.table == record_kind::transactions;
    for (const auto& [key, into] :
         {std::pair{"cancellation", &out_.cancellations}, std::pair{"return", &out_.returns}, std::pair{"test", &out_.tests}})
      if (const auto* value = find(key)) {
        if (!sells && into != &out_.tests) refuse(key, *value, "only transactions are returned or cancelled; leave it out");
        *into = conditions(*value, key);
      }
    read_convert();
    read_severities();
    return std::move(out_);
  }

private:
  const json* find(const char* key) const {
    const auto at = all_.find(key);
    return at == all_.end() ? nullptr : &*at;
  }

  const field& field_of(const std::string& name, const std::string& place) const {
    const auto at = std::find(fields_.begin(), fields_.end(), name);
    if (at == fields_.end()) {
      const auto near = nearest_name(fields_, name);
      reject(place, "field \"" + detail::shortened(name, 60) + "\"",
             (near ? "did you mean \"" + *near + "\"? " : std::string()) + "the fields are " + all_of(fields_));
    }
    return record_fields(out_.table)[static_cast<std::size_t>(at - fields_.begin())];
  }

  void read_columns() {
    const auto* table = find("columns");
    if (table == nullptr) return;
    if (!table->is_object()) refuse("columns", *table, "write a table: field = \"column\"");
    for (const auto& [name, value] : table->items()) {
      const auto place = "columns." + detail::shortened(name, 60);
      const auto& of = field_of(name, "columns");
      column_rule rule;
      if (value.is_string()) {
        rule.column = value.get<std::string>();
      } else {
        check_keys(value, place, {"column", "constant", "scale", "strip_prefix", "strip_suffix", "values"});
        if (value.contains("column")) rule.column = text_of(value["column"], place + ".column");
        if (value.contains("constant")) rule.constant = cell_of(value["constant"], place + ".constant");
        if (value.contains("scale")) rule.scale = number_of(value["scale"], place + ".scale");
        if (value.contains("strip_prefix")) rule.strip_prefix = text_of(value["strip_prefix"], place + ".strip_prefix");
        if (value.contains("strip_suffix")) rule.strip_suffix = text_of(value["strip_suffix"], place + ".strip_suffix");
        if (value.contains("values")) read_values(value["values"], place + ".values", rule);
      }
      check_rule(of, rule, place, value);
      out_.columns.emplace_back(name, std::move(rule));
    }
  }

  static void read_values(const json& table, const std::string& place, column_rule& rule) {
    if (!table.is_object()) refuse(place, table, "write a table: \"text of the source\" = \"text that is meant\"");
    for (const auto& [from, to] : table.items())
      rule.values.emplace_back(from, cell_of(to, place + "." + detail::shortened(from, 60)));
  }

  void check_rule(const field& of, const column_rule& rule, const std::string& place, const json& value) const {
    const bool number = of.kind == field_kind::number;
    const bool text = of.kind == field_kind::key || of.kind == field_kind::category;
    if (rule.column.empty() != rule.constant.has_value()) refuse(place, value, "give the field a column or a constant");
    if (rule.scale != 1 && (!number || rule.scale == 0))
      refuse(place + ".scale", value, "only numbers are scaled, by a number other than 0");
    if (!text && of.kind != field_kind::flag && !rule.values.empty())
      refuse(place + ".values", value, "only texts, yes and no are replaced");
    if (!text && (!rule.strip_prefix.empty() || !rule.strip_suffix.empty())) refuse(place, value, "only texts are stripped");
    if (rule.constant && !text) refuse(place + ".constant", value, "only texts may be the same for all rows");
    if (of.name == "kind" && out_.table == record_kind::transactions)
      for (const auto& [from, to] : rule.values)
        if (to != "sale" && to != "return" && to != "cancellation" && !to.empty())
          reject(place + ".values." + detail::shortened(from, 60), '"' + detail::shortened(to, 60) + '"',
                 "a kind is \"sale\", \"return\" or \"cancellation\"");
  }

  std::vector<row_condition> conditions(const json& list, const std::string& place) const {
    if (!list.is_array()) refuse(place, list, "write a list of conditions: [{field = \"id\", prefix = \"C\"}]");
    std::vector<row_condition> out;
    for (const auto& one : list) {
      const auto here = place + "[" + std::to_string(out.size()) + "]";
      check_keys(one, here, {"field", "equals", "prefix", "suffix", "contains", "below"});
      if (!one.contains("field")) refuse(here, one, "name the field that is looked at: field = \"id\"");
      row_condition made;
      made.field = text_of(one["field"], here + ".field");
      const auto& of = field_of(made.field, here + ".field");
      if (one.contains("equals")) {
        const auto& wanted = one["equals"];
        if (wanted.is_array())
          for (const auto& cell : wanted) made.equals.push_back(cell_of(cell, here + ".equals"));
        else
          made.equals.push_back(cell_of(wanted, here + ".equals"));
      }
      if (one.contains("prefix")) made.prefix = text_of(one["prefix"], here + ".prefix");
      if (one.contains("suffix")) made.suffix = text_of(one["suffix"], here + ".suffix");
      if (one.contains("contains")) made.contains = text_of(one["contains"], here + ".contains");
      if (one.contains("below")) made.below = number_of(one["below"], here + ".below");
      const bool by_text = !made.equals.empty() || !made.prefix.empty() || !made.suffix.empty() || !made.contains.empty();
      if (!by_text && !made.below) refuse(here, one, "say what the cell is: equals, prefix, suffix, contains or below");
      if (of.kind == field_kind::number ? by_text : made.below.has_value())
        refuse(here, one, "numbers are told by below, texts by equals, prefix, suffix or contains");
      if (of.kind == field_kind::date || of.kind == field_kind::time || of.kind == field_kind::flag)
        refuse(here + ".field", one["field"], "name a field of texts or numbers");
      out.push_back(std::move(made));
    }
    return out;
  }

  void read_convert() {
    const auto* table = find("convert");
    if (table == nullptr) return;
    check_keys(*table, "convert", {"to", "rates"});
    if (!table->contains("to") || !table->contains("rates")) refuse("convert", *table, "give \"to\" and \"rates\"");
    out_.convert_to = text_of((*table)["to"], "convert.to");
    if (out_.convert_to.empty()) refuse("convert.to", (*table)["to"], "name a currency such as \"EUR\"");
    const auto& rates = (*table)["rates"];
    if (!rates.is_object()) refuse("convert.rates", rates, "write a table: GBP = 1.17");
    for (const auto& [currency, value] : rates.items()) {
      const auto place = "convert.rates." + detail::shortened(currency, 60);
      const double rate = number_of(value, place);
      if (!(rate > 0))
        refuse(place, value,
               "a rate is above 0: what one " + detail::shortened(currency, 60) + " is worth in " + out_.convert_to);
      out_.rates[currency] = rate;
    }
  }

  void read_severities() {
    const auto* table = find("severity");
    if (table == nullptr) return;
    if (!table->is_object()) refuse("severity", *table, "write a table: S201 = \"warning\"");
    for (const auto& [code, value] : table->items()) {
      (void)rule_of(code);
      const auto level = value.is_string() ? parse_severity(value.get<std::string>()) : std::nullopt;
      if (!level) refuse("severity." + code, value, "write \"error\", \"warning\" or \"info\"");
      out_.severities[code] = *level;
    }
  }

  const json& all_;
  names fields_;
  mapping out_;
};

json conditions_json(const std::vector<row_condition>& list) {
  json out = json::array();
  for (const auto& one : list) {
    json made{{"field", one.field}};
    if (!one.equals.empty()) made["equals"] = one.equals;
    if (!one.prefix.empty()) made["prefix"] = one.prefix;
    if (!one.suffix.empty()) made["suffix"] = one.suffix;
    if (!one.contains.empty()) made["contains"] = one.contains;
    if (one.below) made["below"] = *one.below;
    out.push_back(std::move(made));
  }
  return out;
}

std::string_view word_of(duplicate_rule rule) {
  return rule == duplicate_rule::keep ? "keep" : rule == duplicate_rule::row ? "row" : "id";
}

}  // namespace

std::string_view to_string(record_kind kind) { return kinds[static_cast<std::size_t>(kind)]; }

std::optional<record_kind> parse_record_kind(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kinds); ++i)
    if (text == kinds[i]) return static_cast<record_kind>(i);
  return std::nullopt;
}

mapping parse_mapping(std::string_view text) {
  int depth = 0;
  const auto shallow = [&](int, json::parse_event_t event, json&) {
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) ++depth;
    if (event == json::parse_event_t::object_end || event == json::parse_event_t::array_end) --depth;
    if (depth > 8) throw error("a mapping nests tables no deeper than columns.kind.values");
    return true;
  };
  json all;
  try {
    all = json::parse(text, shallow);
  } catch (const json::exception& problem) {
    throw error(std::string("the mapping is no JSON: ") + problem.what());
  }
  return mapping_reader(all).read();
}

std::string to_json(const mapping& map, int indent) {
  json out{{"table", to_string(map.table)}};
  if (!map.name.empty()) out["name"] = map.name;
  for (const auto& [name, rule] : map.columns) {
    json one;
    if (!rule.column.empty()) one["column"] = rule.column;
    if (rule.constant) one["constant"] = *rule.constant;
    if (rule.scale != 1) one["scale"] = rule.scale;
    if (!rule.strip_prefix.empty()) one["strip_prefix"] = rule.strip_prefix;
    if (!rule.strip_suffix.empty()) one["strip_suffix"] = rule.strip_suffix;
    for (const auto& [from, to] : rule.values) one["values"][from] = to;
    out["columns"][name] = std::move(one);
  }
  if (!map.guess_columns) out["guess_columns"] = false;
  if (map.dayfirst) out["dayfirst"] = *map.dayfirst;
  if (map.decimal != 0) out["decimal"] = std::string(1, map.decimal);
  if (!map.date_format.empty()) out["date_format"] = map.date_format;
  if (!map.time_zone.empty()) out["time_zone"] = map.time_zone;
  if (!map.currency.empty()) out["currency"] = map.currency;
  if (map.duplicates) out["duplicates"] = word_of(*map.duplicates);
  if (!map.cancellations.empty()) out["cancellation"] = conditions_json(map.cancellations);
  if (!map.returns.empty()) out["return"] = conditions_json(map.returns);
  if (!map.tests.empty()) out["test"] = conditions_json(map.tests);
  if (!map.convert_to.empty()) {
    out["convert"] = {{"to", map.convert_to}, {"rates", json::object()}};
    for (const auto& [currency, rate] : map.rates) out["convert"]["rates"][currency] = rate;
  }
  for (const auto& [code, level] : map.severities) out["severity"][code] = to_string(level);
  return out.dump(indent, ' ', false, json::error_handler_t::replace);
}

duplicate_rule duplicates_of(const mapping& map) {
  if (map.duplicates) return *map.duplicates;
  if (map.table == record_kind::customers || map.table == record_kind::branches) return duplicate_rule::id;
  return map.table == record_kind::events ? duplicate_rule::keep : duplicate_rule::row;
}

}  // namespace clarion::schema
