#include "segment/definition_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace clarion::segment {

namespace detail {

namespace {

const char* verb(comparison op) {
  switch (op) {
    case comparison::equal:
      return "is";
    case comparison::not_equal:
      return "is not";
    case comparison::less:
      return "is below";
    case comparison::at_most:
      return "is at most";
    case comparison::more:
      return "is above";
    case comparison::at_least:
      return "is at least";
    case comparison::in:
      return "is one of";
    case comparison::not_in:
      return "is none of";
    case comparison::between:
      return "is between";
    case comparison::is_missing:
      return "is missing";
  }
  return "";
}

std::string joined(const condition& when, bool sorted, bool inner) {
  if (when.join == condition_join::test) return in_words(when);
  if (when.join == condition_join::negation)
    return when.parts.empty() ? "never" : "not (" + joined(when.parts.front(), sorted, false) + ")";
  if (when.parts.empty()) return when.join == condition_join::all ? "always" : "never";
  if (when.parts.size() == 1) return joined(when.parts.front(), sorted, inner);
  std::vector<std::string> parts;
  for (const auto& part : when.parts) parts.push_back(joined(part, sorted, true));
  if (sorted) std::ranges::sort(parts);
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : when.join == condition_join::all ? " and " : " or ") + part;
  return inner ? "(" + out + ")" : out;
}

void collect(const condition& when, std::vector<const condition*>& out) {
  if (when.join == condition_join::test) out.push_back(&when);
  for (const auto& part : when.parts) collect(part, out);
}

void collect(const condition& when, std::vector<std::string>& out) {
  if (when.join == condition_join::test) out.push_back(when.field);
  for (const auto& part : when.parts) collect(part, out);
}

std::vector<std::string> distinct(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// Takes out of both lists the pairs that are alike.
template <class Alike, class Then>
void pair_up(std::vector<const condition*>& before, std::vector<const condition*>& after, const Alike& alike, const Then& then) {
  for (auto one = before.begin(); one != before.end();) {
    const auto other = std::ranges::find_if(after, [&](const condition* c) { return alike(**one, *c); });
    if (other == after.end()) {
      ++one;
      continue;
    }
    then(**one, **other);
    after.erase(other);
    one = before.erase(one);
  }
}

}  // namespace

std::string shown(const condition_value& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return '"' + std::get<std::string>(value) + '"';
}

std::string in_words(const condition& test) {
  std::string out = test.field + " " + verb(test.op);
  const std::size_t n = test.values.size();
  for (std::size_t v = 0; v < n; ++v) {
    const bool last = v + 1 == n && v > 0;
    out += (v == 0 ? " " : !last ? ", " : test.op == comparison::in ? " or " : " and ") + shown(test.values[v]);
  }
  return out;
}

std::string canonical(const condition& when) { return joined(when, true, false); }

}  // namespace detail

std::string_view to_string(comparison op) {
  switch (op) {
    case comparison::equal:
      return "==";
    case comparison::not_equal:
      return "!=";
    case comparison::less:
      return "<";
    case comparison::at_most:
      return "<=";
    case comparison::more:
      return ">";
    case comparison::at_least:
      return ">=";
    case comparison::in:
      return "in";
    case comparison::not_in:
      return "not in";
    case comparison::between:
      return "between";
    case comparison::is_missing:
      return "is missing";
  }
  return "";
}

std::string describe(const condition& when) { return detail::joined(when, false, false); }

std::vector<std::string> fields_of(const condition& when) {
  std::vector<std::string> out;
  detail::collect(when, out);
  return detail::distinct(std::move(out));
}

std::vector<std::string> fields_of(const std::vector<definition>& segments) {
  std::vector<std::string> out;
  for (const auto& segment : segments) detail::collect(segment.when, out);
  return detail::distinct(std::move(out));
}

std::vector<definition_change> difference(const definition& before, const definition& after) {
  std::vector<definition_change> out;
  const auto compare = [&](const char* what, const std::string& x, const std::string& y) {
    if (x != y) out.push_back({x.empty() ? "added" : y.empty() ? "removed" : "changed", what, x, y});
  };
  const auto number = [](double value) { return value == 0 ? std::string() : fmt::format("{}", value); };
  compare("name", before.name, after.name);
  compare("version", before.version, after.version);
  compare("description", before.description, after.description);
  compare("minimum_size", number(static_cast<double>(before.minimum_size)), number(static_cast<double>(after.minimum_size)));
  compare("expected_response", number(before.expected_response), number(after.expected_response));
  compare("precision", number(before.precision), number(after.precision));
  if (detail::canonical(before.when) == detail::canonical(after.when)) return out;

  std::vector<const condition*> removed, added;
  detail::collect(before.when, removed);
  detail::collect(after.when, added);
  const std::size_t told = out.size();
  const auto change = [&](const condition& x, const condition& y) {
    out.push_back({"changed", "condition", detail::in_words(x), detail::in_words(y)});
  };
  detail::pair_up(
      removed, added, [](const auto& x, const auto& y) { return x == y; }, [](const auto&, const auto&) {});
  detail::pair_up(
      removed, added, [](const auto& x, const auto& y) { return x.field == y.field && x.op == y.op; }, change);
  detail::pair_up(
      removed, added, [](const auto& x, const auto& y) { return x.field == y.field; }, change);
  for (const auto* test : removed) out.push_back({"removed", "condition", detail::in_words(*test), ""});
  for (const auto* test : added) out.push_back({"added", "condition", "", detail::in_words(*test)});
  if (out.size() == told) out.push_back({"changed", "joining", describe(before.when), describe(after.when)});
  return out;
}

}  // namespace clarion::segment
