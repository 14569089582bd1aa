#include "plan/roadmap_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/plan/outcome.hpp"
#include "clarion/stats/quantile.hpp"
#include "plan/roadmap_calendar.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array<schema::rule, 5> rules_of_roadmap{{
    {"P401", "Sequence and launch waves", schema::severity::info,
     "Campaigns in order of launch, grouped into waves: those of one wave touch none of the others in it and may run side by "
     "side.",
     "Launch wave by wave; a campaign that changes its dates may change its wave."},
    {"P402", "Strong season without a campaign", schema::severity::warning,
     "Nothing of an objective, or on a channel, runs in months in which history says that a category earns more per unit of "
     "money "
     "than it usually does.",
     "Plan a campaign for the category in these months, or move one there."},
    {"P403", "Underused window", schema::severity::info,
     "A category earns more in this month than in its average one, and the plan puts less than half of an even share there.",
     "Move budget of the category into the month."},
    {"P404", "Calendar gaps", schema::severity::info,
     "Months in which nothing of an objective, or nothing on a channel, runs, and for which history shows no strong season.",
     "Check that the pause is meant."},
    {"P405", "Seasons in history", schema::severity::info,
     "What history says about the months: indices of the result per unit of money, with shrinkage.",
     "Plan the strong months first."},
}};

const schema::rule& rule_of(std::string_view code) {
  for (const auto& rule : rules_of_roadmap)
    if (rule.code == code) return rule;
  reject("code", std::string(code), "give a code of the roadmap layer");
}

std::string month_text(std::int32_t month) {
  return fmt::format("{} {}", wording::month_name(static_cast<unsigned>(month % 12)), month / 12);
}

/// "January and February 2027", "November 2026 to March 2027".
std::string months_text(std::span<const std::int32_t> months) {
  if (months.empty()) return {};
  if (months.size() == 1) return month_text(months.front());
  const bool consecutive = months.back() - months.front() + 1 == static_cast<std::int32_t>(months.size());
  if (consecutive && months.size() > 2) return month_text(months.front()) + " to " + month_text(months.back());
  std::vector<std::string> names;
  const bool one_year = months.front() / 12 == months.back() / 12;
  for (std::size_t i = 0; i < months.size(); ++i)
    names.push_back(one_year && i + 1 < months.size() ? std::string(wording::month_name(static_cast<unsigned>(months[i] % 12)))
                                                      : month_text(months[i]));
  return wording::list(names, 12);
}

std::string index_text(double index, double low, double high) {
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", index, low, high);
}

std::vector<double> as_numbers(std::span<const std::int32_t> months) {
  std::vector<double> out;
  for (const auto m : months) out.push_back(m % 12 + 1);
  return out;
}

std::string rests_on(const history_seasons& seasons, double campaigns) {
  return fmt::format(
      "It rests on {} with results in history, {:.1f} of them in these very months; the rest is borrowed from the "
      "same category, objective and month by shrinkage.",
      wording::plural(seasons.used, "finished campaign"), campaigns);
}

}  // namespace

std::span<const schema::rule> roadmap_rules() { return rules_of_roadmap; }

schema::finding say_waves(const schema::portfolio& portfolio, std::span<const std::uint32_t> order,
                          std::span<const launch_wave> waves, std::uint32_t waves_at_least) {
  std::vector<std::string> ids, launches, lists;
  for (const auto row : order) {
    ids.emplace_back(portfolio.id[row]);
    launches.push_back(wording::label(portfolio, row) + " " + core::to_string(portfolio.start[row]));
  }
  std::vector<double> sizes;
  for (const auto& wave : waves) {
    std::vector<std::string> names;
    for (const auto row : wave.campaigns) names.push_back(wording::label(portfolio, row));
    sizes.push_back(static_cast<double>(names.size()));
    lists.push_back(fmt::format("wave {}: {}", wave.wave, wording::list(names, 20)));
  }
  auto finding = schema::make_finding(rule_of("P401"), std::move(ids),
                                      fmt::format("{} in {}: {}", wording::plural(order.size(), "campaign"),
                                                  wording::plural(waves.size(), "launch wave"), wording::list(launches, 20)));
  finding.evidence.push_back({"waves", static_cast<std::int64_t>(waves.size()), ""});
  finding.evidence.push_back({"waves_at_least", static_cast<std::int64_t>(waves_at_least), ""});
  finding.evidence.push_back({"wave_sizes", std::move(sizes), "campaigns"});
  finding.evidence.push_back({"wave_members", std::move(lists), ""});
  finding.why =
      "Campaigns that touch each other stand in different waves (colouring of the conflict graph); the largest set that "
      "touches pairwise says how few waves there can be.";
  finding.expected_effect = "Within a wave no two campaigns touch.";
  return finding;
}

schema::finding say_gap(const calendar_gap& gap, const history_seasons& seasons, double usual_budget, std::string_view currency) {
  const auto months = whole_months({gap.from, gap.to});
  const std::string what = gap.channel.empty() ? wording::spoken(gap.objective) + " campaign" : "campaign on " + gap.channel;
  auto finding = schema::make_finding(
      rule_of("P402"), {},
      fmt::format("No {} runs in {}; history is strong then{}: index {}", what, months_text(months),
                  gap.category.empty() ? "" : " for " + gap.category, index_text(gap.index, gap.low, gap.high)));
  if (gap.channel.empty())
    finding.evidence.push_back({"objective", std::string(schema::to_string(gap.objective)), ""});
  else
    finding.evidence.push_back({"channel", gap.channel, ""});
  finding.evidence.push_back({"from", core::to_string(gap.from), ""});
  finding.evidence.push_back({"to", core::to_string(gap.to), ""});
  finding.evidence.push_back({"free_months", as_numbers(months), "month of the year"});
  finding.evidence.push_back({"strong_months", as_numbers(gap.months), "month of the year"});
  finding.evidence.push_back({"category", gap.category, ""});
  finding.evidence.push_back({"index", gap.index, "of the average month"});
  finding.evidence.push_back({"index_low", gap.low, "of the average month"});
  finding.evidence.push_back({"index_high", gap.high, "of the average month"});
  finding.evidence.push_back({"campaigns_in_these_months", gap.campaigns, "campaigns"});
  finding.evidence.push_back({"campaigns_in_history", static_cast<std::int64_t>(seasons.used), "campaigns"});
  finding.why = fmt::format(
                    "Nothing of it runs from {} to {}. In {} history brought {:.0f}% more per unit of money than in the average "
                    "month. ",
                    core::to_string(gap.from), core::to_string(gap.to), months_text(gap.months), 100 * (gap.index - 1)) +
                rests_on(seasons, gap.campaigns);
  finding.suggestion = fmt::format(
      "Plan a{} {}{} in {}.",
      gap.channel.empty() && std::string_view("ao").find(schema::to_string(gap.objective)[0]) != std::string_view::npos ? "n"
                                                                                                                        : "",
      what, gap.category.empty() ? "" : " for " + gap.category, months_text(gap.months));
  const double rate =
      gap.channel.empty() ? stats::quantile(seasons.rates[static_cast<std::size_t>(gap.objective)], 0.5) : schema::missing;
  if (usual_budget > 0 && rate > 0) {
    const auto kind = std::string(to_string(outcome_of(gap.objective)));
    const double more = usual_budget * rate * (gap.index - 1);
    finding.evidence.push_back({"usual_budget", usual_budget, std::string(currency)});
    finding.evidence.push_back({"usual_rate", rate, kind + " per unit of money"});
    finding.expected_effect = fmt::format(
        "{} there, the usual budget of such a campaign, bring about {} more {} than in an average month.",
        wording::money(usual_budget, currency), wording::count(more), kind == "new_customers" ? "new customers" : kind);
  } else {
    finding.expected_effect =
        fmt::format("{:.0f}% more result for the same money than in an average month.", 100 * (gap.index - 1));
  }
  return finding;
}

schema::finding say_window(const underused_window& window, const history_seasons& seasons, bool money) {
  const std::string what = window.category.empty() ? "everything together" : window.category;
  auto finding = schema::make_finding(
      rule_of("P403"), {},
      fmt::format("{} is a strong month for {} (index {}) and gets {} of its {}", month_text(window.month), what,
                  index_text(window.index, window.low, window.high), window.share > 0 ? wording::percent(window.share) : "none",
                  money ? "budget" : "campaign days"));
  finding.evidence.push_back({"category", window.category, ""});
  finding.evidence.push_back({"month", core::to_string(first_of(window.month)), "first day"});
  finding.evidence.push_back({"index", window.index, "of the average month"});
  finding.evidence.push_back({"index_low", window.low, "of the average month"});
  finding.evidence.push_back({"index_high", window.high, "of the average month"});
  finding.evidence.push_back({"campaigns_in_this_month", window.campaigns, "campaigns"});
  finding.evidence.push_back({"campaigns_in_history", static_cast<std::int64_t>(seasons.used), "campaigns"});
  finding.evidence.push_back({"share", window.share, "share"});
  finding.evidence.push_back({"even_share", window.even_share, "share"});
  finding.why =
      fmt::format(
          "History brought {:.0f}% more per unit of money for {} in {} than in its average month; an even spread would put "
          "{} there. ",
          100 * (window.index - 1), what, wording::month_name(static_cast<unsigned>(window.month % 12)),
          wording::percent(window.even_share)) +
      rests_on(seasons, window.campaigns);
  finding.suggestion = fmt::format("Bring {} forward or back into {}.",
                                   window.category.empty() ? "a campaign" : "a campaign for " + what, month_text(window.month));
  finding.expected_effect =
      fmt::format("{:.0f}% more result for the money that moves there than in an average month.", 100 * (window.index - 1));
  return finding;
}

std::optional<schema::finding> say_quiet_gaps(std::span<const calendar_gap> gaps, bool of_channel, bool with_seasons,
                                              const roadmap_options& options) {
  std::vector<std::string> texts;
  for (const auto& gap : gaps) {
    if (gap.channel.empty() == of_channel || gap.strong) continue;
    texts.push_back(fmt::format("{} {}", of_channel ? gap.channel : wording::spoken(gap.objective),
                                months_text(whole_months({gap.from, gap.to}))));
  }
  if (texts.empty()) return std::nullopt;
  auto finding = schema::make_finding(rule_of("P404"), {},
                                      fmt::format("{} by {}: {}", wording::plural(texts.size(), "calendar gap"),
                                                  of_channel ? "channel" : "objective", wording::list(texts, 8)));
  finding.evidence.push_back({"gaps", texts, ""});
  finding.why = with_seasons ? fmt::format(
                                   "None of these months has an index of {:g} or more whose interval lies above 1, for any "
                                   "category that history knows.",
                                   options.strong_index)
                             : std::string("Whole months without a campaign; there was no history to hold them against.");
  finding.expected_effect = "None is known: history does not say that these months are worth more than others.";
  return finding;
}

schema::finding say_seasons(std::span<const seasonal_row> rows, const history_seasons& seasons, const roadmap_options& options) {
  std::vector<const seasonal_row*> strong;
  for (const auto& row : rows)
    if (is_strong(row, options)) strong.push_back(&row);
  std::ranges::stable_sort(strong, std::ranges::greater{}, &seasonal_row::low);
  std::vector<std::string> texts;
  for (const auto* row : strong)
    if (texts.size() < 24)
      texts.push_back(fmt::format("{} for {} in {}: {}", row->category, wording::spoken(row->objective),
                                  wording::month_name(row->month), index_text(row->index, row->low, row->high)));
  auto finding = schema::make_finding(
      rule_of("P405"), {},
      strong.empty() ? fmt::format("No month stands out in {}", wording::plural(seasons.used, "finished campaign"))
                     : fmt::format("Strong months in history: {}", wording::list(texts, 4)));
  finding.evidence.push_back({"strong", texts, "index of the average month, with interval"});
  finding.evidence.push_back({"campaigns", static_cast<std::int64_t>(seasons.used), "finished campaigns"});
  finding.evidence.push_back({"noise", seasons.fit.noise_sd(), "standard deviation of a log rate"});
  finding.why = fmt::format(
      "Result per unit of money of {} by month, with channel, kind of result and size of spend taken out, each cell "
      "drawn toward its category, objective and month as far as its own rows are few; intervals of {}.",
      wording::plural(seasons.used, "finished campaign"), wording::percent(options.coverage));
  finding.expected_effect = "Money spent in a strong month brings more than in the average one, by the index.";
  return finding;
}

}  // namespace clarion::plan
