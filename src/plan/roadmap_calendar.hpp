#pragma once

// Days and months of a calendar of campaigns.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "clarion/core/date.hpp"

namespace clarion::plan {

inline date first_of(std::int32_t month) {
  return date{std::chrono::year{month / 12} / std::chrono::month{static_cast<unsigned>(month % 12) + 1} / std::chrono::day{1}};
}
inline date last_of(std::int32_t month) { return first_of(month + 1) - std::chrono::days{1}; }

struct span_of_days {
  date from{}, to{};
};

/// The days of [from, to] that no run covers.
inline std::vector<span_of_days> free_days(std::vector<span_of_days> runs, date from, date to) {
  std::ranges::sort(runs, {}, &span_of_days::from);
  std::vector<span_of_days> out;
  date next = from;
  for (const auto& run : runs) {
    if (run.from > next) out.push_back({next, std::min(run.from - std::chrono::days{1}, to)});
    next = std::max(next, run.to + std::chrono::days{1});
    if (next > to) return out;
  }
  out.push_back({next, to});
  return out;
}

inline std::vector<std::int32_t> whole_months(const span_of_days& span) {
  std::vector<std::int32_t> out;
  for (auto m = core::month_number(span.from); m <= core::month_number(span.to); ++m)
    if (first_of(m) >= span.from && last_of(m) <= span.to) out.push_back(m);
  return out;
}

}  // namespace clarion::plan
