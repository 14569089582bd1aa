#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/fields.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/mapping.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/read.hpp"

struct ArrowArrayStream;

namespace clarion::schema {

/// The fields of a table of records, in the order of its columns.
CLARION_API std::span<const field> record_fields(record_kind kind);

/// One field of all records; what its kind does not use is empty, as is everything where it is not `given`.
struct record_column {
  static constexpr std::uint32_t none = core::category_column::none;
  static constexpr std::int32_t no_day = INT32_MIN;

  bool given = false;                  ///< the source has it, or it follows from what the source has
  std::vector<std::uint32_t> codes{};  ///< ids and categories: positions in `values`, or none
  core::text_column values{};          ///< in order of first appearance
  bool whole = false;                  ///< `values` are whole numbers of 64 bits: the source had integers
  std::vector<std::int32_t> days{};    ///< since 1970-01-01, or no_day
  std::vector<std::int32_t>
      seconds{};                     ///< times: of the day, -1 where only the day is known; empty where none of the first has any
  std::vector<double> numbers{};     ///< NaN where there is none
  std::vector<std::int8_t> flags{};  ///< 1, 0, or -1 where it is not known

  bool empty() const { return codes.empty() && days.empty() && numbers.empty() && flags.empty(); }
  std::string_view text(std::size_t row) const { return codes[row] == none ? std::string_view{} : values[codes[row]]; }
};

/// Customers, transactions, branches, campaign responses or tracker events by column: 4 bytes an id, category or day, 8 a number.
struct CLARION_API records {
  record_kind kind = record_kind::transactions;
  std::size_t rows = 0;
  std::vector<record_column> columns{};   ///< by position in record_fields(kind)
  std::vector<std::uint64_t> left_out{};  ///< rows of the source that were not accepted, ascending
  std::uint64_t first_row = 1;            ///< row of the source at which these begin: 1, or more for a part

  std::size_t size() const { return rows; }
  /// The column of a field. Throws std::invalid_argument for a name that is no field of the table.
  const record_column& operator[](std::string_view field) const;
  /// 1-based row of data in the source from which record i was read. O(log rows left out).
  std::uint64_t source_row(std::size_t i) const;
};

/// What rows may refer to. Ids that are not there are warnings (S212 to S214).
struct record_references {
  const records* customers = nullptr;
  const records* branches = nullptr;
  const catalog* products = nullptr;
};

struct record_options {
  std::size_t most_per_code = 1000;  ///< see validate_options
  std::uint64_t rows = 0;            ///< of the source, for progress; 0: not known, and progress stays at 0
  std::string encoding{};            ///< see read_options, as for the next two
  std::vector<std::string> skipped{};
  std::vector<unreadable_line> unreadable{};
};

struct record_reading {
  records accepted{};
  quarantined_rows quarantine{};
  std::vector<finding> findings{};                              ///< the file, the table, then the rows
  std::vector<std::string> columns{};                           ///< names in the source
  std::vector<std::pair<std::string, std::string>> mapping{};   ///< (field, column) that was used
  std::vector<std::pair<std::string, std::uint64_t>> counts{};  ///< rows by code, however many findings are listed
  std::uint64_t rows_read = 0;                                  ///< accepted + quarantined, always
};

/// Rows looked at before the first is judged: they settle day and month, the decimal mark, and what a usual amount is.
inline constexpr std::size_t settling_rows = std::size_t{1} << 20;

/// Reads a stream of record batches part by part, in the memory of a part. What is kept between parts is what rules ask for: 16
/// bytes for each row (or id) where duplicates are looked for, 12 for each customer and product that bought where cancellations
/// are, and the text of findings. A row is told from the others by 128 bits made of its cells: two that differ are taken for
/// one with a probability below 1e-20 among 1e9 rows. Everything else is exact. However the stream is cut into batches and parts,
/// rows are judged alike.
class CLARION_API record_reader {
public:
  /// Takes the stream over; the references must outlive the reader. Throws as read_records() does.
  record_reader(ArrowArrayStream* stream, mapping map, const policy& rules = {}, const record_references& known = {},
                record_options options = {}, const run_options& run = {});
  ~record_reader();
  record_reader(record_reader&&) noexcept;
  record_reader& operator=(record_reader&&) noexcept;

  /// The next `rows` rows of the source, with findings about them alone (and about the file, in the first); nothing at the end.
  std::optional<record_reading> next(std::size_t rows = settling_rows);
  /// Once at the end: findings about the whole table, counts and rows_read of all parts; no rows.
  record_reading finish();

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Reads a table of records and judges its rows by rules(): rows with an error (by the severities of policy and mapping) go to
/// quarantine, the others on. `policy.today` is the day after which dates are in the future.
///
/// Transactions: the amount is that of the row, or price x quantity where no column holds it; returns and cancellations are
/// zero or below, in amount and quantity, however the source writes them.
///
/// Throws clarion::error when the stream fails or is malformed or no column holds a required field, std::invalid_argument for a
/// mapping that does not fit the columns. O(rows). Memory: a part of the stream and the accepted rows.
CLARION_API record_reading read_records(ArrowArrayStream* stream, const mapping& map, const policy& rules = {},
                                        const record_references& known = {}, const record_options& options = {},
                                        const run_options& run = {});

}  // namespace clarion::schema
