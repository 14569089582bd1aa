#pragma once

// Times as texts in a form that was declared, and the times of day behind days in any form.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clarion/schema/detail/parse.hpp"

namespace clarion::schema::detail {

/// A point in time as a calendar says it.
struct moment {
  std::int32_t day = no_day;             ///< since 1970-01-01
  std::int32_t second = -1;              ///< of the day; -1: only the day is known
  std::optional<std::int32_t> offset{};  ///< seconds ahead of UTC, where the text says it
};

/// A format of strptime: %Y %y %m %d %b %H %I %M %S %p %z %%; a blank stands for any number of them.
class day_format {
public:
  /// Throws std::invalid_argument for a letter that is none of these, and where year, month and day are not all there.
  static void check(const std::string& format);
  explicit day_format(std::string format) : format_(std::move(format)) {}
  bool given() const { return !format_.empty(); }
  /// Nothing where the whole text does not fit.
  std::optional<moment> read(std::string_view text) const;

private:
  std::string format_;
};

/// The time of day in a text such as "2026-11-27T08:26:00.5+01:00" or "27 Nov 2026 8:26 PM": `second` and `offset`.
moment clock_of(std::string_view text);

}  // namespace clarion::schema::detail
