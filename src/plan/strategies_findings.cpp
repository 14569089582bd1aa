#include "plan/strategies_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/outcome_words.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array rules = {
    schema::rule{"P101", "What a campaign can be expected to bring", schema::severity::info,
                 "The outcome that history lets one expect, with an interval, and the finished campaigns that are most like it.",
                 "Plan with the interval: a target above it needs a reason that history does not know."},
    schema::rule{
        "P102", "A campaign is expected to underperform", schema::severity::warning,
        "History makes more of the same money: the expected outcome per money is below the usual by more than the margin, with "
        "the "
        "certainty asked for.",
        "Change what the factors point at (channel, season, size), move the money, or write down why this time differs."},
    schema::rule{"P103", "A campaign is expected to outperform", schema::severity::info,
                 "The expected outcome per money is above the usual by more than the margin, with the certainty asked for.",
                 "Protect it: keep its dates, its audience and its budget when the plan gets tight."},
    schema::rule{"P104", "The same money would return more elsewhere", schema::severity::info,
                 "Budgets moved along diminishing-return curves until the next unit of money returns the same everywhere.",
                 "Move the budgets as listed, or in part: the first units moved gain the most."},
    schema::rule{
        "P105", "A budget lies beyond what history has seen", schema::severity::warning,
        "The budget is outside the range of spends of its channel in history, so that its expected outcome extrapolates a curve.",
        "Approach it in steps, or treat the first weeks as a test of whether the curve holds."},
    schema::rule{"P106", "A campaign has no precedent", schema::severity::warning,
                 "No finished campaign is similar enough; what is expected rests on its channel, objective and season alone.",
                 "Run a small version first, or add finished campaigns like it to the history."}};

enum rule_index { expected_rule, under_rule, over_rule, move_rule, range_rule, precedent_rule };

// "same channel and objective, audience 0.50, season 0.98".
std::string explain(const similar& near) {
  std::vector<std::string> out;
  for (std::size_t p = 0; p < similarity_parts.size(); ++p) {
    if (std::isnan(near.parts[p])) continue;
    const std::string name{similarity_parts[p]};
    if (p < 2)
      out.push_back((near.parts[p] > 0 ? "same " : "other ") + name);
    else
      out.push_back(fmt::format("{} {:.2f}", name, near.parts[p]));
  }
  return wording::list(out);
}

// The factors whose product is what is expected of a campaign.
std::string factors_of(const strategy_context& c, const plan_row& p, const expected_outcome& e) {
  return fmt::format(
      "{} finished campaigns come to {}; times {:.2f} for its channel, {:.2f} for its objective, {:.2f} for its "
      "category, {:.2f} for its "
      "season, {:.2f} for its size and {:.2f} for what campaigns like it had in common",
      p.model->usual_rows, ratio_of(e.outcome, e.usual_per_money, c.codes.currency), e.channel_factor, e.objective_factor,
      e.category_factor, e.season_factor, e.budget_factor, e.neighbours_factor);
}

}  // namespace

std::span<const schema::rule> strategies_rules() { return rules; }

schema::finding say_expectation(const strategy_context& c, const plan_row& p, const expected_outcome& e) {
  const std::string name = wording::label(c.planned, p.row), &currency = c.codes.currency;
  const std::string unit = unit_of(e.outcome, currency);
  std::vector<std::string> ids;
  std::vector<double> similarity;
  std::array<std::vector<double>, similarity_parts.size()> parts;
  for (const auto& near : c.neighbours[p.row]) {
    ids.emplace_back(c.history.id[near.row]);
    similarity.push_back(near.similarity);
    for (std::size_t part = 0; part < parts.size(); ++part) parts[part].push_back(near.parts[part]);
  }
  auto finding = schema::make_finding(
      rules[expected_rule], {e.campaign},
      fmt::format("{}: {} expected from {} ({:.0f}% interval {} to {}), {}.", name, amount_of(e.outcome, e.expected, currency),
                  wording::money(e.budget, currency), 100 * c.options.level, figure_of(e.outcome, e.low, currency),
                  figure_of(e.outcome, e.high, currency), ratio_of(e.outcome, e.per_money, currency)));
  finding.evidence = {{"outcome", std::string(to_string(e.outcome)), ""},
                      {"budget", e.budget, currency},
                      {"expected", e.expected, unit},
                      {"low", e.low, unit},
                      {"high", e.high, unit},
                      {"level", c.options.level, ""},
                      {"per_money", e.per_money, ""},
                      {"usual_per_money", e.usual_per_money, ""},
                      {"index", e.index, ""},
                      {"index_low", e.index_low, ""},
                      {"index_high", e.index_high, ""},
                      {"channel_factor", e.channel_factor, ""},
                      {"objective_factor", e.objective_factor, ""},
                      {"category_factor", e.category_factor, ""},
                      {"season_factor", e.season_factor, ""},
                      {"budget_factor", e.budget_factor, ""},
                      {"neighbours_factor", e.neighbours_factor, ""},
                      {"history_rows", static_cast<std::int64_t>(e.history_rows), "campaigns"},
                      {"neighbours", ids, ""},
                      {"similarity", similarity, ""}};
  for (std::size_t part = 0; part < parts.size(); ++part)
    finding.evidence.push_back({"similarity_" + std::string(similarity_parts[part]), parts[part], ""});
  finding.why = factors_of(c, p, e) + ", each shrunk by how much history shows.";
  if (!c.neighbours[p.row].empty()) {
    const auto& first = c.neighbours[p.row].front();
    finding.why +=
        fmt::format(" Most similar: {} ({:.2f}: {}).", wording::label(c.history, first.row), first.similarity, explain(first));
  }
  return finding;
}

schema::finding say_standing(const strategy_context& c, const plan_row& p, const expected_outcome& e, double chance) {
  const std::string name = wording::label(c.planned, p.row), &currency = c.codes.currency;
  const bool under = e.standing == standing::under;
  struct part {
    std::string name;
    double factor;
  };
  std::vector<part> order = {{"channel", e.channel_factor},   {"objective", e.objective_factor},
                             {"category", e.category_factor}, {"season", e.season_factor},
                             {"size", e.budget_factor},       {"precedents", e.neighbours_factor}};
  std::stable_sort(order.begin(), order.end(),
                   [&](const part& a, const part& b) { return under ? a.factor < b.factor : a.factor > b.factor; });
  auto finding = schema::make_finding(
      rules[under ? under_rule : over_rule], {e.campaign},
      fmt::format("{} is expected to make {:.2f} times ({:.2f} to {:.2f}) what history makes of the same money: {} against {}.",
                  name, e.index, e.index_low, e.index_high, ratio_of(e.outcome, e.index * e.usual_per_money, currency),
                  ratio_of(e.outcome, e.usual_per_money, currency)));
  finding.evidence = {{"outcome", std::string(to_string(e.outcome)), ""},
                      {"index", e.index, ""},
                      {"index_low", e.index_low, ""},
                      {"index_high", e.index_high, ""},
                      {"probability", chance, ""},
                      {"usual_per_money", e.usual_per_money, ""},
                      {"channel_factor", e.channel_factor, ""},
                      {"objective_factor", e.objective_factor, ""},
                      {"category_factor", e.category_factor, ""},
                      {"season_factor", e.season_factor, ""},
                      {"budget_factor", e.budget_factor, ""},
                      {"neighbours_factor", e.neighbours_factor, ""}};
  finding.why = fmt::format("{}. What {} most is its {} ({:.2f}).", factors_of(c, p, e), under ? "costs" : "helps",
                            order.front().name, order.front().factor);
  if (under) {
    const double lost = (e.usual_per_money - e.index * e.usual_per_money) * e.budget;
    finding.suggestion = fmt::format(
        "Look at its {} first: it takes {:.0f}% off the outcome. Otherwise move the money, or write down why this time "
        "differs.",
        order.front().name, 100 * (1 - order.front().factor));
    finding.expected_effect =
        fmt::format("At the usual return the money would bring {} more.", amount_of(e.outcome, lost, currency));
    // In money that is spent, as the losses of conflicts are: what the usual return would not have needed for this outcome.
    finding.expected_loss = e.budget * (1 - e.index);
    finding.why += " Expected loss: the part of the budget that the usual return would not have needed.";
  }
  return finding;
}

schema::finding say_move(const strategy_context& c, const reallocation& moved) {
  std::vector<const reallocation_row*> order;
  std::vector<std::string> ids, extrapolated;
  std::vector<double> before, after, marginal_before, marginal_after;
  double shifted = 0;
  for (const auto& r : moved.rows) {
    if (r.after != r.before) order.push_back(&r);
    shifted += std::max(0.0, r.after - r.before);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return std::abs(a->after - a->before) > std::abs(b->after - b->before); });
  for (const auto* r : order) {
    ids.push_back(r->campaign);
    before.push_back(r->before);
    after.push_back(r->after);
    marginal_before.push_back(r->marginal_before);
    marginal_after.push_back(r->marginal_after);
    if (r->extrapolated) extrapolated.push_back(r->campaign);
  }
  const std::string unit = unit_of(moved.outcome, moved.currency);
  const double share = moved.expected_before > 0 ? moved.change / moved.expected_before : 0;
  auto finding = schema::make_finding(
      rules[move_rule], ids,
      fmt::format("Moving {} between {} leaves the budget of {} as it is and is expected to bring {} more (+{:.1f}%, {:.0f}% "
                  "interval {} to {}).",
                  wording::money(shifted, moved.currency), wording::plural(ids.size(), "campaign"),
                  wording::money(moved.budget, moved.currency), amount_of(moved.outcome, moved.change, moved.currency),
                  100 * share, 100 * c.options.level, figure_of(moved.outcome, moved.low, moved.currency),
                  figure_of(moved.outcome, moved.high, moved.currency)));
  finding.evidence = {{"budget", moved.budget, moved.currency},
                      {"moved", shifted, moved.currency},
                      {"before", before, moved.currency},
                      {"after", after, moved.currency},
                      {"marginal_before", marginal_before, unit},
                      {"marginal_after", marginal_after, unit},
                      {"expected_before", moved.expected_before, unit},
                      {"expected_after", moved.expected_after, unit},
                      {"change", moved.change, unit},
                      {"low", moved.low, unit},
                      {"high", moved.high, unit}};
  const auto* up = *std::max_element(order.begin(), order.end(),
                                     [](const auto* a, const auto* b) { return a->after - a->before < b->after - b->before; });
  const auto* down = *std::min_element(order.begin(), order.end(),
                                       [](const auto* a, const auto* b) { return a->after - a->before < b->after - b->before; });
  const double lot = moved.outcome == outcome::revenue ? 1 : 1000;
  const auto brings = [&](const reallocation_row* r) {
    return moved.outcome == outcome::revenue ? wording::price(r->marginal_before, moved.currency)
                                             : amount_of(moved.outcome, lot * r->marginal_before, moved.currency);
  };
  finding.why = fmt::format(
      "The next {} brings {} in {} but {} in {}, on the curves of diminishing returns that history shows; money moves until that "
      "is equal or "
      "a campaign has lost {:.0f}% or gained {:.0f}%. Only campaigns that are held to {} take part.",
      wording::money(lot, moved.currency), brings(up), up->campaign, brings(down), down->campaign, 100 * c.options.largest_cut,
      100 * c.options.largest_raise, wording::spoken(to_string(moved.outcome)));
  if (!extrapolated.empty())
    finding.why += fmt::format(
        " Caution: {} would then spend what no campaign of the channel has spent in history, where the curve is continued and "
        "not observed.",
        wording::list(extrapolated));
  if (moved.low < 0) finding.why += " The interval holds a loss as well: the gain is not certain.";
  std::string list;
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 6); ++i)
    list += fmt::format("{}{} {} to {}", i ? ", " : "", order[i]->campaign, wording::money(order[i]->before, moved.currency),
                        wording::money(order[i]->after, moved.currency));
  finding.suggestion = "Change " + list + (order.size() > 6 ? ", and the others as listed." : ".");
  finding.expected_effect = fmt::format("{} instead of {}.", amount_of(moved.outcome, moved.expected_after, moved.currency),
                                        amount_of(moved.outcome, moved.expected_before, moved.currency));
  return finding;
}

schema::finding say_range(const strategy_context& c, const plan_row& p, const expected_outcome& e) {
  const std::string name = wording::label(c.planned, p.row), &currency = c.codes.currency;
  const auto& seen = p.model->shape_of(c.codes.planned.channel[p.row]);
  auto finding = schema::make_finding(
      rules[range_rule], {e.campaign},
      seen.rows == 0
          ? fmt::format("{}: no finished campaign on {} tells what it brings; the expectation is that of all channels.", name,
                        c.planned.channel[p.row])
          : fmt::format("{} plans {} on {}, where history has seen {} to {}.", name, wording::money(e.budget, currency),
                        c.planned.channel[p.row], wording::money(seen.min_spend, currency),
                        wording::money(seen.max_spend, currency)));
  finding.evidence = {{"budget", e.budget, currency},
                      {"min_spend", seen.min_spend, currency},
                      {"max_spend", seen.max_spend, currency},
                      {"channel_rows", static_cast<std::int64_t>(seen.rows), "campaigns"}};
  finding.why = "A curve of diminishing returns is known where there were spends; outside it is continued, not observed.";
  return finding;
}

schema::finding say_no_precedent(const strategy_context& c, const plan_row& p, const expected_outcome& e, double best) {
  const std::string name = wording::label(c.planned, p.row);
  std::vector<std::string> ids;
  for (const auto& near : c.neighbours[p.row]) ids.emplace_back(c.history.id[near.row]);
  auto finding = schema::make_finding(
      rules[precedent_rule], {e.campaign},
      fmt::format("{} has no precedent: the most similar finished campaign reaches {:.2f} of 1.", name, best));
  finding.evidence = {{"similarity", best, ""}, {"similar_enough", c.options.similar_enough, ""}};
  if (!ids.empty()) finding.evidence.push_back({"neighbours", ids, ""});
  finding.why = ids.empty() ? "History has no finished campaign."
                            : fmt::format("{}: {}.", wording::label(c.history, c.neighbours[p.row].front().row),
                                          explain(c.neighbours[p.row].front()));
  return finding;
}

}  // namespace clarion::plan
