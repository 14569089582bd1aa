// Any text: portfolio JSON is read or refused, no row is lost, and what is written reads back the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "clarion/core/error.hpp"
#include "clarion/schema/json.hpp"

namespace schema = clarion::schema;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  schema::policy policy;
  policy.today = clarion::core::from_day_number(20'000);
  const clarion::run_options alone{.threads = 1};
  try {
    const auto read = schema::read_json(text, policy, nullptr, {}, alone);
    if (read.rows_read != read.accepted.size() + read.quarantine.size()) std::abort();
    if (read.accepted.empty()) return 0;
    const auto written = schema::to_json(read.accepted);
    const auto again = schema::read_json(written, policy, nullptr, {}, alone);
    if (schema::to_json(again.accepted) != written) std::abort();
  } catch (const clarion::error&) {
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
