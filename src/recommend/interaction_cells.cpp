#include "recommend/interaction_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <type_traits>

#include "clarion/core/date.hpp"
#include "clarion/core/error.hpp"
#include "core/text.hpp"

namespace clarion::recommend::detail {

namespace {

using core::arrow_column;
using core::arrow_type;
using core::detail::id_form;
using core::detail::trim;
using reason = interaction_reason;

// The whole text as a number in C's form.
template <class T>
std::optional<T> read_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T out{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<double> number_in(std::string_view text) { return read_number<double>(trim(text)); }

// ISO 8601, a date or a date and a time of day, as seconds since 1970 in UTC; a time without an offset is UTC.
std::optional<std::int64_t> second_in(std::string_view text) {
  text = trim(text);
  const auto day = core::parse_iso_date(text);
  if (!day) return std::nullopt;
  std::int64_t out = core::day_number(*day) * std::int64_t{86400};
  text.remove_prefix(10);
  if (text.empty()) return out;
  if (text[0] != 'T' && text[0] != ' ') return std::nullopt;
  text.remove_prefix(1);
  // Takes two digits and the mark before them.
  const auto two = [&](std::string_view mark, int most) -> std::optional<int> {
    if (!text.starts_with(mark) || text.size() < mark.size() + 2) return std::nullopt;
    const std::string_view digits = text.substr(mark.size(), 2);
    if (digits[0] < '0' || digits[0] > '9') return std::nullopt;
    const auto value = read_number<int>(digits);
    if (!value || *value > most) return std::nullopt;
    text.remove_prefix(mark.size() + 2);
    return value;
  };
  const auto hour = two("", 23);
  const auto minute = hour ? two(":", 59) : std::nullopt;
  if (!minute) return std::nullopt;
  out += *hour * 3600 + *minute * 60;
  if (text.starts_with(':')) {
    const auto second = two(":", 60);
    if (!second) return std::nullopt;
    out += *second;
    if (text.starts_with('.')) {
      const auto digits = std::min(text.find_first_not_of("0123456789", 1), text.size());
      if (digits == 1) return std::nullopt;
      text.remove_prefix(digits);
    }
  }
  if (text.empty() || text == "Z") return out;
  const int ahead = text[0] == '+' ? 1 : text[0] == '-' ? -1 : 0;
  if (ahead == 0) return std::nullopt;
  const auto hours = two(text.substr(0, 1), 23);
  if (!hours) return std::nullopt;
  const auto minutes = text.empty() ? std::optional<int>(0) : two(text.starts_with(':') ? ":" : "", 59);
  if (!minutes || !text.empty()) return std::nullopt;
  return out - ahead * (*hours * 3600 + *minutes * 60);
}

}  // namespace

time_form time_form_of(const core::arrow_reader::field& field) {
  if (field.type == arrow_type::timestamp) return time_form::seconds;
  if (field.type == arrow_type::date) return time_form::days;
  if (is_integer(field.type) || field.type == arrow_type::null) return time_form::integer;
  if (field.type >= arrow_type::float16 && field.type <= arrow_type::float64) return time_form::real;
  if (field.type == arrow_type::text) return time_form::text;
  throw error("column " + field.name + ": times of Arrow type " + field.format +
              " cannot be read; cast them to timestamps, dates or whole numbers");
}

void check_ids(const id_cells& cells, std::size_t begin, row_reasons& reasons, reason null, reason bad) {
  core::detail::check_ids(cells, begin, reasons, static_cast<std::uint8_t>(null), static_cast<std::uint8_t>(bad));
}

void read_weights(const weight_cells& cells, std::size_t begin, row_reasons& reasons, std::vector<double>& weights) {
  std::visit(
      [&](const auto& column) {
        using type = std::decay_t<decltype(column)>;
        if constexpr (std::is_same_v<type, const arrow_column*>) {
          for (std::size_t i = 0; i < reasons.size(); ++i) {
            if (!column->valid(begin + i)) {
              mark(reasons[i], reason::null_weight);
            } else if (column->type() != arrow_type::text) {
              weights[i] = column->number(begin + i);
            } else if (const auto number = number_in(column->text(begin + i))) {
              weights[i] = *number;
            } else {
              mark(reasons[i], reason::bad_weight);
            }
          }
        } else if constexpr (!std::is_same_v<type, std::monostate>) {
          for (std::size_t i = 0; i < reasons.size(); ++i) weights[i] = static_cast<double>(column[begin + i]);
        }
      },
      cells);
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const double w = weights[i];
    if (std::isnan(w))
      mark(reasons[i], reason::null_weight);
    else if (w < 0)
      mark(reasons[i], reason::negative_weight);
    else if (std::isinf(w))
      mark(reasons[i], reason::infinite_weight);
    else if (w == 0)
      mark(reasons[i], reason::zero_weight);
  }
}

void read_times(const time_cells& cells, std::size_t begin, row_reasons& reasons, std::vector<std::int64_t>& times) {
  if (const auto* plain = std::get_if<std::span<const std::int64_t>>(&cells)) {
    std::copy_n(plain->begin() + static_cast<std::ptrdiff_t>(begin), times.size(), times.begin());
    return;
  }
  const auto* arrow = std::get_if<arrow_times>(&cells);
  if (arrow == nullptr) return;
  const arrow_column& column = *arrow->column;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (!column.valid(begin + i) || (arrow->form == time_form::real && std::isnan(column.number(begin + i)))) {
      mark(reasons[i], reason::null_time);
    } else if (arrow->form == time_form::seconds) {
      times[i] = column.second(begin + i);
    } else if (arrow->form == time_form::days) {
      times[i] = column.day(begin + i);
    } else if (arrow->form == time_form::text) {
      if (const auto t = second_in(column.text(begin + i)))
        times[i] = *t;
      else
        mark(reasons[i], reason::bad_time);
    } else if (const auto t =
                   core::detail::whole(column, begin + i, arrow->form == time_form::real ? id_form::real : id_form::integer)) {
      times[i] = *t;
    } else {
      mark(reasons[i], reason::bad_time);
    }
  }
}

std::string shown(double value) { return fmt::format("{}", value); }

}  // namespace clarion::recommend::detail
