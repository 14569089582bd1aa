#include "clarion/conflict/saturation.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/pairs.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/schema/audiences.hpp"
#include "conflict/progress.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using wording::evidence_list;

/// Sums of sevenths of a week are not exact; a load is above the capacity when it is by more than their rounding.
constexpr double rounding = 1e-9;

/// Campaigns of one channel that run in a week and what each asks of its customers.
struct active {
  std::uint32_t campaign;
  double load;

  friend bool operator==(const active&, const active&) = default;
  friend auto operator<=>(const active&, const active&) = default;
};

/// What the customers of some campaigns of a channel get in a week.
struct tally {
  std::uint64_t customers = 0, over = 0;
  double peak = 0;
};

template <class Visit>
void each_member(const schema::audience_container& container, std::size_t words, Visit&& visit) {
  if (!container.is_bitmap()) {
    const auto* list = container.list();
    for (std::uint32_t i = 0; i < container.count(); ++i) visit(std::uint32_t{list[i]});
    return;
  }
  const auto* bits = container.bits();
  for (std::size_t w = 0; w < words; ++w)
    for (auto word = bits[w]; word != 0; word &= word - 1)
      visit(static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(word))));
}

const schema::audience_container* container_of(std::span<const schema::audience_container> chunk, std::uint32_t audience) {
  const auto at = std::lower_bound(chunk.begin(), chunk.end(), audience,
                                   [](const schema::audience_container& c, std::uint32_t a) { return c.campaign() < a; });
  return at != chunk.end() && at->campaign() == audience ? &*at : nullptr;
}

/// Contacts of each customer of these campaigns, counted. `audience_of` maps campaigns to rows of `audiences`.
tally count_contacts(const schema::audiences& audiences, std::span<const std::uint32_t> audience_of,
                     std::span<const active> running, double capacity) {
  tally out;
  std::vector<double> contacts(schema::audiences::chunk_size);
  for (std::size_t chunk = 0; chunk < audiences.n_chunks(); ++chunk) {
    const auto containers = audiences.chunk(chunk);
    const std::size_t words = audiences.chunk_words(chunk);
    const auto each_contact = [&](auto&& visit) {
      for (const auto& [campaign, load] : running)
        if (const auto* members = container_of(containers, audience_of[campaign]))
          each_member(*members, words, [&, load = load](std::uint32_t customer) { visit(contacts[customer], load); });
    };
    each_contact([](double& sum, double load) { sum += load; });
    // Through the members again rather than all of the chunk: most weeks reach few of it. A customer counts once, then is 0.
    each_contact([&](double& sum, double) {
      if (sum <= 0) return;
      ++out.customers;
      out.over += sum > capacity + rounding;
      out.peak = std::max(out.peak, sum);
      sum = 0;
    });
  }
  return out;
}

class detector {
public:
  detector(const schema::portfolio& portfolio, const schema::audiences* audiences, const weekly_load& load,
           const saturation_options& options, const run_options& run)
      : portfolio_(portfolio),
        audiences_(audiences),
        load_(load),
        options_(options),
        run_(run),
        declared_(declare_audiences(portfolio)),
        audience_of_(audiences != nullptr ? audience_rows(portfolio, *audiences)
                                          : std::vector<std::uint32_t>(portfolio.size(), no_audience)) {}

  saturation_result detect() {
    out_.segments = declared_.segments;
    out_.segments.push_back("(everyone)");
    find_running();
    load_segments();
    load_channels();
    judge_channels();
    follow_reach();
    judge_reach();
    name_unknown_channels();
    wording::worst_first(out_.findings);
    return std::move(out_);
  }

private:
  bool exact(std::uint32_t campaign) const { return audience_of_[campaign] != no_audience; }

  /// Campaigns by channel and week.
  void find_running() {
    running_.resize(load_.channels.size());
    for (std::uint32_t c = 0; c < load_.size(); ++c) {
      const auto values = load_.load_of(c);
      if (load_.channel[c] == weekly_load::no_channel) continue;
      for (std::uint32_t i = 0; i < values.size(); ++i)
        if (values[i] > 0) running_[load_.channel[c]][load_.first_week[c] + i].push_back({c, values[i]});
    }
  }

  void load_segments() {
    const auto everyone = static_cast<std::uint32_t>(declared_.segments.size());
    for (std::uint32_t k = 0; k < running_.size(); ++k)
      for (const auto& [week, campaigns] : running_[k]) {
        std::map<std::uint32_t, double> loads;
        double to_all = 0;
        for (const auto& [c, value] : campaigns) {
          if (declared_.everyone[c] != 0)
            to_all += value;
          else
            for (const auto segment : declared_[c]) loads[segment] += value;
        }
        if (to_all > 0) loads[everyone] = 0;
        for (const auto& [segment, value] : loads) {
          auto& rows = out_.segment_loads;
          rows.channel.push_back(k);
          rows.segment.push_back(segment);
          rows.week.push_back(week);
          rows.load.push_back(value + to_all);
          rows.capacity.push_back(load_.capacity[k]);
        }
      }
  }

  void load_channels() {
    auto& rows = out_.channels;
    // Weeks of a channel with the same campaigns at the same loads are counted once.
    std::map<std::pair<std::uint32_t, std::vector<active>>, std::size_t> jobs;
    std::vector<std::pair<std::size_t, std::size_t>> to_count;  // row, job
    std::size_t segment_row = 0;
    for (std::uint32_t k = 0; k < running_.size(); ++k)
      for (const auto& [week, campaigns] : running_[k]) {
        rows.channel.push_back(k);
        rows.week.push_back(week);
        rows.capacity.push_back(load_.capacity[k]);
        double spend = 0;
        for (const auto& [c, value] : campaigns) {
          const double part = load_.spend_of(c)[week - load_.first_week[c]];
          if (part > 0) spend += part;
        }
        rows.spend.push_back(spend);

        double busiest = 0;
        for (; segment_row < out_.segment_loads.size() && out_.segment_loads.channel[segment_row] == k &&
               out_.segment_loads.week[segment_row] == week;
             ++segment_row)
          busiest = std::max(busiest, out_.segment_loads.load[segment_row]);
        const bool counted = std::all_of(campaigns.begin(), campaigns.end(), [&](const active& a) { return exact(a.campaign); });
        rows.estimated.push_back(counted ? 0 : 1);
        if (counted) {
          const auto job = jobs.emplace(std::pair(k, campaigns), jobs.size()).first->second;
          to_count.emplace_back(rows.size() - 1, job);
        } else {
          for (const auto& a : campaigns) busiest = std::max(busiest, a.load);  // of whom nothing is declared
        }
        rows.load.push_back(busiest);
        rows.peak.push_back(busiest);
        rows.customers.push_back(schema::missing);
        rows.over.push_back(schema::missing);
        rows.saturated.push_back(!counted && busiest > load_.capacity[k] + rounding ? 1 : 0);
      }

    std::vector<const std::pair<std::uint32_t, std::vector<active>>*> job_list(jobs.size());
    for (const auto& [what, job] : jobs) job_list[job] = &what;
    std::vector<tally> tallies(jobs.size());
    core::parallel_blocks(jobs.size(), part_of(run_, 0, 0.8), [&](std::size_t job) {
      const auto& [k, campaigns] = *job_list[job];
      tallies[job] = count_contacts(*audiences_, audience_of_, campaigns, load_.capacity[k]);
    });
    for (const auto& [row, job] : to_count) {
      const tally& t = tallies[job];
      double contacts = 0;
      for (const auto& [c, value] : job_list[job]->second)
        contacts += value * static_cast<double>(audiences_->count(audience_of_[c]));
      const auto customers = static_cast<double>(t.customers), over = static_cast<double>(t.over);
      rows.load[row] = customers > 0 ? contacts / customers : 0;
      rows.peak[row] = t.peak;
      rows.customers[row] = customers;
      if (!std::isnan(rows.capacity[row])) {
        rows.over[row] = over;
        rows.saturated[row] = over > options_.over_share * customers ? 1 : 0;
      }
    }
  }

  /// One finding a channel and run of consecutive saturated weeks that are of one kind.
  void judge_channels() {
    const auto& rows = out_.channels;
    for (std::size_t i = 0; i < rows.size();) {
      std::size_t j = i + 1;
      if (rows.saturated[i] != 0) {
        while (j < rows.size() && rows.saturated[j] != 0 && rows.channel[j] == rows.channel[i] &&
               rows.week[j] == rows.week[j - 1] + 1 && rows.estimated[j] == rows.estimated[i])
          ++j;
        if (rows.estimated[i] != 0)
          report_segment(i, j);
        else
          report_channel(i, j);
      }
      i = j;
    }
  }

  /// Campaigns of the rows [from, to), those that ask for most contacts in the worst week first.
  std::vector<std::uint32_t> involved(std::size_t from, std::size_t to, std::size_t worst) const {
    const auto& rows = out_.channels;
    std::map<std::uint32_t, double> weight;
    for (std::size_t i = from; i < to; ++i)
      for (const auto& [c, value] : running_[rows.channel[i]].at(rows.week[i])) {
        const double people = exact(c) ? static_cast<double>(audiences_->count(audience_of_[c])) : 1;
        weight[c] += i == worst ? value * people : 0;
      }
    std::vector<std::uint32_t> out;
    for (const auto& [c, value] : weight) out.push_back(c);
    std::stable_sort(out.begin(), out.end(), [&](std::uint32_t x, std::uint32_t y) { return weight[x] > weight[y]; });
    return out;
  }

  std::string weeks_text(std::size_t from, std::size_t to) const {
    const auto& rows = out_.channels;
    const std::string first = core::to_string(load_.weeks[rows.week[from]]);
    return to - from == 1 ? "in the week of " + first : fmt::format("in the {} weeks from {}", to - from, first);
  }

  evidence_list weeks_evidence(std::size_t from, std::size_t to) const {
    const auto& rows = out_.channels;
    evidence_list out;
    out.add("channel", load_.channels[rows.channel[from]])
        .add("first_week", load_.weeks[rows.week[from]])
        .add("last_week", load_.weeks[rows.week[to - 1]])
        .add_count("weeks", static_cast<double>(to - from), "weeks");
    return out;
  }

  void report_channel(std::size_t from, std::size_t to) {
    const auto& rows = out_.channels;
    std::size_t worst = from;
    double at_stake = 0;
    for (std::size_t i = from; i < to; ++i) {
      if (rows.over[i] / rows.customers[i] > rows.over[worst] / rows.customers[worst]) worst = i;
      at_stake += rows.spend[i] * rows.over[i] / rows.customers[i];
    }
    const auto campaigns = involved(from, to, worst);
    const std::string& channel = load_.channels[rows.channel[from]];
    auto finding = schema::make_finding(
        rule_of("C201"), wording::ids(portfolio_, campaigns),
        fmt::format("{} gives {} of the {} customers it reaches more than the {} a week it can carry, up to {}, {}", channel,
                    wording::count(rows.over[worst]), wording::count(rows.customers[worst]),
                    wording::plural_number(rows.capacity[worst], "contact"), wording::number(rows.peak[worst]),
                    weeks_text(from, to)));
    finding.why = fmt::format(
        "Per customer, the weekly touches of the channel's campaigns that hold the customer were added up and set against the "
        "capacity {}. Expected loss: what the channel spends in these weeks times the share of its customers above capacity.",
        wording::number(rows.capacity[worst]));
    auto evidence = weeks_evidence(from, to);
    evidence.add("worst_week", load_.weeks[rows.week[worst]])
        .add("load", rows.load[worst], "contacts per customer and week")
        .add("peak", rows.peak[worst], "contacts per customer and week")
        .add("capacity", rows.capacity[worst], "contacts per customer and week")
        .add_count("customers", rows.customers[worst], "customers")
        .add_count("over_capacity", rows.over[worst], "customers")
        .add("over_share", rows.over[worst] / rows.customers[worst], "share");

    // What moving the campaign that brings most contacts would leave.
    const auto& running = running_[rows.channel[worst]].at(rows.week[worst]);
    if (running.size() > 1) {
      const auto mover = movable(campaigns, running);
      std::vector<active> rest;
      for (const auto& a : running)
        if (a.campaign != mover) rest.push_back(a);
      const tally left = count_contacts(*audiences_, audience_of_, rest, rows.capacity[worst]);
      evidence.add("move", wording::id(portfolio_, mover))
          .add_count("over_capacity_without_it", static_cast<double>(left.over), "customers")
          .add("peak_without_it", left.peak, "contacts per customer and week");
      finding.suggestion = fmt::format("Move {} out of these weeks, or lower its touches.", wording::label(portfolio_, mover));
      finding.expected_effect = fmt::format(
          "Without {}, {} instead of {} customers are above the capacity in the week of {}, and at most {} instead of {} a week.",
          wording::label(portfolio_, mover), wording::count(static_cast<double>(left.over)), wording::count(rows.over[worst]),
          core::to_string(load_.weeks[rows.week[worst]]), wording::number(left.peak),
          wording::plural_number(rows.peak[worst], "contact"));
      for (const auto& a : rest)
        if (a.load > rows.capacity[worst] + rounding)
          finding.suggestion += fmt::format(" {} alone plans {}: lower that to {}, too.", wording::label(portfolio_, a.campaign),
                                            wording::number(a.load), wording::number(rows.capacity[worst]));
    } else {
      lower_touches(finding, running.front(), rows.capacity[worst]);
    }
    finding.evidence = evidence.done();
    finding.expected_loss = at_stake;
    out_.findings.push_back(std::move(finding));
  }

  void report_segment(std::size_t from, std::size_t to) {
    const auto& rows = out_.channels;
    const auto& loads = out_.segment_loads;
    const std::uint32_t k = rows.channel[from];
    std::size_t worst = from;
    double at_stake = 0;
    for (std::size_t i = from; i < to; ++i) {
      if (rows.peak[i] > rows.peak[worst]) worst = i;
      at_stake += rows.spend[i] * (rows.peak[i] - rows.capacity[i]) / rows.peak[i];
    }
    // Segments over the capacity in the worst week; the rows are ordered by channel, week, segment.
    std::vector<std::pair<double, std::uint32_t>> over;
    auto at = std::pair(k, rows.week[worst]);
    std::size_t low = 0, high = loads.size();
    while (low < high) {
      const std::size_t mid = (low + high) / 2;
      if (std::pair(loads.channel[mid], loads.week[mid]) < at)
        low = mid + 1;
      else
        high = mid;
    }
    for (; low < loads.size() && std::pair(loads.channel[low], loads.week[low]) == at; ++low)
      if (loads.load[low] > rows.capacity[worst] + rounding) over.emplace_back(-loads.load[low], loads.segment[low]);
    std::sort(over.begin(), over.end());
    std::vector<std::string> segments;
    for (const auto& [load, segment] : over) segments.push_back(out_.segments[segment]);

    // Only campaigns that reach the busiest segment add to its load.
    std::vector<active> running;
    for (const auto& a : running_[k].at(rows.week[worst])) {
      const auto named = declared_[a.campaign];
      if (over.empty()
              ? a.load == rows.peak[worst]
              : declared_.everyone[a.campaign] != 0 || std::binary_search(named.begin(), named.end(), over.front().second))
        running.push_back(a);
    }
    std::stable_sort(running.begin(), running.end(), [](const active& x, const active& y) { return x.load > y.load; });
    std::vector<std::uint32_t> campaigns;
    for (const auto& a : running) campaigns.push_back(a.campaign);

    const std::string& channel = load_.channels[k];
    auto finding = schema::make_finding(
        rule_of("C202"), wording::ids(portfolio_, campaigns),
        fmt::format(
            "{} plans up to {} a week for {}; it can carry {} ({})", channel, wording::plural_number(rows.peak[worst], "contact"),
            segments.empty() ? "the customers of " + wording::label(portfolio_, campaigns.front()) : wording::list(segments, 3),
            wording::number(rows.capacity[worst]), weeks_text(from, to)));
    finding.why =
        "Estimate from declared segments: the weekly touches of the channel's campaigns that name a segment were added up, as if "
        "each reached all of it. Expected loss: what the channel spends in these weeks times the part of the load above "
        "capacity.";
    auto evidence = weeks_evidence(from, to);
    evidence.add("worst_week", load_.weeks[rows.week[worst]])
        .add("segments", segments)
        .add("peak", rows.peak[worst], "contacts per customer and week")
        .add("capacity", rows.capacity[worst], "contacts per customer and week");
    if (running.size() > 1) {
      const auto mover = movable(campaigns, running);
      double rest = rows.peak[worst];
      for (const auto& a : running)
        if (a.campaign == mover) rest -= a.load;
      evidence.add("move", wording::id(portfolio_, mover)).add("peak_without_it", rest, "contacts per customer and week");
      finding.suggestion = fmt::format("Move {} out of these weeks, or lower its touches.", wording::label(portfolio_, mover));
      finding.expected_effect =
          fmt::format("Without {}, the load of {} falls from {} to {} contacts a week.", wording::label(portfolio_, mover),
                      segments.empty() ? channel : segments.front(), wording::number(rows.peak[worst]), wording::number(rest));
    } else {
      lower_touches(finding, running.front(), rows.capacity[worst]);
    }
    finding.evidence = evidence.done();
    finding.expected_loss = at_stake;
    out_.findings.push_back(std::move(finding));
  }

  /// The campaign to move: the first of the list that runs in that week and is not fixed; else the first that runs.
  std::uint32_t movable(const std::vector<std::uint32_t>& campaigns, const std::vector<active>& running) const {
    const auto runs = [&](std::uint32_t c) {
      return std::any_of(running.begin(), running.end(), [&](const active& a) { return a.campaign == c; });
    };
    for (const auto c : campaigns)
      if (runs(c) && !portfolio_.fixed_dates[c]) return c;
    return *std::find_if(campaigns.begin(), campaigns.end(), runs);
  }

  void lower_touches(schema::finding& finding, const active& only, double capacity) const {
    finding.suggestion = fmt::format("Plan at most {} a week for {}.", wording::plural_number(capacity, "contact"),
                                     wording::label(portfolio_, only.campaign));
    finding.expected_effect = fmt::format("Its load falls from {} to {} contacts per customer and week.",
                                          wording::number(only.load), wording::number(capacity));
  }

  void follow_reach() {
    // Campaigns by channel and quarter of their start, in start order.
    std::map<std::pair<std::uint32_t, std::int32_t>, std::vector<std::uint32_t>> groups;
    for (std::uint32_t c = 0; c < load_.size(); ++c)
      if (load_.channel[c] != weekly_load::no_channel && counts(portfolio_, c))
        groups[{load_.channel[c], core::quarter_number(portfolio_.start[c])}].push_back(c);
    std::vector<const std::vector<std::uint32_t>*> exact_groups;
    std::vector<std::size_t> exact_from;
    auto& rows = out_.reach;
    for (auto& [at, campaigns] : groups) {
      std::stable_sort(campaigns.begin(), campaigns.end(),
                       [&](std::uint32_t x, std::uint32_t y) { return portfolio_.start[x] < portfolio_.start[y]; });
      const bool counted = std::all_of(campaigns.begin(), campaigns.end(), [&](std::uint32_t c) { return exact(c); });
      if (counted) {
        exact_groups.push_back(&campaigns);
        exact_from.push_back(rows.size());
      } else {
        std::erase_if(campaigns, [&](std::uint32_t c) { return !declared_.known(c); });
      }
      std::vector<std::uint8_t> seen(counted ? 0 : declared_.segments.size(), 0);
      double reached = 0;
      bool all_seen = false;
      std::uint32_t order = 0;
      for (const auto c : campaigns) {
        rows.campaign.push_back(c);
        rows.channel.push_back(at.first);
        rows.quarter.push_back(at.second);
        rows.order.push_back(++order);
        rows.estimated.push_back(counted ? 0 : 1);
        double audience = 0, fresh = 0;
        if (!counted && declared_.everyone[c] != 0) {
          audience = std::max<double>(1, static_cast<double>(declared_.segments.size()));
          fresh = all_seen ? 0 : audience - reached;
          all_seen = true;
          reached = audience;
        } else if (!counted) {
          for (const auto segment : declared_[c]) {
            ++audience;
            fresh += !all_seen && seen[segment] == 0;
            seen[segment] = 1;
          }
          reached += fresh;
        }
        rows.audience.push_back(audience);
        rows.new_reach.push_back(fresh);
        rows.reached.push_back(reached);
        rows.new_share.push_back(audience > 0 ? fresh / audience : 0);
      }
    }

    core::parallel_blocks(exact_groups.size(), part_of(run_, 0.8, 1), [&](std::size_t g) {
      const auto& campaigns = *exact_groups[g];
      const std::size_t from = exact_from[g];
      std::vector<std::uint64_t> fresh(campaigns.size(), 0), seen(schema::audiences::chunk_size / 64);
      for (std::size_t chunk = 0; chunk < audiences_->n_chunks(); ++chunk) {
        const auto containers = audiences_->chunk(chunk);
        const std::size_t words = audiences_->chunk_words(chunk);
        std::fill(seen.begin(), seen.end(), 0);
        for (std::size_t i = 0; i < campaigns.size(); ++i)
          if (const auto* members = container_of(containers, audience_of_[campaigns[i]]))
            each_member(*members, words, [&](std::uint32_t customer) {
              const std::uint64_t bit = std::uint64_t{1} << (customer & 63);
              fresh[i] += (seen[customer >> 6] & bit) == 0;
              seen[customer >> 6] |= bit;
            });
      }
      double reached = 0;
      for (std::size_t i = 0; i < campaigns.size(); ++i) {
        const auto audience = static_cast<double>(audiences_->count(audience_of_[campaigns[i]]));
        const auto added = static_cast<double>(fresh[i]);
        reached += added;
        rows.audience[from + i] = audience;
        rows.new_reach[from + i] = added;
        rows.new_share[from + i] = audience > 0 ? added / audience : 0;
        rows.reached[from + i] = reached;
      }
    });
  }

  void judge_reach() {
    const auto& rows = out_.reach;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows.order[i] < options_.min_order || rows.audience[i] == 0 || rows.new_share[i] >= options_.min_new_reach) continue;
      const bool guess = rows.estimated[i] != 0;
      if (guess && rows.new_reach[i] > 0) continue;
      const std::uint32_t c = rows.campaign[i];
      const std::size_t first = i - (rows.order[i] - 1);
      std::vector<std::string> campaigns{wording::id(portfolio_, c)};
      double earlier_budget = 0;
      for (std::size_t j = first; j < i; ++j) {
        campaigns.push_back(wording::id(portfolio_, rows.campaign[j]));
        earlier_budget += portfolio_.known_budget(rows.campaign[j]);
      }
      const std::string name = wording::label(portfolio_, c), quarter = wording::quarter(rows.quarter[i]);
      const std::string& channel = load_.channels[rows.channel[i]];
      const double before = rows.reached[i] - rows.new_reach[i], spent = portfolio_.known_budget(c);
      const auto currency = portfolio_.currency[c];

      schema::finding finding;
      evidence_list evidence;
      evidence.add("channel", channel).add("quarter", quarter).add_count("order", rows.order[i], "campaigns");
      if (guess) {
        finding = schema::make_finding(
            rule_of("C204"), std::move(campaigns),
            fmt::format("{} is campaign {} on {} in {} and names no segment that the earlier ones did not name", name,
                        rows.order[i], channel, quarter));
        finding.why =
            "Estimate from declared segments: each of the campaign's segments is also declared by an earlier campaign of the "
            "channel "
            "that starts in the same quarter.";
        evidence.add_count("segments", rows.audience[i], "segments").add_count("new_segments", rows.new_reach[i], "segments");
        finding.expected_effect = fmt::format("Leaving it out loses none of the {} that the channel reaches in {}{}.",
                                              wording::plural(rows.reached[i], "segment"), quarter,
                                              spent > 0 ? " and frees " + wording::money(spent, currency) : "");
      } else {
        finding = schema::make_finding(
            rule_of("C203"), std::move(campaigns),
            fmt::format(
                "{} is campaign {} on {} in {} and adds {} new people: {} of its {} customers, the others were reached before",
                name, rows.order[i], channel, quarter, wording::percent(rows.new_share[i]), wording::count(rows.new_reach[i]),
                wording::count(rows.audience[i])));
        finding.why = fmt::format(
            "In start order, each of its customers who is in an earlier campaign of the channel that starts in {} was counted as "
            "reached "
            "already. Expected loss: its budget times the share of its audience reached already.",
            quarter);
        evidence.add_count("audience", rows.audience[i], "customers")
            .add_count("new_reach", rows.new_reach[i], "customers")
            .add("new_share", rows.new_share[i], "share")
            .add_count("reached_before", before, "customers")
            .add("growth", before > 0 ? rows.new_reach[i] / before : 0, "share");
        finding.expected_loss = spent * (1 - rows.new_share[i]);
        finding.expected_effect =
            fmt::format("Leaving it out keeps {} of the {} people that the channel reaches in {}",
                        wording::percent(before / rows.reached[i]), wording::count(rows.reached[i]), quarter);
        if (spent > 0 && rows.new_reach[i] > 0 && earlier_budget > 0 && before > 0) {
          const double cost = spent / rows.new_reach[i], usual = earlier_budget / before;
          evidence.add("cost_per_new_customer", cost, std::string(currency))
              .add("earlier_cost_per_customer", usual, std::string(currency));
          finding.expected_effect +=
              fmt::format(" and frees {}: a new person costs {} here, {} in the campaigns before",
                          wording::money(spent, currency), wording::price(cost, currency), wording::price(usual, currency));
        } else if (spent > 0) {
          finding.expected_effect += " and frees " + wording::money(spent, currency);
        }
        finding.expected_effect += ".";
      }
      finding.evidence = evidence.done();
      out_.findings.push_back(std::move(finding));
    }
  }

  void name_unknown_channels() {
    for (std::uint32_t k = 0; k < load_.channels.size(); ++k) {
      if (!std::isnan(load_.capacity[k])) continue;
      std::vector<std::uint32_t> campaigns;
      for (std::uint32_t c = 0; c < load_.size(); ++c)
        if (load_.channel[c] == k && counts(portfolio_, c)) campaigns.push_back(c);
      if (campaigns.empty()) continue;
      auto finding = schema::make_finding(rule_of("C205"), wording::ids(portfolio_, campaigns),
                                          fmt::format("{} runs {} but has no capacity to judge them by", load_.channels[k],
                                                      wording::plural(static_cast<double>(campaigns.size()), "campaign")));
      finding.why = "The channel registry has no channel of this name.";
      finding.evidence = evidence_list()
                             .add("channel", load_.channels[k])
                             .add_count("n_campaigns", static_cast<double>(campaigns.size()), "campaigns")
                             .done();
      out_.findings.push_back(std::move(finding));
    }
  }

  const schema::portfolio& portfolio_;
  const schema::audiences* audiences_;
  const weekly_load& load_;
  const saturation_options& options_;
  const run_options& run_;
  declared_audiences declared_;
  std::vector<std::uint32_t> audience_of_;
  std::vector<std::map<std::uint32_t, std::vector<active>>> running_;  // by channel, then week
  saturation_result out_;
};

}  // namespace

saturation_result saturation(const schema::portfolio& portfolio, const schema::audiences* audiences, const weekly_load& load,
                             const saturation_options& options, const run_options& run) {
  core::check_options(options);
  if (load.size() != portfolio.size())
    reject("load", std::to_string(load.size()) + " campaigns",
           "give the load of the same " + std::to_string(portfolio.size()) + " campaigns");
  return detector(portfolio, audiences, load, options, run).detect();
}

}  // namespace clarion::conflict
