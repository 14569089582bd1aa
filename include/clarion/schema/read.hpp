#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/policy.hpp"
#include "clarion/schema/portfolio.hpp"

struct ArrowArrayStream;

namespace clarion::schema {

/// A line that a file reader could not cut into cells.
struct unreadable_line {
  std::uint64_t row = 0;  ///< 1-based among all rows of data, these lines included
  std::string text{};
  std::string reason{};
};

struct read_options {
  std::vector<std::pair<std::string, std::string>> columns{};  ///< (field, column of the source); wins over guessing
  bool guess_columns = true;                                   ///< match what is left by name
  std::optional<bool> dayfirst{};             ///< 3/4 is 3 April (true) or March 4 (false); decided by column where not given
  char decimal = 0;                           ///< '.' or ','; 0: decided by column
  std::string currency = "USD";               ///< of amounts without a sign, a code or a currency column
  std::string list_separator{};               ///< between items of a list; empty: ';', '|' or ',', decided by column
  bool history = false;                       ///< finished campaigns: see validate_options
  std::size_t most_per_code = 1000;           ///< see validate_options
  std::string encoding{};                     ///< of the file, where it was not UTF-8; reported
  std::vector<std::string> skipped{};         ///< lines above the header that are no part of the table; reported
  std::vector<unreadable_line> unreadable{};  ///< ascending by row; they are quarantined
};

/// Rows that were not accepted, by column.
struct quarantined_rows {
  std::vector<std::uint64_t> row{};        ///< 1-based row of data in the source, ascending
  core::text_column id{};                  ///< where it could be read
  core::text_column reasons{};             ///< "S001 end before start; S005 no budget"
  std::vector<core::text_column> cells{};  ///< as they came, in the order of reading::columns; an unreadable line is in the first
  std::vector<std::uint32_t> findings{};   ///< positions in reading::findings of row i: [offsets[i], offsets[i + 1])
  std::vector<std::uint64_t> offsets{0};
  std::size_t size() const { return row.size(); }
};

struct reading {
  portfolio accepted{};
  quarantined_rows quarantine{};
  std::vector<finding> findings{};                              ///< the file, the portfolio, then the rows
  std::vector<std::string> columns{};                           ///< names in the source
  std::vector<std::pair<std::string, std::string>> mapping{};   ///< (field, column) that was used
  std::vector<std::pair<std::string, std::uint64_t>> counts{};  ///< rows by code, however many findings are listed
  std::uint64_t rows_read = 0;                                  ///< accepted + quarantined, always
};

/// Reads campaigns from a stream of record batches, judges them by rules(), and parts them: rows with an error (by the policy's
/// severities, and neither ignored nor accepted by it) go to quarantine, the others on. A row whose dates cannot be read is
/// always quarantined. Dates and numbers may be typed or text in any form that detail/parse.hpp lists; whether the day comes
/// first and which mark is the decimal one is decided by column over all of its cells. Columns that are no field are kept in
/// `extras`. Takes the stream over.
///
/// Throws clarion::error when the stream fails or is malformed or no column holds the start or the end, std::invalid_argument for
/// options that do not fit the columns. O(n log n); memory: the stream's batches and one portfolio.
CLARION_API reading from_arrow(ArrowArrayStream* stream, const policy& policy = {}, const catalog* products = nullptr,
                               const read_options& options = {}, const run_options& run = {});

}  // namespace clarion::schema
