#include "clarion/plan/team.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

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

bool is_ahead(const schema::portfolio& portfolio, std::size_t row) {
  return portfolio.status[row] != schema::status::cancelled && portfolio.status[row] != schema::status::finished &&
         portfolio.end[row] >= portfolio.start[row];
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

  team_plan out;
  const std::size_t n = portfolio.size();
  const std::vector<schema::channel> defaults =
      input.channels.empty() ? schema::default_channels() : std::vector<schema::channel>{};
  const std::vector<schema::channel> registry =
      input.channels.empty() ? defaults : std::vector<schema::channel>(input.channels.begin(), input.channels.end());
  std::vector<double> setups;
  for (const auto& channel : registry) setups.push_back(channel.effort_days);
  std::ranges::sort(setups);
  const double usual_setup = setups.empty() ? 0 : setups[setups.size() / 2];
  std::vector<const schema::channel*> channel_by_code(portfolio.channel.values.size());
  for (std::uint32_t code = 0; code < channel_by_code.size(); ++code)
    channel_by_code[code] = schema::find_channel(registry, portfolio.channel.values[code]);

  const bool has_history = input.history != nullptr && !input.history->empty();
  const seen_before seen(has_history ? *input.history : schema::portfolio{});
  const std::string currency = portfolio.main_currency();

  std::vector<std::vector<std::uint32_t>> touches(n);
  if (input.pairs != nullptr) {
    const auto& pairs = *input.pairs;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      if (pairs.a[p] >= n || pairs.b[p] >= n)
        reject("pairs", fmt::format("rows {} and {}", pairs.a[p], pairs.b[p]),
               fmt::format("build them from this portfolio of {} rows", n));
      if (pairs.shared_days[p] <= 0 || !(pairs.rate[p] >= options.touch_rate)) continue;
      touches[pairs.a[p]].push_back(pairs.b[p]);
      touches[pairs.b[p]].push_back(pairs.a[p]);
    }
  }

  std::size_t without_budget = 0, without_channel = 0, without_owner = 0;
  // Person-weeks by (owner, week), and which campaigns they come from.
  struct week_work {
    double load = 0;
    std::vector<std::uint32_t> rows;
  };
  std::map<std::pair<std::uint32_t, std::int32_t>, week_work> work;
  std::vector<schema::finding> tier_findings, time_findings, approval_findings;

  for (std::size_t row = 0; row < n; ++row) {
    if (!is_ahead(portfolio, row)) continue;
    team_estimate estimate;
    estimate.row = static_cast<std::uint32_t>(row);
    estimate.campaign = portfolio.id[row];
    const double days = portfolio.days(row);
    const double weeks = days / 7;
    auto& parts = estimate.parts;

    const double budget = portfolio.budget[row];
    if (std::isfinite(budget) && budget >= 0) {
      const double place = std::log(std::max(budget, options.small_budget) / options.small_budget) /
                           std::log(options.large_budget / options.small_budget);
      parts.push_back({"budget", 30 * std::min(place, 1.0), 30, wording::money(budget, portfolio.currency[row])});
    } else {
      ++without_budget;
      parts.push_back({"budget", schema::missing, 30, "no budget given"});
    }
    parts.push_back({"duration", 10 * std::clamp((weeks - 1) / 7, 0.0, 1.0), 10, fmt::format("{:.0f} days", days)});

    const auto channel_code = portfolio.channel.codes[row];
    const auto* channel = channel_code == core::category_column::none ? nullptr : channel_by_code[channel_code];
    if (channel == nullptr) ++without_channel;
    const double setup = channel != nullptr ? channel->effort_days : usual_setup;
    const auto beyond_first = [](std::size_t entries) { return entries > 1 ? 2 * static_cast<double>(entries - 1) : 0.0; };
    const auto audiences = portfolio.audience[row].size(), products = portfolio.products[row].size();
    parts.push_back(
        {"breadth",
         8 * std::min(setup / 15, 1.0) + std::min(beyond_first(audiences), 6.0) + std::min(beyond_first(products), 6.0), 20,
         fmt::format("{} with {:.3g} set-up days, {}, {}",
                     channel != nullptr ? channel->name : std::string("a channel outside the registry"), setup,
                     wording::plural(audiences, "audience"), wording::plural(products, "product"))});
    if (input.pairs != nullptr) {
      const auto others = touches[row].size();
      parts.push_back({"dependencies", std::min(3 * static_cast<double>(others), 15.0), 15,
                       others == 0 ? "touches no other campaign" : "touches " + wording::plural(others, "other campaign")});
    } else {
      parts.push_back({"dependencies", schema::missing, 15, "pairs of campaigns were not looked at"});
    }
    if (has_history) {
      const auto fresh = novelty(portfolio, row, seen);
      estimate.novelty = fresh.share;
      parts.push_back({"novelty", 10 * fresh.share, 10,
                       fresh.unseen.empty() ? "all of it is in history" : "new against history: " + wording::list(fresh.unseen)});
    } else {
      parts.push_back({"novelty", schema::missing, 10, "no history given"});
    }
    parts.push_back({"fixed_dates", portfolio.fixed_dates[row] ? 10.0 : 0.0, 10,
                     portfolio.fixed_dates[row] ? "dates cannot move" : "dates may move"});
    const auto owner = portfolio.owner[row], approver = portfolio.approver[row], manager = portfolio.channel_manager[row];
    const bool other_approver = !approver.empty() && approver != owner;
    const bool other_manager = !manager.empty() && manager != owner;
    parts.push_back({"approval", (other_approver ? 3.0 : 0.0) + (other_manager ? 2.0 : 0.0), 5,
                     other_approver && other_manager ? "another approver and another channel manager"
                     : other_approver                ? "another approver"
                     : other_manager                 ? "another channel manager"
                                                     : "nobody else signs"});
    double points = 0, attainable = 0;
    for (const auto& part : parts)
      if (!std::isnan(part.points)) {
        points += part.points;
        attainable += part.most;
      }
    estimate.complexity = 100 * points / attainable;
    estimate.tier = estimate.complexity >= options.cross_functional_from ? ownership::cross_functional
                    : estimate.complexity >= options.squad_from          ? ownership::squad
                                                                         : ownership::one_owner;
    const double setup_days = setup * (0.5 + estimate.complexity / 50);
    const double run_days = weeks * options.run_days_per_week * (1 + estimate.complexity / 10);
    estimate.effort_weeks = (setup_days + run_days) / 5;
    const double factor = 1.25 + 0.75 * (has_history ? estimate.novelty : 1.0);
    estimate.effort_low = estimate.effort_weeks / factor;
    estimate.effort_high = estimate.effort_weeks * factor;

    const double owner_share = estimate.tier == ownership::one_owner ? 1.0
                               : estimate.tier == ownership::squad   ? options.squad_owner_share
                                                                     : options.cross_functional_owner_share;
    if (owner.empty()) {
      ++without_owner;
    } else {
      const auto add = [&](date from, date to, double person_days) {
        const double span = static_cast<double>((to - from).count()) + 1;
        for (auto week = core::week_number(from); week <= core::week_number(to); ++week) {
          const auto monday = core::week_start(week);
          const double share = core::shared_days(from, to, monday, monday + std::chrono::days{6}) / span;
          auto& cell = work[{portfolio.owner.codes[row], week}];
          cell.load += owner_share * person_days / 5 * share;
          if (cell.rows.empty() || cell.rows.back() != estimate.row) cell.rows.push_back(estimate.row);
        }
      };
      const auto lead = std::chrono::days{static_cast<int>(std::lround(7 * std::max(options.lead_weeks, setup_days / 5)))};
      if (setup_days > 0) add(portfolio.start[row] - lead, portfolio.start[row] - std::chrono::days{1}, setup_days);
      if (run_days > 0) add(portfolio.start[row], portfolio.end[row], run_days);
    }

    const std::string name = wording::label(portfolio, row);
    auto& finding = tier_findings.emplace_back(schema::make_finding(
        rule_of("P501"), {estimate.campaign},
        fmt::format("{}: {}, complexity {:.0f} of 100, {:.1f} person-weeks ({:.1f} to {:.1f})", name, to_string(estimate.tier),
                    estimate.complexity, estimate.effort_weeks, estimate.effort_low, estimate.effort_high)));
    finding.evidence.push_back({"complexity", round_to(estimate.complexity, 0.1), "points of 100"});
    finding.evidence.push_back({"tier", std::string(to_string(estimate.tier)), ""});
    finding.evidence.push_back({"effort_weeks", estimate.effort_weeks, "person-weeks"});
    finding.evidence.push_back({"effort_low", estimate.effort_low, "person-weeks"});
    finding.evidence.push_back({"effort_high", estimate.effort_high, "person-weeks"});
    std::string why = "Points: ";
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto& part = parts[i];
      finding.evidence.push_back({std::string(part.name) + "_points", part.points, fmt::format("of {:.0f}", part.most)});
      why += fmt::format("{}{} {} ({})", i > 0 ? ", " : "", part.name,
                         std::isnan(part.points) ? "left out" : fmt::format("{:.1f} of {:.0f}", part.points, part.most),
                         part.reason);
    }
    finding.why = why + fmt::format(". One owner below {:g}, cross-functional from {:g}.", options.squad_from,
                                    options.cross_functional_from);
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
                                          wording::percent(owner_share), owner_share * estimate.effort_weeks);

    if (input.today && portfolio.start[row] > *input.today && setup_days > 0) {
      const double weeks_left = static_cast<double>((portfolio.start[row] - *input.today).count()) / 7;
      const double weeks_needed = owner_share * setup_days / 5 / options.owner_capacity;
      if (weeks_needed > weeks_left) {
        auto& late = time_findings.emplace_back(schema::make_finding(
            rule_of("P503"), {estimate.campaign},
            fmt::format("{} starts in {:.1f} weeks; preparing it takes {:.1f}", name, weeks_left, weeks_needed)));
        late.evidence.push_back({"weeks_left", weeks_left, "weeks"});
        late.evidence.push_back({"weeks_needed", weeks_needed, "weeks"});
        late.evidence.push_back({"setup_effort", setup_days / 5, "person-weeks"});
        late.evidence.push_back({"owner_share", owner_share, "share"});
        late.why = fmt::format("Preparation is {:.1f} person-weeks, {} of it the owner's, at {:g} person-weeks a week.",
                               setup_days / 5, wording::percent(owner_share), options.owner_capacity);
        late.suggestion =
            fmt::format("Start no earlier than {}, or add {:.1f} person-weeks now.",
                        core::to_string(*input.today + std::chrono::days{static_cast<int>(std::ceil(7 * weeks_needed))}),
                        (weeks_needed - weeks_left) * options.owner_capacity);
        late.expected_effect = "The campaign is ready on its first day.";
      }
    }
    if (estimate.tier == ownership::cross_functional && !other_approver) {
      auto& alone = approval_findings.emplace_back(schema::make_finding(
          rule_of("P504"), {estimate.campaign},
          fmt::format("{} needs a cross-functional team and has {}", name,
                      approver.empty() ? std::string("no budget approver") : "its owner as the only budget approver")));
      alone.evidence.push_back({"complexity", round_to(estimate.complexity, 0.1), "points of 100"});
      alone.evidence.push_back({"owner", std::string(owner), ""});
      alone.evidence.push_back({"approver", std::string(approver), ""});
      alone.why = fmt::format("Complexity {:.0f} is at or above {:g}; the approver column names nobody but the owner.",
                              estimate.complexity, options.cross_functional_from);
      alone.expected_effect = "A second pair of eyes before the money is committed.";
    }
    out.estimates.push_back(std::move(estimate));
  }

  // Owners by name, weeks in order: the same report whatever order the rows came in.
  std::vector<std::uint32_t> owners(portfolio.owner.values.size());
  for (std::uint32_t code = 0; code < owners.size(); ++code) owners[code] = code;
  std::ranges::sort(owners, {}, [&](std::uint32_t code) { return portfolio.owner.values[code]; });
  std::vector<schema::finding> overloads;
  for (const auto code : owners) {
    const auto& name = portfolio.owner.values[code];
    std::vector<std::pair<std::int32_t, const week_work*>> over;
    for (auto it = work.lower_bound({code, std::numeric_limits<std::int32_t>::min()});
         it != work.end() && it->first.first == code; ++it) {
      out.load.push_back({name, core::week_start(it->first.second), it->second.load, options.owner_capacity});
      const bool past = input.today && it->first.second < core::week_number(*input.today);
      if (!past && it->second.load > options.owner_capacity * (1 + 1e-9)) over.emplace_back(it->first.second, &it->second);
    }
    for (std::size_t first = 0; first < over.size();) {
      std::size_t last = first;
      while (last + 1 < over.size() && over[last + 1].first == over[last].first + 1) ++last;
      if (last - first + 1 < options.overload_weeks) {
        first = last + 1;
        continue;
      }
      double peak = 0, excess = 0;
      std::map<std::uint32_t, std::size_t> rows;
      std::vector<double> loads;
      for (std::size_t at = first; at <= last; ++at) {
        peak = std::max(peak, over[at].second->load);
        excess += over[at].second->load - options.owner_capacity;
        loads.push_back(round_to(over[at].second->load, 0.01));
        for (const auto row : over[at].second->rows) ++rows[row];
      }
      std::vector<std::string> ids, names;
      for (const auto& [row, count] : rows) {
        ids.emplace_back(portfolio.id[row]);
        names.push_back(wording::label(portfolio, row));
      }
      const auto from = core::week_start(over[first].first), to = core::week_start(over[last].first);
      auto& finding = overloads.emplace_back(schema::make_finding(
          rule_of("P502"), std::move(ids),
          first == last
              ? fmt::format("{} has {:.1f} person-weeks of work in the week of {} and capacity for {:g}", name, peak,
                            core::to_string(from), options.owner_capacity)
              : fmt::format("{} has up to {:.1f} person-weeks of work a week from {} to {} and capacity for {:g}", name, peak,
                            core::to_string(from), core::to_string(to + std::chrono::days{6}), options.owner_capacity)));
      finding.evidence.push_back({"owner", name, ""});
      finding.evidence.push_back({"peak_load", peak, "person-weeks a week"});
      finding.evidence.push_back({"capacity", options.owner_capacity, "person-weeks a week"});
      finding.evidence.push_back({"excess", excess, "person-weeks"});
      finding.evidence.push_back({"first_week", core::to_string(from), ""});
      finding.evidence.push_back({"weekly_load", std::move(loads), "person-weeks"});
      finding.why = fmt::format(
          "Preparation spreads over {:g} weeks before each start or longer and running takes {:g} to {:g} person-days a week; "
          "the owner "
          "carries all of a one-owner campaign, {} of a squad's and {} of a cross-functional team's. It adds up from {}.",
          options.lead_weeks, options.run_days_per_week, 11 * options.run_days_per_week,
          wording::percent(options.squad_owner_share), wording::percent(options.cross_functional_owner_share),
          wording::list(names));
      finding.suggestion = names.size() > 1 ? fmt::format("Hand one of {} over, or move it.", wording::list(names))
                                            : fmt::format("Give {} support on {}.", name, wording::list(names));
      finding.expected_effect =
          fmt::format("Taking {:.1f} person-weeks away brings every one of these weeks within capacity.", excess);
      first = last + 1;
    }
  }
  const auto number = [](const schema::finding& finding, std::string_view name) { return std::get<double>(*finding.find(name)); };
  std::ranges::stable_sort(overloads, std::ranges::greater{}, [&](const auto& finding) { return number(finding, "excess"); });
  std::ranges::stable_sort(tier_findings, std::ranges::greater{},
                           [&](const auto& finding) { return number(finding, "effort_weeks"); });
  for (auto* group : {&overloads, &time_findings, &approval_findings, &tier_findings})
    for (auto& finding : *group) out.findings.push_back(std::move(finding));

  const auto lacked = [&](std::string what, std::string supply) {
    out.missing.push_back({"team", std::move(what), std::move(supply)});
    out.findings.push_back(to_finding(out.missing.back()));
  };
  const std::size_t campaigns = out.estimates.size();
  if (without_budget > 0)
    lacked(fmt::format("The complexity of {} leaves out the budget part: no budget was given",
                       wording::plural(without_budget, "campaign")),
           "the budget of every campaign (column budget, or map the column that holds it)");
  if (!has_history && campaigns > 0)
    lacked("Complexity leaves out novelty, and effort intervals are those of work never done before: no history was given",
           "a table of finished campaigns with channel, objective, audience and products");
  if (input.pairs == nullptr && campaigns > 0)
    lacked("Complexity leaves out dependencies: pairs of campaigns were not looked at", "the pairs of conflict::pairs");
  if (without_channel > 0)
    lacked(fmt::format(
               "The set-up of {} is taken as that of a middling channel, {:g} days: the channel is not given or not registered",
               wording::plural(without_channel, "campaign"), usual_setup),
           "a channel of the registry for each campaign, or its effort_days in [[channel]] of clarion.toml");
  if (without_owner > 0)
    lacked(fmt::format("The work of {} is on nobody's calendar: no owner was given", wording::plural(without_owner, "campaign")),
           "the owner of every campaign");
  return out;
}

}  // namespace clarion::plan
