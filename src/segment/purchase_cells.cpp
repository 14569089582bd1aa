#include "segment/purchase_cells.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "clarion/core/error.hpp"
#include "core/text.hpp"

namespace clarion::segment::detail {

namespace {

using core::arrow_column;
using core::arrow_type;
using core::detail::arrow_ids;
using core::detail::good;
using core::detail::id_form;
using core::detail::id_piece;
using core::detail::trim;
using reason = purchase_reason;

constexpr double most_amount = 1e15;  // sums of what is below stay finite

constexpr std::uint8_t code(reason why) { return static_cast<std::uint8_t>(why); }
// The whole number yyyymmdd of a calendar day, or days since 1970: no number is both.
std::optional<std::int32_t> day_of(std::int64_t number) {
  if (number >= first_valid_day && number <= last_valid_day) return static_cast<std::int32_t>(number);
  if (number < 1000'01'01 || number > 9999'12'31) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year{static_cast<int>(number / 10000)},
                                        std::chrono::month{static_cast<unsigned>(number / 100 % 100)},
                                        std::chrono::day{static_cast<unsigned>(number % 100)}};
  if (!day.ok()) return std::nullopt;
  return core::day_number(std::chrono::sys_days{day});
}

std::optional<double> number_in(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double out = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// The distinct words of a column in a piece, and the one of each row; none where the cell is null.
struct words {
  static constexpr std::uint32_t none = 0xffffffffu;
  std::vector<std::string> distinct;
  std::vector<std::uint32_t> of;
};

words read_words(const id_cells& cells, std::size_t begin, std::size_t n) {
  words out;
  std::vector<std::uint8_t> seen(n, good);
  core::detail::check_ids(cells, begin, seen, 0, 0);
  std::vector<std::uint64_t> rows;
  for (std::size_t i = 0; i < n; ++i)
    if (seen[i] == good) rows.push_back(begin + i);
  id_piece piece;
  std::vector<std::int64_t> scratch;
  core::detail::number_ids(cells, rows, scratch, piece);
  if (core::detail::kind_of(cells) == core::id_kind::text)
    for (const auto text : piece.texts) out.distinct.emplace_back(trim(text));
  else
    for (const auto number : piece.integers) out.distinct.push_back(std::to_string(number));
  out.of.assign(n, words::none);
  for (std::size_t i = 0; i < rows.size(); ++i) out.of[rows[i] - begin] = piece.codes[i];
  return out;
}

}  // namespace

day_form day_form_of(const core::arrow_reader::field& field) {
  if (is_integer(field.type) || field.type == arrow_type::null) return day_form::integer;
  if (field.type >= arrow_type::float16 && field.type <= arrow_type::float64) return day_form::real;
  if (field.type == arrow_type::text) return day_form::text;
  if (field.type == arrow_type::date || field.type == arrow_type::timestamp) return day_form::days;
  throw error("column " + field.name + ": days of Arrow type " + field.format + " cannot be read; cast them to dates");
}

void check_amounts(const core::arrow_reader::field& field) {
  if ((field.type >= arrow_type::int8 && field.type <= arrow_type::decimal) || field.type == arrow_type::null ||
      field.type == arrow_type::text)
    return;
  throw error("column " + field.name + ": amounts of Arrow type " + field.format + " cannot be read; cast them to numbers");
}

void check_invoices(const id_cells& cells, std::size_t begin, row_reasons& reasons) {
  core::detail::check_ids(cells, begin, reasons, code(reason::null_invoice), code(reason::null_invoice));
}

void read_days(const table_cells& table, std::size_t begin, row_reasons& reasons, std::span<std::int32_t> days) {
  const std::size_t n = days.size();
  if (const auto* plain = std::get_if<std::span<const std::int32_t>>(&table.day)) {
    std::copy_n(plain->begin() + static_cast<std::ptrdiff_t>(begin), n, days.begin());
  } else {
    const arrow_column& column = *std::get<const arrow_column*>(table.day);
    if (table.days == day_form::days) column.days(begin, days);
    if (table.days != day_form::days || !column.all_valid())
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t row = begin + i;
        if (!column.valid(row) || (table.days == day_form::real && std::isnan(column.number(row)))) {
          mark(reasons[i], reason::null_date);
          days[i] = 0;
          continue;
        }
        if (table.days == day_form::days) continue;
        std::optional<std::int32_t> day;
        if (table.days == day_form::text) {
          const auto text = trim(column.text(row));
          if (text.empty()) mark(reasons[i], reason::null_date);
          if (const auto parsed = core::parse_iso_date(text))
            day = core::day_number(*parsed);
          else if (text.size() == 8 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
            day = day_of(std::strtoll(std::string(text).c_str(), nullptr, 10));
        } else if (const auto number =
                       core::detail::whole(column, row, table.days == day_form::real ? id_form::real : id_form::integer)) {
          day = day_of(*number);
        }
        if (!day) mark(reasons[i], reason::bad_date);
        days[i] = day.value_or(0);
      }
  }
  for (std::size_t i = 0; i < n; ++i)
    if (days[i] < first_valid_day || days[i] > last_valid_day) mark(reasons[i], reason::bad_date);
}

void read_amounts(const table_cells& table, std::size_t begin, row_reasons& reasons, std::span<double> amounts) {
  const std::size_t n = amounts.size();
  if (const auto* plain = std::get_if<std::span<const double>>(&table.amount)) {
    std::copy_n(plain->begin() + static_cast<std::ptrdiff_t>(begin), n, amounts.begin());
  } else if (const auto* arrow = std::get_if<const arrow_column*>(&table.amount)) {
    const arrow_column& column = **arrow;
    if (column.type() == arrow_type::float64 && !column.is_dictionary() && column.all_valid()) {
      std::copy_n(column.values<double>().begin() + static_cast<std::ptrdiff_t>(begin), n, amounts.begin());
    } else {
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t row = begin + i;
        if (!column.valid(row)) {
          mark(reasons[i], reason::null_amount);
          amounts[i] = 0;
        } else if (column.type() != arrow_type::text) {
          amounts[i] = column.number(row);
        } else {
          const auto text = trim(column.text(row));
          const auto number = number_in(text);
          if (!number) mark(reasons[i], text.empty() ? reason::null_amount : reason::bad_amount);
          amounts[i] = number.value_or(0);
        }
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    amounts[i] += 0.0;  // the sign says return: zero has none
    if (std::abs(amounts[i]) <= most_amount) continue;
    mark(reasons[i], std::isnan(amounts[i]) ? reason::null_amount : reason::huge_amount);
  }
}

void read_kinds(const table_cells& table, std::size_t begin, const purchase_options& options, std::span<double> amounts) {
  const words kinds = read_words(*table.kind, begin, amounts.size());
  std::vector<std::uint8_t> is_return(kinds.distinct.size());
  for (std::size_t k = 0; k < is_return.size(); ++k)
    is_return[k] = std::ranges::find(options.return_kinds, kinds.distinct[k]) != options.return_kinds.end();
  for (std::size_t i = 0; i < amounts.size(); ++i)
    if (kinds.of[i] != words::none && is_return[kinds.of[i]] != 0) amounts[i] = -std::abs(amounts[i]);
}

void read_currencies(const table_cells& table, std::size_t begin, const purchase_options& options, row_reasons& reasons,
                     std::vector<std::string>& out) {
  const words currencies = read_words(*table.currency, begin, reasons.size());
  std::vector<std::uint8_t> used(currencies.distinct.size());
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const std::uint32_t at = currencies.of[i];
    if (at == words::none || currencies.distinct[at].empty())
      mark(reasons[i], reason::null_currency);
    else if (!options.currency.empty() && currencies.distinct[at] != options.currency)
      mark(reasons[i], reason::other_currency);
    else if (reasons[i] == good)
      used[at] = 1;
  }
  for (std::size_t c = 0; c < used.size() && out.size() < most_currencies; ++c)
    if (used[c] != 0 && std::ranges::find(out, currencies.distinct[c]) == out.end()) out.push_back(currencies.distinct[c]);
}

std::string value_at(const table_cells& table, std::size_t row, reason why) {
  const auto of_column = [&](const auto& cells) -> std::string {
    if (const auto* arrow = std::get_if<const arrow_column*>(&cells)) return (*arrow)->to_text(row);
    return {};
  };
  switch (why) {
    case reason::bad_customer:
      return core::detail::shown(table.customer, row);
    case reason::bad_date:
    case reason::future_date:
      if (const auto* plain = std::get_if<std::span<const std::int32_t>>(&table.day)) {
        const std::int32_t day = (*plain)[row];
        return day < first_valid_day || day > last_valid_day ? std::to_string(day) : core::to_string(core::from_day_number(day));
      }
      return of_column(table.day);
    case reason::bad_amount:
    case reason::huge_amount:
      if (const auto* plain = std::get_if<std::span<const double>>(&table.amount)) return std::to_string((*plain)[row]);
      return of_column(table.amount);
    case reason::other_currency:
      return core::detail::shown(*table.currency, row);
    default:
      return {};
  }
}

void check_customers(const id_cells& cells, std::size_t begin, row_reasons& reasons) {
  core::detail::check_ids(cells, begin, reasons, code(reason::null_customer), code(reason::bad_customer));
  if (core::detail::kind_of(cells) != core::id_kind::text) return;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i] != good) continue;
    const auto* arrow = std::get_if<arrow_ids>(&cells);
    const bool blank = arrow == nullptr
                           ? trim(std::get<core::text_cells>(cells)[begin + i]).empty()
                           : arrow->column->type() == arrow_type::text && trim(arrow->column->text(begin + i)).empty();
    if (blank) mark(reasons[i], reason::null_customer);
  }
}

}  // namespace clarion::segment::detail
