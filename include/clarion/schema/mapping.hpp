#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::schema {

/// Which table of records a source holds.
enum class record_kind : std::uint8_t { transactions, customers, branches, responses, events };

CLARION_API std::string_view to_string(record_kind kind);
CLARION_API std::optional<record_kind> parse_record_kind(std::string_view text);

/// Where the values of a field come from.
struct column_rule {
  std::string column{};                                       ///< of the source; empty where the value is `constant`
  std::optional<std::string> constant{};                      ///< the value of every row
  double scale = 1;                                           ///< numbers are multiplied by it: 0.01 for cents
  std::string strip_prefix{}, strip_suffix{};                 ///< cut off texts that begin or end so
  std::vector<std::pair<std::string, std::string>> values{};  ///< (text of the source, text that is meant); others stay
};

/// Whether a row is meant: all that is given must hold for the cell of `field`, as the source has it (numbers: after scaling).
struct row_condition {
  std::string field{};
  std::vector<std::string> equals{};  ///< one of them
  std::string prefix{}, suffix{}, contains{};
  std::optional<double> below{};  ///< fields of numbers alone
};

/// Which rows repeat an earlier one: none is looked for, those equal in every column of the source, or those of the same id.
enum class duplicate_rule : std::uint8_t { keep, row, id };

/// How a source stands for clarion's records: data, not code. A row is a cancellation when one of `cancellations` holds, else a
/// return when one of `returns` does, else what its kind says, else a sale.
struct mapping {
  record_kind table = record_kind::transactions;
  std::string name{};                                          ///< of the source, for messages
  std::vector<std::pair<std::string, column_rule>> columns{};  ///< by field
  bool guess_columns = true;                                   ///< match fields that are left out by name
  std::optional<bool> dayfirst{};                              ///< see read_options
  char decimal = 0;                                            ///< see read_options
  std::string date_format{};                                   ///< "%d.%m.%Y %H:%M"; empty: any that detail/parse.hpp lists
  std::string time_zone{};   ///< "+02:00" or "Europe/Berlin": times are UTC, unless they say otherwise, and days are those there
  std::string currency{};    ///< of amounts that name none
  std::string convert_to{};  ///< amounts of other currencies are multiplied by their rate; empty: nothing is converted
  std::map<std::string, double> rates{};  ///< by currency: worth of one unit in `convert_to`
  std::vector<row_condition> cancellations{}, returns{}, tests{};
  std::optional<duplicate_rule> duplicates{};    ///< by id for customers and branches, kept for events, else by row
  std::map<std::string, severity> severities{};  ///< by code, for this source; those of a policy win
};

/// Reads a mapping in JSON:
///     {"table": "transactions", "name": "tills", "currency": "EUR", "dayfirst": true, "duplicates": "row",
///      "columns": {"id": "Beleg", "amount": {"column": "Betrag", "scale": 0.01}, "channel": {"constant": "store"},
///                  "kind": {"column": "Art", "values": {"V": "sale", "R": "return"}}},
///      "cancellation": [{"field": "id", "prefix": "C"}], "return": [{"field": "quantity", "below": 0}],
///      "test": [{"field": "customer", "equals": ["0", "99999"]}],
///      "convert": {"to": "EUR", "rates": {"GBP": 1.17}}, "severity": {"S201": "warning"}}
/// Throws clarion::error where it is no JSON, std::invalid_argument naming the place, what stands there and what may stand there
/// where a key or a value is not known. O(length).
CLARION_API mapping parse_mapping(std::string_view json);

/// The mapping in JSON; parse_mapping() gives it back.
CLARION_API std::string to_json(const mapping& map, int indent = 2);

/// What a mapping without `duplicates` does for its table.
CLARION_API duplicate_rule duplicates_of(const mapping& map);

}  // namespace clarion::schema
