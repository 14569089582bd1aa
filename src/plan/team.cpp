#include "clarion/plan/team.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "clarion/conflict/load.hpp"
#include "clarion/core/error.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array<schema::rule, 4> rules_of_team{{
    {"P501", "Ownership tier and effort", schema::severity::info,
     "The complexity of a campaign, part by part, says whether one owner, a squad or a cross-functional team should run it, and "
     "how many person-weeks it takes.",
     "Staff the campaign as its tier says, or change what makes it complex."},
    {"P502", "Owner overloaded", schema::severity::warning,
     "For weeks in a row the campaigns of one owner need more person-weeks than the owner has. Work that does not fit is done "
     "late or not "
     "at all.",
     "Hand a campaign over, move one, or raise the owner's share of support in those weeks."},
    {"P503", "Too little time to prepare", schema::severity::warning,
     "Between today and the start there are fewer weeks than the preparation takes its owner at full capacity.",
     "Start later, add people now, or cut the scope."},
    {"P504", "Cross-functional campaign with one signature", schema::severity::warning,
     "A campaign that is complex enough for a cross-functional team has no budget approver other than its owner.",
     "Name a budget approver before the money is committed."},
}};

const schema::rule& rule_of(std::string_view code) {
  for (const auto& rule : rules_of_team)
    if (rule.code == code) return rule;
  reject("code", std::string(code), "give a code of the team layer");
}

bool is_ahead(const schema::portfolio& portfolio, std::size_t row, std::optional<date> today) {
  return portfolio.status[row] != schema::status::cancelled && portfolio.end[row] >= portfolio.start[row] &&
         !conflict::is_over(portfolio, row, today);
}

/// What history has had, in lower case.
struct seen_before {
  std::set<std::string> channels, audiences, products, pairings;
  std::set<schema::objective> objectives;

  explicit seen_before(const schema::portfolio& history) {
    for (const auto& name : history.channel.values.names()) channels.insert(schema::detail::comparable(name));
    for (const auto& name : history.audience.values.names()) audiences.insert(schema::detail::comparable(name));
    for (const auto& name : history.products.values.names()) products.insert(schema::detail::comparable(name));
    for (std::size_t row = 0; row < history.size(); ++row) {
      objectives.insert(history.objective[row]);
      pairings.insert(pairing(history, row));
    }
  }

  static std::string pairing(const schema::portfolio& of, std::size_t row) {
    return schema::detail::comparable(of.channel[row]) + '\n' + std::string(schema::to_string(of.objective[row]));
  }
};

struct novelty_of {
  double share = 0;
  std::vector<std::string> unseen;
};

novelty_of novelty(const schema::portfolio& portfolio, std::size_t row, const seen_before& seen) {
  double asked = 0, fresh = 0;
  novelty_of out;
  const auto ask = [&](bool given, double share_unseen, std::string what) {
    if (!given) return;
    asked += 1;
    fresh += share_unseen;
    if (share_unseen > 0) out.unseen.push_back(std::move(what));
  };
  const auto share_unseen = [](const core::list_column& column, std::size_t at, const std::set<std::string>& known) {
    double missing = 0;
    const auto codes = column[at];
    for (const auto code : codes) missing += known.contains(schema::detail::comparable(column.values[code])) ? 0 : 1;
    return codes.empty() ? 0 : missing / static_cast<double>(codes.size());
  };
  const bool has_channel = !portfolio.channel[row].empty();
  const bool has_objective = portfolio.objective[row] != schema::objective::unspecified;
  ask(has_channel, seen.channels.contains(schema::detail::comparable(portfolio.channel[row])) ? 0 : 1, "channel");
  ask(has_objective, seen.objectives.contains(portfolio.objective[row]) ? 0 : 1, "objective");
  ask(!portfolio.audience[row].empty(), share_unseen(portfolio.audience, row, seen.audiences), "audience");
  ask(!portfolio.products[row].empty(), share_unseen(portfolio.products, row, seen.products), "products");
  ask(has_channel && has_objective, seen.pairings.contains(seen_before::pairing(portfolio, row)) ? 0 : 1,
      "this objective on this channel");
  out.share = asked > 0 ? fresh / asked : 0;
  return out;
}

double round_to(double value, double unit) { return std::round(value / unit) * unit; }

/// Campaigns that each one touches on a day that both run.
std::vector<std::vector<std::uint32_t>> touched_by(const schema::portfolio& portfolio, const conflict::pair_table* pairs,
                                                   double rate) {
  std::vector<std::vector<std::uint32_t>> out(portfolio.size());
  if (pairs == nullptr) return out;
  for (std::size_t p = 0; p < pairs->size(); ++p) {
    if (pairs->a[p] >= out.size() || pairs->b[p] >= out.size())
      reject("pairs", fmt::format("rows {} and {}", pairs->a[p], pairs->b[p]),
             fmt::format("build them from this portfolio of {} rows", out.size()));
    if (pairs->shared_days[p] <= 0 || !(pairs->rate[p] >= rate)) continue;
    out[pairs->a[p]].push_back(pairs->b[p]);
    out[pairs->b[p]].push_back(pairs->a[p]);
  }
  return out;
}

/// Set-up days of the channels in the registry.
class setup_days {
public:
  setup_days(const schema::portfolio& portfolio, std::span<const schema::channel> given)
      : registry_(given.empty() ? schema::default_channels() : std::vector<schema::channel>(given.begin(), given.end())) {
    std::vector<double> days;
    for (const auto& channel : registry_) days.push_back(channel.effort_days);
    std::ranges::sort(days);
    usual_ = days.empty() ? 0 : days[days.size() / 2];
    for (const auto& name : portfolio.channel.values.names()) by_code_.push_back(schema::find_channel(registry_, name));
  }

  double usual() const { return usual_; }
  /// Null where the campaign names no channel of the registry.
  const schema::channel* channel_of(const schema::portfolio& portfolio, std::size_t row) const {
    const auto code = portfolio.channel.codes[row];
    return code == core::category_column::none ? nullptr : by_code_[code];
  }

private:
  std::vector<schema::channel> registry_;
  std::vector<const schema::channel*> by_code_;
  double usual_ = 0;
};

class staffing {
public:
  staffing(const schema::portfolio& portfolio, const team_input& input, const team_options& options)
      : portfolio_(portfolio),
        input_(input),
        options_(options),
        has_history_(input.history != nullptr && !input.history->empty()),
        seen_(has_history_ ? *input.history : schema::portfolio{}),
        setups_(portfolio, input.channels),
        touches_(touched_by(portfolio, input.pairs, options.touch_rate)) {}

  team_plan plan() {
    for (std::size_t row = 0; row < portfolio_.size(); ++row)
      if (is_ahead(portfolio_, row, input_.today)) staff(row);
    judge_owners();
    const auto number = [](const schema::finding& finding, std::string_view name) {
      return std::get<double>(*finding.find(name));
    };
    std::ranges::stable_sort(overloads_, std::ranges::greater{}, [&](const auto& finding) { return number(finding, "excess"); });
    std::ranges::stable_sort(tiers_, std::ranges::greater{},
                             [&](const auto& finding) { return number(finding, "effort_weeks"); });
    for (auto* group : {&overloads_, &too_late_, &approvals_, &tiers_})
      for (auto& finding : *group) out_.findings.push_back(std::move(finding));
    tell_what_is_missing();
    return std::move(out_);
  }

private:
  /// What one campaign asks for.
  struct work {
    double setup = 0, run = 0;  ///< person-days
    double owner_share = 1;
  };
  struct week_work {
    double load = 0;  ///< person-weeks
    std::vector<std::uint32_t> rows;
  };

  void staff(std::size_t row) {
    team_estimate estimate;
    estimate.row = static_cast<std::uint32_t>(row);
    estimate.campaign = portfolio_.id[row];
    score(estimate);
    const auto needs = weigh(estimate);
    fill_calendar(row, needs);
    tiers_.push_back(tier_finding(estimate, needs));
    judge_time(estimate, needs);
    judge_approval(estimate);
    out_.estimates.push_back(std::move(estimate));
  }

  double setup_of(std::size_t row) const {
    const auto* channel = setups_.channel_of(portfolio_, row);
    return channel != nullptr ? channel->effort_days : setups_.usual();
  }
  bool signed_by_another(const core::category_column& column, std::size_t row) const {
    return !column[row].empty() && column[row] != portfolio_.owner[row];
  }

  complexity_part budget_part(std::size_t row) {
    const double budget = portfolio_.budget[row];
    if (!std::isfinite(budget) || budget < 0) {
      ++without_budget_;
      return {"budget", schema::missing, 30, "no budget given"};
    }
    const double place = std::log(std::max(budget, options_.small_budget) / options_.small_budget) /
                         std::log(options_.large_budget / options_.small_budget);
    return {"budget", 30 * std::min(place, 1.0), 30, wording::money(budget, portfolio_.currency[row])};
  }

  complexity_part breadth_part(std::size_t row) {
    const auto* channel = setups_.channel_of(portfolio_, row);
    if (channel == nullptr) ++without_channel_;
    const double setup = setup_of(row);
    const auto beyond_first = [](std::size_t entries) { return entries > 1 ? 2 * static_cast<double>(entries - 1) : 0.0; };
    const auto audiences = portfolio_.audience[row].size(), products = portfolio_.products[row].size();
    return {"breadth",
            8 * std::min(setup / 15, 1.0) + std::min(beyond_first(audiences), 6.0) + std::min(beyond_first(products), 6.0), 20,
            fmt::format("{} with {:.3g} set-up days, {}, {}",
                        channel != nullptr ? channel->name : std::string("a channel outside the registry"), setup,
                        wording::plural(audiences, "audience"), wording::plural(products, "product"))};
  }

  complexity_part dependencies_part(std::size_t row) const {
    if (input_.pairs == nullptr) return {"dependencies", schema::missing, 15, "pairs of campaigns were not looked at"};
    const auto others = touches_[row].size();
    return {"dependencies", std::min(3 * static_cast<double>(others), 15.0), 15,
            others == 0 ? "touches no other campaign" : "touches " + wording::plural(others, "other campaign")};
  }

  complexity_part novelty_part(team_estimate& estimate) const {
    if (!has_history_) return {"novelty", schema::missing, 10, "no history given"};
    const auto fresh = novelty(portfolio_, estimate.row, seen_);
    estimate.novelty = fresh.share;
    return {"novelty", 10 * fresh.share, 10,
            fresh.unseen.empty() ? "all of it is in history" : "new against history: " + wording::list(fresh.unseen)};
  }

  complexity_part approval_part(std::size_t row) const {
    const bool approver = signed_by_another(portfolio_.approver, row),
               manager = signed_by_another(portfolio_.channel_manager, row);
    return {"approval", (approver ? 3.0 : 0.0) + (manager ? 2.0 : 0.0), 5,
            approver && manager ? "another approver and another channel manager"
            : approver          ? "another approver"
            : manager           ? "another channel manager"
                                : "nobody else signs"};
  }

  void score(team_estimate& estimate) {
    const auto row = estimate.row;
    const double days = portfolio_.days(row);
    estimate.parts.push_back(budget_part(row));
    estimate.parts.push_back({"duration", 10 * std::clamp((days / 7 - 1) / 7, 0.0, 1.0), 10, fmt::format("{:.0f} days", days)});
    estimate.parts.push_back(breadth_part(row));
    estimate.parts.push_back(dependencies_part(row));
    estimate.parts.push_back(novelty_part(estimate));
    estimate.parts.push_back({"fixed_dates", portfolio_.fixed_dates[row] ? 10.0 : 0.0, 10,
                              portfolio_.fixed_dates[row] ? "dates cannot move" : "dates may move"});
    estimate.parts.push_back(approval_part(row));
    double points = 0, attainable = 0;
    for (const auto& part : estimate.parts)
      if (!std::isnan(part.points)) {
        points += part.points;
        attainable += part.most;
      }
    estimate.complexity = 100 * points / attainable;
    estimate.tier = estimate.complexity >= options_.cross_functional_from ? ownership::cross_functional
                    : estimate.complexity >= options_.squad_from          ? ownership::squad
                                                                          : ownership::one_owner;
  }

  work weigh(team_estimate& estimate) const {
    work out;
    out.setup = setup_of(estimate.row) * (0.5 + estimate.complexity / 50);
    out.run = portfolio_.days(estimate.row) / 7 * options_.run_days_per_week * (1 + estimate.complexity / 10);
    out.owner_share = estimate.tier == ownership::one_owner ? 1.0
                      : estimate.tier == ownership::squad   ? options_.squad_owner_share
                                                            : options_.cross_functional_owner_share;
    estimate.effort_weeks = (out.setup + out.run) / 5;
    const double factor = 1.25 + 0.75 * (has_history_ ? estimate.novelty : 1.0);
    estimate.effort_low = estimate.effort_weeks / factor;
    estimate.effort_high = estimate.effort_weeks * factor;
    return out;
  }

  void fill_calendar(std::size_t row, const work& needs) {
    if (portfolio_.owner[row].empty()) {
      ++without_owner_;
      return;
    }
    const auto add = [&](date from, date to, double person_days) {
      const double span = static_cast<double>((to - from).count()) + 1;
      for (auto week = core::week_number(from); week <= core::week_number(to); ++week) {
        const auto monday = core::week_start(week);
        const double share = core::shared_days(from, to, monday, monday + std::chrono::days{6}) / span;
        auto& cell = calendar_[{portfolio_.owner.codes[row], week}];
        cell.load += needs.owner_share * person_days / 5 * share;
        if (cell.rows.empty() || cell.rows.back() != row) cell.rows.push_back(static_cast<std::uint32_t>(row));
      }
    };
    const auto lead = std::chrono::days{static_cast<int>(std::lround(7 * std::max(options_.lead_weeks, needs.setup / 5)))};
    if (needs.setup > 0) add(portfolio_.start[row] - lead, portfolio_.start[row] - std::chrono::days{1}, needs.setup);
    if (needs.run > 0) add(portfolio_.start[row], portfolio_.end[row], needs.run);
  }

  /// P501.
  schema::finding tier_finding(const team_estimate& estimate, const work& needs) const {
    auto finding =
        schema::make_finding(rule_of("P501"), {estimate.campaign},
                             fmt::format("{}: {}, complexity {:.0f} of 100, {:.1f} person-weeks ({:.1f} to {:.1f})",
                                         wording::label(portfolio_, estimate.row), to_string(estimate.tier), estimate.complexity,
                                         estimate.effort_weeks, estimate.effort_low, estimate.effort_high));
    finding.evidence.push_back({"complexity", round_to(estimate.complexity, 0.1), "points of 100"});
    finding.evidence.push_back({"tier", std::string(to_string(estimate.tier)), ""});
    finding.evidence.push_back({"effort_weeks", estimate.effort_weeks, "person-weeks"});
    finding.evidence.push_back({"effort_low", estimate.effort_low, "person-weeks"});
    finding.evidence.push_back({"effort_high", estimate.effort_high, "person-weeks"});
    finding.why = "Points: ";
    for (const auto& part : estimate.parts) {
      finding.evidence.push_back({std::string(part.name) + "_points", part.points, fmt::format("of {:.0f}", part.most)});
      finding.why += fmt::format("{}{} {} ({})", &part == estimate.parts.data() ? "" : ", ", part.name,
                                 std::isnan(part.points) ? "left out" : fmt::format("{:.1f} of {:.0f}", part.points, part.most),
                                 part.reason);
    }
    finding.why +=
        fmt::format(". One owner below {:g}, cross-functional from {:g}.", options_.squad_from, options_.cross_functional_from);
    const auto owner = portfolio_.owner[estimate.row];
    switch (estimate.tier) {
      case ownership::one_owner:
        finding.suggestion =
            owner.empty() ? "Name one owner; nobody else is needed." : fmt::format("Leave it with {} alone.", owner);
        break;
      case ownership::squad:
        finding.suggestion = "Give the owner a small squad: creative, channel and data.";
        break;
      case ownership::cross_functional:
        finding.suggestion =
            "Set up a cross-functional team with a steering date before the start: marketing, product, supply, "
            "customer service and finance.";
        break;
    }
    finding.expected_effect = fmt::format("{} of the work, {:.1f} person-weeks, stays with the owner.",
                                          wording::percent(needs.owner_share), needs.owner_share * estimate.effort_weeks);
    return finding;
  }

  /// P503.
  void judge_time(const team_estimate& estimate, const work& needs) {
    const date start = portfolio_.start[estimate.row];
    if (!input_.today || start <= *input_.today || needs.setup <= 0) return;
    const double weeks_left = static_cast<double>((start - *input_.today).count()) / 7;
    const double weeks_needed = needs.owner_share * needs.setup / 5 / options_.owner_capacity;
    if (weeks_needed <= weeks_left) return;
    auto& late = too_late_.emplace_back(
        schema::make_finding(rule_of("P503"), {estimate.campaign},
                             fmt::format("{} starts in {}; preparing it takes {}", wording::label(portfolio_, estimate.row),
                                         in_weeks(weeks_left), in_weeks(weeks_needed))));
    late.evidence.push_back({"weeks_left", weeks_left, "weeks"});
    late.evidence.push_back({"weeks_needed", weeks_needed, "weeks"});
    late.evidence.push_back({"setup_effort", needs.setup / 5, "person-weeks"});
    late.evidence.push_back({"owner_share", needs.owner_share, "share"});
    late.why = fmt::format("Preparation is {:.1f} person-weeks, {} of it the owner's, at {:g} person-weeks a week.",
                           needs.setup / 5, wording::percent(needs.owner_share), options_.owner_capacity);
    late.suggestion =
        fmt::format("Start no earlier than {}, or add {:.1f} person-weeks now.",
                    core::to_string(*input_.today + std::chrono::days{static_cast<int>(std::ceil(7 * weeks_needed))}),
                    (weeks_needed - weeks_left) * options_.owner_capacity);
    late.expected_effect = "The campaign is ready on its first day.";
  }

  static std::string in_weeks(double weeks) {
    const auto text = fmt::format("{:.1f}", weeks);
    return text + (text == "1.0" ? " week" : " weeks");
  }

  /// P504.
  void judge_approval(const team_estimate& estimate) {
    if (estimate.tier != ownership::cross_functional || signed_by_another(portfolio_.approver, estimate.row)) return;
    const auto approver = portfolio_.approver[estimate.row];
    auto& alone = approvals_.emplace_back(schema::make_finding(
        rule_of("P504"), {estimate.campaign},
        fmt::format("{} needs a cross-functional team and has {}", wording::label(portfolio_, estimate.row),
                    approver.empty() ? std::string("no budget approver") : "its owner as the only budget approver")));
    alone.evidence.push_back({"complexity", round_to(estimate.complexity, 0.1), "points of 100"});
    alone.evidence.push_back({"owner", std::string(portfolio_.owner[estimate.row]), ""});
    alone.evidence.push_back({"approver", std::string(approver), ""});
    alone.why = fmt::format("Complexity {:.0f} is at or above {:g}; the approver column names nobody but the owner.",
                            estimate.complexity, options_.cross_functional_from);
    alone.expected_effect = "A second pair of eyes before the money is committed.";
  }

  /// Owners by name, weeks in order: the same report whatever order the rows came in.
  void judge_owners() {
    std::vector<std::uint32_t> owners(portfolio_.owner.values.size());
    for (std::uint32_t code = 0; code < owners.size(); ++code) owners[code] = code;
    std::ranges::sort(owners, {}, [&](std::uint32_t code) { return portfolio_.owner.values[code]; });
    for (const auto code : owners) {
      std::vector<busy_week> over;
      for (auto it = calendar_.lower_bound({code, std::numeric_limits<std::int32_t>::min()});
           it != calendar_.end() && it->first.first == code; ++it) {
        out_.load.push_back(
            {portfolio_.owner.values[code], core::week_start(it->first.second), it->second.load, options_.owner_capacity});
        const bool past = input_.today && it->first.second < core::week_number(*input_.today);
        if (!past && it->second.load > options_.owner_capacity * (1 + 1e-9)) over.emplace_back(it->first.second, &it->second);
      }
      for (std::size_t first = 0; first < over.size();) {
        std::size_t last = first;
        while (last + 1 < over.size() && over[last + 1].first == over[last].first + 1) ++last;
        if (last - first + 1 >= options_.overload_weeks)
          overloads_.push_back(overload(portfolio_.owner.values[code], std::span(over).subspan(first, last - first + 1)));
        first = last + 1;
      }
    }
  }

  using busy_week = std::pair<std::int32_t, const week_work*>;

  /// P502.
  schema::finding overload(const std::string& owner, std::span<const busy_week> weeks) const {
    double peak = 0, excess = 0;
    std::set<std::uint32_t> rows;
    std::vector<double> loads;
    for (const auto& [week, busy] : weeks) {
      peak = std::max(peak, busy->load);
      excess += busy->load - options_.owner_capacity;
      loads.push_back(round_to(busy->load, 0.01));
      rows.insert(busy->rows.begin(), busy->rows.end());
    }
    std::vector<std::string> ids, names;
    for (const auto row : rows) {
      ids.emplace_back(portfolio_.id[row]);
      names.push_back(wording::label(portfolio_, row));
    }
    const auto from = core::week_start(weeks.front().first), to = core::week_start(weeks.back().first);
    auto finding = schema::make_finding(
        rule_of("P502"), std::move(ids),
        weeks.size() == 1
            ? fmt::format("{} has {:.1f} person-weeks of work in the week of {} and capacity for {:g}", owner, peak,
                          core::to_string(from), options_.owner_capacity)
            : fmt::format("{} has up to {:.1f} person-weeks of work a week from {} to {} and capacity for {:g}", owner, peak,
                          core::to_string(from), core::to_string(to + std::chrono::days{6}), options_.owner_capacity));
    finding.evidence.push_back({"owner", owner, ""});
    finding.evidence.push_back({"peak_load", peak, "person-weeks a week"});
    finding.evidence.push_back({"capacity", options_.owner_capacity, "person-weeks a week"});
    finding.evidence.push_back({"excess", excess, "person-weeks"});
    finding.evidence.push_back({"first_week", core::to_string(from), ""});
    finding.evidence.push_back({"weekly_load", std::move(loads), "person-weeks"});
    finding.why = fmt::format(
        "Preparation spreads over {:g} weeks before each start or longer and running takes {:g} to {:g} person-days a week; the "
        "owner carries all of a one-owner campaign, {} of a squad's and {} of a cross-functional team's. It adds up from {}.",
        options_.lead_weeks, options_.run_days_per_week, 11 * options_.run_days_per_week,
        wording::percent(options_.squad_owner_share), wording::percent(options_.cross_functional_owner_share),
        wording::list(names));
    finding.suggestion = names.size() > 1 ? fmt::format("Hand one of {} over, or move it.", wording::list(names))
                                          : fmt::format("Give {} support on {}.", owner, wording::list(names));
    finding.expected_effect =
        fmt::format("Taking {:.1f} person-weeks away brings every one of these weeks within capacity.", excess);
    return finding;
  }

  void tell_what_is_missing() {
    const auto lacked = [&](std::string what, std::string supply) {
      out_.missing.push_back({"team", std::move(what), std::move(supply)});
      out_.findings.push_back(to_finding(out_.missing.back()));
    };
    const bool any = !out_.estimates.empty();
    if (without_budget_ > 0)
      lacked(fmt::format("The complexity of {} leaves out the budget part: no budget was given",
                         wording::plural(without_budget_, "campaign")),
             "the budget of every campaign (column budget, or map the column that holds it)");
    if (!has_history_ && any)
      lacked("Complexity leaves out novelty, and effort intervals are those of work never done before: no history was given",
             "a table of finished campaigns with channel, objective, audience and products");
    if (input_.pairs == nullptr && any)
      lacked("Complexity leaves out dependencies: pairs of campaigns were not looked at", "the pairs of conflict::pairs");
    if (without_channel_ > 0)
      lacked(fmt::format(
                 "The set-up of {} is taken as that of a middling channel, {:g} days: the channel is not given or not registered",
                 wording::plural(without_channel_, "campaign"), setups_.usual()),
             "a channel of the registry for each campaign, or its effort_days in [[channel]] of clarion.toml");
    if (without_owner_ > 0)
      lacked(
          fmt::format("The work of {} is on nobody's calendar: no owner was given", wording::plural(without_owner_, "campaign")),
          "the owner of every campaign");
  }

  const schema::portfolio& portfolio_;
  const team_input& input_;
  const team_options& options_;
  bool has_history_;
  seen_before seen_;
  setup_days setups_;
  std::vector<std::vector<std::uint32_t>> touches_;
  std::map<std::pair<std::uint32_t, std::int32_t>, week_work> calendar_;  // by (owner, week)
  std::size_t without_budget_ = 0, without_channel_ = 0, without_owner_ = 0;
  std::vector<schema::finding> overloads_, too_late_, approvals_, tiers_;
  team_plan out_;
};

}  // namespace

std::string_view to_string(ownership tier) {
  switch (tier) {
    case ownership::one_owner:
      return "one owner";
    case ownership::squad:
      return "squad";
    case ownership::cross_functional:
      return "cross-functional";
  }
  return "one owner";
}

std::span<const schema::rule> team_rules() { return rules_of_team; }

team_plan team(const schema::portfolio& portfolio, const team_input& input, const team_options& options) {
  core::check_options(options);
  if (options.small_budget >= options.large_budget)
    reject("small_budget", wording::count(options.small_budget), "give less than large_budget");
  if (options.squad_from > options.cross_functional_from)
    reject("squad_from", fmt::format("{}", options.squad_from), "give at most cross_functional_from");
  return staffing(portfolio, input, options).plan();
}

}  // namespace clarion::plan
