#include "schema/portfolio_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clarion/schema/fields.hpp"
#include "schema/wording.hpp"

namespace clarion::schema::detail {

namespace {

// Groups x objectives that differ by more than chance of a plan would make them: Cramer's V of the table.
std::optional<finding> confounded_groups(const portfolio& p) {
  constexpr double threshold = 0.7;
  constexpr std::size_t kinds = 9;
  std::vector<std::array<double, kinds>> table(p.group.values.size());
  for (std::size_t row = 0; row < p.size(); ++row)
    if (p.group.codes[row] != core::category_column::none && p.objective[row] != objective::unspecified &&
        p.status[row] != status::cancelled)
      ++table[p.group.codes[row]][static_cast<std::size_t>(p.objective[row])];

  std::vector<std::uint32_t> groups;
  std::array<double, kinds> columns{};
  std::vector<double> rows(table.size());
  double total = 0;
  for (std::uint32_t g = 0; g < table.size(); ++g) {
    for (const double n : table[g]) rows[g] += n;
    if (rows[g] < 2) continue;
    groups.push_back(g);
    total += rows[g];
    for (std::size_t k = 0; k < kinds; ++k) columns[k] += table[g][k];
  }
  const auto used = static_cast<double>(std::count_if(columns.begin(), columns.end(), [](double n) { return n > 0; }));
  if (groups.size() < 2 || used < 2) return std::nullopt;
  double chi_square = 0;
  for (const auto g : groups)
    for (std::size_t k = 0; k < kinds; ++k) {
      const double expected = rows[g] * columns[k] / total;
      if (expected > 0) chi_square += (table[g][k] - expected) * (table[g][k] - expected) / expected;
    }
  const double v = std::sqrt(chi_square / (total * (std::min(static_cast<double>(groups.size()), used) - 1)));
  if (v < threshold) return std::nullopt;

  std::sort(groups.begin(), groups.end(), [&](auto a, auto b) { return p.group.values[a] < p.group.values[b]; });
  std::vector<std::string> lines;
  std::string message;
  for (const auto g : groups) {
    std::vector<std::pair<double, std::string_view>> parts;
    for (std::size_t k = 0; k < kinds; ++k)
      if (table[g][k] > 0) parts.emplace_back(-table[g][k], to_string(static_cast<objective>(k)));
    std::sort(parts.begin(), parts.end());
    std::string text;
    for (const auto& [count, name] : parts)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", -count, wording::spoken(name));
    lines.push_back(fmt::format("{}: {}", p.group.values[g], text));
    if (lines.size() <= 4) message += fmt::format("{}group {} has {}", message.empty() ? "" : "; ", p.group.values[g], text);
  }
  auto out =
      make_finding(rule_at(code::confounded), {},
                   fmt::format("The A/B groups pursue different objectives ({}): comparing them would measure the objective and "
                               "not a treatment.",
                               message));
  out.evidence = {
      {"cramers_v", v, "share"}, {"threshold", threshold, "share"}, {"groups", lines, ""}, {"campaigns", total, "campaigns"}};
  out.why = fmt::format(
      "Cramer's V of groups against objectives is {:.2f}, where 0 means that every group has the same mix and 1 that the group "
      "tells "
      "the objective; above {:.1f} a difference between groups cannot be told from one between objectives.",
      v, threshold);
  return out;
}

std::optional<finding> mixed_currencies(const portfolio& p) {
  std::map<std::string, std::pair<double, double>> sums;  // campaigns, amount
  for (std::size_t row = 0; row < p.size(); ++row)
    if (given(p.budget[row])) {
      auto& [count, amount] = sums[std::string(p.currency[row])];
      ++count;
      amount += p.budget[row];
    }
  if (sums.size() < 2) return std::nullopt;
  std::string text;
  std::vector<std::string> lines;
  for (const auto& [currency, sum] : sums) {
    lines.push_back(fmt::format("{}{} in {}", wording::money(sum.second, currency), currency.empty() ? " of no currency" : "",
                                wording::plural(sum.first, "campaign")));
    if (lines.size() <= 6) text += (text.empty() ? "" : ", ") + lines.back();
  }
  auto out =
      make_finding(rule_at(code::mixed_currencies), {}, fmt::format("Budgets are in {} currencies: {}.", sums.size(), text));
  out.evidence = {{"currencies", static_cast<std::int64_t>(sums.size()), ""}, {"amounts", lines, ""}};
  out.why = rule_at(code::mixed_currencies).explanation;
  return out;
}

constexpr std::string_view needs(std::size_t field) {
  switch (field) {
    case at_id:
      return "ids are made from the names";
    case at_name:
      return "ids stand in for names";
    case at_budget:
      return "no concentration, reallocation or loss in money";
    case at_channel:
      return "no channel load, saturation or channel costs";
    case at_owner:
      return "no owner workload and nobody to address";
    default:
      return "";
  }
}

}  // namespace

std::vector<finding> portfolio_findings(const check_context& context) {
  const auto& p = context.campaigns;
  std::vector<finding> out;
  if (p.empty()) {
    out.push_back(make_finding(rule_at(code::no_campaigns), {}, "There are no campaigns to judge."));
    out.back().why = rule_at(code::no_campaigns).explanation;
    return out;
  }
  std::vector<std::string> absent;
  std::string text, without;
  for (std::size_t i = 0; i < fields().size(); ++i)
    if (context.absent[i] && fields()[i].required && !(context.history && (i == at_name || i == at_budget || i == at_owner))) {
      absent.emplace_back(fields()[i].name);
      text += (text.empty() ? "" : ", ") + absent.back();
      without += fmt::format("{}{}: {}", without.empty() ? "" : "; ", fields()[i].name, needs(i));
    }
  if (!absent.empty()) {
    out.push_back(make_finding(
        rule_at(code::column_absent), {},
        fmt::format("No campaign has {} ({}): {}.", absent.size() == 1 ? "this field" : "these fields", text, without)));
    out.back().evidence = {{"fields", absent, ""}, {"campaigns", static_cast<std::int64_t>(p.size()), "campaigns"}};
    out.back().why = rule_at(code::column_absent).explanation;
  }
  if (auto one = mixed_currencies(p)) out.push_back(std::move(*one));
  if (auto one = confounded_groups(p)) out.push_back(std::move(*one));
  return out;
}

}  // namespace clarion::schema::detail
