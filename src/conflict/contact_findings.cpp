#include "conflict/contact_findings.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "clarion/conflict/contacts.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/schema/audiences.hpp"
#include "conflict/progress.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using wording::evidence_list;

/// contacts() looks at every week from the first to the last; a slip in a year would make that centuries.
constexpr std::size_t most_weeks = 10'000;
/// ... and takes this many contacts of a campaign a week.
constexpr double most_touches = 10'000;

class detector {
public:
  detector(const schema::portfolio& portfolio, const schema::audiences& audiences, const weekly_load& load,
           const conflict_options& options, const run_options& run)
      : portfolio_(portfolio), audiences_(audiences), load_(load), options_(options), run_(run) {}

  std::vector<schema::finding> detect() {
    if (load_.weeks.empty() || load_.weeks.size() > most_weeks || audiences_.size() == 0) return {};
    number();
    judge_caps();
    judge_piles();
    return std::move(findings_);
  }

private:
  /// Days and touches by row of the audiences. One without a campaign that counts runs alone, on a day before all others.
  void number() {
    const auto rows = audience_rows(portfolio_, audiences_);
    campaign_of_.assign(audiences_.size(), no_audience);
    for (std::uint32_t c = 0; c < rows.size(); ++c)
      if (rows[c] != no_audience && counts(portfolio_, c)) campaign_of_[rows[c]] = c;
    auto alone = core::day_number(load_.weeks.front()) - 1;
    for (const auto c : campaign_of_) {
      if (c == no_audience) {
        days_.push_back({alone, alone});
        touches_.push_back(0);
        --alone;
        continue;
      }
      days_.push_back({core::day_number(portfolio_.start[c]), core::day_number(portfolio_.end[c])});
      // The load of a week is touches x days / 7.
      const auto here = core::shared_days(portfolio_.start[c], portfolio_.end[c], load_.weeks[load_.first_week[c]],
                                          load_.weeks[load_.first_week[c]] + std::chrono::days{6});
      touches_.push_back(std::min(most_touches, load_.load_of(c).front() * 7 / here));
    }
  }

  /// A week is judged by the lowest cap of the campaigns that run in it.
  void judge_caps() {
    std::map<std::int32_t, double> cap_of;  // by Monday
    for (const auto c : campaign_of_) {
      if (c == no_audience || !(portfolio_.frequency_cap[c] >= 0)) continue;
      for (auto w = core::week_number(portfolio_.start[c]); w <= core::week_number(portfolio_.end[c]); ++w) {
        const auto at = cap_of.emplace(core::day_number(core::week_start(w)), portfolio_.frequency_cap[c]).first;
        at->second = std::min(at->second, portfolio_.frequency_cap[c]);
      }
    }
    std::vector<double> caps;
    for (const auto& [week, cap] : cap_of) caps.push_back(cap);
    std::sort(caps.begin(), caps.end());
    caps.erase(std::unique(caps.begin(), caps.end()), caps.end());
    for (std::size_t i = 0; i < caps.size(); ++i) {
      const double cap = caps[i], n = static_cast<double>(caps.size()) + 1, done = static_cast<double>(i);
      const auto table =
          contacts(audiences_, {.days = days_, .touches = touches_, .cap = cap}, part_of(run_, done / n, (done + 1) / n));
      const auto over = [&](std::size_t w) {
        const auto& week = table.weeks[w];
        const auto at = cap_of.find(week.start);
        return at != cap_of.end() && at->second == cap && week.over_cap > 0 &&
               static_cast<double>(week.over_cap) > options_.over_cap_share * static_cast<double>(week.reached);
      };
      for (std::size_t from = 0; from < table.weeks.size();) {
        std::size_t to = from + 1;
        if (over(from)) {
          while (to < table.weeks.size() && over(to)) ++to;
          report_weeks(table, from, to, cap);
        }
        from = to;
      }
    }
  }

  /// What the campaigns with members spend in the week of this Monday.
  double spend_in(std::int32_t monday) const {
    const auto week = (monday - core::day_number(load_.weeks.front())) / 7;
    double sum = 0;
    for (const auto c : campaign_of_) {
      if (c == no_audience) continue;
      const auto at = week - static_cast<std::int64_t>(load_.first_week[c]);
      const auto values = load_.spend_of(c);
      if (at >= 0 && at < static_cast<std::int64_t>(values.size()) && values[static_cast<std::size_t>(at)] > 0)
        sum += values[static_cast<std::size_t>(at)];
    }
    return sum;
  }

  void report_weeks(const contact_table& table, std::size_t from, std::size_t to, double cap) {
    std::size_t worst = from;
    double at_stake = 0;
    for (std::size_t w = from; w < to; ++w) {
      const auto& week = table.weeks[w];
      if (week.over_cap > table.weeks[worst].over_cap) worst = w;
      at_stake += spend_in(week.start) * week.excess / week.contacts;
    }
    const auto& week = table.weeks[worst];
    std::vector<std::uint32_t> campaigns;
    std::vector<const contact_contribution*> parts;
    for (const auto& part : table.contributions)
      if (part.week == worst) {
        parts.push_back(&part);
        campaigns.push_back(campaign_of_[part.campaign]);
      }
    std::vector<std::string> names;
    for (const auto c : campaigns) names.push_back(wording::label(portfolio_, c));
    const auto over = static_cast<double>(week.over_cap), reached = static_cast<double>(week.reached);
    const std::string monday = core::to_string(core::from_day_number(week.start));
    auto finding = schema::make_finding(
        rule_of("C104"), wording::ids(portfolio_, campaigns),
        fmt::format("{} get {} of {} customers more than {} a week, up to {}, {}", wording::list(names, 4), wording::count(over),
                    wording::count(reached), wording::plural_number(cap, "contact"), wording::number(week.max),
                    to - from == 1 ? "in the week of " + monday
                                   : fmt::format("in the {} weeks from {}", to - from,
                                                 core::to_string(core::from_day_number(table.weeks[from].start)))));
    finding.why = fmt::format(
        "Per customer, the weekly touches of all campaigns that hold the customer were added up and set against {}, the lowest "
        "frequency "
        "cap of the campaigns that run then. Expected loss: what the campaigns spend in these weeks x share of their contacts "
        "above the "
        "cap.",
        wording::number(cap));
    evidence_list evidence;
    evidence.add("first_week", core::from_day_number(table.weeks[from].start))
        .add("last_week", core::from_day_number(table.weeks[to - 1].start))
        .add_count("weeks", static_cast<double>(to - from), "weeks")
        .add("worst_week", monday)
        .add("cap", cap, "contacts per customer and week")
        .add("peak", week.max, "contacts per customer and week")
        .add_count("customers", reached, "customers")
        .add_count("over_cap", over, "customers")
        .add("over_share", over / reached, "share")
        .add("excess", week.excess, "contacts");
    // The one to lower: it gives most to those over the cap, and is not fixed if any is not.
    const auto* least = parts.front();
    for (const auto* part : parts)
      if (!portfolio_.fixed_dates[campaign_of_[part->campaign]]) {
        least = part;
        break;
      }
    const auto mover = campaign_of_[least->campaign];
    evidence.add("move", wording::id(portfolio_, mover)).add("its_contacts", least->contacts, "contacts");
    finding.suggestion = fmt::format("Move {} out of these weeks, lower its touches, or leave out those whom the others contact.",
                                     wording::label(portfolio_, mover));
    double given = 0;
    for (const auto* part : parts) given += part->contacts;
    finding.expected_effect =
        fmt::format("In the week of {}, it gives {} of the {} contacts that those {} customers get, {} above the cap.", monday,
                    wording::count(least->contacts), wording::count(given), wording::count(over), wording::count(week.excess));
    finding.evidence = evidence.done();
    finding.expected_loss = at_stake;
    findings_.push_back(std::move(finding));
  }

  void judge_piles() {
    const auto piles =
        pile_ups(audiences_,
                 {.days = days_, .k = options_.pile_up, .min_shared = options_.pile_up_customers, .top = options_.max_findings},
                 part_of(run_, 1, 1));
    for (const auto& pile : piles.combinations) {
      std::uint64_t smallest = pile.shared;
      double total = 0, largest = 0;
      const double together = pile.days.end - pile.days.start + 1;
      std::vector<std::uint32_t> campaigns;
      for (const auto row : pile.campaigns) {
        const auto size = audiences_.count(row);
        smallest = row == pile.campaigns.front() ? size : std::min(smallest, size);
        const auto c = campaign_of_[row];
        campaigns.push_back(c);
        const double part = portfolio_.known_budget(c) * static_cast<double>(pile.shared) / static_cast<double>(size) * together /
                            portfolio_.days(c);
        total += part;
        largest = std::max(largest, part);
      }
      const double share = static_cast<double>(pile.shared) / static_cast<double>(smallest);
      if (share < options_.pile_up_share) continue;
      std::vector<std::string> names;
      for (const auto c : campaigns) names.push_back(wording::label(portfolio_, c));
      const auto shared = static_cast<double>(pile.shared);
      const std::string first = core::to_string(core::from_day_number(pile.days.start));
      auto finding = schema::make_finding(
          rule_of("C103"), wording::ids(portfolio_, campaigns),
          fmt::format("{} campaigns reach the same {} customers for {} from {}: {}", campaigns.size(), wording::count(shared),
                      wording::plural(together, "day"), first, wording::list(names, 6)));
      finding.why =
          "Customers in all of these memberships were counted; all of the campaigns run on the days named. Expected loss: of "
          "each "
          "campaign, budget x shared part of its audience x shared part of its days; added up, all but the largest.";
      finding.evidence = evidence_list()
                             .add_count("depth", static_cast<double>(campaigns.size()), "campaigns")
                             .add_count("shared", shared, "customers")
                             .add("share", share, "share")
                             .add_count("shared_days", together, "days")
                             .add("first_day", first)
                             .add("last_day", core::from_day_number(pile.days.end))
                             .done();
      finding.expected_effect = fmt::format("Taking one of them out of these days leaves {} at a time for {} customers.",
                                            campaigns.size() - 1, wording::count(shared));
      finding.expected_loss = total - largest;
      findings_.push_back(std::move(finding));
    }
  }

  const schema::portfolio& portfolio_;
  const schema::audiences& audiences_;
  const weekly_load& load_;
  const conflict_options& options_;
  const run_options& run_;
  std::vector<std::uint32_t> campaign_of_;  // by row of the audiences
  std::vector<run_days> days_;
  std::vector<double> touches_;
  std::vector<schema::finding> findings_;
};

}  // namespace

std::vector<schema::finding> judge_contacts(const schema::portfolio& portfolio, const schema::audiences& audiences,
                                            const weekly_load& load, const conflict_options& options, const run_options& run) {
  return detector(portfolio, audiences, load, options, run).detect();
}

}  // namespace clarion::conflict
