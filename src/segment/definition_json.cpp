#include "segment/definition_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <set>
#include <utility>
#include <vector>

#include "clarion/core/error.hpp"

namespace clarion::segment {

namespace detail {

namespace {

constexpr std::size_t longest_text = std::size_t{1} << 20, longest_name = 200, longest_words = 10000;
constexpr std::size_t deepest = 32, most_tests = 1000, most_values = 10000, most_definitions = 1000;

[[noreturn]] void refuse(const std::string& place, const std::string& what) {
  throw error("definition: " + (place.empty() ? std::string() : place + ": ") + what);
}

std::string told(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

std::string below(const std::string& place, const std::string& key) { return place.empty() ? key : place + '.' + key; }

void check_keys(const json& from, const std::string& place, std::initializer_list<std::string_view> known) {
  if (!from.is_object()) refuse(place, told(from) + " is no object");
  for (const auto& [key, value] : from.items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    std::string names;
    for (const auto name : known) names += (names.empty() ? "" : ", ") + std::string(name);
    refuse(below(place, key.substr(0, longest_name)), "no such key; the keys are " + names);
  }
}

std::string text_at(const json& from, const std::string& place, const char* key, std::size_t longest, bool needed) {
  const auto at = from.find(key);
  if (at == from.end()) {
    if (needed) refuse(below(place, key), "missing");
    return {};
  }
  if (!at->is_string()) refuse(below(place, key), told(*at) + " is no text");
  auto out = at->get<std::string>();
  if (needed && out.empty()) refuse(below(place, key), "empty");
  if (out.size() > longest) refuse(below(place, key), "more than " + std::to_string(longest) + " bytes");
  return out;
}

double number_at(const json& from, const std::string& place, const char* key, double low, double high) {
  const auto at = from.find(key);
  if (at == from.end()) return 0;
  if (!at->is_number()) refuse(below(place, key), told(*at) + " is no number");
  const auto out = at->get<double>();
  if (!(out >= low && out <= high))
    refuse(below(place, key), told(*at) + " is not from " + json(low).dump() + " to " + json(high).dump());
  return out;
}

constexpr std::array operators{comparison::equal,   comparison::not_equal, comparison::less, comparison::at_most,
                               comparison::more,    comparison::at_least,  comparison::in,   comparison::not_in,
                               comparison::between, comparison::is_missing};

condition_value value_of(const json& from, const std::string& place) {
  if (from.is_boolean()) return from.get<bool>();
  if (from.is_number()) {
    const auto number = from.get<double>();
    if (!std::isfinite(number)) refuse(place, "no finite number");
    return number;
  }
  if (!from.is_string()) refuse(place, told(from) + " is no number, text or boolean");
  auto text = from.get<std::string>();
  if (text.size() > longest_words) refuse(place, "more than " + std::to_string(longest_words) + " bytes");
  return text;
}

condition read_test(const json& from, const std::string& place) {
  check_keys(from, place, {"field", "op", "value"});
  condition out;
  out.join = condition_join::test;
  out.field = text_at(from, place, "field", longest_name, true);
  const std::string op = text_at(from, place, "op", 40, true);
  const auto known = std::ranges::find_if(operators, [&](comparison c) { return to_string(c) == op; });
  if (known == operators.end()) {
    std::string names;
    for (const auto c : operators) names += (names.empty() ? "" : ", ") + std::string(to_string(c));
    refuse(below(place, "op"), '"' + op + "\" is no operator; give one of " + names);
  }
  out.op = *known;
  const std::string at = below(place, "value");
  const auto value = from.find("value");
  if (out.op == comparison::is_missing) {
    if (value != from.end()) refuse(at, "\"is missing\" takes no value");
    return out;
  }
  if (value == from.end()) refuse(at, "missing");
  const bool list = out.op == comparison::in || out.op == comparison::not_in || out.op == comparison::between;
  if (!list) {
    out.values.push_back(value_of(*value, at));
    return out;
  }
  if (!value->is_array()) refuse(at, '"' + op + "\" takes a list of values");
  if (out.op == comparison::between && value->size() != 2) refuse(at, "\"between\" takes two values, the lower first");
  if (value->empty()) refuse(at, "the list is empty");
  if (value->size() > most_values) refuse(at, "more than " + std::to_string(most_values) + " values");
  for (std::size_t v = 0; v < value->size(); ++v) {
    out.values.push_back(value_of((*value)[v], at + '[' + std::to_string(v) + ']'));
    if (out.values.back().index() != out.values.front().index()) refuse(at, "the values are of different types");
  }
  if (out.op == comparison::between && out.values[1] < out.values[0]) refuse(at, "the first value is above the second");
  return out;
}

condition read_condition(const json& from, const std::string& place, std::size_t depth, std::size_t& tests) {
  if (depth > deepest) refuse(place, "more than " + std::to_string(deepest) + " levels");
  if (!from.is_object()) refuse(place, told(from) + " is no condition");
  if (++tests > most_tests) refuse(place, "more than " + std::to_string(most_tests) + " conditions");
  condition out;
  for (const char* key : {"all", "any"}) {
    const auto parts = from.find(key);
    if (parts == from.end()) continue;
    check_keys(from, place, {key});
    const std::string at = below(place, key);
    if (!parts->is_array() || parts->empty()) refuse(at, told(*parts) + " is no list of conditions");
    out.join = key[1] == 'l' ? condition_join::all : condition_join::any;
    for (std::size_t p = 0; p < parts->size(); ++p)
      out.parts.push_back(read_condition((*parts)[p], at + '[' + std::to_string(p) + ']', depth + 1, tests));
    return out;
  }
  if (const auto part = from.find("not"); part != from.end()) {
    check_keys(from, place, {"not"});
    out.join = condition_join::negation;
    out.parts.push_back(read_condition(*part, below(place, "not"), depth + 1, tests));
    return out;
  }
  return read_test(from, place);
}

json written(double number) {
  if (number == std::floor(number) && std::abs(number) < 0x1p53) return static_cast<std::int64_t>(number);
  return number;
}

json written(const condition_value& value) {
  if (const auto* number = std::get_if<double>(&value)) return written(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  return std::get<std::string>(value);
}

json written(const condition& when) {
  json out = json::object();
  if (when.join == condition_join::test) {
    out["field"] = when.field;
    out["op"] = std::string(to_string(when.op));
    if (when.op == comparison::is_missing) return out;
    if (when.op == comparison::in || when.op == comparison::not_in || when.op == comparison::between) {
      out["value"] = json::array();
      for (const auto& value : when.values) out["value"].push_back(written(value));
    } else if (!when.values.empty()) {
      out["value"] = written(when.values.front());
    }
    return out;
  }
  if (when.join == condition_join::negation) {
    out["not"] = when.parts.empty() ? json::object() : written(when.parts.front());
    return out;
  }
  json& parts = out[when.join == condition_join::all ? "all" : "any"];
  parts = json::array();
  for (const auto& part : when.parts) parts.push_back(written(part));
  return out;
}

std::string dumped(const json& value, int indent) { return value.dump(indent, ' ', false, json::error_handler_t::replace); }

}  // namespace

json parse_json(std::string_view text) {
  if (text.size() > longest_text) refuse("", "more than 1 MiB of JSON");
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    // A definition in a list lies two levels below its document, and each of its levels takes two.
    if (static_cast<std::size_t>(depth) > 2 * deepest + 8) refuse("", "JSON that nests deeper than a definition may");
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.empty() && !keys.back().insert(value.get<std::string>()).second)
      refuse("", told(value) + " is there twice in one object");
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), watch);
  } catch (const json::exception& problem) {
    refuse("", std::string("no JSON: ") + problem.what());
  }
}

definition read_definition(const json& from, const std::string& place) {
  check_keys(from, place, {"format", "name", "version", "description", "when", "minimum_size", "expected_response", "precision"});
  if (const auto format = from.find("format"); format != from.end() && *format != 1)
    refuse(below(place, "format"), told(*format) + " is not known; this version reads 1");
  definition out;
  out.name = text_at(from, place, "name", longest_name, true);
  if (from.contains("version")) out.version = text_at(from, place, "version", longest_name, true);
  out.description = text_at(from, place, "description", longest_words, false);
  if (!from.contains("when")) refuse(below(place, "when"), "missing");
  std::size_t tests = 0;
  out.when = read_condition(from["when"], below(place, "when"), 1, tests);
  const double minimum = number_at(from, place, "minimum_size", 0, 1e15);
  if (minimum != std::floor(minimum)) refuse(below(place, "minimum_size"), "no whole number");
  out.minimum_size = static_cast<std::uint64_t>(minimum);
  out.expected_response = number_at(from, place, "expected_response", 0, 1);
  out.precision = number_at(from, place, "precision", 0, 1);
  if (out.precision > 0 && !(out.expected_response > 0 && out.expected_response < 1))
    refuse(below(place, "precision"), "needs an expected_response between 0 and 1");
  return out;
}

json written(const definition& segment) {
  json out = json::object();
  out["format"] = 1;
  out["name"] = segment.name;
  out["version"] = segment.version;
  if (!segment.description.empty()) out["description"] = segment.description;
  out["when"] = written(segment.when);
  if (segment.minimum_size > 0) out["minimum_size"] = segment.minimum_size;
  if (segment.expected_response > 0) out["expected_response"] = segment.expected_response;
  if (segment.precision > 0) out["precision"] = segment.precision;
  return out;
}

}  // namespace detail

definition parse_definition(std::string_view text) { return detail::read_definition(detail::parse_json(text), ""); }

std::vector<definition> parse_definitions(std::string_view text) {
  const detail::json document = detail::parse_json(text);
  const detail::json* list = &document;
  if (document.is_object()) {
    detail::check_keys(document, "", {"format", "definitions"});
    if (const auto format = document.find("format"); format != document.end() && *format != 1)
      detail::refuse("format", detail::told(*format) + " is not known; this version reads 1");
    if (!document.contains("definitions")) detail::refuse("definitions", "missing");
    list = &document["definitions"];
  }
  if (!list->is_array()) detail::refuse("", detail::told(*list) + " is no list of definitions");
  if (list->size() > detail::most_definitions) detail::refuse("", "more than 1,000 definitions");
  std::vector<definition> out;
  std::set<std::string> names;
  for (std::size_t d = 0; d < list->size(); ++d) {
    const std::string place = "definitions[" + std::to_string(d) + ']';
    out.push_back(detail::read_definition((*list)[d], place));
    if (!names.insert(out.back().name).second) detail::refuse(place + ".name", '"' + out.back().name + "\" is there already");
  }
  return out;
}

std::string to_json(const definition& segment, int indent) { return detail::dumped(detail::written(segment), indent); }

std::string to_json(const std::vector<definition>& segments, int indent) {
  detail::json out{{"format", 1}, {"definitions", detail::json::array()}};
  for (const auto& segment : segments) {
    auto one = detail::written(segment);
    one.erase("format");
    out["definitions"].push_back(std::move(one));
  }
  return detail::dumped(out, indent);
}

}  // namespace clarion::segment
