#include "segment/purchase_rows.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <variant>

#include "clarion/core/arrow.hpp"
#include "clarion/core/detail/id_rank.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "core/text.hpp"

namespace clarion::segment::detail {

namespace {

using core::arrow_column;
using core::arrow_type;
using core::detail::arrow_ids;
using core::detail::good;
using core::detail::id_cells;
using core::detail::id_form;
using core::detail::id_piece;
using core::detail::trim;
using reason = purchase_reason;

constexpr std::size_t piece_rows = std::size_t{1} << 15;
constexpr std::int32_t first_valid = core::day_number(std::chrono::year{1} / 1 / 1);
constexpr std::int32_t last_valid = core::day_number(std::chrono::year{9999} / 12 / 31);
constexpr std::size_t most_currencies = 8;
constexpr double most_amount = 1e15;  // sums of what is below stay finite

enum class day_form { days, integer, real, text };

struct table_cells {
  id_cells customer;
  std::variant<std::span<const std::int32_t>, const arrow_column*> day;
  day_form days = day_form::days;
  std::variant<std::monostate, std::span<const double>, const arrow_column*> amount;
  std::optional<id_cells> invoice, kind, currency;
};

constexpr std::uint8_t code(reason why) { return static_cast<std::uint8_t>(why); }
void mark(std::uint8_t& of, reason why) { core::detail::mark(of, code(why)); }

// The whole number yyyymmdd of a calendar day, or days since 1970: no number is both.
std::optional<std::int32_t> day_of(std::int64_t number) {
  if (number >= first_valid && number <= last_valid) return static_cast<std::int32_t>(number);
  if (number < 1000'01'01 || number > 9999'12'31) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year{static_cast<int>(number / 10000)},
                                        std::chrono::month{static_cast<unsigned>(number / 100 % 100)},
                                        std::chrono::day{static_cast<unsigned>(number % 100)}};
  if (!day.ok()) return std::nullopt;
  return core::day_number(std::chrono::sys_days{day});
}

void read_days(const table_cells& table, std::size_t begin, std::vector<std::uint8_t>& reasons, std::span<std::int32_t> days) {
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
          if (const auto parsed = core::parse_iso_date(text)) day = core::day_number(*parsed);
        } else if (const auto number =
                       core::detail::whole(column, row, table.days == day_form::real ? id_form::real : id_form::integer)) {
          day = day_of(*number);
        }
        if (!day) mark(reasons[i], reason::bad_date);
        days[i] = day.value_or(0);
      }
  }
  for (std::size_t i = 0; i < n; ++i)
    if (days[i] < first_valid || days[i] > last_valid) mark(reasons[i], reason::bad_date);
}

std::optional<double> number_in(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double out = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

void read_amounts(const table_cells& table, std::size_t begin, std::vector<std::uint8_t>& reasons, std::span<double> amounts) {
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

void read_kinds(const table_cells& table, std::size_t begin, const purchase_options& options, std::span<double> amounts) {
  const words kinds = read_words(*table.kind, begin, amounts.size());
  std::vector<std::uint8_t> is_return(kinds.distinct.size());
  for (std::size_t k = 0; k < is_return.size(); ++k)
    is_return[k] = std::ranges::find(options.return_kinds, kinds.distinct[k]) != options.return_kinds.end();
  for (std::size_t i = 0; i < amounts.size(); ++i)
    if (kinds.of[i] != words::none && is_return[kinds.of[i]] != 0) amounts[i] = -std::abs(amounts[i]);
}

void read_currencies(const table_cells& table, std::size_t begin, const purchase_options& options,
                     std::vector<std::uint8_t>& reasons, std::vector<std::string>& out) {
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
        return day < first_valid || day > last_valid ? std::to_string(day) : core::to_string(core::from_day_number(day));
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

// Ids of the rows of the table that are in use, as base + a number of 32 bits where they lie close together.
void read_ids(const id_cells& cells, const std::vector<std::uint64_t>& rows, std::vector<std::int64_t>& scratch,
              purchase_piece& out) {
  if (core::detail::kind_of(cells) == core::id_kind::text) {
    core::detail::number_ids(cells, rows, scratch, out.customers);
    for (std::size_t i = 0; i < rows.size(); ++i) out.rows[i].customer = out.customers.codes[i];
    out.customers.codes = {};
    return;
  }
  scratch.resize(rows.size());
  std::visit(
      [&](const auto& ids) {
        using type = std::decay_t<decltype(ids)>;
        if constexpr (std::is_same_v<type, arrow_ids>) {
          const bool plain = core::detail::plain_integers(*ids.column, [&](auto t) {
            const auto values = ids.column->template values<decltype(t)>();
            for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = static_cast<std::int64_t>(values[rows[i]]);
          });
          if (!plain)
            for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = *core::detail::whole(*ids.column, rows[i], ids.form);
        } else if constexpr (!std::is_same_v<type, core::text_cells>) {
          for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = ids[rows[i]];
        }
      },
      cells);
  if (rows.empty()) return;
  const auto [low, high] = std::ranges::minmax(scratch);
  out.low = low;
  out.high = high;
  const auto base = static_cast<std::uint64_t>(low);
  if (static_cast<std::uint64_t>(high) - base <= std::numeric_limits<std::uint32_t>::max()) {
    out.base = low;
    for (std::size_t i = 0; i < rows.size(); ++i)
      out.rows[i].customer = static_cast<std::uint32_t>(static_cast<std::uint64_t>(scratch[i]) - base);
    return;
  }
  core::detail::id_dictionary<std::int64_t> seen;
  for (std::size_t i = 0; i < rows.size(); ++i) out.rows[i].customer = seen.index(scratch[i]);
  out.ids = seen.take_keys();
}

void check_customers(const id_cells& cells, std::size_t begin, std::vector<std::uint8_t>& reasons) {
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

// Rows [begin, begin + n) of the table; `first_row` is the number of the first one in the whole stream.
void read_piece(const table_cells& table, std::size_t begin, std::size_t n, std::uint64_t first_row,
                const purchase_options& options, purchase_piece& out) {
  std::vector<std::uint8_t> reasons(n, good);
  std::vector<std::int32_t> days(n);
  std::vector<double> amounts(n);
  check_customers(table.customer, begin, reasons);
  read_days(table, begin, reasons, days);
  if (options.at) {
    const std::int32_t at = core::day_number(*options.at);
    for (std::size_t i = 0; i < n; ++i)
      if (days[i] > at) mark(reasons[i], reason::future_date);
  }
  read_amounts(table, begin, reasons, amounts);
  if (table.kind) read_kinds(table, begin, options, amounts);
  if (table.invoice)
    core::detail::check_ids(*table.invoice, begin, reasons, code(reason::null_invoice), code(reason::null_invoice));
  if (table.currency) read_currencies(table, begin, options, reasons, out.currencies);

  out.first_row = first_row;
  std::vector<std::uint64_t> rows;
  rows.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (reasons[i] == good) {
      rows.push_back(begin + i);
      continue;
    }
    const auto why = static_cast<reason>(reasons[i]);
    out.bad.push_back(static_cast<std::uint32_t>(i));
    out.bad_reason.push_back(why);
    if (out.bad_value.size() < options.report_rows) out.bad_value.push_back(value_at(table, begin + i, why));
  }
  out.rows.resize(rows.size());
  std::vector<std::int64_t> scratch;
  read_ids(table.customer, rows, scratch, out);
  if (rows.size() == n) {
    for (std::size_t i = 0; i < n; ++i) {
      out.rows[i].day = days[i];
      out.rows[i].amount = amounts[i];
    }
  } else {
    out.source.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::size_t at = rows[i] - begin;
      out.rows[i].day = days[at];
      out.rows[i].amount = amounts[at];
      out.source[i] = static_cast<std::uint32_t>(at);
    }
  }
  if (!rows.empty()) {
    out.first_day = out.last_day = out.rows[0].day;
    for (const auto& row : out.rows) {
      out.first_day = std::min(out.first_day, row.day);
      out.last_day = std::max(out.last_day, row.day);
    }
  }
  if (table.invoice) {
    core::detail::number_ids(*table.invoice, rows, scratch, out.invoices);
    out.invoice = std::move(out.invoices.codes);
  }
  if (core::detail::kind_of(table.customer) != core::id_kind::text && !table.invoice) deal(out);
}

void check_memory(std::uint64_t rows, bool invoices) {
  // Rows as they are dealt, and purchases beside them.
  core::require_memory("transactions of " + std::to_string(rows) + " rows", static_cast<double>(rows) * (28 + (invoices ? 8 : 0)),
                       "read a shorter time, or sum up the rows of a customer and day beforehand");
}

void check(const purchase_options& options, bool with_invoice, bool with_amount, bool with_currency) {
  core::check_options(options);
  if (options.purchase != "days" && options.purchase != "invoices" && options.purchase != "rows")
    reject("purchase", '"' + options.purchase + '"', "give \"days\", \"invoices\" or \"rows\"");
  if (options.purchase == "invoices" && !with_invoice)
    reject("invoice", "no column", "name the column of invoices, or count purchases by \"days\" or \"rows\"");
  if (!options.currency.empty() && !with_currency)
    reject("currency", '"' + options.currency + '"', "name the column of currencies that it is to be found in");
  if (with_currency && !with_amount) reject("amount", "no column", "name the column of the amounts that currencies are of");
  if (options.at && (core::day_number(*options.at) < first_valid || core::day_number(*options.at) > last_valid))
    reject("at", "day " + std::to_string(core::day_number(*options.at)), "give a day of the years 1 to 9999");
}

void check_currencies(const purchase_pieces& all, const purchase_options& options) {
  if (!options.currency.empty()) return;
  std::vector<std::string> names;
  for (const auto& piece : all.pieces)
    for (const auto& name : piece.currencies)
      if (names.size() < most_currencies && std::ranges::find(names, name) == names.end()) names.push_back(name);
  if (names.size() < 2) return;
  std::ranges::sort(names);
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name.substr(0, 20);
  reject("currency", list, "amounts of several currencies have no sum: choose one, or convert them beforehand");
}

}  // namespace

void deal(purchase_piece& piece) {
  const std::size_t n = piece.rows.size();
  std::vector<std::uint16_t> part(n);
  piece.begin.assign(n_parts + 1, 0);
  const auto count = [&](const auto& id) {
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint32_t p = part_of_id(id(piece.rows[i].customer));
      part[i] = static_cast<std::uint16_t>(p);
      ++piece.begin[p + 1];
    }
  };
  if (piece.ids.empty())
    count([base = static_cast<std::uint64_t>(piece.base)](std::uint32_t c) { return static_cast<std::int64_t>(base + c); });
  else
    count([ids = piece.ids.data()](std::uint32_t c) { return ids[c]; });
  for (std::size_t p = 0; p < n_parts; ++p) piece.begin[p + 1] += piece.begin[p];
  std::vector<std::uint32_t> next(piece.begin.begin(), piece.begin.end() - 1);
  std::vector<purchase_row> dealt(n);
  std::vector<std::uint32_t> invoice(piece.invoice.size());
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t to = next[part[i]]++;
    dealt[to] = piece.rows[i];
    if (!invoice.empty()) invoice[to] = piece.invoice[i];
    if (std::signbit(piece.rows[i].amount))
      piece.returns.emplace_back(to, piece.source.empty() ? static_cast<std::uint32_t>(i) : piece.source[i]);
  }
  std::ranges::sort(piece.returns);
  piece.rows = std::move(dealt);
  piece.invoice = std::move(invoice);
  piece.source = {};
}

purchase_pieces read_rows(const purchase_columns& columns, const purchase_options& options, const run_options& run) {
  const auto length = [](const core::id_column& column) {
    return std::visit([](const auto& ids) { return ids.size(); }, column);
  };
  const std::size_t rows = length(columns.customer);
  const auto same = [&](const char* field, std::size_t other) {
    if (other != rows) reject(field, std::to_string(other) + " rows", "give as many as customers: " + std::to_string(rows));
  };
  same("date", columns.day.size());
  table_cells table{core::detail::cells_of(columns.customer), columns.day, day_form::days, {}, {}, {}, {}};
  if (!columns.amount.empty()) {
    same("amount", columns.amount.size());
    table.amount = columns.amount;
  }
  if (columns.invoice) {
    same("invoice", length(*columns.invoice));
    if (options.purchase == "invoices") table.invoice = core::detail::cells_of(*columns.invoice);
  }
  check(options, columns.invoice.has_value(), !columns.amount.empty(), false);
  check_memory(rows, table.invoice.has_value());
  purchase_pieces out;
  out.customers = core::detail::kind_of(table.customer);
  out.has_amounts = !columns.amount.empty();
  out.has_invoices = table.invoice.has_value();
  out.rows_read = rows;
  out.pieces.resize((rows + piece_rows - 1) / piece_rows);
  core::parallel_blocks(out.pieces.size(), run, [&](std::size_t p) {
    const std::size_t begin = p * piece_rows;
    read_piece(table, begin, std::min(piece_rows, rows - begin), begin, options, out.pieces[p]);
  });
  return out;
}

purchase_pieces read_rows(ArrowArrayStream* stream, const purchase_names& names, const purchase_options& options,
                          const run_options& run) {
  core::arrow_reader reader(stream);
  const auto field = [&](const char* option, const std::string& name) -> const core::arrow_reader::field& {
    return core::detail::field_of(reader, option, name);
  };
  const id_form customer_form = core::detail::form_of(field("customer", names.customer));
  const bool with_invoice = options.purchase == "invoices" && !names.invoice.empty();
  id_form invoice_form{}, kind_form{}, currency_form{};
  if (!names.invoice.empty()) invoice_form = core::detail::form_of(field("invoice", names.invoice));
  if (!names.kind.empty()) kind_form = core::detail::form_of(field("kind", names.kind));
  if (!names.currency.empty()) currency_form = core::detail::form_of(field("currency", names.currency));
  day_form days = day_form::days;
  const auto& date_field = field("date", names.date);
  if (is_integer(date_field.type) || date_field.type == arrow_type::null)
    days = day_form::integer;
  else if (date_field.type >= arrow_type::float16 && date_field.type <= arrow_type::float64)
    days = day_form::real;
  else if (date_field.type == arrow_type::text)
    days = day_form::text;
  else if (date_field.type != arrow_type::date && date_field.type != arrow_type::timestamp)
    throw error("column " + names.date + ": days of Arrow type " + date_field.format + " cannot be read; cast them to dates");
  if (!names.amount.empty()) {
    const auto& amount = field("amount", names.amount);
    if (!(amount.type >= arrow_type::int8 && amount.type <= arrow_type::decimal) && amount.type != arrow_type::null &&
        amount.type != arrow_type::text)
      throw error("column " + names.amount + ": amounts of Arrow type " + amount.format +
                  " cannot be read; cast them to numbers");
  }
  check(options, !names.invoice.empty(), !names.amount.empty(), !names.currency.empty());

  purchase_pieces out;
  out.customers = customer_form == id_form::text ? core::id_kind::text : core::id_kind::integer;
  out.has_amounts = !names.amount.empty();
  out.has_invoices = with_invoice;
  // Nobody knows how long the stream is; it can be stopped all the same.
  const run_options reading = part_of(run, 0, 0);
  while (auto batch = reader.next()) {
    table_cells table{arrow_ids{batch->find(names.customer), customer_form}, batch->find(names.date), days, {}, {}, {}, {}};
    if (!names.amount.empty()) table.amount = batch->find(names.amount);
    if (with_invoice) table.invoice = arrow_ids{batch->find(names.invoice), invoice_form};
    if (!names.kind.empty()) table.kind = arrow_ids{batch->find(names.kind), kind_form};
    if (!names.currency.empty()) table.currency = arrow_ids{batch->find(names.currency), currency_form};
    const std::size_t rows = batch->rows(), pieces = (rows + piece_rows - 1) / piece_rows, first = out.pieces.size();
    check_memory(out.rows_read + rows, with_invoice);
    out.pieces.resize(first + pieces);
    core::parallel_blocks(pieces, reading, [&](std::size_t p) {
      const std::size_t begin = p * piece_rows;
      read_piece(table, begin, std::min(piece_rows, rows - begin), out.rows_read + begin, options, out.pieces[first + p]);
    });
    out.rows_read += rows;
  }
  check_currencies(out, options);
  return out;
}

}  // namespace clarion::segment::detail
