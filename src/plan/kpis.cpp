#include "clarion/plan/kpis.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "clarion/core/date.hpp"
#include "clarion/plan/outcome.hpp"
#include "clarion/plan/similarity.hpp"
#include "clarion/schema/channel.hpp"
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
      at->second.assign(history_.size(), schema::missing);
      for (std::size_t row = 0; row < history_.size(); ++row) {
        auto text = texts[row];
        while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
        const bool percent = !text.empty() && text.back() == '%';
        if (percent) text.remove_suffix(1);
        double value = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failed == std::errc{} && end == text.data() + text.size() && !text.empty())
          at->second[row] = percent ? value / 100 : value;
      }
    }
    return at->second;
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

}  // namespace

std::span<const schema::rule> kpis_rules() { return rules; }

kpis_result kpis(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog,
                 const kpis_options& options, const run_options& run, const kpi_table& table) {
  core::check_options(options);
  kpis_result out;
  const std::string portfolio_currency = (planned.empty() ? history : planned).main_currency();

  // Of each planned campaign the finished ones by similarity: more than a baseline takes, as not each has every number.
  const auto wide = static_cast<std::uint32_t>(std::clamp<std::size_t>(8 * std::size_t{options.most_rows}, 200, 1000));
  const auto near = most_similar(planned, history, catalog, {.neighbours = wide}, run);

  numbers from(history);
  std::vector<std::vector<double>> values;
  for (const auto& d : table.definitions) values.push_back(values_of(d, from, history));

  std::vector<std::vector<kpi_row>> rows(planned.size());
  std::vector<std::vector<schema::finding>> findings(planned.size());
  std::vector<std::string> ids;
  for (const auto& d : table.definitions) ids.push_back(d.id);

  core::parallel_blocks(planned.size(), run, [&](std::size_t row) {
    const auto status = planned.status[row];
    if (status == schema::status::finished || status == schema::status::cancelled) return;
    const auto campaign = planned[row];
    const std::string& currency = campaign.budget.currency.empty() ? portfolio_currency : campaign.budget.currency;
    const std::string channel = schema::detail::normal_key(campaign.channel), name = wording::label(planned, row);
    const double budget = campaign.budget.amount;

    const auto baseline_of = [&](std::size_t d) {
      const auto& definition = table.definitions[d];
      baseline b;
      const bool total = is_total(definition), money = definition.unit == "money" || total;
      if (total && !(budget > 0)) return b;
      struct scope {
        bool channel, objective;
        std::string words;
      };
      const std::string aim = wording::spoken(campaign.objective);
      const std::array scopes = {scope{true, true, fmt::format("{} campaigns for {}", campaign.channel, aim)},
                                 scope{false, true, fmt::format("campaigns for {} on any channel", aim)},
                                 scope{true, false, fmt::format("{} campaigns for any objective", campaign.channel)}};
      for (const auto& s : scopes) {
        if (s.objective && campaign.objective == schema::objective::unspecified) continue;
        if (s.channel && campaign.channel.empty()) continue;
        b.values.clear();
        b.weights.clear();
        date first = date::max(), last = date::min();
        for (const auto& n : near[row]) {
          if (b.values.size() == options.most_rows) break;
          const double v = values[d][n.row];
          if (std::isnan(v) || (s.objective && history.objective[n.row] != campaign.objective) ||
              (s.channel && schema::detail::normal_key(history.channel[n.row]) != channel) ||
              (money && !history.currency[n.row].empty() && history.currency[n.row] != currency))
            continue;
          b.values.push_back(total ? v * budget : v);
          b.weights.push_back(std::max(n.similarity, 1e-6));
          first = std::min(first, history.start[n.row]);
          last = std::max(last, history.end[n.row]);
        }
        if (b.values.size() < options.min_rows) continue;
        const auto q = stats::weighted_quantiles(b.values, b.weights, std::array{0.25, 0.5, 0.75});
        std::copy(q.begin(), q.end(), b.quantiles.begin());
        b.basis = fmt::format("median of {} finished {}, {} to {}, weighted by similarity{}", b.values.size(), s.words,
                              core::to_string(first), core::to_string(last), total ? ", scaled to this budget" : "");
        return b;
      }
      b.values.clear();
      b.weights.clear();
      return b;
    };

    // Conversions that a campaign like this comes to, for the day to look.
    std::vector<double> counts, weights;
    for (const auto& n : near[row]) {
      const double spend = history.spend[n.row] > 0 ? history.spend[n.row] : history.budget[n.row];
      if (counts.size() < options.most_rows && history.conversions[n.row] >= 0 && spend > 0 && budget > 0) {
        counts.push_back(history.conversions[n.row] / spend * budget);
        weights.push_back(std::max(n.similarity, 1e-6));
      }
    }
    const double usual = counts.size() < options.min_rows ? 0 : stats::weighted_quantiles(counts, weights, std::array{0.5})[0];
    const date look = day_to_look(campaign.start, campaign.end, usual, options.events);
    const double days = static_cast<double>((campaign.end - campaign.start).count()) + 1;
    const double run_share = (static_cast<double>((look - campaign.start).count()) + 1) / days;

    std::vector<kpi_choice> chosen = framework_of(table, campaign.objective, campaign.channel);
    // What a campaign promised to reach belongs to its framework, whatever the table says.
    std::vector<const schema::kpi_target*> target_of(table.definitions.size(), nullptr);
    for (const auto& target : campaign.targets) {
      const auto at = std::find(ids.begin(), ids.end(), canonical(target.kpi));
      if (at == ids.end()) {
        auto finding = schema::make_finding(
            rules[kpi_rule], {campaign.id},
            fmt::format("{} is to reach {}, but no KPI is called {}.", name, schema::to_string(target), target.kpi));
        finding.evidence = {{"target", schema::to_string(target), ""}, {"kpi", target.kpi, ""}};
        finding.why = "The table of KPIs has no definition of that name, so neither a baseline nor a warning line can be told.";
        if (const auto close = schema::nearest_name(ids, schema::detail::normal_key(target.kpi)))
          finding.suggestion = fmt::format("Did you mean {}?", *close);
        findings[row].push_back(std::move(finding));
        continue;
      }
      const auto d = static_cast<std::size_t>(at - ids.begin());
      target_of[d] = &target;
      if (std::none_of(chosen.begin(), chosen.end(), [&](const kpi_choice& k) { return k.definition == d; }))
        chosen.push_back(
            {d, target.at_least == table.definitions[d].higher_is_better ? kpi_role::secondary : kpi_role::guardrail});
    }
    std::stable_sort(chosen.begin(), chosen.end(), [](const kpi_choice& a, const kpi_choice& b) { return a.role < b.role; });

    for (const auto& [d, role] : chosen) {
      const auto& definition = table.definitions[d];
      const auto b = baseline_of(d);
      const bool up = definition.higher_is_better, total = is_total(definition);
      kpi_row k;
      k.campaign = campaign.id;
      k.kpi = definition.id;
      k.role = role;
      k.name = definition.name;
      k.formula = definition.formula;
      k.unit = definition.unit == "money" ? currency : definition.unit;
      k.higher_is_better = up;
      k.rows = b.values.size();
      k.baseline_low = b.quantiles[0];
      k.baseline = b.quantiles[1];
      k.baseline_high = b.quantiles[2];
      k.basis = b.basis.empty() ? fmt::format("no baseline: record {}", definition.measure) : b.basis;
      const auto* own = target_of[d];
      if (own) {
        k.target = own->value;
        k.target_basis = campaign.approved_on ? "the campaign's own, frozen on " + core::to_string(*campaign.approved_on)
                                              : "the campaign's own, not frozen yet";
      } else if (!b.values.empty()) {
        const double at = up ? options.target_quantile : 1 - options.target_quantile;
        k.target = stats::weighted_quantiles(b.values, b.weights, std::array{at})[0];
        k.target_basis = fmt::format("what {:.0f}% of those campaigns did not reach", 100 * options.target_quantile);
      }
      k.check_on = definition.look_after_end > 0 ? campaign.end + std::chrono::days{definition.look_after_end} : look;
      if (!b.values.empty()) {
        const double at = up ? options.warning_quantile : 1 - options.warning_quantile;
        k.warning = stats::weighted_quantiles(b.values, b.weights, std::array{at})[0];
        // A line beyond the target would warn of a campaign that does what it promised.
        if (own) k.warning = up ? std::min(k.warning, k.target) : std::max(k.warning, k.target);
        if (total && definition.look_after_end == 0) k.warning *= run_share;
      } else if (own) {
        k.warning = total && definition.look_after_end == 0 ? k.target * run_share : k.target;
      }

      if (own && !b.values.empty()) {
        double reached = 0, all = 0;
        for (std::size_t i = 0; i < b.values.size(); ++i) {
          reached += (own->at_least ? b.values[i] >= own->value : b.values[i] <= own->value) ? b.weights[i] : 0;
          all += b.weights[i];
        }
        const double share = reached / all;
        if (share <= 0.1 || share >= 0.9) {
          const bool hard = share <= 0.1;
          auto finding = schema::make_finding(
              rules[hard ? hard_rule : easy_rule], {campaign.id},
              fmt::format("{} is to reach {}; {} of {} similar finished campaigns did, their median is {}.", name,
                          schema::to_string(*own),
                          std::count_if(b.values.begin(), b.values.end(),
                                        [&](double v) { return own->at_least ? v >= own->value : v <= own->value; }),
                          b.values.size(), show(k.baseline, definition.unit, currency)));
          finding.evidence = {{"kpi", definition.id, ""},
                              {"target", own->value, k.unit},
                              {"share_reached", share, "share"},
                              {"baseline", k.baseline, k.unit},
                              {"baseline_low", k.baseline_low, k.unit},
                              {"baseline_high", k.baseline_high, k.unit},
                              {"rows", static_cast<std::int64_t>(b.values.size()), "campaigns"}};
          finding.why =
              fmt::format("{}: the {}; half of them lie between {} and {}.", definition.name, b.basis,
                          show(k.baseline_low, definition.unit, currency), show(k.baseline_high, definition.unit, currency));
          findings[row].push_back(std::move(finding));
        }
      }
      rows[row].push_back(std::move(k));
    }

    if (campaign.objective == schema::objective::unspecified) {
      auto finding = schema::make_finding(rules[aim_rule], {campaign.id},
                                          fmt::format("{} has no objective; its KPIs are those of any campaign{}.", name,
                                                      campaign.channel.empty() ? "" : " on " + campaign.channel));
      finding.evidence = {{"channel", campaign.channel, ""}};
      finding.why = "Which KPI comes first follows from what a campaign is for.";
      findings[row].push_back(std::move(finding));
    }
    if (!rows[row].empty()) {
      // The first primary KPI that has a target; without one, the first.
      std::size_t lead = 0;
      for (std::size_t i = 0; i < rows[row].size(); ++i)
        if (rows[row][i].role == kpi_role::primary && !std::isnan(rows[row][i].target)) {
          lead = i;
          break;
        }
      const auto& first = rows[row][lead];
      const auto& definition = table.definitions[chosen[lead].definition];
      std::array<std::vector<std::string>, 3> by_role;
      for (const auto& k : rows[row]) by_role[static_cast<std::size_t>(k.role)].push_back(k.kpi);
      std::string message = fmt::format("{}: primary {}", name, wording::list(by_role[0]));
      if (!by_role[1].empty()) message += "; secondary " + wording::list(by_role[1]);
      if (!by_role[2].empty()) message += "; guardrail " + wording::list(by_role[2]);
      message += fmt::format(". Look at {} on {}", definition.id, core::to_string(*first.check_on));
      if (!std::isnan(first.target))
        message += fmt::format(", target {} {}", definition.higher_is_better ? "at least" : "at most",
                               show(first.target, definition.unit, currency));
      auto finding = schema::make_finding(rules[framework_rule], {campaign.id}, message + ".");
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
          campaign.objective == schema::objective::unspecified ? "any objective" : wording::spoken(campaign.objective),
          campaign.channel.empty() ? "" : " on " + campaign.channel, definition.name, first.basis,
          first.target_basis.empty() ? "" : "; target: " + first.target_basis);
      if (!std::isnan(first.warning)) {
        finding.suggestion = fmt::format("Agree on {} before the start; act if it stands {} {} on {}.", definition.id,
                                         definition.higher_is_better ? "below" : "above",
                                         show(first.warning, definition.unit, currency), core::to_string(*first.check_on));
      }
      findings[row].insert(findings[row].begin(), std::move(finding));
    }
  });

  std::map<std::size_t, std::vector<std::string>> without;
  for (std::size_t row = 0; row < planned.size(); ++row) {
    for (auto& k : rows[row]) {
      if (std::isnan(k.baseline))
        without[static_cast<std::size_t>(std::find(ids.begin(), ids.end(), k.kpi) - ids.begin())].push_back(k.campaign);
      out.table.push_back(std::move(k));
    }
    for (auto& finding : findings[row]) out.findings.push_back(std::move(finding));
  }
  if (history.empty()) {
    if (!out.table.empty())
      out.missing.push_back(
          {"kpis", "Baselines and targets of KPIs were not computed: no history was given",
           "a history of finished campaigns with channel, objective, spend, impressions, clicks, conversions, revenue, "
           "new_customers and returns"});
    return out;
  }
  for (const auto& [d, campaigns] : without) {
    const auto& definition = table.definitions[d];
    const auto seen =
        static_cast<std::size_t>(std::count_if(values[d].begin(), values[d].end(), [](double v) { return !std::isnan(v); }));
    auto finding = schema::make_finding(
        rules[unknown_baseline_rule], campaigns,
        fmt::format("{} has no baseline for {}: {} of {} finished campaigns {} what it is computed from.", definition.name,
                    wording::plural(campaigns.size(), "campaign"), seen, history.size(), seen == 1 ? "has" : "have"));
    finding.evidence = {{"kpi", definition.id, ""},
                        {"formula", definition.formula, ""},
                        {"rows", static_cast<std::int64_t>(seen), "campaigns"},
                        {"min_rows", static_cast<std::int64_t>(options.min_rows), "campaigns"}};
    finding.why =
        fmt::format("{} = {}. A baseline needs {} finished campaigns of the same objective or channel with those numbers.",
                    definition.id, definition.formula, options.min_rows);
    finding.suggestion = "Record " + definition.measure + ".";
    out.missing.push_back({"kpis",
                           fmt::format("{} has no baseline for {} ({})", definition.name,
                                       wording::plural(campaigns.size(), "campaign"), wording::list(campaigns)),
                           definition.measure});
    out.findings.push_back(std::move(finding));
  }
  return out;
}

}  // namespace clarion::plan
