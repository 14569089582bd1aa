#include "conflict/contact_findings.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "clarion/conflict/contacts.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/schema/audiences.hpp"
#include "conflict/weeks.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using wording::evidence_list;

/// contacts() looks at every week from the first to the last; a slip in a year would make that centuries.
constexpr std::size_t most_weeks = 10'000;
/// ... and takes this many contacts of a campaign a week.
constexpr double most_touches = 10'000;
/// ... and takes this cap; who allows more allows anything.
constexpr double most_cap = 1e9;

class detector {
public:
  detector(const schema::portfolio& portfolio, const schema::audiences& audiences, const weekly_load& load,
           const conflict_options& options, const run_options& run)
      : portfolio_(portfolio),
        audiences_(audiences),
        load_(load),
        options_(options),
        run_(run),
        budget_(portfolio.budgets_in(portfolio.main_currency())) {}

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
    alone_ = core::day_number(load_.weeks.front()) - 1;
    for (const auto c : campaign_of_) {
      if (c == no_audience) {
        days_.push_back({alone_, alone_});
        touches_.push_back(0);
        --alone_;
        continue;
      }
      days_.push_back({core::day_number(portfolio_.start[c]), core::day_number(portfolio_.end[c])});
      // The load of a week is touches x days / 7.
      const auto here = core::shared_days(portfolio_.start[c], portfolio_.end[c], load_.weeks[load_.first_week[c]],
                                          load_.weeks[load_.first_week[c]] + std::chrono::days{6});
      touches_.push_back(std::min(most_touches, load_.load_of(c).front() * 7 / here));
    }
  }

  void judge_caps() {
    constexpr double none = std::numeric_limits<double>::infinity();
    std::vector<double> caps;
    for (const auto c : campaign_of_) {
      const double cap = c == no_audience ? none : portfolio_.frequency_cap[c];
      caps.push_back(cap >= 0 && cap <= most_cap ? cap : none);
    }
    if (std::ranges::all_of(caps, [](double cap) { return cap == none; })) return;
    const auto table = contacts(audiences_, {.days = days_, .touches = touches_, .caps = caps}, part_of(run_, 0, 0.5));
    const auto over = [&](std::size_t w) {
      const auto& week = table.weeks[w];
      return week.over_cap > 0 &&
             static_cast<double>(week.over_cap) > options_.over_cap_share * static_cast<double>(week.capped) &&
             std::ranges::any_of(parts_of(table, w), [&](const contact_contribution& part) { return open(part.campaign); });
    };
    for (std::size_t from = 0; from < table.weeks.size();) {
      std::size_t to = from + 1;
      if (over(from)) {
        while (to < table.weeks.size() && over(to)) ++to;
        report_weeks(table, from, to);
      }
      from = to;
    }
  }

  /// Something can still be decided about the campaign of this row of the audiences.
  bool open(std::uint32_t row) const { return !is_over(portfolio_, campaign_of_[row], load_.today); }

  static std::span<const contact_contribution> parts_of(const contact_table& table, std::size_t week) {
    const auto [first, last] =
        std::ranges::equal_range(table.contributions, static_cast<std::uint32_t>(week), {}, &contact_contribution::week);
    return {first, last};
  }

  /// What the campaigns with members spend in the week of this Monday.
  double spend_in(std::int32_t monday) const {
    const auto week = (monday - core::day_number(load_.weeks.front())) / 7;
    double sum = 0;
    for (const auto c : campaign_of_) {
      if (c == no_audience || !(budget_[c] > 0)) continue;
      const auto at = week - static_cast<std::int64_t>(load_.first_week[c]);
      const auto values = load_.spend_of(c);
      if (at >= 0 && at < static_cast<std::int64_t>(values.size())) sum += values[static_cast<std::size_t>(at)];
    }
    return sum;
  }

  void report_weeks(const contact_table& table, std::size_t from, std::size_t to) {
    std::size_t worst = from;
    double at_stake = 0;
    for (std::size_t w = from; w < to; ++w) {
      const auto& week = table.weeks[w];
      if (week.over_cap > table.weeks[worst].over_cap) worst = w;
      at_stake += spend_in(week.start) * week.excess / week.contacts;
    }
    const auto& week = table.weeks[worst];
    const auto parts = parts_of(table, worst);
    std::vector<std::uint32_t> campaigns;
    std::vector<std::string> names;
    double given = 0, low = most_cap, high = 0;
    for (const auto& part : parts) {
      const auto c = campaign_of_[part.campaign];
      campaigns.push_back(c);
      names.push_back(wording::label(portfolio_, c));
      given += part.contacts;
      if (const double cap = portfolio_.frequency_cap[c]; cap >= 0 && cap <= most_cap) {
        low = std::min(low, cap);
        high = std::max(high, cap);
      }
    }
    const auto over = static_cast<double>(week.over_cap), capped = static_cast<double>(week.capped);
    const std::string monday = core::to_string(core::from_day_number(week.start));
    auto finding = schema::make_finding(
        rule_of("C104"), wording::ids(portfolio_, campaigns),
        fmt::format("{} of {} customers get more {}, up to {}, from {}, {}", wording::count(over), wording::count(capped),
                    low == high ? fmt::format("than {} a week", wording::plural_number(low, "contact"))
                                : fmt::format("contacts a week than the lowest cap of their campaigns ({} to {})",
                                              wording::number(low), wording::number(high)),
                    wording::number(week.max_over), wording::list(names, 4),
                    in_weeks(to - from, core::from_day_number(table.weeks[from].start))));
    finding.why =
        "Per customer, the weekly touches of all campaigns that hold the customer were added up and set against the lowest "
        "frequency cap of those campaigns. Expected loss: what the campaigns spend in these weeks x share of their contacts "
        "above the cap.";
    evidence_list evidence;
    evidence.add("first_week", core::from_day_number(table.weeks[from].start))
        .add("last_week", core::from_day_number(table.weeks[to - 1].start))
        .add_count("weeks", static_cast<double>(to - from), "weeks")
        .add("worst_week", monday)
        .add("cap", low, "contacts per customer and week");
    if (low < high) evidence.add("highest_cap", high, "contacts per customer and week");
    evidence.add("peak", week.max_over, "contacts per customer and week")
        .add_count("customers", capped, "customers")
        .add_count("over_cap", over, "customers")
        .add("over_share", over / capped, "share")
        .add("excess", week.excess, "contacts");
    // The one to lower: it gives most to those over the cap, and can move if any can.
    const auto* least = &*std::ranges::find_if(parts, [&](const contact_contribution& part) { return open(part.campaign); });
    for (const auto& part : parts)
      if (can_move(portfolio_, campaign_of_[part.campaign], load_.today)) {
        least = &part;
        break;
      }
    const auto mover = campaign_of_[least->campaign];
    const std::string name = wording::label(portfolio_, mover);
    evidence.add("move", wording::id(portfolio_, mover)).add("its_contacts", least->contacts, "contacts");
    bool in_all = true;
    for (std::size_t w = from; w < to; ++w)
      in_all =
          in_all && std::ranges::any_of(parts_of(table, w), [&](const auto& part) { return part.campaign == least->campaign; });
    const std::string_view others = parts.size() > 1 ? ", or leave out those whom the others contact" : "";
    finding.suggestion = can_move(portfolio_, mover, load_.today)
                             ? fmt::format("Move {} {}{} lower its touches{}.", name,
                                           out_of_weeks(to - from, in_all, core::from_day_number(week.start)),
                                           others.empty() ? ", or" : ",", others)
                             : fmt::format("Lower the touches of {}{}.", name, others);
    finding.expected_effect =
        fmt::format("In the week of {}, it gives {} of the {} contacts that those {} customers get, {} above the cap.", monday,
                    wording::count(least->contacts), wording::count(given), wording::count(over), wording::count(week.excess));
    finding.evidence = evidence.done();
    finding.expected_loss = at_stake;
    findings_.push_back(std::move(finding));
  }

  void judge_piles() {
    // What is over piles up on nobody any more.
    auto days = days_;
    for (std::uint32_t row = 0; row < days.size(); ++row)
      if (campaign_of_[row] != no_audience && !open(row)) days[row] = {alone_, alone_}, --alone_;
    const auto piles = pile_ups(
        audiences_, {.days = days, .k = options_.pile_up, .min_shared = options_.pile_up_customers, .top = options_.max_findings},
        part_of(run_, 0.5, 1));
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
        const double part =
            budget_[c] * static_cast<double>(pile.shared) / static_cast<double>(size) * together / portfolio_.days(c);
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
  std::vector<double> budget_;
  std::vector<std::uint32_t> campaign_of_;  // by row of the audiences
  std::vector<run_days> days_;
  std::int32_t alone_ = 0;  // a day on which nothing runs
  std::vector<double> touches_;
  std::vector<schema::finding> findings_;
};

}  // namespace

std::vector<schema::finding> judge_contacts(const schema::portfolio& portfolio, const schema::audiences& audiences,
                                            const weekly_load& load, const conflict_options& options, const run_options& run) {
  return detector(portfolio, audiences, load, options, run).detect();
}

}  // namespace clarion::conflict
