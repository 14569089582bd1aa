#include "plan/outcome_coding.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "clarion/conflict/load.hpp"
#include "clarion/core/columns.hpp"
#include "clarion/core/date.hpp"
#include "schema/text.hpp"

namespace clarion::plan {

namespace {

using stats::no_level;

constexpr std::size_t most_categories = 24;
constexpr std::size_t objectives = 9;
constexpr std::uint32_t months = 12, seasons = 6;

// The share of its days that a campaign has in each month of the year.
std::array<double, months> month_shares(date start, date end) {
  std::array<double, months> out{};
  const auto days = (end - start).count() + 1;
  // A longer campaign has no season.
  if (days < 1 || days > conflict::longest_run) {
    out.fill(1.0 / months);
    return out;
  }
  for (date at = start; at <= end;) {
    const std::chrono::year_month_day day{at};
    const date last = std::min(date{day.year() / day.month() / std::chrono::last}, end);
    out[unsigned{day.month()} - 1] += static_cast<double>((last - at).count() + 1) / static_cast<double>(days);
    at = last + std::chrono::days{1};
  }
  return out;
}

}  // namespace

coding encode(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog) {
  coding out;
  core::dictionary channels, categories;
  std::vector<std::uint64_t> uses;
  const auto category_codes = [&](const schema::portfolio& of) {
    std::vector<std::uint32_t> code;
    for (const auto& entry : of.products.values.names())
      code.push_back(categories.intern(catalog ? catalog->category_of(entry) : entry));
    uses.resize(categories.size());
    return code;
  };
  const auto planned_categories = category_codes(planned), history_categories = category_codes(history);
  const auto categories_of = [](const schema::portfolio& of, std::size_t row, const std::vector<std::uint32_t>& code) {
    std::vector<std::uint32_t> own;
    for (const auto product : of.products[row]) own.push_back(code[product]);
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    return own;
  };
  for (std::size_t row = 0; row < history.size(); ++row)
    for (const auto category : categories_of(history, row, history_categories)) ++uses[category];
  std::vector<std::uint32_t> order(categories.size()), rank(categories.size(), no_level);
  for (std::uint32_t c = 0; c < order.size(); ++c) order[c] = c;
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return uses[a] > uses[b]; });
  std::uint32_t told = 0;
  while (told < std::min(order.size(), most_categories) && uses[order[told]] > 0) {
    rank[order[told]] = told;
    ++told;
  }

  out.currency = (planned.empty() ? history : planned).main_currency();
  const auto code = [&](const schema::portfolio& of, const std::vector<std::uint32_t>& category_code, coded& to,
                        std::vector<bool>& in_currency) {
    std::vector<std::uint32_t> channel_code;
    for (const auto& name : of.channel.values.names()) {
      const std::uint32_t c = channels.intern(schema::detail::comparable(name));
      if (c == out.channels.size()) out.channels.push_back(name);
      channel_code.push_back(c);
    }
    for (std::size_t row = 0; row < of.size(); ++row) {
      const auto channel = of.channel.codes[row];
      to.channel.push_back(channel == core::category_column::none ? no_level : channel_code[channel]);
      to.in[by_channel].add(to.channel.back(), 1);
      const auto aim = of.objective[row];
      to.in[by_objective].add(aim == schema::objective::unspecified ? no_level : static_cast<std::uint32_t>(aim), 1);
      auto own = categories_of(of, row, category_code);
      for (auto& category : own) category = rank[category];
      if (own.empty()) own.push_back(no_level);
      const double share = 1 / static_cast<double>(own.size());
      const auto by_days = month_shares(of.start[row], of.end[row]);
      for (std::uint32_t m = 0; m < months; ++m)
        if (by_days[m] > 0) to.in[by_month].add(m, by_days[m]);
      for (const auto category : own) {
        to.in[by_category].add(category, share);
        for (std::uint32_t s = 0; s < seasons; ++s)
          if (const double in_season = by_days[2 * s] + by_days[2 * s + 1]; in_season > 0)
            to.in[by_category_season].add(category == no_level ? no_level : category * seasons + s, share * in_season);
      }
      for (auto& factor : to.in) factor.end_row();
      const double spend = of.spend[row], budget = of.budget[row];
      // What a planned campaign will cost is its budget, whatever it has spent so far.
      const bool spent = &to == &out.history && spend > 0 && std::isfinite(spend);
      to.money.push_back(spent ? spend : budget > 0 && std::isfinite(budget) ? budget : schema::missing);
      in_currency.push_back(of.currency[row].empty() || of.currency[row] == out.currency);
    }
  };
  code(planned, planned_categories, out.planned, out.planned_in_currency);
  code(history, history_categories, out.history, out.history_in_currency);
  out.levels = {channels.size(), objectives, told, months, std::size_t{told} * seasons};
  return out;
}

}  // namespace clarion::plan
