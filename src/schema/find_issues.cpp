#include "schema/find_issues.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <regex>
#include <unordered_map>

#include "clarion/core/error.hpp"
#include "schema/repeats.hpp"

namespace clarion::schema::detail {

namespace {

constexpr std::int32_t first_year = 1970, last_year = 2100;
constexpr double tolerated_overrun = 1.01;

struct years {
  int low = first_year, high = last_year;  // plausible ones, both included
  int median = 0;
};

years plausible_years(const check_context& context, const run_options& run) {
  const auto& p = context.campaigns;
  const std::size_t blocks = (p.size() + block_rows - 1) / block_rows;
  std::vector<std::vector<std::uint32_t>> counts(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t block) {
    auto& mine = counts[block];
    mine.resize(last_year - first_year + 1);
    for (std::size_t row = block * block_rows; row < std::min(p.size(), (block + 1) * block_rows); ++row) {
      if (!dates_known(context, row)) continue;
      for (const date day : {p.start[row], p.end[row]})
        if (const int year = year_of(day); year >= first_year && year <= last_year)
          ++mine[static_cast<std::size_t>(year - first_year)];
    }
  });
  std::vector<std::uint64_t> total(last_year - first_year + 1);
  std::uint64_t all = 0;
  for (const auto& block : counts)
    for (std::size_t i = 0; i < block.size(); ++i) {
      total[i] += block[i];
      all += block[i];
    }
  years out;
  if (all == 0) return out;
  const auto quantile = [&](std::uint64_t part) {
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < total.size(); ++i)
      if ((seen += total[i]) > (all - 1) * part / 4) return first_year + static_cast<int>(i);
    return last_year;
  };
  out.median = quantile(2);
  const int reach = std::max(10, 3 * (quantile(3) - quantile(1)));
  out.low = std::max(first_year, out.median - reach);
  out.high = std::min(last_year, out.median + reach);
  return out;
}

std::vector<bool> off_standard(const core::dictionary& tags, const std::string& pattern) {
  std::vector<bool> out(tags.size());
  if (pattern.empty()) return out;
  std::regex standard;
  try {
    standard.assign(pattern, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& e) {
    reject("tag_pattern", "\"" + pattern + "\"", std::string("give an ECMAScript regular expression (") + e.what() + ")");
  }
  for (std::uint32_t i = 0; i < tags.size(); ++i)
    // The library's matcher recurses once a character: a tag of a book's length would exhaust the stack.
    out[i] = tags[i].size() > 256 || !std::regex_match(tags[i], standard);
  return out;
}

constexpr std::int32_t no_launch = INT32_MIN;

std::vector<std::int32_t> launches(const core::dictionary& products, const catalog* known) {
  std::vector<std::int32_t> out(products.size(), no_launch);
  if (known == nullptr) return out;
  std::unordered_map<std::string_view, const product*> by_id, by_name;
  for (const auto& item : known->products) {
    by_id.emplace(item.id, &item);
    by_name.emplace(item.name, &item);
  }
  for (std::uint32_t i = 0; i < products.size(); ++i) {
    const product* item = nullptr;
    if (const auto found = by_id.find(products[i]); found != by_id.end())
      item = found->second;
    else if (const auto named = by_name.find(products[i]); named != by_name.end())
      item = named->second;
    if (item != nullptr && item->launch) out[i] = core::day_number(*item->launch);
  }
  return out;
}

bool has_results(const portfolio& p, std::size_t row) {
  return given(p.spend[row]) || given(p.conversions[row]) || given(p.revenue[row]);
}

}  // namespace

std::vector<issue> find_issues(const check_context& context, const run_options& run) {
  const auto& p = context.campaigns;
  const auto& absent = context.absent;
  const date today = today_of(context.rules);
  const bool planning = !context.history;

  const auto duplicate = earlier_rows(context, run);
  const auto running = earlier_runs(context, duplicate, run);
  const auto year = plausible_years(context, run);
  const auto off = off_standard(p.tags.values, context.rules.tag_pattern);
  const auto launch = launches(p.products.values, context.products);
  std::vector<bool> known_channel(p.channel.values.size());
  for (std::uint32_t i = 0; i < known_channel.size(); ++i)
    known_channel[i] = find_channel(context.rules.channels, p.channel.values[i]) != nullptr;
  const bool grouped =
      std::any_of(p.group.codes.begin(), p.group.codes.end(), [](auto c) { return c != core::category_column::none; });
  const auto first_day = core::day_number(std::chrono::sys_days{std::chrono::year{year.low} / 1 / 1});
  const auto last_day = core::day_number(std::chrono::sys_days{std::chrono::year{year.high} / 12 / 31});

  const std::size_t blocks = (p.size() + block_rows - 1) / block_rows;
  std::vector<std::vector<issue>> found(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t block) {
    auto& out = found[block];
    for (std::size_t row = block * block_rows; row < std::min(p.size(), (block + 1) * block_rows); ++row) {
      const auto flags = context.flags.empty() ? std::uint8_t{0} : context.flags[row];
      const auto add = [&](code which, std::uint8_t field, std::uint32_t other = 0) {
        out.push_back({row, other, which, field});
      };
      const bool dated = (flags & (start_unknown | end_unknown)) == 0;
      const auto start = core::day_number(p.start[row]), end = core::day_number(p.end[row]);
      const auto state = p.status[row];

      if (dated && end < start) add(code::end_before_start, at_end);
      if (!absent[at_id] && p.id[row].empty()) add(code::no_id, at_id);
      if ((planning || absent[at_id]) && !absent[at_name] && p.name[row].empty()) add(code::no_name, at_name);
      const double budget = p.budget[row];
      if (planning && !absent[at_budget] && !given(budget) && (flags & budget_unread) == 0) add(code::no_budget, at_budget);
      const auto channel = p.channel.codes[row];
      if (channel == core::category_column::none) {
        if (!absent[at_channel]) add(code::no_channel, at_channel);
      }
      if (planning && !absent[at_owner] && p.owner.codes[row] == core::category_column::none) add(code::no_owner, at_owner);
      if (duplicate[row] != nobody) add(code::duplicate_id, at_id, duplicate[row]);
      if (channel != core::category_column::none && !known_channel[channel]) add(code::unknown_channel, at_channel);
      if (budget < 0) add(code::negative_budget, at_budget);
      if (planning && budget == 0) add(code::zero_budget, at_budget);

      bool plausible = dated;
      if ((flags & start_unknown) == 0 && (start < first_day || start > last_day)) {
        add(code::year_typo, at_start, static_cast<std::uint32_t>(year.median));
        plausible = false;
      } else if ((flags & end_unknown) == 0 && (end < first_day || end > last_day)) {
        add(code::year_typo, at_end, static_cast<std::uint32_t>(year.median));
        plausible = false;
      }
      if (plausible && end - start + 1 > longest_run) add(code::long_run, at_end);
      if (running[row] != nobody) add(code::rerun, at_name, running[row]);
      for (const auto tag : p.tags[row])
        if (off[tag]) {
          add(code::off_standard_tag, at_tags, tag);
          break;
        }
      if (dated)
        for (const auto item : p.products[row])
          if (launch[item] != no_launch && start < launch[item]) {
            add(code::before_launch, at_products, item);
            break;
          }

      const bool over = state == status::finished || state == status::cancelled;
      const auto now = core::day_number(today);
      if (planning && grouped && p.group.codes[row] == core::category_column::none && dated && start <= now && end >= now &&
          !over)
        add(code::no_group, at_group);
      const double spend = p.spend[row], shown = p.impressions[row], clicks = p.clicks[row], conversions = p.conversions[row],
                   won = p.new_customers[row], returned = p.returns[row];
      if (planning && dated && start > now && (spend > 0 || shown > 0 || clicks > 0 || conversions > 0 || p.revenue[row] > 0))
        add(code::spent_early, at_start);
      const bool has_hash = p.approved_hash[row].size() > 0;
      if (has_hash && p.approved_hash[row] != criteria_hash(targets_of(p, row))) add(code::criteria_changed, at_targets);
      if (planning && (state == status::approved || state == status::running)) {
        if (p.targets[row].empty())
          add(code::no_criteria, at_targets);
        else if (!has_hash)
          add(code::criteria_open, at_targets);
      }
      if (clicks > shown)
        add(code::contradiction, at_clicks);
      else if (won > conversions)
        add(code::contradiction, at_new_customers);
      else if (returned > conversions)
        add(code::contradiction, at_returns);
      if (spend < 0)
        add(code::negative_result, at_spend);
      else if (shown < 0)
        add(code::negative_result, at_impressions);
      else if (clicks < 0)
        add(code::negative_result, at_clicks);
      else if (conversions < 0)
        add(code::negative_result, at_conversions);
      else if (won < 0)
        add(code::negative_result, at_new_customers);
      else if (returned < 0)
        add(code::negative_result, at_returns);
      if ((state == status::finished || (context.history && state == status::unspecified)) && !has_results(p, row) &&
          (flags & result_unread) == 0)
        add(code::no_results, at_status);
      if (budget >= 0 && spend > budget * tolerated_overrun) add(code::overspent, at_spend);
      if (p.touches_per_week[row] > p.frequency_cap[row]) add(code::above_cap, at_touches);
      if (dated && ((p.earliest_start[row] && *p.earliest_start[row] > p.start[row]) ||
                    (p.latest_end[row] && *p.latest_end[row] < p.end[row])))
        add(code::outside_window, p.earliest_start[row] && *p.earliest_start[row] > p.start[row] ? at_earliest : at_latest);
      if (state == status::finished && dated && end > now) add(code::finished_early, at_status);
    }
  });
  std::vector<issue> out;
  std::size_t total = 0;
  for (const auto& block : found) total += block.size();
  out.reserve(total);
  for (const auto& block : found) out.insert(out.end(), block.begin(), block.end());
  return out;
}
}  // namespace clarion::schema::detail
