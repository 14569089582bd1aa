#include "clarion/segment/customer_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "clarion/core/arrow.hpp"
#include "clarion/core/date.hpp"
#include "clarion/core/error.hpp"

namespace clarion::segment {

namespace {

using core::arrow_column;
using core::arrow_type;

field_kind kind_of(const core::arrow_reader::field& field) {
  if (field.type == arrow_type::boolean) return field_kind::boolean;
  if (field.type == arrow_type::null || (field.type >= arrow_type::int8 && field.type <= arrow_type::decimal))
    return field_kind::number;
  if (field.type == arrow_type::date || field.type == arrow_type::timestamp) return field_kind::date;
  if (field.type == arrow_type::text || field.type == arrow_type::uuid) return field_kind::text;
  throw error("column " + field.name + ": a field of Arrow type " + field.format +
              " cannot be read; cast it to numbers, texts, "
              "dates or booleans");
}

void append(const arrow_column& column, std::size_t rows, customer_field& out) {
  switch (out.kind) {
    case field_kind::number: {
      const std::size_t first = out.number.size();
      out.number.resize(first + rows);
      if (column.type() == arrow_type::float64 && !column.is_dictionary() && column.all_valid()) {
        std::ranges::copy(column.values<double>(), out.number.begin() + static_cast<std::ptrdiff_t>(first));
        return;
      }
      for (std::size_t i = 0; i < rows; ++i)
        out.number[first + i] = column.valid(i) ? column.number(i) : std::numeric_limits<double>::quiet_NaN();
      return;
    }
    case field_kind::date: {
      const std::size_t first = out.day.size();
      out.day.resize(first + rows);
      column.days(0, std::span(out.day).subspan(first));
      if (!column.all_valid())
        for (std::size_t i = 0; i < rows; ++i)
          if (!column.valid(i)) out.day[first + i] = missing_day;
      return;
    }
    case field_kind::boolean:
      for (std::size_t i = 0; i < rows; ++i)
        out.flag.push_back(!column.valid(i) ? missing_flag : static_cast<std::uint8_t>(column.boolean(i)));
      return;
    case field_kind::text: {
      out.text.codes.reserve(out.text.codes.size() + rows);
      if (column.is_dictionary()) {
        constexpr std::uint32_t unseen = core::category_column::none - 1;
        std::vector<std::uint32_t> code(column.dictionary().size(), unseen);
        for (std::size_t i = 0; i < rows; ++i) {
          if (!column.valid(i)) {
            out.text.push_back({});
            continue;
          }
          std::uint32_t& of = code[column.index(i)];
          if (of == unseen) {
            const std::string text = column.to_text(i);
            of = text.empty() ? core::category_column::none : out.text.values.intern(text);
          }
          out.text.codes.push_back(of);
        }
        return;
      }
      for (std::size_t i = 0; i < rows; ++i) {
        if (!column.valid(i))
          out.text.push_back({});
        else if (column.type() == arrow_type::text)
          out.text.push_back(column.text(i));
        else
          out.text.push_back(column.to_text(i));
      }
    }
  }
}

}  // namespace

std::string_view to_string(field_kind kind) {
  switch (kind) {
    case field_kind::number:
      return "number";
    case field_kind::text:
      return "text";
    case field_kind::date:
      return "date";
    case field_kind::boolean:
      return "boolean";
  }
  return "";
}

std::size_t customer_field::size() const {
  switch (kind) {
    case field_kind::number:
      return number.size();
    case field_kind::text:
      return text.size();
    case field_kind::date:
      return day.size();
    case field_kind::boolean:
      return flag.size();
  }
  return 0;
}

bool customer_field::missing(std::size_t row) const {
  switch (kind) {
    case field_kind::number:
      return std::isnan(number[row]);
    case field_kind::text:
      return text.codes[row] == core::category_column::none;
    case field_kind::date:
      return day[row] == missing_day;
    case field_kind::boolean:
      return flag[row] > 1;
  }
  return true;
}

std::string customer_field::shown(std::size_t row) const {
  if (missing(row)) return "missing";
  switch (kind) {
    case field_kind::number:
      return fmt::format("{}", number[row]);
    case field_kind::text:
      return std::string(text[row]);
    case field_kind::date:
      return core::to_string(core::from_day_number(day[row]));
    case field_kind::boolean:
      return flag[row] == 1 ? "true" : "false";
  }
  return {};
}

const customer_field* customer_fields::find(std::string_view name) const {
  const auto at = std::ranges::find(fields, name, &customer_field::name);
  return at == fields.end() ? nullptr : &*at;
}

void customer_fields::add(customer_field field) {
  if (find(field.name) != nullptr) reject("field", '"' + field.name + '"', "it is there already");
  if (!fields.empty() && field.size() != rows)
    reject(field.name, std::to_string(field.size()) + " rows", "give as many as the others: " + std::to_string(rows));
  rows = field.size();
  fields.push_back(std::move(field));
}

customer_fields read_fields(ArrowArrayStream* stream, std::span<const std::string> names, const run_options& run) {
  core::arrow_reader reader(stream);
  customer_fields out;
  for (const auto& name : names) {
    if (out.find(name) != nullptr) continue;
    const auto at = std::ranges::find(reader.fields(), name, &core::arrow_reader::field::name);
    if (at == reader.fields().end()) continue;
    customer_field field;
    field.name = name;
    field.kind = kind_of(*at);
    out.fields.push_back(std::move(field));
  }
  const run_options reading = part_of(run, 0, 0);
  while (auto batch = reader.next()) {
    core::parallel_blocks(out.fields.size(), reading,
                          [&](std::size_t f) { append(*batch->find(out.fields[f].name), batch->rows(), out.fields[f]); });
    out.rows += batch->rows();
  }
  return out;
}

}  // namespace clarion::segment
