// JSON of strangers: it is read or refused, no row is lost, and what was accepted is written and read again the same.
#include "clarion/schema/json.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "clarion/core/error.hpp"

namespace schema = clarion::schema;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  schema::policy lenient;
  lenient.ignore = {"S"};
  lenient.today = clarion::core::from_day_number(20000);
  schema::reading first;
  try {
    first = schema::read_json(text, lenient, nullptr, {}, {.threads = 1});
  } catch (const clarion::error&) {
    return 0;
  }
  if (first.rows_read != first.accepted.size() + first.quarantine.size()) std::abort();
  const auto written = schema::to_json(first.accepted);
  const auto second = schema::read_json(written, lenient, nullptr, {}, {.threads = 1});
  if (second.accepted.size() != first.accepted.size() || schema::to_json(second.accepted) != written) std::abort();
  return 0;
}
