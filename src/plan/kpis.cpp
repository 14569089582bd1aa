#include "clarion/plan/kpis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "clarion/core/date.hpp"
#include "clarion/plan/outcome.hpp"
#include "clarion/plan/similarity.hpp"
#include "clarion/schema/channel.hpp"
#include "clarion/schema/detail/parse.hpp"
#include "clarion/stats/quantile.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array rules = {
    schema::rule{"P201", "How a campaign is measured", schema::severity::info,
                 "The KPIs that its intent calls for, the target of the first and the day to look at it.",
                 "Agree on the primary KPI and its target before the start, and freeze both."},
    schema::rule{"P202", "A KPI has no baseline", schema::severity::info,
                 "History does not hold what the KPI is computed from, so that there is no baseline, and no target unless the "
                 "campaign set one.",
                 "Record the numbers named, from now on and where possible for past campaigns."},
    schema::rule{"P203", "A target that hardly any similar campaign reached", schema::severity::warning,
                 "At most one in ten similar finished campaigns did as well as the target asks for.",
                 "Lower the target, or write down what will be different this time."},
    schema::rule{"P204", "A target that nearly every similar campaign reached", schema::severity::info,
                 "At least nine in ten similar finished campaigns did as well as the target asks for.",
                 "Raise the target to what would be a success."},
    schema::rule{"P205", "A campaign without an objective", schema::severity::warning,
                 "Without an objective the framework follows from the channel alone.", "Give the campaign an objective."},
    schema::rule{"P206", "A target on an unknown KPI", schema::severity::warning,
                 "A success criterion names a KPI that the table does not define, so that nothing can be said about it.",
                 "Use a KPI of the table, or define it in a table of your own."}};

enum rule_index { framework_rule, unknown_baseline_rule, hard_rule, easy_rule, aim_rule, kpi_rule };

// Other words for the same KPI.
std::string canonical(std::string_view text) {
  const std::string name = schema::detail::normal_key(text);
  static constexpr std::pair<std::string_view, std::string_view> other[] = {{"new_customers", "new_users"},
                                                                            {"conversion_rate", "conversion"},
                                                                            {"click_through_rate", "ctr"},
                                                                            {"average_order_value", "aov"},
                                                                            {"ltv", "clv"},
                                                                            {"cpl", "cost_per_lead"},
                                                                            {"attendance_rate", "attendance"},
                                                                            {"unsubscribes", "unsubscribe_rate"},
                                                                            {"returns", "return_rate"}};
  for (const auto& [from, to] : other)
    if (name == from) return std::string(to);
  return name;
}

// Numbers of history by field or extra column; a column that is not numeric has none.
class numbers {
public:
  explicit numbers(const schema::portfolio& history) : history_(history) {}

  // The first alternative ("leads|conversions") that has a number in any row; empty when none has.
  const std::vector<double>& column(const std::string& alternatives) {
    std::size_t begin = 0;
    while (begin <= alternatives.size()) {
      const std::size_t end = std::min(alternatives.find('|', begin), alternatives.size());
      const auto& values = one(alternatives.substr(begin, end - begin));
      if (std::any_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) return values;
      begin = end + 1;
    }
    static const std::vector<double> none;
    return none;
  }

private:
  const std::vector<double>& one(const std::string& name) {
    const std::pair<std::string_view, const std::vector<double>*> fields[] = {
        {"spend", &history_.spend},     {"impressions", &history_.impressions},
        {"clicks", &history_.clicks},   {"conversions", &history_.conversions},
        {"revenue", &history_.revenue}, {"new_customers", &history_.new_customers},
        {"returns", &history_.returns}, {"budget", &history_.budget}};
    for (const auto& [field, values] : fields)
      if (name == field) return *values;
    const auto [at, fresh] = read_.try_emplace(name);
    if (!fresh) return at->second;
    for (const auto& [extra, texts] : history_.extras) {
      if (schema::detail::normal_key(extra) != schema::detail::normal_key(name)) continue;
      at->second = read(texts);
    }
    return at->second;
  }

  // A column has one decimal mark: the point, unless more of its cells can be read with a comma.
  static std::vector<double> read(const core::text_column& texts) {
    std::vector<schema::detail::number_guess> guesses;
    std::ptrdiff_t commas = 0;
    for (std::size_t row = 0; row < texts.size(); ++row) {
      guesses.push_back(schema::detail::parse_number(texts[row]));
      commas += static_cast<std::ptrdiff_t>(!std::isnan(guesses.back().comma)) - !std::isnan(guesses.back().point);
    }
    std::vector<double> out;
    for (const auto& guess : guesses) out.push_back(commas > 0 ? guess.comma : guess.point);
    return out;
  }

  const schema::portfolio& history_;
  std::unordered_map<std::string, std::vector<double>> read_;
};

bool is_total(const kpi_definition& d) {
  // A score or an amount of money per customer does not grow with the budget; counts and sums do.
  return d.denominator.empty() && (d.unit == "count" || (d.unit == "money" && d.numerator == "revenue"));
}

// The KPI of every row of history; totals per unit of money.
std::vector<double> values_of(const kpi_definition& d, numbers& from, const schema::portfolio& history) {
  std::vector<double> out(history.size(), schema::missing);
  const auto& top = from.column(d.numerator);
  if (top.empty()) return out;
  const std::vector<double>* bottom = d.denominator.empty() ? nullptr : &from.column(d.denominator);
  if (bottom && bottom->empty()) return out;
  const bool total = is_total(d);
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (!is_finished(history, row) || !std::isfinite(top[row])) continue;
    double below = 1;
    if (bottom) below = (*bottom)[row];
    if (total) below = history.spend[row] > 0 ? history.spend[row] : history.budget[row];
    if (std::isfinite(below) && below > 0) out[row] = top[row] / below;
  }
  return out;
}

std::string show(double value, const std::string& unit, std::string_view currency) {
  if (std::isnan(value)) return "unknown";
  if (unit == "money")
    return std::abs(value) >= 1000 ? wording::money(value, currency)
           : currency == "USD"     ? fmt::format("${:.2f}", value)
                                   : fmt::format("{:.2f} {}", value, currency);
  if (unit == "share") return fmt::format("{:.2f}%", 100 * value);
  if (unit == "count") return wording::count(value);
  return fmt::format("{:.2f}", value);
}

struct baseline {
  std::array<double, 3> quantiles{schema::missing, schema::missing, schema::missing};  // 25%, 50%, 75%
  std::vector<double> values, weights;                                                 // scaled to the campaign
  std::string basis;
};

// When enough of a campaign has happened to read it: the day by which `events` conversions are due at the usual pace, between
// a quarter and two thirds of the run.
date day_to_look(date start, date end, double usual_conversions, double events) {
  const auto days = static_cast<std::int32_t>((end - start).count()) + 1;
  std::int32_t wait = (days + 2) / 3;
  if (usual_conversions > 0) {
    const double needed = std::ceil(events / usual_conversions * days);
    wait = static_cast<std::int32_t>(std::clamp(needed, std::ceil(days / 4.0), std::max(1.0, std::ceil(days * 2 / 3.0))));
  }
  return start + std::chrono::days{std::max(1, wait) - 1};
}

// What every campaign is set against.
struct yardstick {
  const schema::portfolio& planned;
  const schema::portfolio& history;
  const kpi_table& table;
  const kpis_options& options;
  std::string currency;                     // of the portfolio
  std::vector<std::string> ids;             // of the definitions
  std::vector<std::vector<double>> values;  // of each definition, by row of history
  neighbour_lists neighbours;               // of each planned campaign, most similar first

  double spent(std::size_t row) const { return history.spend[row] > 0 ? history.spend[row] : history.budget[row]; }
};

// The framework of one campaign.
class framework {
public:
  framework(const yardstick& by, std::size_t row)
      : by_(by),
        near_(by.neighbours[row]),
        campaign_(by.planned[row]),
        currency_(campaign_.budget.currency.empty() ? by.currency : campaign_.budget.currency),
        channel_(schema::detail::normal_key(campaign_.channel)),
        name_(wording::label(by.planned, row)),
        target_of_(by.table.definitions.size(), nullptr) {
    look_ = day_to_look(campaign_.start, campaign_.end, usual_conversions(), by.options.events);
    const double days = static_cast<double>((campaign_.end - campaign_.start).count()) + 1;
    run_share_ = (static_cast<double>((look_ - campaign_.start).count()) + 1) / days;
  }

  void tell() {
    choose();
    for (const auto& choice : chosen_) {
      const auto b = baseline_of(choice.definition);
      rows.push_back(row_of(choice, b));
      if (target_of_[choice.definition] != nullptr && !b.values.empty()) judge_target(rows.back(), choice.definition, b);
    }
    if (campaign_.objective == schema::objective::unspecified) miss_objective();
    if (!rows.empty()) findings.insert(findings.begin(), summary());
  }

  std::vector<kpi_row> rows;
  std::vector<schema::finding> findings;

private:
  bool in_currency(std::size_t row) const { return by_.history.currency[row].empty() || by_.history.currency[row] == currency_; }

  /// Conversions that a campaign like this comes to; 0 where history cannot tell.
  double usual_conversions() const {
    std::vector<double> counts, weights;
    const double budget = campaign_.budget.amount;
    for (const auto& n : near_)
      if (counts.size() < by_.options.most_rows && by_.history.conversions[n.row] >= 0 && by_.spent(n.row) > 0 && budget > 0 &&
          in_currency(n.row)) {
        counts.push_back(by_.history.conversions[n.row] / by_.spent(n.row) * budget);
        weights.push_back(std::max(n.similarity, 1e-6));
      }
    return counts.size() < by_.options.min_rows ? 0 : stats::weighted_quantiles(counts, weights, std::array{0.5})[0];
  }

  /// From the same channel and objective, or where those are too few from the same objective, or the same channel.
  baseline baseline_of(std::size_t d) const {
    struct scope {
      bool channel, objective;
      std::string words;
    };
    const std::string aim = wording::spoken(campaign_.objective);
    const std::array scopes = {scope{true, true, fmt::format("{} campaigns for {}", campaign_.channel, aim)},
                               scope{false, true, fmt::format("campaigns for {} on any channel", aim)},
                               scope{true, false, fmt::format("{} campaigns for any objective", campaign_.channel)}};
    const auto& definition = by_.table.definitions[d];
    const double budget = campaign_.budget.amount;
    const bool total = is_total(definition), money = definition.unit == "money" || total;
    if (total && !(budget > 0)) return {};
    for (const auto& s : scopes) {
      if (s.objective && campaign_.objective == schema::objective::unspecified) continue;
      if (s.channel && campaign_.channel.empty()) continue;
      baseline b;
      date first = date::max(), last = date::min();
      for (const auto& n : near_) {
        if (b.values.size() == by_.options.most_rows) break;
        const double v = by_.values[d][n.row];
        if (std::isnan(v) || (s.objective && by_.history.objective[n.row] != campaign_.objective) ||
            (s.channel && schema::detail::normal_key(by_.history.channel[n.row]) != channel_) || (money && !in_currency(n.row)))
          continue;
        b.values.push_back(total ? v * budget : v);
        b.weights.push_back(std::max(n.similarity, 1e-6));
        first = std::min(first, by_.history.start[n.row]);
        last = std::max(last, by_.history.end[n.row]);
      }
      if (b.values.size() < by_.options.min_rows) continue;
      const auto q = stats::weighted_quantiles(b.values, b.weights, std::array{0.25, 0.5, 0.75});
      std::copy(q.begin(), q.end(), b.quantiles.begin());
      b.basis = fmt::format("median of {} finished {}, {} to {}, weighted by similarity{}", b.values.size(), s.words,
                            core::to_string(first), core::to_string(last), total ? ", scaled to this budget" : "");
      return b;
    }
    return {};
  }

  /// What the table calls for, and what the campaign promised to reach whatever the table says.
  void choose() {
    chosen_ = framework_of(by_.table, campaign_.objective, campaign_.channel);
    for (const auto& target : campaign_.targets) {
      const auto at = std::find(by_.ids.begin(), by_.ids.end(), canonical(target.kpi));
      if (at == by_.ids.end()) {
        miss_definition(target);
        continue;
      }
      const auto d = static_cast<std::size_t>(at - by_.ids.begin());
      target_of_[d] = &target;
      if (std::none_of(chosen_.begin(), chosen_.end(), [&](const kpi_choice& k) { return k.definition == d; }))
        chosen_.push_back(
            {d, target.at_least == by_.table.definitions[d].higher_is_better ? kpi_role::secondary : kpi_role::guardrail});
    }
    std::stable_sort(chosen_.begin(), chosen_.end(), [](const kpi_choice& a, const kpi_choice& b) { return a.role < b.role; });
  }

  void miss_definition(const schema::kpi_target& target) {
    auto finding = schema::make_finding(
        rules[kpi_rule], {campaign_.id},
        fmt::format("{} is to reach {}, but no KPI is called {}.", name_, schema::to_string(target), target.kpi));
    finding.evidence = {{"target", schema::to_string(target), ""}, {"kpi", target.kpi, ""}};
    finding.why = "The table of KPIs has no definition of that name, so neither a baseline nor a warning line can be told.";
    if (const auto close = schema::nearest_name(by_.ids, schema::detail::normal_key(target.kpi)))
      finding.suggestion = fmt::format("Did you mean {}?", *close);
    findings.push_back(std::move(finding));
  }

  void miss_objective() {
    auto finding = schema::make_finding(rules[aim_rule], {campaign_.id},
                                        fmt::format("{} has no objective; its KPIs are those of any campaign{}.", name_,
                                                    campaign_.channel.empty() ? "" : " on " + campaign_.channel));
    finding.evidence = {{"channel", campaign_.channel, ""}};
    finding.why = "Which KPI comes first follows from what a campaign is for.";
    findings.push_back(std::move(finding));
  }

  kpi_row row_of(const kpi_choice& choice, const baseline& b) const {
    const auto& definition = by_.table.definitions[choice.definition];
    const auto* own = target_of_[choice.definition];
    const bool up = definition.higher_is_better, grows = is_total(definition) && definition.look_after_end == 0;
    const auto quantile = [&](double better) {
      return stats::weighted_quantiles(b.values, b.weights, std::array{up ? better : 1 - better})[0];
    };
    kpi_row k;
    k.campaign = campaign_.id;
    k.kpi = definition.id;
    k.role = choice.role;
    k.name = definition.name;
    k.formula = definition.formula;
    k.unit = definition.unit == "money" ? currency_ : definition.unit;
    k.higher_is_better = up;
    k.rows = b.values.size();
    k.baseline_low = b.quantiles[0];
    k.baseline = b.quantiles[1];
    k.baseline_high = b.quantiles[2];
    k.basis = b.basis.empty() ? fmt::format("no baseline: record {}", definition.measure) : b.basis;
    if (own) {
      k.target = own->value;
      k.target_basis = campaign_.approved_on ? "the campaign's own, frozen on " + core::to_string(*campaign_.approved_on)
                                             : "the campaign's own, not frozen yet";
    } else if (!b.values.empty()) {
      k.target = quantile(by_.options.target_quantile);
      k.target_basis = fmt::format("what {:.0f}% of those campaigns did not reach", 100 * by_.options.target_quantile);
    }
    k.check_on = definition.look_after_end > 0 ? campaign_.end + std::chrono::days{definition.look_after_end} : look_;
    if (!b.values.empty()) {
      k.warning = quantile(by_.options.warning_quantile);
      // A line beyond the target would warn of a campaign that does what it promised.
      if (own) k.warning = up ? std::min(k.warning, k.target) : std::max(k.warning, k.target);
    } else if (own) {
      k.warning = k.target;
    }
    if (grows) k.warning *= run_share_;
    return k;
  }

  /// A target that hardly any, or nearly every, similar campaign reached.
  void judge_target(const kpi_row& k, std::size_t d, const baseline& b) {
    const auto& own = *target_of_[d];
    const auto& definition = by_.table.definitions[d];
    double reached = 0, all = 0;
    std::size_t campaigns = 0;
    for (std::size_t i = 0; i < b.values.size(); ++i) {
      const bool did = own.at_least ? b.values[i] >= own.value : b.values[i] <= own.value;
      reached += did ? b.weights[i] : 0;
      campaigns += did;
      all += b.weights[i];
    }
    const double share = reached / all;
    if (share > 0.1 && share < 0.9) return;
    auto finding = schema::make_finding(
        rules[share <= 0.1 ? hard_rule : easy_rule], {campaign_.id},
        fmt::format("{} is to reach {}; {} of {} similar finished campaigns did, their median is {}.", name_,
                    schema::to_string(own), campaigns, b.values.size(), show(k.baseline, definition.unit, currency_)));
    finding.evidence = {{"kpi", definition.id, ""},
                        {"target", own.value, k.unit},
                        {"share_reached", share, "share"},
                        {"baseline", k.baseline, k.unit},
                        {"baseline_low", k.baseline_low, k.unit},
                        {"baseline_high", k.baseline_high, k.unit},
                        {"rows", static_cast<std::int64_t>(b.values.size()), "campaigns"}};
    finding.why =
        fmt::format("{}: the {}; half of them lie between {} and {}.", definition.name, b.basis,
                    show(k.baseline_low, definition.unit, currency_), show(k.baseline_high, definition.unit, currency_));
    findings.push_back(std::move(finding));
  }

  schema::finding summary() const {
    // The first primary KPI that has a target; without one, the first.
    std::size_t lead = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].role == kpi_role::primary && !std::isnan(rows[i].target)) {
        lead = i;
        break;
      }
    const auto& first = rows[lead];
    const auto& definition = by_.table.definitions[chosen_[lead].definition];
    std::array<std::vector<std::string>, 3> by_role;
    for (const auto& k : rows) by_role[static_cast<std::size_t>(k.role)].push_back(k.kpi);
    std::string message = fmt::format("{}: primary {}", name_, wording::list(by_role[0]));
    if (!by_role[1].empty()) message += "; secondary " + wording::list(by_role[1]);
    if (!by_role[2].empty()) message += "; guardrail " + wording::list(by_role[2]);
    message += fmt::format(". Look at {} on {}", definition.id, core::to_string(*first.check_on));
    if (!std::isnan(first.target))
      message += fmt::format(", target {} {}", definition.higher_is_better ? "at least" : "at most",
                             show(first.target, definition.unit, currency_));
    auto finding = schema::make_finding(rules[framework_rule], {campaign_.id}, message + ".");
    finding.evidence = {{"primary", by_role[0], ""},
                        {"secondary", by_role[1], ""},
                        {"guardrail", by_role[2], ""},
                        {"check_on", core::to_string(*first.check_on), ""}};
    const auto number = [&](const char* what, double value) {
      if (!std::isnan(value)) finding.evidence.push_back({what, value, first.unit});
    };
    number("target", first.target);
    number("baseline", first.baseline);
    number("warning", first.warning);
    finding.evidence.push_back({"rows", static_cast<std::int64_t>(first.rows), "campaigns"});
    finding.why = fmt::format(
        "The table of KPIs for {}{}. {}: {}{}.",
        campaign_.objective == schema::objective::unspecified ? "any objective" : wording::spoken(campaign_.objective),
        campaign_.channel.empty() ? "" : " on " + campaign_.channel, definition.name, first.basis,
        first.target_basis.empty() ? "" : "; target: " + first.target_basis);
    if (!std::isnan(first.warning))
      finding.suggestion = fmt::format("Agree on {} before the start; act if it stands {} {} on {}.", definition.id,
                                       definition.higher_is_better ? "below" : "above",
                                       show(first.warning, definition.unit, currency_), core::to_string(*first.check_on));
    return finding;
  }

  const yardstick& by_;
  std::span<const similar> near_;
  schema::campaign campaign_;
  std::string currency_, channel_, name_;
  std::vector<const schema::kpi_target*> target_of_;  // by definition: the campaign's own
  std::vector<kpi_choice> chosen_;
  date look_{};
  double run_share_ = 1;  // of the run, what is over when one looks
};

// What no campaign of the plan has a baseline for, and what to record.
void tell_what_is_missing(const yardstick& by, kpis_result& out) {
  if (by.history.empty()) {
    if (!out.table.empty())
      out.missing.push_back(
          {"kpis", "Baselines and targets of KPIs were not computed: no history was given",
           "a history of finished campaigns with channel, objective, spend, impressions, clicks, conversions, revenue, "
           "new_customers and returns"});
    return;
  }
  std::map<std::size_t, std::vector<std::string>> without;
  for (const auto& k : out.table)
    if (std::isnan(k.baseline))
      without[static_cast<std::size_t>(std::find(by.ids.begin(), by.ids.end(), k.kpi) - by.ids.begin())].push_back(k.campaign);
  std::size_t finished = 0;
  for (std::size_t row = 0; row < by.history.size(); ++row) finished += is_finished(by.history, row);
  for (const auto& [d, campaigns] : without) {
    const auto& definition = by.table.definitions[d];
    const auto seen = static_cast<std::size_t>(
        std::count_if(by.values[d].begin(), by.values[d].end(), [](double v) { return !std::isnan(v); }));
    auto finding = schema::make_finding(
        rules[unknown_baseline_rule], campaigns,
        fmt::format("{} has no baseline for {}: {} of {} finished campaigns {} what it is computed from.", definition.name,
                    wording::plural(campaigns.size(), "campaign"), seen, finished, seen == 1 ? "has" : "have"));
    finding.evidence = {{"kpi", definition.id, ""},
                        {"formula", definition.formula, ""},
                        {"rows", static_cast<std::int64_t>(seen), "campaigns"},
                        {"min_rows", static_cast<std::int64_t>(by.options.min_rows), "campaigns"}};
    finding.why =
        fmt::format("{} = {}. A baseline needs {} finished campaigns of the same objective or channel with those numbers.",
                    definition.id, definition.formula, by.options.min_rows);
    finding.suggestion = "Record " + definition.measure + ".";
    out.missing.push_back({"kpis",
                           fmt::format("{} has no baseline for {} ({})", definition.name,
                                       wording::plural(campaigns.size(), "campaign"), wording::list(campaigns)),
                           definition.measure});
    out.findings.push_back(std::move(finding));
  }
}

}  // namespace

std::span<const schema::rule> kpis_rules() { return rules; }

kpis_result kpis(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog,
                 const kpis_options& options, const run_options& run, const kpi_table& table) {
  core::check_options(options);
  // Of each planned campaign the finished ones by similarity: more than a baseline takes, as not each has every number.
  const auto wide = static_cast<std::uint32_t>(std::clamp<std::size_t>(8 * std::size_t{options.most_rows}, 200, 1000));
  yardstick by{.planned = planned,
               .history = history,
               .table = table,
               .options = options,
               .currency = (planned.empty() ? history : planned).main_currency(),
               .ids = {},
               .values = {},
               .neighbours = most_similar(planned, history, catalog, {.neighbours = wide}, part_of(run, 0, 0.7))};
  numbers from(history);
  for (const auto& d : table.definitions) {
    by.ids.push_back(d.id);
    by.values.push_back(values_of(d, from, history));
  }

  std::vector<std::vector<kpi_row>> rows(planned.size());
  std::vector<std::vector<schema::finding>> findings(planned.size());
  core::parallel_blocks(planned.size(), part_of(run, 0.7, 1), [&](std::size_t row) {
    if (planned.status[row] == schema::status::finished || planned.status[row] == schema::status::cancelled) return;
    framework told(by, row);
    told.tell();
    rows[row] = std::move(told.rows);
    findings[row] = std::move(told.findings);
  });
  kpis_result out;
  for (std::size_t row = 0; row < planned.size(); ++row) {
    for (auto& k : rows[row]) out.table.push_back(std::move(k));
    for (auto& finding : findings[row]) out.findings.push_back(std::move(finding));
  }
  tell_what_is_missing(by, out);
  return out;
}

}  // namespace clarion::plan
