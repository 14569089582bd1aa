#include "conflict/saturation_findings.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "clarion/conflict/rules.hpp"
#include "conflict/weeks.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using wording::evidence_list;

class judge {
public:
  judge(const saturation_input& input, const saturation_result& counted) : in_(input), counted_(counted) {}

  std::vector<schema::finding> run(const run_options& run) {
    judge_channels(run);
    judge_reach();
    name_unknown_channels();
    wording::worst_first(findings_);
    return std::move(findings_);
  }

private:
  /// Weeks [from, to) of a channel in a row, all saturated; rows of the table.
  struct overload {
    std::size_t from, to, worst;
    std::vector<active> running;             ///< those counted in the worst week
    std::vector<std::uint32_t> campaigns{};  ///< those counted in any of the weeks, most contacts in the worst first
    std::uint32_t mover = 0;                 ///< the one to move, or whose touches to lower
    std::vector<active> rest{};              ///< the others that run in the worst week
  };

  std::string name(std::uint32_t campaign) const { return wording::label(in_.portfolio, campaign); }
  const std::string& channel_of(std::size_t row) const { return in_.load.channels[counted_.channels.channel[row]]; }
  date week_of(std::size_t row) const { return in_.load.weeks[counted_.channels.week[row]]; }

  /// Campaigns that the row was counted from.
  std::vector<active> counted_in(std::size_t row) const {
    const auto& rows = counted_.channels;
    auto out = in_.running[rows.channel[row]].at(rows.week[row]);
    if (rows.estimated[row] == 0) std::erase_if(out, [&](const active& a) { return !in_.exact(a.campaign); });
    return out;
  }

  /// Saturated, and something about it can still be decided.
  bool open(std::size_t row) const {
    if (counted_.channels.saturated[row] == 0) return false;
    const auto running = counted_in(row);
    return std::any_of(running.begin(), running.end(), [&](const active& a) { return !in_.over(a.campaign); });
  }

  /// One finding a channel and run of consecutive saturated weeks that are of one kind.
  void judge_channels(const run_options& run) {
    const auto& rows = counted_.channels;
    std::vector<overload> exact;
    std::vector<contact_count> without;
    for (std::size_t i = 0; i < rows.size();) {
      std::size_t j = i + 1;
      if (open(i)) {
        while (j < rows.size() && rows.channel[j] == rows.channel[i] && rows.week[j] == rows.week[j - 1] + 1 &&
               rows.estimated[j] == rows.estimated[i] && open(j))
          ++j;
        if (rows.estimated[i] != 0) {
          report_segment(i, j);
        } else {
          exact.push_back(overload_of(i, j));
          without.push_back({exact.back().rest, rows.capacity[exact.back().worst]});
        }
      }
      i = j;
    }
    const auto left = count_contacts(in_, without, run);
    for (std::size_t i = 0; i < exact.size(); ++i) report_channel(exact[i], left[i]);
  }

  overload overload_of(std::size_t from, std::size_t to) const {
    const auto& rows = counted_.channels;
    overload out{.from = from, .to = to, .worst = from, .running = {}};
    for (std::size_t i = from; i < to; ++i)
      if (rows.over[i] / rows.customers[i] > rows.over[out.worst] / rows.customers[out.worst]) out.worst = i;
    out.running = counted_in(out.worst);
    std::map<std::uint32_t, double> asked;
    for (std::size_t i = from; i < to; ++i)
      for (const auto& a : counted_in(i)) asked[a.campaign] += 0;
    for (const auto& a : out.running)
      asked[a.campaign] = a.load * static_cast<double>(in_.audiences->count(in_.audience_of[a.campaign]));
    for (const auto& [c, contacts] : asked) out.campaigns.push_back(c);
    std::stable_sort(out.campaigns.begin(), out.campaigns.end(),
                     [&](std::uint32_t x, std::uint32_t y) { return asked[x] > asked[y]; });
    out.mover = mover_of(out.campaigns, out.running);
    for (const auto& a : out.running)
      if (a.campaign != out.mover) out.rest.push_back(a);
    return out;
  }

  /// The first of the list that runs then and can move; else the first that is not over; else the first.
  std::uint32_t mover_of(const std::vector<std::uint32_t>& campaigns, const std::vector<active>& running) const {
    const auto first = [&](auto&& fits) {
      return std::find_if(campaigns.begin(), campaigns.end(), [&](std::uint32_t c) {
        return fits(c) && std::any_of(running.begin(), running.end(), [&](const active& a) { return a.campaign == c; });
      });
    };
    auto at = first([&](std::uint32_t c) { return can_move(in_.portfolio, c, in_.load.today); });
    if (at == campaigns.end()) at = first([&](std::uint32_t c) { return !in_.over(c); });
    if (at == campaigns.end()) at = first([](std::uint32_t) { return true; });
    return *at;
  }

  /// What to do about the one to move. Elsewhere, too, it may not plan more than the channel carries.
  std::string relief(std::uint32_t mover, std::size_t from, std::size_t to, std::size_t worst) const {
    const auto& rows = counted_.channels;
    const auto plans = [&](std::size_t row) {
      const auto& running = in_.running[rows.channel[row]].at(rows.week[row]);
      const auto at = std::find_if(running.begin(), running.end(), [&](const active& a) { return a.campaign == mover; });
      return at == running.end() ? 0 : at->load;
    };
    if (plans(worst) > rows.capacity[worst] + rounding) return at_most(rows.capacity[worst], mover);
    if (!can_move(in_.portfolio, mover, in_.load.today)) return fmt::format("Lower the touches of {}.", name(mover));
    bool in_all = true;
    for (std::size_t i = from; i < to; ++i) in_all = in_all && plans(i) > 0;
    return fmt::format("Move {} {}, or lower its touches.", name(mover), out_of_weeks(to - from, in_all, week_of(worst)));
  }

  std::string at_most(double capacity, std::uint32_t campaign) const {
    return fmt::format("Plan at most {} a week for {}.", wording::plural_number(capacity, "contact"), name(campaign));
  }

  evidence_list weeks_evidence(std::size_t from, std::size_t to, std::size_t worst) const {
    evidence_list out;
    out.add("channel", channel_of(from))
        .add("first_week", week_of(from))
        .add("last_week", week_of(to - 1))
        .add_count("weeks", static_cast<double>(to - from), "weeks")
        .add("worst_week", week_of(worst));
    return out;
  }

  void lower_touches(schema::finding& finding, const active& only, double capacity) const {
    finding.suggestion = at_most(capacity, only.campaign);
    finding.expected_effect = fmt::format("Its load falls from {} to {} contacts per customer and week.",
                                          wording::number(only.load), wording::number(capacity));
  }

  /// Campaigns that are above the capacity by themselves, whoever else moves.
  std::string also_lower(const std::vector<active>& rest, double capacity) const {
    std::vector<std::string> names;
    double most = 0;
    for (const auto& a : rest)
      if (a.load > capacity + rounding) {
        names.push_back(name(a.campaign));
        most = std::max(most, a.load);
      }
    if (names.empty()) return {};
    return fmt::format(" {} alone {} {}{}: lower that to {}, too.", wording::list(names),
                       names.size() == 1 ? "plans" : "each plan", names.size() == 1 ? "" : "up to ", wording::number(most),
                       wording::number(capacity));
  }

  void report_channel(const overload& weeks, const tally& left) {
    const auto& rows = counted_.channels;
    const auto worst = weeks.worst;
    const double capacity = rows.capacity[worst];
    double at_stake = 0;
    for (std::size_t i = weeks.from; i < weeks.to; ++i) at_stake += rows.spend[i] * rows.over[i] / rows.customers[i];
    auto finding = schema::make_finding(
        rule_of("C201"), wording::ids(in_.portfolio, weeks.campaigns),
        fmt::format("{} gives {} of the {} customers it reaches more than the {} a week it can carry, up to {}, {}",
                    channel_of(worst), wording::count(rows.over[worst]), wording::count(rows.customers[worst]),
                    wording::plural_number(capacity, "contact"), wording::number(rows.peak[worst]),
                    in_weeks(weeks.to - weeks.from, week_of(weeks.from))));
    finding.why = fmt::format(
        "Per customer, the weekly touches of the channel's campaigns that hold the customer were added up and set against the "
        "capacity {}. Expected loss: what the channel spends in these weeks times the share of its customers above capacity.",
        wording::number(capacity));
    auto evidence = weeks_evidence(weeks.from, weeks.to, worst);
    evidence.add("load", rows.load[worst], "contacts per customer and week")
        .add("peak", rows.peak[worst], "contacts per customer and week")
        .add("capacity", capacity, "contacts per customer and week")
        .add_count("customers", rows.customers[worst], "customers")
        .add_count("over_capacity", rows.over[worst], "customers")
        .add("over_share", rows.over[worst] / rows.customers[worst], "share");
    if (!weeks.rest.empty()) {
      evidence.add("move", wording::id(in_.portfolio, weeks.mover))
          .add_count("over_capacity_without_it", static_cast<double>(left.over), "customers")
          .add("peak_without_it", left.peak, "contacts per customer and week");
      finding.suggestion = relief(weeks.mover, weeks.from, weeks.to, worst) + also_lower(weeks.rest, capacity);
      finding.expected_effect = fmt::format(
          "Without {}, {} instead of {} customers are above the capacity in the week of {}, and at most {} instead of {} a week.",
          name(weeks.mover), wording::count(static_cast<double>(left.over)), wording::count(rows.over[worst]),
          core::to_string(week_of(worst)), wording::number(left.peak), wording::plural_number(rows.peak[worst], "contact"));
    } else {
      lower_touches(finding, weeks.running.front(), capacity);
    }
    finding.evidence = evidence.done();
    finding.expected_loss = at_stake;
    findings_.push_back(std::move(finding));
  }

  /// Rows of the segment loads of this row's channel and week; they are ordered by channel, week, segment.
  std::pair<std::size_t, std::size_t> loads_in(std::size_t row) const {
    const auto& loads = counted_.segment_loads;
    const auto at = std::pair(counted_.channels.channel[row], counted_.channels.week[row]);
    std::size_t low = 0, high = loads.size();
    while (low < high) {
      const std::size_t mid = (low + high) / 2;
      if (std::pair(loads.channel[mid], loads.week[mid]) < at)
        low = mid + 1;
      else
        high = mid;
    }
    while (high < loads.size() && std::pair(loads.channel[high], loads.week[high]) == at) ++high;
    return {low, high};
  }

  /// Segments above the capacity in the week of this row, the busiest first.
  std::vector<std::uint32_t> busy_segments(std::size_t row) const {
    const auto& loads = counted_.segment_loads;
    std::vector<std::pair<double, std::uint32_t>> over;
    const auto [from, to] = loads_in(row);
    for (std::size_t i = from; i < to; ++i)
      if (loads.load[i] > counted_.channels.capacity[row] + rounding) over.emplace_back(-loads.load[i], loads.segment[i]);
    std::sort(over.begin(), over.end());
    std::vector<std::uint32_t> out;
    for (const auto& [load, segment] : over) out.push_back(segment);
    return out;
  }

  /// Part of what a campaign asks in the week of this row that is above the capacity: the mean over its segments.
  double above_capacity(std::size_t row, const active& a) const {
    const double capacity = counted_.channels.capacity[row];
    const auto part = [&](double load) { return load > capacity + rounding ? (load - capacity) / load : 0; };
    const auto [from, to] = loads_in(row);
    const auto& loads = counted_.segment_loads;
    const auto segments = std::span(loads.segment).subspan(from, to - from);
    double sum = 0;
    if (in_.declared.everyone[a.campaign] == 0) {
      const auto named = in_.declared[a.campaign];
      for (const auto segment : named)
        sum += part(loads.load[from + static_cast<std::size_t>(std::ranges::lower_bound(segments, segment) - segments.begin())]);
      return named.empty() ? part(a.load) : sum / static_cast<double>(named.size());
    }
    // Segments that nobody else names get what everyone gets: the last row of the week.
    const auto all = std::max<double>(1, static_cast<double>(in_.declared.segments.size()));
    for (std::size_t i = from; i + 1 < to; ++i) sum += part(loads.load[i]);
    return (sum + (all - static_cast<double>(to - from - 1)) * part(loads.load[to - 1])) / all;
  }

  void report_segment(std::size_t from, std::size_t to) {
    const auto& rows = counted_.channels;
    std::size_t worst = from;
    double at_stake = 0;
    std::set<std::uint32_t> concerned;
    for (std::size_t i = from; i < to; ++i) {
      if (rows.peak[i] > rows.peak[worst]) worst = i;
      for (const auto& a : counted_in(i))
        if (const double part = above_capacity(i, a); part > 0) {
          concerned.insert(a.campaign);
          if (in_.budget[a.campaign] > 0)
            at_stake += part * in_.load.spend_of(a.campaign)[rows.week[i] - in_.load.first_week[a.campaign]];
        }
    }
    const auto busy = busy_segments(worst);
    std::vector<std::string> segments;
    for (const auto segment : busy) segments.push_back(counted_.segments[segment]);

    // Only campaigns that reach the busiest segment add to its load.
    auto running = counted_in(worst);
    std::erase_if(running, [&](const active& a) {
      if (busy.empty()) return a.load != rows.peak[worst];
      const auto named = in_.declared[a.campaign];
      return in_.declared.everyone[a.campaign] == 0 && !std::binary_search(named.begin(), named.end(), busy.front());
    });
    std::stable_sort(running.begin(), running.end(), [](const active& x, const active& y) { return x.load > y.load; });
    std::vector<std::uint32_t> campaigns;
    for (const auto& a : running) {
      campaigns.push_back(a.campaign);
      concerned.erase(a.campaign);
    }
    campaigns.insert(campaigns.end(), concerned.begin(), concerned.end());

    const double peak = rows.peak[worst], capacity = rows.capacity[worst];
    auto finding = schema::make_finding(
        rule_of("C202"), wording::ids(in_.portfolio, campaigns),
        fmt::format("{} plans up to {} a week for {}; it can carry {} ({})", channel_of(worst),
                    wording::plural_number(peak, "contact"),
                    segments.empty() ? "the customers of " + name(campaigns.front()) : wording::list(segments, 3),
                    wording::number(capacity), in_weeks(to - from, week_of(from))));
    finding.why =
        "Estimate from declared segments: the weekly touches of the channel's campaigns that name a segment were added up, as if "
        "each reached all of it. Expected loss: of each campaign, what it spends in these weeks, in equal parts on its segments, "
        "x "
        "the part of the segment's load that is above the capacity.";
    auto evidence = weeks_evidence(from, to, worst);
    evidence.add("segments", segments)
        .add("peak", peak, "contacts per customer and week")
        .add("capacity", capacity, "contacts per customer and week");
    if (running.size() > 1) {
      const auto mover = mover_of(campaigns, running);
      double rest = peak;
      for (const auto& a : running)
        if (a.campaign == mover) rest -= a.load;
      evidence.add("move", wording::id(in_.portfolio, mover)).add("peak_without_it", rest, "contacts per customer and week");
      finding.suggestion = relief(mover, from, to, worst);
      finding.expected_effect =
          fmt::format("Without {}, the load of {} falls from {} to {} contacts a week.", name(mover),
                      segments.empty() ? channel_of(worst) : segments.front(), wording::number(peak), wording::number(rest));
    } else {
      lower_touches(finding, running.front(), capacity);
    }
    finding.evidence = evidence.done();
    finding.expected_loss = at_stake;
    findings_.push_back(std::move(finding));
  }

  void judge_reach() {
    const auto& rows = counted_.reach;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows.order[i] < in_.options.min_order || rows.audience[i] == 0 || rows.new_share[i] >= in_.options.min_new_reach ||
          in_.over(rows.campaign[i]))
        continue;
      // Those before it that it was set against: with members, or whoever declares segments.
      std::vector<std::uint32_t> before;
      for (std::size_t j = i - (rows.order[i] - 1); j < i; ++j)
        if (rows.estimated[i] != 0 ? in_.declared.known(rows.campaign[j]) : rows.estimated[j] == 0)
          before.push_back(rows.campaign[j]);
      if (rows.estimated[i] == 0)
        report_reach(i, before);
      else if (rows.new_reach[i] == 0)
        report_segments_named(i, before);
    }
  }

  std::vector<std::string> reach_campaigns(std::uint32_t campaign, const std::vector<std::uint32_t>& before) const {
    auto out = wording::ids(in_.portfolio, before, 99);
    out.insert(out.begin(), wording::id(in_.portfolio, campaign));
    return out;
  }

  void report_reach(std::size_t i, const std::vector<std::uint32_t>& earlier) {
    const auto& rows = counted_.reach;
    const auto c = rows.campaign[i];
    const std::string& channel = in_.load.channels[rows.channel[i]];
    const std::string quarter = wording::quarter(rows.quarter[i]);
    const double added = rows.new_reach[i], before = rows.reached[i] - added, spent = in_.portfolio.known_budget(c);
    const auto currency = in_.portfolio.currency[c];
    auto finding = schema::make_finding(
        rule_of("C203"), reach_campaigns(c, earlier),
        fmt::format(
            "{} is campaign {} on {} in {} and adds {} new people: {} of its {} customers, the others were reached before",
            name(c), rows.order[i], channel, quarter, wording::percent(rows.new_share[i]), wording::count(added),
            wording::count(rows.audience[i])));
    finding.why = fmt::format(
        "In start order, each of its customers who is in an earlier campaign of the channel that starts in {} was counted as "
        "reached already. Expected loss: its budget times the share of its audience reached already.",
        quarter);
    evidence_list evidence;
    evidence.add("channel", channel)
        .add("quarter", quarter)
        .add_count("order", rows.order[i], "campaigns")
        .add_count("audience", rows.audience[i], "customers")
        .add_count("new_reach", added, "customers")
        .add("new_share", rows.new_share[i], "share")
        .add_count("reached_before", before, "customers")
        .add("growth", before > 0 ? added / before : 0, "share");
    finding.expected_loss = in_.budget[c] * (1 - rows.new_share[i]);
    finding.expected_effect = fmt::format("Leaving it out keeps {} of the {} people that the channel reaches in {}",
                                          wording::percent(before / rows.reached[i]), wording::count(rows.reached[i]), quarter);
    if (spent > 0) finding.expected_effect += " and frees " + wording::money(spent, currency);
    // A price can be set against another where every budget behind it is known and in the same currency.
    double earlier_budget = 0;
    const bool comparable = std::all_of(earlier.begin(), earlier.end(), [&](std::uint32_t e) {
      earlier_budget += in_.portfolio.known_budget(e);
      return in_.portfolio.known_budget(e) > 0 && in_.portfolio.currency[e] == currency;
    });
    if (spent > 0 && added > 0 && before > 0 && comparable) {
      const double cost = spent / added, usual = earlier_budget / before;
      evidence.add("cost_per_new_customer", cost, std::string(currency))
          .add("earlier_cost_per_customer", usual, std::string(currency));
      finding.expected_effect += fmt::format(": a new person costs {} here, {} in the campaigns before",
                                             wording::price(cost, currency), wording::price(usual, currency));
    }
    finding.expected_effect += ".";
    finding.evidence = evidence.done();
    findings_.push_back(std::move(finding));
  }

  void report_segments_named(std::size_t i, const std::vector<std::uint32_t>& earlier) {
    const auto& rows = counted_.reach;
    const auto c = rows.campaign[i];
    const std::string& channel = in_.load.channels[rows.channel[i]];
    const std::string quarter = wording::quarter(rows.quarter[i]);
    const double spent = in_.portfolio.known_budget(c);
    auto finding =
        schema::make_finding(rule_of("C204"), reach_campaigns(c, earlier),
                             fmt::format("{} is campaign {} on {} in {} and names no segment that the earlier ones did not name",
                                         name(c), rows.order[i], channel, quarter));
    finding.why =
        "Estimate from declared segments: each of the campaign's segments is also declared by an earlier campaign of the "
        "channel that starts in the same quarter.";
    finding.evidence = evidence_list()
                           .add("channel", channel)
                           .add("quarter", quarter)
                           .add_count("order", rows.order[i], "campaigns")
                           .add_count("segments", rows.audience[i], "segments")
                           .add_count("new_segments", rows.new_reach[i], "segments")
                           .done();
    finding.expected_effect = fmt::format("Leaving it out loses none of the {} that the channel reaches in {}{}.",
                                          wording::plural(rows.reached[i], "segment"), quarter,
                                          spent > 0 ? " and frees " + wording::money(spent, in_.portfolio.currency[c]) : "");
    findings_.push_back(std::move(finding));
  }

  void name_unknown_channels() {
    for (std::uint32_t k = 0; k < in_.load.channels.size(); ++k) {
      if (!std::isnan(in_.load.capacity[k])) continue;
      std::vector<std::uint32_t> campaigns;
      for (std::uint32_t c = 0; c < in_.load.size(); ++c)
        if (in_.load.channel[c] == k && counts(in_.portfolio, c)) campaigns.push_back(c);
      if (campaigns.empty()) continue;
      const auto n = static_cast<double>(campaigns.size());
      auto finding = schema::make_finding(
          rule_of("C205"), wording::ids(in_.portfolio, campaigns),
          fmt::format("{} runs {} but has no capacity to judge them by", in_.load.channels[k], wording::plural(n, "campaign")));
      finding.why = "The channel registry has no channel of this name.";
      finding.evidence = evidence_list().add("channel", in_.load.channels[k]).add_count("n_campaigns", n, "campaigns").done();
      findings_.push_back(std::move(finding));
    }
  }

  const saturation_input& in_;
  const saturation_result& counted_;
  std::vector<schema::finding> findings_;
};

}  // namespace

std::vector<schema::finding> judge_saturation(const saturation_input& input, const saturation_result& counted,
                                              const run_options& run) {
  return judge(input, counted).run(run);
}

}  // namespace clarion::conflict
