#include "clarion/conflict/timing.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include "clarion/conflict/load.hpp"
#include "clarion/conflict/rules.hpp"
#include "conflict/bounded.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using wording::evidence_list;
using days = std::chrono::days;

struct move {
  std::uint32_t campaign;
  std::int32_t days;  ///< later, or earlier when negative
};

bool concerns(const schema::portfolio& portfolio, std::uint32_t c, const schema::blackout& taken) {
  return taken.channel.empty() || schema::detail::comparable(taken.channel) == schema::detail::comparable(portfolio.channel[c]);
}

/// The move, carried on past blackouts that the campaign would run into; nothing where fixed dates, its window, today or what
/// has begun forbid it.
std::optional<move> allowed(const schema::portfolio& portfolio, const schema::policy& policy, move by) {
  const auto c = by.campaign;
  if (by.days == 0 || !can_move(portfolio, c, policy.today)) return std::nullopt;
  for (bool clear = false; !clear;) {
    clear = true;
    for (const auto& taken : policy.blackouts) {
      const date start = portfolio.start[c] + days{by.days}, end = portfolio.end[c] + days{by.days};
      if (!concerns(portfolio, c, taken) || core::shared_days(start, end, taken.start, taken.end) == 0) continue;
      by.days += static_cast<std::int32_t>(by.days > 0 ? (taken.end - start).count() + 1 : (taken.start - end).count() - 1);
      clear = false;
    }
  }
  const date start = portfolio.start[c] + days{by.days}, end = portfolio.end[c] + days{by.days};
  const bool inside = (!portfolio.earliest_start[c] || start >= *portfolio.earliest_start[c]) &&
                      (!portfolio.latest_end[c] || end <= *portfolio.latest_end[c]) && (!policy.today || start >= *policy.today);
  return inside ? std::optional(by) : std::nullopt;
}

/// The shortest allowed move that leaves `rest` free days between the two runs; of equal ones that of the later campaign.
std::optional<move> keep_apart(const schema::portfolio& portfolio, const schema::policy& policy, std::uint32_t a, std::uint32_t b,
                               std::int32_t rest) {
  if (portfolio.start[b] < portfolio.start[a]) std::swap(a, b);
  const auto gap = [&](std::uint32_t first, std::uint32_t second) {
    return static_cast<std::int32_t>((portfolio.end[first] - portfolio.start[second]).count()) + 1 + rest;
  };
  std::optional<move> best;
  for (const move candidate : {move{b, gap(a, b)}, move{a, -gap(a, b)}, move{a, gap(b, a)}, move{b, -gap(b, a)}})
    if (const auto by = allowed(portfolio, policy, candidate); by && (!best || std::abs(by->days) < std::abs(best->days)))
      best = by;
  return best;
}

std::string describe(const schema::portfolio& portfolio, const move& by) {
  const double length = std::abs(by.days);
  return fmt::format("{} {} {}, to start on {}", wording::label(portfolio, by.campaign), wording::plural(length, "day"),
                     by.days > 0 ? "later" : "earlier", core::to_string(portfolio.start[by.campaign] + days{by.days}));
}

void add_move(const schema::portfolio& portfolio, const move& by, evidence_list& evidence) {
  evidence.add("move", wording::id(portfolio, by.campaign)).add_count("move_days", by.days, "days");
}

std::vector<std::string> shared_products(const schema::portfolio& portfolio, std::uint32_t a, std::uint32_t b) {
  const auto same = [](const std::string& x) {
    return [key = schema::detail::comparable(x)](const std::string& y) { return schema::detail::comparable(y) == key; };
  };
  std::vector<std::string> out;
  const auto others = portfolio.products.texts(b);
  for (const auto& product : portfolio.products.texts(a))
    if (std::any_of(others.begin(), others.end(), same(product)) && std::none_of(out.begin(), out.end(), same(product)))
      out.push_back(product);
  return out;
}

class detector {
public:
  detector(const schema::portfolio& portfolio, const pair_table& pairs, const schema::policy& policy,
           const timing_options& options)
      : portfolio_(portfolio),
        pairs_(pairs),
        policy_(policy),
        options_(options),
        currency_(portfolio.main_currency()),
        budget_(portfolio.budgets_in(currency_)) {
    for (std::size_t c = 0; c < portfolio.size(); ++c) over_.push_back(is_over(portfolio, c, policy.today) ? 1 : 0);
  }

  timing_result detect(std::span<const schema::blackout> holidays, const run_options& run) {
    core::pulse pulse(run);
    judge_pairs(pulse);
    judge_days(holidays, pulse);
    wording::worst_first(out_.findings);
    for (const auto& [code, hidden] : hidden_) out_.findings.push_back(not_shown(code, options_.max_findings, hidden));
    return std::move(out_);
  }

private:
  template <class Candidate, class Word>
  void word(const char* code, worst_of<Candidate>& worst, Word&& how) {
    for (const auto& candidate : worst.take()) out_.findings.push_back(how(candidate));
    if (worst.hidden() > 0) hidden_.emplace_back(code, worst.hidden());
  }

  void judge_pairs(core::pulse& pulse) {
    worst_of<std::size_t> overlap(options_.max_findings), declared(options_.max_findings), products(options_.max_findings),
        rest(options_.max_findings);
    const auto latest = last_contact();
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      if (i % 65536 == 0) pulse.beat(0.5 * static_cast<double>(i) / static_cast<double>(pairs_.size()));
      const auto reasons = pairs_.reasons[i];
      if (over_[later(i)] != 0) continue;
      if (pairs_.shared_days[i] > 0) {
        if (over_[earlier(i)] != 0) continue;
        const bool same = (reasons & (shares_channel | shares_products)) != 0;
        // Money first; weight orders those without budgets, and is too small beside money to disturb it.
        const double size = duplicated(i) + pairs_.weight[i] * 1e-6;
        if ((reasons & shares_audience) != 0 && pairs_.containment[i] >= options_.min_containment &&
            ((reasons & estimated) == 0 || same)) {
          ((reasons & estimated) == 0 ? overlap : declared).offer(size, i);
        } else if ((reasons & shares_channel) != 0 && (reasons & shares_products) != 0) {
          products.offer(pairs_.shared_days[i], i);
        }
      } else if (needs_rest(i) && pairs_.days_apart[i] - 1 < options_.rest_days &&
                 portfolio_.end[earlier(i)] == latest[later(i)]) {
        const bool exact = (reasons & estimated) == 0;
        rest.offer((exact ? 1e12 : 0) + unrested(i) + pairs_.containment[i] * 1e-6, i);
      }
    }
    word("C101", overlap, [&](std::size_t i) { return word_overlap(i); });
    word("C102", declared, [&](std::size_t i) { return word_overlap(i); });
    word("C401", products, [&](std::size_t i) { return word_products(i); });
    word("C402", rest, [&](std::size_t i) { return word_rest(i); });
  }

  std::uint32_t later(std::size_t i) const {
    return portfolio_.start[pairs_.b[i]] < portfolio_.start[pairs_.a[i]] ? pairs_.a[i] : pairs_.b[i];
  }
  std::uint32_t earlier(std::size_t i) const { return later(i) == pairs_.a[i] ? pairs_.b[i] : pairs_.a[i]; }

  /// Contacts of both campaigns in the shared days are paid for twice; the cheaper side could be saved. 0 when an audience is not
  /// known.
  double duplicated(std::size_t i) const {
    const auto side = [&](std::uint32_t c, double share) {
      return budget_[c] * share * pairs_.shared_days[i] / portfolio_.days(c);
    };
    const double a = side(pairs_.a[i], pairs_.share_a[i]), b = side(pairs_.b[i], pairs_.share_b[i]);
    return std::isnan(a) || std::isnan(b) ? 0 : std::min(a, b);
  }

  bool needs_rest(std::size_t i) const {
    return (pairs_.reasons[i] & shares_channel) != 0 && (pairs_.reasons[i] & shares_audience) != 0 &&
           pairs_.containment[i] >= options_.rest_containment;
  }

  /// For each campaign the last day on which one that started before it had its channel and audience. Rest is missing after
  /// that one alone: whoever was contacted since does not rest from an earlier campaign.
  std::vector<date> last_contact() const {
    std::vector<date> out(portfolio_.size(), date::min());
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      if (needs_rest(i)) out[later(i)] = std::max(out[later(i)], portfolio_.end[earlier(i)]);
    return out;
  }

  schema::finding word_overlap(std::size_t i) const {
    const auto a = pairs_.a[i], b = pairs_.b[i];
    const double share_a = pairs_.share_a[i], share_b = pairs_.share_b[i];
    const bool exact = (pairs_.reasons[i] & estimated) == 0;
    const std::string name_a = wording::label(portfolio_, a), name_b = wording::label(portfolio_, b);
    const double together = pairs_.shared_days[i];
    const date first = std::max(portfolio_.start[a], portfolio_.start[b]), last = std::min(portfolio_.end[a], portfolio_.end[b]);

    std::string message;
    if (exact) {
      message = fmt::format("{} and {} share {} customers, {} of the smaller audience, and run together for {} from {}", name_a,
                            name_b, wording::count(pairs_.shared[i]), wording::percent(pairs_.containment[i]),
                            wording::plural(together, "day"), core::to_string(first));
    } else {
      message = fmt::format(
          "{} and {} declare mostly the same audience (estimate: {} of the smaller one) and run together for {} from {}", name_a,
          name_b, wording::percent(pairs_.containment[i]), wording::plural(together, "day"), core::to_string(first));
    }
    const bool same_channel = (pairs_.reasons[i] & shares_channel) != 0;
    if (same_channel) message += fmt::format(", both on {}", portfolio_.channel[a]);
    auto finding =
        schema::make_finding(rule_of(exact ? "C101" : "C102"), {wording::id(portfolio_, a), wording::id(portfolio_, b)}, message);

    evidence_list evidence;
    evidence.add_count("shared_days", together, "days").add("first_day", first).add("last_day", last);
    if (exact) evidence.add_count("shared", pairs_.shared[i], "customers");
    evidence.add("jaccard", pairs_.jaccard[i], "share")
        .add("containment", pairs_.containment[i], "share")
        .add("share_a", share_a, "share")
        .add("share_b", share_b, "share")
        .add("weight", pairs_.weight[i], "days");
    if (!exact) evidence.add("basis", "declared segments");
    if (same_channel) evidence.add("channel", std::string(portfolio_.channel[a]));
    if (auto products = shared_products(portfolio_, a, b); !products.empty()) evidence.add("products", std::move(products));

    const double loss = duplicated(i);
    finding.why =
        exact ? "Customers in both memberships were counted; both campaigns run on the shared days."
              : "Estimate: segments are taken for disjoint groups of equal size, and those that both declare were counted.";
    finding.why +=
        " Expected loss: of each campaign, budget x shared part of its audience x shared part of its days; the smaller of the "
        "two.";
    if (const auto by = keep_apart(portfolio_, policy_, a, b, 0)) {
      add_move(portfolio_, *by, evidence);
      finding.suggestion = "Move " + describe(portfolio_, *by) + "; reschedule() weighs it against all other campaigns.";
      finding.expected_effect =
          fmt::format("The two no longer run together: {} fewer{}{}.", wording::plural(together, "shared day"),
                      exact ? fmt::format(" for {} customers", wording::count(pairs_.shared[i])) : "",
                      loss > 0 ? ", " + wording::money(loss, currency_) + " not spent twice" : "");
    } else {
      const auto exclude = share_a * budget_[a] < share_b * budget_[b] ? a : b;
      finding.suggestion =
          fmt::format("Neither can move far enough: exclude the shared customers from {}.", wording::label(portfolio_, exclude));
      finding.expected_effect = fmt::format("Its audience shrinks by {}{}.", wording::percent(exclude == a ? share_a : share_b),
                                            loss > 0 ? ", and " + wording::money(loss, currency_) + " is not spent twice" : "");
    }
    finding.evidence = evidence.done();
    finding.expected_loss = loss;
    return finding;
  }

  schema::finding word_products(std::size_t i) const {
    const auto a = pairs_.a[i], b = pairs_.b[i];
    const auto products = shared_products(portfolio_, a, b);
    const double together = pairs_.shared_days[i];
    const date first = std::max(portfolio_.start[a], portfolio_.start[b]);
    auto finding = schema::make_finding(
        rule_of("C401"), {wording::id(portfolio_, a), wording::id(portfolio_, b)},
        fmt::format("{} and {} both sell {} on {} for {} from {}", wording::label(portfolio_, a), wording::label(portfolio_, b),
                    products.empty() ? "products of one category" : wording::list(products, 3), portfolio_.channel[a],
                    wording::plural(together, "day"), core::to_string(first)));
    finding.why = std::isnan(pairs_.containment[i])
                      ? "Same channel, a common product and shared days; whom they share is not known."
                      : fmt::format("Same channel, a common product and shared days; they share {} of the smaller audience.",
                                    wording::percent(pairs_.containment[i]));
    evidence_list evidence;
    evidence.add("channel", std::string(portfolio_.channel[a]))
        .add("products", products)
        .add_count("shared_days", together, "days")
        .add("first_day", first)
        .add("containment", pairs_.containment[i], "share");
    if (const auto by = keep_apart(portfolio_, policy_, a, b, 0)) {
      add_move(portfolio_, *by, evidence);
      finding.expected_effect = fmt::format("Moving {} leaves no shared day.", describe(portfolio_, *by));
    }
    finding.evidence = evidence.done();
    return finding;
  }

  /// Budget of the later campaign that goes to customers whose rest is cut short.
  double unrested(std::size_t i) const {
    const auto c = later(i);
    const double share = c == pairs_.b[i] ? pairs_.share_b[i] : pairs_.share_a[i];
    const double missing = options_.rest_days - (pairs_.days_apart[i] - 1), length = portfolio_.days(c);
    return budget_[c] * share * std::min(1.0, missing / length);
  }

  schema::finding word_rest(std::size_t i) const {
    const auto before = earlier(i), after = later(i);
    const bool exact = (pairs_.reasons[i] & estimated) == 0;
    const std::int32_t rest = pairs_.days_apart[i] - 1, lacking = options_.rest_days - rest;
    auto finding = schema::make_finding(
        rule_of("C402"), {wording::id(portfolio_, after), wording::id(portfolio_, before)},
        fmt::format("{} follows {} on {} after {} of rest and shares {} of the smaller audience{}",
                    wording::label(portfolio_, after), wording::label(portfolio_, before), portfolio_.channel[after],
                    wording::plural(rest, "day"), wording::percent(pairs_.containment[i]), exact ? "" : " (estimate)"));
    if (!exact) finding.severity = schema::severity::info;
    finding.why = fmt::format(
        "A channel leaves an audience {} of rest between two campaigns that share at least {} of the smaller audience. Expected "
        "loss: "
        "budget of the later one x shared part of its audience x part of its days that fall into the rest.{}",
        wording::plural(options_.rest_days, "day"), wording::percent(options_.rest_containment),
        exact ? "" : " The share is estimated from declared segments.");
    evidence_list evidence;
    evidence.add("channel", std::string(portfolio_.channel[after]))
        .add_count("rest_days", rest, "days")
        .add_count("rest_wanted", options_.rest_days, "days")
        .add("containment", pairs_.containment[i], "share");
    if (exact) evidence.add_count("shared", pairs_.shared[i], "customers");
    if (const auto by = keep_apart(portfolio_, policy_, before, after, options_.rest_days)) {
      add_move(portfolio_, *by, evidence);
      finding.suggestion = "Move " + describe(portfolio_, *by) + ".";
      finding.expected_effect = fmt::format("The audience rests {} more.", wording::plural(lacking, "day"));
    } else {
      finding.suggestion = fmt::format("Neither can move far enough: exclude those whom {} contacted from {}.",
                                       wording::label(portfolio_, before), wording::label(portfolio_, after));
      finding.expected_effect =
          fmt::format("{} of the smaller audience is left to rest.", wording::percent(pairs_.containment[i]));
    }
    finding.evidence = evidence.done();
    finding.expected_loss = unrested(i);
    return finding;
  }

  void judge_days(std::span<const schema::blackout> holidays, core::pulse& pulse) {
    for (const auto& list : {std::span<const schema::blackout>(policy_.blackouts), holidays})
      for (const auto& taken : list)
        if (taken.end < taken.start)
          reject(taken.name.empty() ? "blackouts" : "blackouts: " + taken.name,
                 core::to_string(taken.start) + " to " + core::to_string(taken.end), "end on the first day or later");
    worst_of<std::size_t> blackouts(options_.max_findings), starts(options_.max_findings);
    auto& rows = out_.taken;
    for (std::uint32_t c = 0; c < portfolio_.size(); ++c) {
      pulse.beat(0.5 + 0.5 * c / static_cast<double>(portfolio_.size()));
      if (!counts(portfolio_, c)) continue;
      const date start = portfolio_.start[c], end = portfolio_.end[c];
      std::vector<std::tuple<date, std::uint8_t, std::string, std::uint32_t>> hits;
      for (const auto& taken : policy_.blackouts)
        if (const auto met = core::shared_days(start, end, taken.start, taken.end); met > 0 && concerns(portfolio_, c, taken))
          hits.emplace_back(std::max(start, taken.start), 0, taken.name, static_cast<std::uint32_t>(met));
      for (const auto& taken : holidays)
        if (taken.start <= start && start <= taken.end && concerns(portfolio_, c, taken))
          hits.emplace_back(start, 1, taken.name, 1);
      std::sort(hits.begin(), hits.end());
      for (auto& [first, holiday, name, met] : hits) {
        const std::size_t i = rows.size();
        rows.campaign.push_back(c);
        rows.days.push_back(met);
        rows.first.push_back(first);
        rows.name.push_back(std::move(name));
        rows.holiday.push_back(holiday);
        if (over_[c] != 0) continue;
        if (holiday != 0)
          starts.offer(budget_[c], i);
        else
          blackouts.offer(budget_[c] * met / portfolio_.days(c) + met * 1e-6, i);
      }
    }
    word("C403", blackouts, [&](std::size_t i) { return word_blackout(i); });
    word("C404", starts, [&](std::size_t i) { return word_holiday(i); });
  }

  schema::finding word_blackout(std::size_t i) const {
    const auto& rows = out_.taken;
    const auto c = rows.campaign[i];
    const double met = rows.days[i], length = portfolio_.days(c);
    const std::string name = rows.name[i].empty() ? "a blackout" : rows.name[i];
    auto finding = schema::make_finding(rule_of("C403"), {wording::id(portfolio_, c)},
                                        fmt::format("{} runs for {} into {}, from {}", wording::label(portfolio_, c),
                                                    wording::plural(met, "day"), name, core::to_string(rows.first[i])));
    finding.why = "The policy keeps these days free. Expected loss: budget x part of its days that fall into them.";
    finding.evidence = evidence_list()
                           .add("blackout", rows.name[i])
                           .add("first_day", rows.first[i])
                           .add_count("days", met, "days")
                           .add("share_of_run", met / length, "share")
                           .done();
    finding.expected_effect = fmt::format("{} of its {} are freed.", wording::count(met), wording::plural(length, "day"));
    finding.expected_loss = budget_[c] * met / length;
    return finding;
  }

  schema::finding word_holiday(std::size_t i) const {
    const auto& rows = out_.taken;
    const auto c = rows.campaign[i];
    auto finding =
        schema::make_finding(rule_of("C404"), {wording::id(portfolio_, c)},
                             fmt::format("{} starts on {} ({})", wording::label(portfolio_, c), core::to_string(rows.first[i]),
                                         rows.name[i].empty() ? "a holiday" : rows.name[i]));
    finding.why = "The calendar that was given names this day.";
    finding.evidence = evidence_list().add("holiday", rows.name[i]).add("first_day", rows.first[i]).done();
    return finding;
  }

  const schema::portfolio& portfolio_;
  const pair_table& pairs_;
  const schema::policy& policy_;
  const timing_options& options_;
  std::string currency_;
  std::vector<double> budget_;  // in that currency
  std::vector<std::uint8_t> over_;
  timing_result out_;
  std::vector<std::pair<const char*, std::uint64_t>> hidden_;
};

}  // namespace

timing_result timing(const schema::portfolio& portfolio, const pair_table& pairs, const schema::policy& policy,
                     std::span<const schema::blackout> holidays, const timing_options& options, const run_options& run) {
  core::check_options(options);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (pairs.a[i] >= portfolio.size() || pairs.b[i] >= portfolio.size())
      reject("pairs", std::to_string(std::max(pairs.a[i], pairs.b[i])),
             "give pairs of the same portfolio, rows below " + std::to_string(portfolio.size()));
  return detector(portfolio, pairs, policy, options).detect(holidays, run);
}

}  // namespace clarion::conflict
