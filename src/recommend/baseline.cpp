#include "clarion/recommend/baseline.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "recommend/factor_rows.hpp"

namespace clarion::recommend {

namespace {

constexpr std::uint32_t random_room = 0x524e44;

constexpr std::size_t random_factors = 16;

}  // namespace

double popular_memory(std::size_t n_users, std::size_t n_items, std::size_t n_segments) {
  // Sums are of double precision until they stand.
  return 4 * (static_cast<double>(n_users) + 3 * static_cast<double>(n_items)) * (static_cast<double>(n_segments) + 1);
}

double random_scores_memory(std::size_t n_users, std::size_t n_items) {
  return sizeof(float) * random_factors * (static_cast<double>(n_users) + static_cast<double>(n_items));
}

baseline_model popular(const interactions& data, const popular_options& options, std::span<const std::uint32_t> segment,
                       const run_options& run) {
  core::check_options(options);
  const auto by_user = data.by_user();
  const std::size_t n_users = data.n_users(), n_items = data.n_items();
  if (!segment.empty() && segment.size() != n_users)
    reject("segments", std::to_string(segment.size()) + " entries",
           "give one for each of the " + std::to_string(n_users) + " users");
  if (options.half_life > 0 && !data.has_times())
    reject("half_life", std::to_string(options.half_life), "give interactions with times, or 0");
  const std::size_t segments = segment.empty() ? 0 : std::size_t{*std::ranges::max_element(segment)} + 1;
  if (segments > (std::size_t{1} << 20)) reject("segments", std::to_string(segments - 1), "number segments from 0");
  baseline_model out{n_users, n_items, segments + 1, {}, {}};
  core::require_memory("popularity by segment", popular_memory(n_users, n_items, segments), "give fewer segments");
  const auto times = data.times();
  const double per_day = data.has_times() && data.unit() == time_unit::seconds ? 86400 : 1;
  const auto latest = times.empty() ? std::int64_t{0} : *std::ranges::max_element(times);
  std::vector<double> sums(n_items * out.factors);
  core::pulse pulse(run);
  for (std::size_t u = 0; u < n_users; ++u) {
    if (u % 1024 == 0) pulse.beat(static_cast<double>(u) / static_cast<double>(n_users));
    const auto items = by_user.indices(u);
    const auto values = by_user.values(u);
    for (std::size_t e = 0; e < items.size(); ++e) {
      double weight = values.empty() ? 1 : values[e];
      if (options.half_life > 0)
        weight *= std::exp2(-static_cast<double>(latest - times[by_user.offsets[u] + e]) / per_day / options.half_life);
      sums[items[e] * out.factors] += weight;
      if (segments > 0) sums[items[e] * out.factors + 1 + segment[u]] += weight;
    }
  }
  if (run.progress) run.progress(1);
  out.item_factors.assign(sums.begin(), sums.end());
  out.user_factors.assign(n_users * out.factors, 0.0f);
  for (std::size_t u = 0; u < n_users; ++u) out.user_factors[u * out.factors + (segments > 0 ? 1 + segment[u] : 0)] = 1;
  return out;
}

baseline_model random_scores(std::size_t n_users, std::size_t n_items, std::uint64_t seed, const run_options& run) {
  constexpr std::size_t factors = random_factors;
  core::require_memory("factors of " + std::to_string(n_users) + " users and " + std::to_string(n_items) + " items",
                       random_scores_memory(n_users, n_items), "leave out users or items");
  baseline_model out{n_users, n_items, factors, std::vector<float>(n_users * factors), std::vector<float>(n_items * factors)};
  const auto draw = [&](std::vector<float>& to, std::size_t rows, std::uint32_t room, const run_options& part) {
    parallel_rows(rows, part, [&](std::size_t r) {
      core::random_stream random(seed, r, room);
      double square = 0;
      for (std::size_t k = 0; k < factors; ++k) {
        to[r * factors + k] = static_cast<float>(random.normal());
        square += double{to[r * factors + k]} * to[r * factors + k];
      }
      for (std::size_t k = 0; k < factors; ++k) to[r * factors + k] /= static_cast<float>(std::sqrt(square));
    });
  };
  draw(out.user_factors, n_users, random_room, part_of(run, 0, 0.5));
  draw(out.item_factors, n_items, random_room + 1, part_of(run, 0.5, 1));
  return out;
}

}  // namespace clarion::recommend
