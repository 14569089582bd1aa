#include "clarion/schema/finding.hpp"

namespace clarion::schema {

std::string_view to_string(severity level) {
  switch (level) {
    case severity::info:
      return "info";
    case severity::warning:
      return "warning";
    case severity::error:
      return "error";
  }
  return "error";
}

std::optional<severity> parse_severity(std::string_view text) {
  for (const auto level : {severity::info, severity::warning, severity::error})
    if (text == to_string(level)) return level;
  return std::nullopt;
}

}  // namespace clarion::schema
