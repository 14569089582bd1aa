#include "clarion/conflict/load_cube.hpp"

#include <cmath>
#include <string>

namespace clarion::conflict {

core::cube load_cube(const weekly_load& load, load_measure measure, std::size_t max_bytes) {
  const std::size_t n = load.size(), channels = load.channels.size(), weeks = load.weeks.size();
  const double bytes = static_cast<double>(n) * static_cast<double>(channels) * static_cast<double>(weeks) * sizeof(double);
  if (bytes > static_cast<double>(max_bytes))
    throw error("the cube of " + std::to_string(n) + " campaigns x " + std::to_string(channels) + " channels x " +
                std::to_string(weeks) + " weeks takes " + std::to_string(static_cast<std::uint64_t>(bytes / 1048576)) +
                " MiB, more than the " + std::to_string(max_bytes / 1048576) +
                " MiB allowed; use the weekly values of each campaign instead, or raise max_bytes");
  core::cube out = xt::zeros<double>({n, channels, weeks});
  for (std::size_t c = 0; c < n; ++c) {
    if (load.channel[c] == weekly_load::no_channel) continue;
    const auto values = measure == load_measure::contacts ? load.load_of(c) : load.spend_of(c);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!std::isnan(values[i])) out(c, load.channel[c], load.first_week[c] + i) = values[i];
  }
  return out;
}

}  // namespace clarion::conflict
