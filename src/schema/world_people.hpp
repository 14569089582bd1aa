#pragma once

// The people of the simulated world: each is drawn from streams of its own, so that every table tells of the same person.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/random.hpp"

namespace clarion::schema::detail {

/// A stream for each kind of draw, so that one part never shifts the numbers of another.
enum room : std::uint32_t {
  person_room = 0x5D01,
  order_room,
  basket_room,
  browse_room,
  journey_room,
  experiment_room,
  audience_room,
  shelf_room,
  reach_room
};

enum segment_code : std::uint8_t {
  prospects,
  new_buyers,
  active_buyers,
  loyalty_members,
  lapsed_buyers,
  social_followers,
  trend_shoppers,
  deal_seekers,
  wellness_enthusiasts,
  students,
  podcast_listeners,
  outdoor_fans,
  app_users
};
inline constexpr std::uint16_t bit(segment_code of) { return static_cast<std::uint16_t>(1u << of); }

inline constexpr date first_day{std::chrono::year{2024} / 8 / 1}, last_day{std::chrono::year{2026} / 7 / 31};
inline constexpr int observed_days = static_cast<int>((last_day - first_day).count()) + 1;

struct person {
  date joined;
  double rate = 0;     ///< orders a week while active
  double dropout = 0;  ///< chance to leave after a repeat order
  std::uint16_t segments = 0;
  std::uint8_t lifecycle = prospects, region = 0, consent = 0;
  std::array<double, 4> taste{};
  double engagement = 0;
  std::vector<date> orders;  ///< days
};

person make_person(std::uint64_t seed, std::uint64_t customer);

/// Bit c: the customer is in the audience of row c of the sample.
std::uint16_t audiences_of(std::uint64_t seed, std::uint64_t customer);

/// A position among n weights, which are given as their running sums.
inline std::size_t pick(core::random_stream& draw, const double* cumulative, std::size_t n) {
  const double at = draw.uniform() * cumulative[n - 1];
  const auto found = static_cast<std::size_t>(std::upper_bound(cumulative, cumulative + n, at) - cumulative);
  return std::min(found, n - 1);
}

}  // namespace clarion::schema::detail
