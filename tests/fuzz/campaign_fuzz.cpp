// Texts of single fields: what is read is written back to something that reads the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "clarion/core/date.hpp"
#include "clarion/schema/campaign.hpp"

namespace schema = clarion::schema;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto day = clarion::core::parse_iso_date(text))
    if (clarion::core::parse_iso_date(clarion::core::to_string(*day)) != day) std::abort();
  if (const auto target = schema::parse_kpi_target(text)) {
    const auto written = schema::to_string(*target);
    const auto again = schema::parse_kpi_target(written);
    if (!again || schema::to_string(*again) != written) std::abort();
  }
  if (const auto objective = schema::parse_objective(text))
    if (schema::parse_objective(schema::to_string(*objective)) != objective) std::abort();
  if (const auto status = schema::parse_status(text))
    if (schema::parse_status(schema::to_string(*status)) != status) std::abort();
  return 0;
}
