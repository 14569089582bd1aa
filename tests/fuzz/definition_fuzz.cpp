// Definitions of strangers: they are refused, or written and read again the same, and evaluate as they explain.
#include "clarion/segment/definition.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "clarion/core/error.hpp"

namespace segment = clarion::segment;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  segment::definition read;
  try {
    read = segment::parse_definition(text);
  } catch (const clarion::error&) {
    return 0;
  }
  const auto again = segment::parse_definition(segment::to_json(read));
  if (!(again == read) || !segment::difference(read, again).empty()) std::abort();
  segment::customer_fields customers;
  for (const auto& name : segment::fields_of(read.when))
    customers.add({.name = name, .kind = segment::field_kind::number, .number = {0, 1, -3.5}});
  try {
    const auto mask = segment::evaluate(read, customers, {.threads = 1});
    for (std::size_t row = 0; row < customers.rows; ++row)
      if (segment::explain(read, customers, row).holds != mask[row]) std::abort();
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
