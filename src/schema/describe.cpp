#include "schema/describe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <optional>

#include "clarion/schema/channel.hpp"
#include "clarion/schema/detail/portfolio.hpp"
#include "clarion/schema/fields.hpp"
#include "clarion/schema/rules.hpp"
#include "schema/apart.hpp"
#include "schema/find_issues.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::schema::detail {

namespace {

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

std::string text_of(const core::text_column& column, std::size_t row) { return std::string(column[row]); }
std::string text_of(const core::category_column& column, std::size_t row) { return std::string(column[row]); }
std::string text_of(const core::list_column& column, std::size_t row) {
  return fmt::format("{}", fmt::join(column.texts(row), "; "));
}
std::string text_of(const std::vector<double>& column, std::size_t row) {
  return given(column[row]) ? fmt::format("{}", column[row]) : std::string();
}
std::string text_of(const std::vector<date>& column, std::size_t row) { return core::to_string(column[row]); }
std::string text_of(const std::vector<std::optional<date>>& column, std::size_t row) {
  return column[row] ? core::to_string(*column[row]) : std::string();
}
std::string text_of(const std::vector<objective>& column, std::size_t row) { return std::string(to_string(column[row])); }
std::string text_of(const std::vector<status>& column, std::size_t row) { return std::string(to_string(column[row])); }
std::string text_of(const std::vector<bool>& column, std::size_t row) { return column[row] ? "true" : "false"; }

// Results may be estimates, and then hold parts.
std::string plural_result(double n, std::string_view one) {
  return n == std::trunc(n) ? wording::plural(n, one) : wording::plural_number(n, one);
}

}  // namespace

cell_source own_cells(const portfolio& p) {
  return [&p](std::uint64_t row, std::size_t field) -> std::pair<std::string, std::string> {
    std::string text;
    for_each_column([&](std::size_t f, auto member) {
      if (f == field) text = text_of(p.*member, row);
    });
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
  const auto [column, whole_text] = cell(row, found.field);
  const std::string text = shortened(whole_text, longest_value);

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
      say(fmt::format("{} ends on {}, {} before it starts on {}.", who, day(p.end[row]), wording::plural(days, "day"),
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
      say(fmt::format("{} has a budget of {}.", who, wording::price(p.budget[row], currency)));
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
      say(fmt::format("{} runs for {}, from {} to {}.", who, wording::plural(days, "day"), day(p.start[row]), day(p.end[row])));
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
      say(fmt::format("{} starts on {}, {} before {} can be bought on {}.", who, day(p.start[row]), wording::plural(days, "day"),
                      entry, day(launch)));
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
      const auto* name = clicks ? "click" : found.field == at_returns ? "return" : "new customer";
      say(fmt::format("{} has {} from {}.", who, plural_result(part, name),
                      plural_result(whole, clicks ? "impression" : "conversion")));
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
      say(fmt::format("{} spent {} of a budget of {}.", who, wording::price(p.spend[row], currency),
                      wording::price(p.budget[row], currency)));
      out.evidence = {{"spend", p.spend[row], "money"}, {"budget", p.budget[row], "money"}};
      out.expected_loss = p.spend[row] - p.budget[row];
      break;
    case code::above_cap:
      say(fmt::format("{} plans {} a customer and week; its cap is {}.", who,
                      wording::plural_number(p.touches_per_week[row], "contact"), wording::number(p.frequency_cap[row])));
      out.evidence = {{"touches_per_week", p.touches_per_week[row], "contacts"},
                      {"frequency_cap", p.frequency_cap[row], "contacts"}};
      break;
    case code::outside_window:
      say(fmt::format("{} runs from {} to {}; its window is {} to {}.", who, day(p.start[row]), day(p.end[row]),
                      p.earliest_start[row] ? day(*p.earliest_start[row]) : "open",
                      p.latest_end[row] ? day(*p.latest_end[row]) : "open"));
      break;
    case code::too_long:
      out.campaigns.clear();
      out.evidence = {{"bytes", static_cast<std::int64_t>(whole_text.size()), "bytes"}};
      say(fmt::format("Row {} holds {} in {}.", source, wording::plural(whole_text.size(), "byte"), column));
      break;
    case code::totals:
      say(total_word_of(text) != total_word::none
              ? fmt::format("Row {} is a row of totals (\"{}\"); it is not counted as a campaign.", source, text)
              : fmt::format("Row {} holds numbers and no id, name or dates: a row of totals, not counted as a campaign.",
                            source));
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
      auto more = make_finding(rule, {}, fmt::format("{}: {}.", wording::plural(total[c] - told[c], "more row"), rule.title));
      more.evidence = {{"rows", static_cast<std::int64_t>(total[c]), "rows"},
                       {"listed", static_cast<std::int64_t>(told[c]), "rows"}};
      more.why = rule.explanation;
      out.findings.push_back(std::move(more));
    }
  return out;
}
}  // namespace clarion::schema::detail
