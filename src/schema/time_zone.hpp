#pragma once

// How far local clocks are ahead of UTC: a fixed offset, or the rules of a zone as the system keeps them (RFC 8536).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace clarion::schema::detail {

/// The change to or from summer time: day `weekday` of week `week` (5: the last) of the month.
struct clock_change {
  int month = 0, week = 0, weekday = 0;
  std::int64_t second = 7200;  ///< of the day, by the clock before the change
  std::int64_t of_year(int year) const;
};

class time_zone {
public:
  time_zone() = default;  ///< UTC
  /// "", "UTC", "+02:00", or a name such as "Europe/Berlin" that is looked up in $TZDIR or /usr/share/zoneinfo. Throws
  /// std::invalid_argument for anything else, clarion::error where the zone's file is damaged.
  explicit time_zone(const std::string& name);

  /// Seconds ahead of UTC at a time in seconds since 1970 UTC.
  std::int32_t ahead(std::int64_t utc) const;

private:
  void read_file(const std::string& bytes, const std::string& name);
  void read_rule(const std::string& text);

  std::vector<std::int64_t> from_;          // the changes that the file lists, ascending
  std::vector<std::int32_t> ahead_;         // from then on
  std::int32_t before_ = 0;                 // before the first of them
  std::int32_t standard_ = 0, summer_ = 0;  // after the last of them, by the rule
  std::optional<clock_change> to_summer_, to_standard_;
};

}  // namespace clarion::schema::detail
