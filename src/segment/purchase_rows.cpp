#include "segment/purchase_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <variant>

#include "clarion/core/arrow.hpp"
#include "clarion/core/detail/id_rank.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "segment/purchase_cells.hpp"

namespace clarion::segment::detail {

namespace {

using core::detail::arrow_ids;
using core::detail::good;
using core::detail::id_form;
using reason = purchase_reason;

constexpr std::size_t piece_rows = std::size_t{1} << 15;

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

// Rows [begin, begin + n) of the table; `first_row` is the number of the first one in the whole stream.
void read_piece(const table_cells& table, std::size_t begin, std::size_t n, std::uint64_t first_row,
                const purchase_options& options, purchase_piece& out) {
  row_reasons reasons(n, good);
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
  if (table.invoice) check_invoices(*table.invoice, begin, reasons);
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
  if (options.at && (core::day_number(*options.at) < first_valid_day || core::day_number(*options.at) > last_valid_day))
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
  const day_form days = day_form_of(field("date", names.date));
  if (!names.amount.empty()) check_amounts(field("amount", names.amount));
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
