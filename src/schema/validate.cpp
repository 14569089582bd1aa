#include "clarion/schema/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <regex>
#include <unordered_map>

#include "clarion/core/error.hpp"
#include "clarion/schema/fields.hpp"
#include "clarion/schema/rules.hpp"
#include "schema/checks.hpp"
#include "schema/hash.hpp"
#include "schema/text.hpp"

namespace clarion::schema {

namespace detail {

namespace {

constexpr std::int32_t first_year = 1970, last_year = 2100;
constexpr int longest_run = 366;
constexpr double tolerated_overrun = 1.01;

int year_of(date day) { return int{std::chrono::year_month_day{day}.year()}; }

date today_of(const policy& rules) {
  return rules.today.value_or(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
}

struct keyed {
  std::uint64_t hash;
  std::uint32_t row;
};

// Rows cut by the top bits of their hashes, in the order of the rows: each bucket can be worked on alone, for any number of
// threads.
std::vector<std::vector<keyed>> bucketed(std::size_t rows, const run_options& run, const auto& hash_row) {
  constexpr unsigned bits = 6;
  const std::size_t blocks = (rows + block_rows - 1) / block_rows;
  std::vector<std::vector<std::vector<keyed>>> parts(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t block) {
    auto& mine = parts[block];
    mine.resize(1u << bits);
    for (auto& part : mine) part.reserve(block_rows >> (bits - 1));
    for (std::size_t row = block * block_rows; row < std::min(rows, (block + 1) * block_rows); ++row)
      if (const auto hash = hash_row(row)) mine[*hash >> (64 - bits)].push_back({*hash, static_cast<std::uint32_t>(row)});
  });
  std::vector<std::vector<keyed>> out(1u << bits);
  core::parallel_blocks(out.size(), run, [&](std::size_t bucket) {
    std::size_t total = 0;
    for (const auto& part : parts) total += part[bucket].size();
    out[bucket].reserve(total);
    for (const auto& part : parts) out[bucket].insert(out[bucket].end(), part[bucket].begin(), part[bucket].end());
  });
  return out;
}

// For each row the earlier row with its id, or none.
constexpr std::uint32_t nobody = UINT32_MAX;

std::vector<std::uint32_t> earlier_rows(const check_context& context, const run_options& run) {
  const auto& ids = context.campaigns.id;
  std::vector<std::uint32_t> out(ids.size(), nobody);
  const auto buckets = bucketed(ids.size(), run, [&](std::size_t row) -> std::optional<std::uint64_t> {
    const auto id = ids[row];
    if (id.empty()) return std::nullopt;
    return hash_of(id);
  });
  core::parallel_blocks(buckets.size(), run, [&](std::size_t bucket) {
    const auto& rows = buckets[bucket];
    const std::size_t slots = std::bit_ceil(rows.size() * 2 + 1);
    std::vector<std::uint32_t> first(slots, nobody);
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      std::size_t slot = rows[i].hash & (slots - 1);
      for (;; slot = (slot + 1) & (slots - 1)) {
        if (first[slot] == nobody) {
          first[slot] = i;
          break;
        }
        const auto& other = rows[first[slot]];
        if (other.hash == rows[i].hash && ids[other.row] == ids[rows[i].row]) {
          out[rows[i].row] = other.row;
          break;
        }
      }
    }
  });
  return out;
}

bool dates_known(const check_context& context, std::size_t row) {
  return context.flags.empty() || (context.flags[row] & (start_unknown | end_unknown)) == 0;
}

// For each row the campaign of the same base name and channel that still runs when it starts, or none.
std::vector<std::uint32_t> earlier_runs(const check_context& context, const std::vector<std::uint32_t>& duplicate,
                                        const run_options& run) {
  const auto& p = context.campaigns;
  std::vector<std::uint32_t> out(p.size(), nobody);
  auto buckets = bucketed(p.size(), run, [&](std::size_t row) -> std::optional<std::uint64_t> {
    const auto name = p.name[row];
    if (name.empty() || duplicate[row] != nobody || !dates_known(context, row) || p.status[row] == status::cancelled ||
        p.end[row] < p.start[row])
      return std::nullopt;
    return mix(base_name_hash(name) ^ (std::uint64_t{p.channel.codes[row]} << 1));
  });
  core::parallel_blocks(buckets.size(), run, [&](std::size_t bucket) {
    auto& rows = buckets[bucket];
    std::sort(rows.begin(), rows.end(), [&](const keyed& a, const keyed& b) {
      if (a.hash != b.hash) return a.hash < b.hash;
      if (p.start[a.row] != p.start[b.row]) return p.start[a.row] < p.start[b.row];
      return a.row < b.row;
    });
    std::uint32_t lasting = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = rows[i].row;
      if (i > 0 && rows[i - 1].hash == rows[i].hash) {
        if (p.start[row] <= p.end[lasting]) out[row] = lasting;
        if (p.end[row] > p.end[lasting]) lasting = row;
      } else {
        lasting = row;
      }
    }
  });
  return out;
}

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

// The year that a slip of one digit, or two that changed places, would turn into this one.
std::optional<int> meant_year(int year, int median) {
  const auto text = fmt::format("{:04}", year);
  for (const int distance : {0, 1, -1, 2, -2, 3, -3}) {
    const auto other = fmt::format("{:04}", median + distance);
    int differ = 0;
    for (std::size_t i = 0; i < 4; ++i) differ += text[i] != other[i];
    auto sorted_text = text, sorted_other = other;
    std::sort(sorted_text.begin(), sorted_text.end());
    std::sort(sorted_other.begin(), sorted_other.end());
    if (differ == 1 || (differ == 2 && sorted_text == sorted_other)) return median + distance;
  }
  return std::nullopt;
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

std::vector<kpi_target> targets_of(const portfolio& campaigns, std::size_t row) {
  std::vector<kpi_target> out;
  for (const auto code : campaigns.targets[row])
    if (auto target = parse_kpi_target(campaigns.targets.values[code])) out.push_back(*target);
  return out;
}

bool given(double value) { return !std::isnan(value); }

bool has_results(const portfolio& p, std::size_t row) {
  return given(p.spend[row]) || given(p.conversions[row]) || given(p.revenue[row]);
}

std::string money_text(double amount, std::string_view currency) {
  return fmt::format("{}{}{:.10g}", currency, currency.empty() ? "" : " ", amount);
}

}  // namespace

const rule& rule_at(code of) { return rules()[static_cast<std::size_t>(of)]; }

std::uint64_t base_name_hash(std::string_view name) {
  std::array<std::string_view, 24> words;
  std::size_t count = 0;
  const auto is_part = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
  };
  for (std::size_t i = 0; i < name.size();) {
    while (i < name.size() && !is_part(name[i])) ++i;
    const std::size_t begin = i;
    while (i < name.size() && is_part(name[i])) ++i;
    if (i > begin) {
      if (count == words.size()) return hash_of(lower(name));
      words[count++] = name.substr(begin, i - begin);
    }
  }
  const auto counts_runs = [](std::string_view word) {
    const std::size_t digits_from = lower(word.front()) == 'v' && word.size() > 1 ? 1 : 0;
    if (std::all_of(word.begin() + static_cast<std::ptrdiff_t>(digits_from), word.end(), is_digit)) return true;
    for (const auto* other :
         {"rerun", "run", "re", "repeat", "again", "copy", "part", "wave", "phase", "round", "ii", "iii", "iv"})
      if (equal_ignoring_case(word, other)) return true;
    return false;
  };
  std::size_t kept = count;
  while (kept > 0 && counts_runs(words[kept - 1])) --kept;
  if (kept == 0) kept = count;
  std::uint64_t hash = 0;
  std::array<char, 64> buffer{};
  for (std::size_t w = 0; w < kept; ++w) {
    const auto word = words[w];
    for (std::size_t from = 0; from < word.size(); from += buffer.size()) {
      const std::size_t n = std::min(buffer.size(), word.size() - from);
      for (std::size_t i = 0; i < n; ++i) buffer[i] = lower(word[from + i]);
      hash = hash_of({buffer.data(), n}, hash + (from == 0 ? 1 : 2));
    }
  }
  return hash;
}

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
      if (planning && !absent[at_name] && p.name[row].empty()) add(code::no_name, at_name);
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

namespace {

// Groups x objectives that differ by more than chance of a plan would make them: Cramer's V of the table.
std::optional<finding> confounded_groups(const portfolio& p) {
  constexpr double threshold = 0.7;
  constexpr std::size_t kinds = 9;
  std::vector<std::array<double, kinds>> table(p.group.values.size());
  for (std::size_t row = 0; row < p.size(); ++row)
    if (p.group.codes[row] != core::category_column::none && p.objective[row] != objective::unspecified &&
        p.status[row] != status::cancelled)
      ++table[p.group.codes[row]][static_cast<std::size_t>(p.objective[row])];

  std::vector<std::uint32_t> groups;
  std::array<double, kinds> columns{};
  std::vector<double> rows(table.size());
  double total = 0;
  for (std::uint32_t g = 0; g < table.size(); ++g) {
    for (const double n : table[g]) rows[g] += n;
    if (rows[g] < 2) continue;
    groups.push_back(g);
    total += rows[g];
    for (std::size_t k = 0; k < kinds; ++k) columns[k] += table[g][k];
  }
  const auto used = static_cast<double>(std::count_if(columns.begin(), columns.end(), [](double n) { return n > 0; }));
  if (groups.size() < 2 || used < 2) return std::nullopt;
  double chi_square = 0;
  for (const auto g : groups)
    for (std::size_t k = 0; k < kinds; ++k) {
      const double expected = rows[g] * columns[k] / total;
      if (expected > 0) chi_square += (table[g][k] - expected) * (table[g][k] - expected) / expected;
    }
  const double v = std::sqrt(chi_square / (total * (std::min(static_cast<double>(groups.size()), used) - 1)));
  if (v < threshold) return std::nullopt;

  std::sort(groups.begin(), groups.end(), [&](auto a, auto b) { return p.group.values[a] < p.group.values[b]; });
  std::vector<std::string> lines;
  std::string message;
  for (const auto g : groups) {
    std::vector<std::pair<double, std::string_view>> parts;
    for (std::size_t k = 0; k < kinds; ++k)
      if (table[g][k] > 0) parts.emplace_back(-table[g][k], to_string(static_cast<objective>(k)));
    std::sort(parts.begin(), parts.end());
    std::string text;
    for (const auto& [count, name] : parts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", -count, name);
    lines.push_back(fmt::format("{}: {}", p.group.values[g], text));
    if (lines.size() <= 4) message += fmt::format("{}group {} has {}", message.empty() ? "" : "; ", p.group.values[g], text);
  }
  auto out =
      make_finding(rule_at(code::confounded), {},
                   fmt::format("The A/B groups pursue different objectives ({}): comparing them would measure the objective and "
                               "not a treatment.",
                               message));
  out.evidence = {
      {"cramers_v", v, "share"}, {"threshold", threshold, "share"}, {"groups", lines, ""}, {"campaigns", total, "campaigns"}};
  out.why = fmt::format(
      "Cramer's V of groups against objectives is {:.2f}, where 0 means that every group has the same mix and 1 that the group "
      "tells the "
      "objective; above {:.1f} a difference between groups cannot be told from one between objectives.",
      v, threshold);
  return out;
}

std::optional<finding> mixed_currencies(const portfolio& p) {
  std::map<std::string, std::pair<double, double>> sums;  // campaigns, amount
  for (std::size_t row = 0; row < p.size(); ++row)
    if (given(p.budget[row])) {
      auto& [count, amount] = sums[std::string(p.currency[row])];
      ++count;
      amount += p.budget[row];
    }
  if (sums.size() < 2) return std::nullopt;
  std::string text;
  std::vector<std::string> lines;
  for (const auto& [currency, sum] : sums) {
    lines.push_back(fmt::format("{} {:.10g} in {} campaigns", currency.empty() ? "(none)" : currency, sum.second, sum.first));
    if (lines.size() <= 6) text += (text.empty() ? "" : ", ") + lines.back();
  }
  auto out =
      make_finding(rule_at(code::mixed_currencies), {}, fmt::format("Budgets are in {} currencies: {}.", sums.size(), text));
  out.evidence = {{"currencies", static_cast<std::int64_t>(sums.size()), ""}, {"amounts", lines, ""}};
  out.why = rule_at(code::mixed_currencies).explanation;
  return out;
}

constexpr std::string_view needs(std::size_t field) {
  switch (field) {
    case at_id:
      return "ids are made from the names";
    case at_name:
      return "ids stand in for names";
    case at_budget:
      return "no concentration, reallocation or loss in money";
    case at_channel:
      return "no channel load, saturation or channel costs";
    case at_owner:
      return "no owner workload and nobody to address";
    default:
      return "";
  }
}

}  // namespace

std::vector<finding> portfolio_findings(const check_context& context) {
  const auto& p = context.campaigns;
  std::vector<finding> out;
  if (p.empty()) {
    out.push_back(make_finding(rule_at(code::no_campaigns), {}, "There are no campaigns to judge."));
    out.back().why = rule_at(code::no_campaigns).explanation;
    return out;
  }
  std::vector<std::string> absent;
  std::string text, without;
  for (std::size_t i = 0; i < fields().size(); ++i)
    if (context.absent[i] && fields()[i].required && !(context.history && (i == at_name || i == at_budget || i == at_owner))) {
      absent.emplace_back(fields()[i].name);
      text += (text.empty() ? "" : ", ") + absent.back();
      without += fmt::format("{}{}: {}", without.empty() ? "" : "; ", fields()[i].name, needs(i));
    }
  if (!absent.empty()) {
    out.push_back(make_finding(
        rule_at(code::column_absent), {},
        fmt::format("No campaign has {} ({}): {}.", absent.size() == 1 ? "this field" : "these fields", text, without)));
    out.back().evidence = {{"fields", absent, ""}, {"campaigns", static_cast<std::int64_t>(p.size()), "campaigns"}};
    out.back().why = rule_at(code::column_absent).explanation;
  }
  if (auto one = mixed_currencies(p)) out.push_back(std::move(*one));
  if (auto one = confounded_groups(p)) out.push_back(std::move(*one));
  return out;
}

cell_source own_cells(const portfolio& p) {
  return [&p](std::uint64_t row, std::size_t field) -> std::pair<std::string, std::string> {
    std::string text;
    const auto number = [](double value) { return given(value) ? fmt::format("{}", value) : std::string(); };
    const auto day = [](const std::optional<date>& value) { return value ? core::to_string(*value) : std::string(); };
    const auto list = [&](const core::list_column& column) {
      std::string out;
      for (const auto& item : column.texts(row)) out += (out.empty() ? "" : "; ") + item;
      return out;
    };
    switch (field) {
      case at_id:
        text = p.id[row];
        break;
      case at_name:
        text = p.name[row];
        break;
      case at_start:
        text = core::to_string(p.start[row]);
        break;
      case at_end:
        text = core::to_string(p.end[row]);
        break;
      case at_budget:
        text = number(p.budget[row]);
        break;
      case at_channel:
        text = p.channel[row];
        break;
      case at_products:
        text = list(p.products);
        break;
      case at_owner:
        text = p.owner[row];
        break;
      case at_group:
        text = p.group[row];
        break;
      case at_status:
        text = to_string(p.status[row]);
        break;
      case at_touches:
        text = number(p.touches_per_week[row]);
        break;
      case at_tags:
        text = list(p.tags);
        break;
      case at_earliest:
        text = day(p.earliest_start[row]);
        break;
      case at_latest:
        text = day(p.latest_end[row]);
        break;
      case at_targets:
        text = list(p.targets);
        break;
      case at_spend:
        text = number(p.spend[row]);
        break;
      case at_impressions:
        text = number(p.impressions[row]);
        break;
      case at_clicks:
        text = number(p.clicks[row]);
        break;
      case at_conversions:
        text = number(p.conversions[row]);
        break;
      case at_new_customers:
        text = number(p.new_customers[row]);
        break;
      case at_returns:
        text = number(p.returns[row]);
        break;
      default:
        break;
    }
    return {std::string(fields()[field].name), text};
  };
}

finding describe(const issue& found, const check_context& context, const cell_source& cell) {
  const auto& p = context.campaigns;
  const auto row = found.row;
  const auto& rule = rule_at(found.code);
  const auto source = p.source_row.empty() ? row + 1 : p.source_row[row];
  const std::string id(p.id[row]);
  const std::string who = id.empty() ? fmt::format("Row {}", source) : id;
  const auto [column, text] = cell(row, found.field);

  auto out = make_finding(rule, id.empty() ? std::vector<std::string>{} : std::vector{id}, {});
  out.why = rule.explanation;
  out.row = source;
  out.column = column;
  out.value = text;
  const auto say = [&](std::string message) { out.message = std::move(message); };
  const auto day = [](date d) { return core::to_string(d); };
  const auto number = [&](const char* name, double value, const char* unit) { out.evidence.push_back({name, value, unit}); };
  const std::string currency(p.currency[row]);

  switch (found.code) {
    case code::end_before_start: {
      const auto days = static_cast<std::int64_t>((p.start[row] - p.end[row]).count());
      say(fmt::format("{} ends on {}, {} day{} before it starts on {}.", who, day(p.end[row]), days, days == 1 ? "" : "s",
                      day(p.start[row])));
      out.evidence = {{"start", day(p.start[row]), "date"}, {"end", day(p.end[row]), "date"}, {"days", days, "days"}};
      break;
    }
    case code::no_id:
      say(fmt::format("Row {} has no id.", source));
      break;
    case code::no_name:
      say(fmt::format("{} has no name.", who));
      break;
    case code::no_dates:
      say(fmt::format("{} has no {} date.", who, found.field == at_start ? "start" : "end"));
      break;
    case code::no_budget:
      say(fmt::format("{} has no budget.", who));
      break;
    case code::no_channel:
      say(fmt::format("{} has no channel.", who));
      break;
    case code::no_owner:
      say(fmt::format("{} has no owner.", who));
      break;
    case code::duplicate_id: {
      const auto other = p.source_row.empty() ? found.other + 1 : p.source_row[found.other];
      say(fmt::format("Row {} has the id \"{}\" of row {}.", source, id, other));
      out.evidence = {{"first_row", static_cast<std::int64_t>(other), "row"}};
      break;
    }
    case code::bad_date:
      say(fmt::format("{}: \"{}\" in {} is no date that can be read.", who, text, column));
      break;
    case code::bad_number:
      say(fmt::format("{}: \"{}\" in {} is no number that can be read.", who, text, column));
      break;
    case code::bad_word: {
      std::string known;
      const auto kind = fields()[found.field].kind;
      if (kind == field_kind::objective)
        for (int i = 1; i <= static_cast<int>(objective::clearance); ++i)
          known += fmt::format("{}{}", known.empty() ? "" : ", ", to_string(static_cast<objective>(i)));
      else if (kind == field_kind::status)
        for (int i = 1; i <= static_cast<int>(status::cancelled); ++i)
          known += fmt::format("{}{}", known.empty() ? "" : ", ", to_string(static_cast<status>(i)));
      else
        known = "yes, no, true, false, 1, 0";
      say(fmt::format("{}: \"{}\" in {} is none of {}.", who, text, column, known));
      break;
    }
    case code::bad_criterion:
      say(fmt::format("{}: \"{}\" holds a success criterion that cannot be read.", who, text));
      break;
    case code::unknown_channel: {
      std::vector<std::string> names;
      for (const auto& one : context.rules.channels) names.push_back(one.name);
      const auto near = nearest_name(names, text.empty() ? p.channel[row] : std::string_view(text));
      say(fmt::format("{} runs on \"{}\", which is not in the channel registry{}.", who, p.channel[row],
                      near ? fmt::format("; did you mean \"{}\"?", *near) : std::string()));
      if (out.message.ends_with("?.")) out.message.pop_back();
      out.evidence = {{"channel", std::string(p.channel[row]), ""}};
      if (near) {
        out.evidence.push_back({"nearest", *near, ""});
        out.suggestion = fmt::format("Write \"{}\", or add \"{}\" to the channel registry.", *near, p.channel[row]);
      }
      break;
    }
    case code::negative_budget:
      say(fmt::format("{} has a budget of {}.", who, money_text(p.budget[row], currency)));
      number("budget", p.budget[row], "money");
      break;
    case code::zero_budget:
      say(fmt::format("{} has a budget of zero.", who));
      number("budget", 0, "money");
      break;
    case code::year_typo: {
      const auto median = static_cast<int>(found.other);
      const int year = year_of(found.field == at_start ? p.start[row] : p.end[row]);
      const auto meant = median > 0 ? meant_year(year, median) : std::nullopt;
      say(fmt::format("{} {} in the year {}{}{}.", who, found.field == at_start ? "starts" : "ends", year,
                      median > 0 ? fmt::format(" where the others lie around {}", median) : std::string(),
                      meant ? fmt::format("; {} may be meant", *meant) : std::string()));
      out.evidence = {{"year", std::int64_t{year}, "year"}};
      if (median > 0) out.evidence.push_back({"median_year", std::int64_t{median}, "year"});
      if (meant) out.suggestion = fmt::format("Correct the year to {}, if that is what was meant.", *meant);
      break;
    }
    case code::long_run: {
      const auto days = static_cast<std::int64_t>((p.end[row] - p.start[row]).count()) + 1;
      say(fmt::format("{} runs for {} days, from {} to {}.", who, days, day(p.start[row]), day(p.end[row])));
      out.evidence = {{"days", days, "days"}, {"limit", std::int64_t{longest_run}, "days"}};
      break;
    }
    case code::rerun: {
      const auto other = found.other;
      const auto days = core::shared_days(p.start[row], p.end[row], p.start[other], p.end[other]);
      if (!p.id[other].empty()) out.campaigns.emplace_back(p.id[other]);
      say(fmt::format("{} (\"{}\") runs on {} of the days of {} (\"{}\"), from {} on.", who, p.name[row], days, p.id[other],
                      p.name[other], day(p.start[row])));
      out.evidence = {{"shared_days", std::int64_t{days}, "days"}};
      break;
    }
    case code::off_standard_tag:
      say(fmt::format("{} has the tag \"{}\", which does not match {}.", who, p.tags.values[found.other],
                      context.rules.tag_pattern));
      out.value = p.tags.values[found.other];
      out.evidence = {{"tag", p.tags.values[found.other], ""}, {"pattern", context.rules.tag_pattern, ""}};
      break;
    case code::before_launch: {
      const auto& entry = p.products.values[found.other];
      const auto* item = context.products != nullptr ? context.products->find(entry) : nullptr;
      const date launch = item != nullptr && item->launch ? *item->launch : p.start[row];
      const auto days = static_cast<std::int64_t>((launch - p.start[row]).count());
      say(fmt::format("{} starts on {}, {} days before {} can be bought on {}.", who, day(p.start[row]), days, entry,
                      day(launch)));
      out.value = entry;
      out.evidence = {{"product", entry, ""}, {"launch", day(launch), "date"}, {"days", days, "days"}};
      break;
    }
    case code::no_group:
      say(fmt::format("{} has run since {} and is in no A/B group.", who, day(p.start[row])));
      out.evidence = {{"start", day(p.start[row]), "date"}};
      break;
    case code::spent_early:
      say(fmt::format("{} begins on {} and already has results.", who, day(p.start[row])));
      out.evidence = {{"start", day(p.start[row]), "date"}, {"today", day(today_of(context.rules)), "date"}};
      break;
    case code::criteria_changed: {
      const auto now = criteria_hash(targets_of(p, row));
      say(fmt::format("The success criteria of {} are not the ones approved{}.", who,
                      p.approved_on[row] ? " on " + day(*p.approved_on[row]) : std::string()));
      out.evidence = {{"approved_hash", std::string(p.approved_hash[row]), ""}, {"hash", now, ""}};
      break;
    }
    case code::no_criteria:
      say(fmt::format("{} is {} without success criteria.", who, to_string(p.status[row])));
      break;
    case code::criteria_open:
      say(fmt::format("{} is {} and its success criteria are not frozen.", who, to_string(p.status[row])));
      break;
    case code::contradiction: {
      const bool clicks = found.field == at_clicks;
      const double part = clicks ? p.clicks[row] : found.field == at_returns ? p.returns[row] : p.new_customers[row];
      const double whole = clicks ? p.impressions[row] : p.conversions[row];
      const auto* names = clicks                      ? "clicks from impressions"
                          : found.field == at_returns ? "returns from conversions"
                                                      : "new customers from conversions";
      say(fmt::format("{} has {:.10g} {} {:.10g}.", who, part, names, whole));
      out.evidence = {{"part", part, ""}, {"whole", whole, ""}};
      break;
    }
    case code::negative_result:
      say(fmt::format("{} has {} in {}.", who, text, column));
      break;
    case code::no_results:
      say(fmt::format("{} is finished and has no spend, conversions or revenue.", who));
      break;
    case code::overspent:
      say(fmt::format("{} spent {} of a budget of {}.", who, money_text(p.spend[row], currency),
                      money_text(p.budget[row], currency)));
      out.evidence = {{"spend", p.spend[row], "money"}, {"budget", p.budget[row], "money"}};
      out.expected_loss = p.spend[row] - p.budget[row];
      break;
    case code::above_cap:
      say(fmt::format("{} plans {:.10g} touches a customer and week; its cap is {:.10g}.", who, p.touches_per_week[row],
                      p.frequency_cap[row]));
      out.evidence = {{"touches_per_week", p.touches_per_week[row], "contacts"},
                      {"frequency_cap", p.frequency_cap[row], "contacts"}};
      break;
    case code::outside_window:
      say(fmt::format("{} runs from {} to {}; its window is {} to {}.", who, day(p.start[row]), day(p.end[row]),
                      p.earliest_start[row] ? day(*p.earliest_start[row]) : "open",
                      p.latest_end[row] ? day(*p.latest_end[row]) : "open"));
      break;
    case code::blank_row:
      say(fmt::format("Row {} is blank.", source));
      break;
    case code::finished_early:
      say(fmt::format("{} is said to be finished; its last day is {}.", who, day(p.end[row])));
      break;
    default:
      say(fmt::format("{}: {}.", who, rule.title));
      break;
  }
  return out;
}

std::array<std::uint64_t, rule_count> count_by_code(const std::vector<issue>& issues) {
  std::array<std::uint64_t, rule_count> out{};
  for (const auto& one : issues) ++out[static_cast<std::size_t>(one.code)];
  return out;
}

reported report(const std::vector<issue>& issues, const check_context& context, const cell_source& cell, std::size_t most) {
  reported out;
  out.place.assign(issues.size(), reported::none());
  std::array<std::uint64_t, rule_count> told{};
  for (std::size_t i = 0; i < issues.size(); ++i) {
    auto& count = told[static_cast<std::size_t>(issues[i].code)];
    if (most != 0 && count >= most) continue;
    ++count;
    out.place[i] = static_cast<std::uint32_t>(out.findings.size());
    out.findings.push_back(describe(issues[i], context, cell));
  }
  const auto total = count_by_code(issues);
  for (std::size_t c = 0; c < rule_count; ++c)
    if (total[c] > told[c]) {
      const auto& rule = rules()[c];
      auto more = make_finding(rule, {}, fmt::format("{} more rows: {}.", total[c] - told[c], rule.title));
      more.evidence = {{"rows", static_cast<std::int64_t>(total[c]), "rows"},
                       {"listed", static_cast<std::int64_t>(told[c]), "rows"}};
      more.why = rule.explanation;
      out.findings.push_back(std::move(more));
    }
  return out;
}

}  // namespace detail

std::vector<finding> validate(const portfolio& campaigns, const policy& policy, const catalog* products,
                              const validate_options& options, const run_options& run) {
  detail::check_context context{campaigns, policy, products};
  context.history = options.history;
  const auto empty = [](const core::text_column& column) {
    for (std::size_t row = 0; row < column.size(); ++row)
      if (!column[row].empty()) return false;
    return true;
  };
  const auto none = [](const core::category_column& column) {
    return std::all_of(column.codes.begin(), column.codes.end(), [](auto c) { return c == core::category_column::none; });
  };
  context.absent[detail::at_id] = empty(campaigns.id);
  context.absent[detail::at_name] = empty(campaigns.name);
  context.absent[detail::at_budget] =
      std::all_of(campaigns.budget.begin(), campaigns.budget.end(), [](double b) { return std::isnan(b); });
  context.absent[detail::at_channel] = none(campaigns.channel);
  context.absent[detail::at_owner] = none(campaigns.owner);

  auto out = detail::portfolio_findings(context);
  const auto issues = detail::find_issues(context, run);
  auto rows = detail::report(issues, context, detail::own_cells(campaigns), options.most_per_code);
  out.insert(out.end(), std::make_move_iterator(rows.findings.begin()), std::make_move_iterator(rows.findings.end()));
  return out;
}

}  // namespace clarion::schema
