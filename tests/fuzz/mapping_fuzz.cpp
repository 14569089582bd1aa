// Mappings of strangers: they are refused, or written and read again the same, and no row of a table read by them is lost.
#include "clarion/schema/mapping.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "cells.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/records.hpp"

namespace schema = clarion::schema;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The mapping, a byte 3, and the cells.
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto cut = all.find('\3');
  try {
    const auto map = schema::parse_mapping(all.substr(0, cut));
    const auto written = schema::to_json(map);
    if (schema::to_json(schema::parse_mapping(written)) != written) std::abort();
    constexpr std::array names{"id", "customer", "date", "amount", "quantity", "currency", "kind", "campaign"};
    std::size_t rows = 0;
    const std::size_t from = cut == all.npos ? size : cut + 1;
    auto table = clarion::tests::cells_of({data + from, size - from}, names, rows);
    auto stream = table.stream();
    schema::policy rules;
    rules.today = clarion::core::from_day_number(20000);
    const auto read = schema::read_records(&stream, map, rules, {}, {}, {.threads = 1});
    if (read.rows_read != rows || read.accepted.rows + read.quarantine.size() != rows) std::abort();
  } catch (const clarion::error&) {
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
