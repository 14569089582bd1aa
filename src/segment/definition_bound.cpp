#include "segment/definition_bound.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "clarion/core/date.hpp"
#include "clarion/core/error.hpp"
#include "segment/definition_text.hpp"

namespace clarion::segment::detail {

namespace {

class binder {
public:
  binder(const customer_fields& customers, const std::string& name) : customers_(customers), name_(name) {}

  bound_condition bind(const condition& from, const std::string& place) const {
    bound_condition out;
    out.join = from.join;
    out.source = &from;
    out.place = place;
    if (from.join == condition_join::test) {
      bind_test(from, out);
      return out;
    }
    if (from.join == condition_join::negation && from.parts.size() != 1) refuse(place, "not", "give it one condition");
    const char* key = from.join == condition_join::all ? ".all[" : ".any[";
    for (std::size_t p = 0; p < from.parts.size(); ++p)
      out.parts.push_back(
          bind(from.parts[p], from.join == condition_join::negation ? place + ".not" : place + key + std::to_string(p) + ']'));
    return out;
  }

private:
  [[noreturn]] void refuse(const std::string& place, const std::string& value, const std::string& remedy) const {
    reject((name_.empty() ? "" : name_ + ": ") + place, value, remedy);
  }

  [[noreturn]] void wrong(const condition_value& value, const bound_condition& test, const char* wanted) const {
    refuse(test.place + ".value", shown(value),
           test.field->name + " is a " + std::string(to_string(test.field->kind)) + ": give " + wanted);
  }

  void bind_test(const condition& from, bound_condition& out) const {
    out.op = from.op;
    out.field = customers_.find(from.field);
    if (out.field == nullptr) {
      std::string known;
      for (std::size_t f = 0; f < customers_.fields.size() && f < 30; ++f)
        known += (f == 0 ? "" : ", ") + customers_.fields[f].name.substr(0, 60);
      refuse(out.place + ".field", '"' + from.field + '"',
             known.empty() ? "there are no such fields" : "give it to the customers, who have " + known);
    }
    if (from.op == comparison::is_missing) return;
    const field_kind kind = out.field->kind;
    const bool ordered = kind == field_kind::number || kind == field_kind::date;
    const bool list = from.op == comparison::in || from.op == comparison::not_in;
    if (!ordered && !list && from.op != comparison::equal && from.op != comparison::not_equal)
      refuse(out.place + ".op", '"' + std::string(to_string(from.op)) + '"',
             from.field + " is a " + std::string(to_string(kind)) + ": compare it with ==, !=, in, not in or is missing");
    const std::size_t wanted = from.op == comparison::between ? 2 : 1;
    if (list ? from.values.empty() : from.values.size() != wanted)
      refuse(out.place + ".value", std::to_string(from.values.size()) + " values",
             "give " + std::string(list ? "at least one" : std::to_string(wanted)));
    for (const auto& value : from.values) bind_value(value, kind, out);
    if (ordered) {
      out.low = out.numbers.front();
      out.high = out.numbers.back();
      std::ranges::sort(out.numbers);
    }
  }

  void bind_value(const condition_value& value, field_kind kind, bound_condition& out) const {
    switch (kind) {
      case field_kind::number: {
        const auto* number = std::get_if<double>(&value);
        if (number == nullptr || std::isnan(*number)) wrong(value, out, "a number");
        out.numbers.push_back(*number);
        return;
      }
      case field_kind::date: {
        const auto* text = std::get_if<std::string>(&value);
        const auto day = text == nullptr || text->size() != 10 ? std::nullopt : core::parse_iso_date(*text);
        if (!day) wrong(value, out, "a day, YYYY-MM-DD");
        out.numbers.push_back(core::day_number(*day));
        return;
      }
      case field_kind::boolean: {
        const auto* flag = std::get_if<bool>(&value);
        if (flag == nullptr) wrong(value, out, "true or false");
        out.flags = static_cast<std::uint8_t>(out.flags | (1u << *flag));
        return;
      }
      case field_kind::text: {
        const auto* text = std::get_if<std::string>(&value);
        if (text == nullptr) wrong(value, out, "a text");
        out.codes.resize(out.field->text.values.size());
        if (const auto code = out.field->text.values.find(*text)) out.codes[*code] = 1;
        return;
      }
    }
  }

  const customer_fields& customers_;
  const std::string& name_;
};

// A bit for each of up to 64 cells.
template <class T, class Holds>
void bits(const std::vector<T>& cells, std::size_t first, std::size_t n, std::size_t rows, std::uint64_t* out,
          const Holds& holds) {
  for (std::size_t w = 0; w < n; ++w) {
    const std::size_t begin = (first + w) * 64, end = std::min(rows, begin + 64);
    std::uint64_t word = 0;
    for (std::size_t r = begin; r < end; ++r) word |= static_cast<std::uint64_t>(holds(cells[r])) << (r - begin);
    out[w] = word;
  }
}

// Calls visit with the test as a function of a number that is not missing.
template <class Visit>
void with_number_test(const bound_condition& test, const Visit& visit) {
  const double low = test.low, high = test.high;
  switch (test.op) {
    case comparison::equal:
      return visit([=](double v) { return v == low; });
    case comparison::not_equal:
      return visit([=](double v) { return v != low; });
    case comparison::less:
      return visit([=](double v) { return v < low; });
    case comparison::at_most:
      return visit([=](double v) { return v <= low; });
    case comparison::more:
      return visit([=](double v) { return v > low; });
    case comparison::at_least:
      return visit([=](double v) { return v >= low; });
    case comparison::between:
      return visit([=](double v) { return (v >= low) & (v <= high); });
    case comparison::in:
      return visit([&](double v) { return std::ranges::binary_search(test.numbers, v); });
    case comparison::not_in:
      return visit([&](double v) { return !std::ranges::binary_search(test.numbers, v); });
    case comparison::is_missing:
      return;
  }
}

bool negative(comparison op) { return op == comparison::not_equal || op == comparison::not_in; }

void evaluate_test(const bound_condition& test, std::size_t first, std::size_t n, std::size_t rows, std::uint64_t* out) {
  const customer_field& field = *test.field;
  const bool missing = test.op == comparison::is_missing;
  switch (field.kind) {
    case field_kind::number:
      if (missing) return bits(field.number, first, n, rows, out, [](double v) { return v != v; });
      return with_number_test(test, [&](const auto& holds) {
        bits(field.number, first, n, rows, out, [&](double v) { return (v == v) & holds(v); });
      });
    case field_kind::date:
      if (missing) return bits(field.day, first, n, rows, out, [](std::int32_t d) { return d == missing_day; });
      return with_number_test(test, [&](const auto& holds) {
        bits(field.day, first, n, rows, out, [&](std::int32_t d) { return (d != missing_day) & holds(static_cast<double>(d)); });
      });
    case field_kind::boolean: {
      const std::uint8_t wanted = negative(test.op) ? static_cast<std::uint8_t>(3 & ~test.flags) : test.flags;
      if (missing) return bits(field.flag, first, n, rows, out, [](std::uint8_t f) { return f > 1; });
      return bits(field.flag, first, n, rows, out, [=](std::uint8_t f) { return f <= 1 && ((wanted >> f) & 1u) != 0; });
    }
    case field_kind::text: {
      constexpr auto none = core::category_column::none;
      if (missing) return bits(field.text.codes, first, n, rows, out, [](std::uint32_t c) { return c == none; });
      const std::uint8_t wanted = negative(test.op) ? 0 : 1;
      return bits(field.text.codes, first, n, rows, out, [&](std::uint32_t c) { return c != none && test.codes[c] == wanted; });
    }
  }
}

}  // namespace

bound_condition bind(const condition& when, const customer_fields& customers, const std::string& name) {
  return binder(customers, name).bind(when, "when");
}

void evaluate_block(const bound_condition& when, std::size_t first, std::size_t n, std::size_t rows, std::uint64_t* out) {
  if (when.join == condition_join::test) return evaluate_test(when, first, n, rows, out);
  const bool all = when.join == condition_join::all;
  std::uint64_t part[block_words];
  for (std::size_t w = 0; w < n; ++w) {
    const std::size_t left = rows - (first + w) * 64;
    out[w] = !all ? 0 : left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
  }
  for (const auto& one : when.parts) {
    evaluate_block(one, first, n, rows, part);
    for (std::size_t w = 0; w < n; ++w) {
      if (all)
        out[w] &= part[w];
      else
        out[w] |= part[w];
    }
  }
  if (when.join != condition_join::negation) return;
  for (std::size_t w = 0; w < n; ++w) {
    const std::size_t left = rows - (first + w) * 64;
    out[w] = ~out[w] & (left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1);
  }
}

bool holds(const bound_condition& test, std::size_t row) {
  std::uint64_t word = 0;
  evaluate_block(test, row / 64, 1, test.field->size(), &word);
  return ((word >> (row % 64)) & 1u) != 0;
}

}  // namespace clarion::segment::detail
