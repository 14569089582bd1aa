#pragma once

// A segment as a named, versioned, readable rule.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/segment/customer_fields.hpp"

namespace clarion::segment {

enum class comparison : std::uint8_t { equal, not_equal, less, at_most, more, at_least, in, not_in, between, is_missing };
CLARION_API std::string_view to_string(
    comparison op);  ///< "==", "!=", "<", "<=", ">", ">=", "in", "not in", "between", "is missing"

/// Days are texts, YYYY-MM-DD.
using condition_value = std::variant<double, bool, std::string>;

/// What a condition is: the test of a field, or others joined. A negation is of its one part.
enum class condition_join : std::uint8_t { test, all, any, negation };

/// A test of one field, or conditions joined. A field that is missing meets no test but `is missing`: not one of != or `not in`
/// either.
struct condition {
  condition_join join = condition_join::all;
  std::vector<condition> parts{};  ///< of joins; all of nothing holds

  std::string field{};
  comparison op = comparison::equal;
  std::vector<condition_value> values{};  ///< one; two of between, both included; any number of in and not in; none of is missing

  friend bool operator==(const condition&, const condition&) = default;
};

struct definition {
  std::string name{};
  std::string version = "1";
  std::string description{};
  condition when{};
  // What makes a segment reliable; 0: not asked for.
  std::uint64_t minimum_size = 0;
  double expected_response = 0;  ///< share of customers, 0 to 1
  double precision = 0;          ///< half the width of the 95% interval in which the response is to be known

  friend bool operator==(const definition&, const definition&) = default;
};

/// Reads {"name", "version", "description", "when", "minimum_size", "expected_response", "precision"}; "when" is
/// {"field", "op", "value"} or {"all": [...]}, {"any": [...]}, {"not": {...}}. Throws clarion::error naming the place, as in
/// when.all[1].op, for anything else: an unknown or doubled key, operator or type, more than 1 MiB, 32 levels, 1,000 tests or
/// 10,000 values of a test.
CLARION_API definition parse_definition(std::string_view json);
/// A list of them, or an object whose "definitions" is one; 1,000 at most. Names differ.
CLARION_API std::vector<definition> parse_definitions(std::string_view json);
/// parse_definition gives back the same. `indent` < 0 writes one line.
CLARION_API std::string to_json(const definition& segment, int indent = 2);
CLARION_API std::string to_json(const std::vector<definition>& segments, int indent = 2);

/// In English, the same for conditions that are the same: "recency is at most 90 and (region is \"North\" or ...)".
CLARION_API std::string describe(const condition& when);

/// Names of the fields that it is about, ascending.
CLARION_API std::vector<std::string> fields_of(const condition& when);
CLARION_API std::vector<std::string> fields_of(const std::vector<definition>& segments);

/// Which customers meet a condition: bit r % 64 of word r / 64.
struct CLARION_API customer_mask {
  std::size_t rows = 0;
  std::vector<std::uint64_t> words{};

  bool operator[](std::size_t row) const { return ((words[row / 64] >> (row % 64)) & 1u) != 0; }
  std::uint64_t count() const;
};

/// Throws std::invalid_argument, naming the place, for a field that is not there, a value of another type than the field, an
/// operator that its type does not have (texts and booleans: == != in, not in, is missing), and a text that is no day where the
/// field is a date. Same result for any number of threads. O(rows x tests).
CLARION_API customer_mask evaluate(const definition& segment, const customer_fields& customers, const run_options& run = {});

/// One test for one customer.
struct test_outcome {
  std::string place{};  ///< when.all[0]
  std::string text{};   ///< "recency is at most 90"
  std::string value{};  ///< what the customer has
  bool holds = false;
};
struct explanation {
  bool holds = false;  ///< whether the customer is in the segment
  std::vector<test_outcome> tests{};
};
/// Throws as evaluate does, and for a row that is not there.
CLARION_API explanation explain(const definition& segment, const customer_fields& customers, std::size_t row);

/// What differs between two versions.
struct definition_change {
  std::string kind{};    ///< added, removed, changed
  std::string what{};    ///< condition, joining, version, name, description, minimum_size, expected_response, precision
  std::string before{};  ///< in words
  std::string after{};
};
/// A test that has another value, or another operator, is changed; one of another field is removed and added. Where the tests are
/// the same and joined in another way, that is the change. Empty exactly if the two are the same but for the order of parts.
CLARION_API std::vector<definition_change> difference(const definition& before, const definition& after);

}  // namespace clarion::segment
