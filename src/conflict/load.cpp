#include "clarion/conflict/load.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace clarion::conflict {

bool counts(const schema::portfolio& portfolio, std::size_t row) {
  return portfolio.status[row] != schema::status::cancelled && portfolio.end[row] >= portfolio.start[row] &&
         (portfolio.end[row] - portfolio.start[row]).count() < longest_run;
}

bool is_over(const schema::portfolio& portfolio, std::size_t row, std::optional<date> today) {
  return portfolio.status[row] == schema::status::finished || (today && portfolio.end[row] < *today);
}

bool can_move(const schema::portfolio& portfolio, std::size_t row, std::optional<date> today) {
  return !portfolio.fixed_dates[row] && portfolio.status[row] != schema::status::running && !is_over(portfolio, row, today) &&
         !(today && portfolio.start[row] < *today);
}

namespace {

/// Days of [start, end] in the week.
int days_in_week(date start, date end, std::int32_t week) {
  const date monday = core::week_start(week);
  return core::shared_days(start, end, monday, monday + std::chrono::days{6});
}

}  // namespace

weekly_load load(const schema::portfolio& portfolio, const schema::policy& policy, const load_options& options) {
  core::check_options(options);
  const std::size_t n = portfolio.size();
  weekly_load out;
  out.today = policy.today;

  std::vector<double> touches;  // by channel
  for (const auto& channel : policy.channels) {
    out.channels.push_back(channel.name);
    out.capacity.push_back(channel.capacity);
    touches.push_back(channel.touches_per_week);
  }
  // Channels of the portfolio by their dictionary code.
  std::vector<std::uint32_t> channel_of(portfolio.channel.values.size());
  for (std::uint32_t code = 0; code < channel_of.size(); ++code) {
    const std::string& name = portfolio.channel.values[code];
    if (const auto* known = schema::find_channel(policy.channels, name)) {
      channel_of[code] = static_cast<std::uint32_t>(known - policy.channels.data());
    } else {
      channel_of[code] = static_cast<std::uint32_t>(out.channels.size());
      out.channels.push_back(name);
      out.capacity.push_back(schema::missing);
      touches.push_back(options.default_touches);
    }
  }

  std::optional<std::int32_t> first, last;
  for (std::size_t c = 0; c < n; ++c) {
    if (!counts(portfolio, c)) continue;
    const auto from = core::week_number(portfolio.start[c]), to = core::week_number(portfolio.end[c]);
    first = first ? std::min(*first, from) : from;
    last = last ? std::max(*last, to) : to;
  }
  if (first)
    for (std::int32_t week = *first; week <= *last; ++week) out.weeks.push_back(core::week_start(week));

  out.channel.reserve(n);
  out.first_week.reserve(n);
  out.offsets.reserve(n + 1);
  out.offsets.push_back(0);
  for (std::size_t c = 0; c < n; ++c) {
    const auto code = portfolio.channel.codes[c];
    const auto channel = code == core::category_column::none ? weekly_load::no_channel : channel_of[code];
    out.channel.push_back(channel);
    out.first_week.push_back(0);
    if (counts(portfolio, c)) {
      const date start = portfolio.start[c], end = portfolio.end[c];
      const double planned = portfolio.touches_per_week[c];
      const double weekly = std::isfinite(planned) && planned >= 0 ? planned
                            : channel == weekly_load::no_channel   ? options.default_touches
                                                                   : touches[channel];
      const double days = static_cast<double>((end - start).count() + 1);
      const auto from = core::week_number(start), to = core::week_number(end);
      out.first_week.back() = static_cast<std::uint32_t>(from - *first);
      for (std::int32_t week = from; week <= to; ++week) {
        const double here = days_in_week(start, end, week);
        out.load.push_back(weekly * here / 7);
        out.spend.push_back(portfolio.budget[c] * here / days);
      }
    }
    out.offsets.push_back(out.load.size());
  }
  return out;
}

}  // namespace clarion::conflict
