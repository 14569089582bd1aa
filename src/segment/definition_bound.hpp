#pragma once

// A condition with its fields found and its values in their types.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/segment/definition.hpp"

namespace clarion::segment::detail {

struct bound_condition {
  condition_join join = condition_join::all;
  std::vector<bound_condition> parts;
  const customer_field* field = nullptr;
  comparison op = comparison::equal;
  double low = 0, high = 0;         // numbers and days of == and comparisons; between
  std::vector<double> numbers;      // of in and not in, ascending; of days too
  std::vector<std::uint8_t> codes;  // of texts: whether a code is among the values
  std::uint8_t flags = 0;           // of booleans: bit v: whether v is among them
  const condition* source = nullptr;
  std::string place;
};

/// Throws std::invalid_argument as evaluate does. `name` of the definition, for messages. The condition must outlive it.
bound_condition bind(const condition& when, const customer_fields& customers, const std::string& name);

inline constexpr std::size_t block_words = 64;  // 4,096 customers

/// Which customers of words [first, first + n) meet it, n <= block_words.
void evaluate_block(const bound_condition& when, std::size_t first, std::size_t n, std::size_t rows, std::uint64_t* out);
bool holds(const bound_condition& test, std::size_t row);

}  // namespace clarion::segment::detail
