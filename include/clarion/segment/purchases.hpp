#pragma once

// Transactions by customer: what each bought on which day, and what came back.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/ids.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"

struct ArrowArrayStream;

namespace clarion::segment {

namespace detail {
struct purchase_store;
}

/// The purchases of one customer, by day, ascending.
struct history {
  std::span<const std::int32_t> day;  ///< since 1970-01-01
  std::span<const double> amount;     ///< 0 or more, returns not taken off; empty where there are no amounts
};

/// Customers x their purchases. A value: built once, then constant; copies share storage, any number of threads may read.
/// Customers have numbers 0..size()-1 in the order of their ids (numeric or bytewise); each has a purchase.
class CLARION_API purchases {
public:
  purchases();  ///< nobody
  explicit purchases(std::shared_ptr<const detail::purchase_store> store);

  std::size_t size() const;           ///< customers
  std::uint64_t n_purchases() const;  ///< of all of them
  const core::id_map& customers() const;
  date at() const;  ///< the reference date: options.at, else the latest day (1970-01-01 where there is none)
  bool has_amounts() const;

  history of(std::size_t customer) const;
  // By customer.
  std::span<const std::int32_t> first_day() const;
  std::span<const std::int32_t> last_day() const;
  std::span<const std::uint32_t> count() const;  ///< purchases
  std::span<const double> bought() const;        ///< the sum of purchases
  std::span<const double> returned() const;      ///< the sum of returns, 0 or less

  std::size_t memory_bytes() const;
  /// For the parts of this room.
  const std::shared_ptr<const detail::purchase_store>& store() const { return store_; }

private:
  std::shared_ptr<const detail::purchase_store> store_;
};

struct purchase_options {
  std::optional<date> at{};       ///< rows of later days are set aside; none: the latest day of the data
  std::string purchase = "days";  ///< what one purchase is: a "days" with sales, an invoice ("invoices"), or a row ("rows")
  std::vector<std::string> return_kinds{"return", "refund", "cancellation"};  ///< rows of these kinds take their amount off
  std::string currency{};         ///< the one to use where the column of currencies holds several; others are set aside
  std::size_t report_rows = 100;  ///< rows set aside whose value the report shows

  static constexpr auto fields() {
    using o = purchase_options;
    return std::tuple{
        core::option("at", &o::at, "the reference date; rows of later days are set aside; the latest day where there is none"),
        core::option("purchase", &o::purchase,
                     "what one purchase is: a day with sales (days), an invoice (invoices) or a row (rows)"),
        core::option("return_kinds", &o::return_kinds, "kinds of rows whose amount is taken off, whatever its sign"),
        core::option("currency", &o::currency, "the currency to use where there are several; rows of others are set aside"),
        core::option("report_rows", &o::report_rows, "rows set aside whose value the report shows", {0, 1e9})};
  }
};

enum class purchase_reason : std::uint8_t {
  null_customer,  ///< or a blank text
  bad_customer,   ///< a number with a fraction or beyond 64 bits
  null_date,
  bad_date,  ///< a text that is neither ISO 8601 nor yyyymmdd, a number that is no day, a year outside 1 to 9999
  future_date,
  null_amount,   ///< or NaN
  bad_amount,    ///< a text that is not a number
  huge_amount,   ///< infinite, or beyond 1e15 either way
  null_invoice,  ///< or one that cannot be read
  null_currency,
  other_currency,
  return_without_purchase  ///< of a customer who bought nothing
};
CLARION_API const char* describe(purchase_reason reason);
inline constexpr std::size_t n_purchase_reasons = 12;

/// What became of the rows: rows_read = sales + returns + set_aside.
struct purchase_report {
  std::uint64_t rows_read = 0;
  std::uint64_t sales = 0;    ///< rows that went into purchases
  std::uint64_t returns = 0;  ///< rows taken off
  std::uint64_t set_aside = 0;
  std::vector<std::uint64_t> by_reason;   ///< n_purchase_reasons values
  std::vector<std::uint64_t> row;         ///< every row set aside, from 0 in the order read, ascending
  std::vector<purchase_reason> reason;    ///< of each
  std::vector<std::string> value;         ///< what stood there, of the first options.report_rows of them
  std::vector<schema::finding> findings;  ///< G001 to G004
};

struct purchase_build {
  purchases data;
  purchase_report report;
};

/// One row a transaction, columns of equal length. A negative amount is a return.
struct purchase_columns {
  core::id_column customer;
  std::span<const std::int32_t> day;         ///< since 1970-01-01
  std::span<const double> amount{};          ///< empty: not known, each row is a sale
  std::optional<core::id_column> invoice{};  ///< for purchase = "invoices"
};

/// Builds purchases from columns. Amounts below zero are returns: they are no purchases and lower what the customer's purchases
/// come to. An amount of zero is a purchase for nothing. Rows that cannot be used are counted by reason and set aside. Same
/// result, bit for bit, for any number of threads; sums follow the order of rows within a day.
///
/// Rows are dealt to 512 parts by customer as they are read, and each part is sorted by counting, by day and by customer.
/// O(rows), and O(customers log customers) where ids lie far apart. Memory: 16 bytes a row while it works (4 more with invoices),
/// 12 a purchase, 16 a return and 36 a customer in the end; what cannot fit is refused.
///
/// Throws std::invalid_argument for columns that differ in length, an unknown option, and 2^32 - 1 customers or more;
/// clarion::error for what does not fit into memory.
CLARION_API purchase_build build_purchases(const purchase_columns& columns, const purchase_options& options = {},
                                           const run_options& run = {});

/// Names of the columns of a table; those that are empty are not read.
struct purchase_names {
  std::string customer = "customer";
  std::string date = "date";
  std::string amount = "amount";
  std::string invoice{};
  std::string kind{};  ///< of the row; see purchase_options::return_kinds
  std::string currency{};
};

/// The purchases until a day, as if they had been read with it as the reference date, and the sums of the same bits: customers
/// who had not bought by then are left out, returns of later days are not taken off. (An invoice counts whole on its first day.)
/// What a model has learned until then can be held against what came. Shares the purchases with `all`. O(purchases).
///
/// Throws std::invalid_argument for a later day than `all.at()` and for data without its purchases.
CLARION_API purchases purchases_until(const purchases& all, date at, const run_options& run = {});

/// Reads transactions from an Arrow stream, which it takes over, batch by batch; a batch is released before the next one. Ids may
/// be integers, floating-point numbers with whole values, text, UUIDs or dates, plain or dictionary-encoded; days are dates,
/// timestamps, ISO 8601 texts, or whole numbers (yyyymmdd, or days since 1970-01-01: no number is both); amounts any number or
/// the text of one.
///
/// Throws also clarion::error for columns of other types, std::invalid_argument for names that the table does not have, and for
/// several currencies where none is chosen.
CLARION_API purchase_build read_purchases(ArrowArrayStream* stream, const purchase_names& names = {},
                                          const purchase_options& options = {}, const run_options& run = {});

}  // namespace clarion::segment
