#pragma once

// What the format strings of an Arrow schema say.

#include <cstdint>
#include <optional>
#include <string_view>

#include "clarion/core/arrow.hpp"

namespace clarion::core::detail {

/// Schemas and arrays may nest this deep.
inline constexpr int deepest = 8;

/// What a format string says, apart from the schema's children.
struct shape {
  arrow_type type = arrow_type::unsupported;
  std::uint8_t width = 0;
  int scale = 0;
  std::int64_t per_day = 1;
  std::int64_t list_size = 0;
  std::int64_t ahead = 0;   ///< ticks that the clocks of a timestamp's zone are ahead of UTC
  std::string_view zone{};  ///< name of a timestamp's zone, where its offset is not known
};
shape shape_of(std::string_view format);

/// The type of a column: for a dictionary-encoded one that of its dictionary.
arrow_type declared_type(const ArrowSchema& schema, int depth = 0);

/// The zone of timestamps whose local days cannot be told from UTC, e.g. "Europe/Berlin"; empty for everything else.
std::string_view zone_of(const ArrowSchema& schema);

std::string_view name_of(const ArrowSchema& schema);

[[noreturn]] void malformed(std::string_view column, std::string_view what);

}  // namespace clarion::core::detail
