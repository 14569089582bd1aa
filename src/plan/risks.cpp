#include "clarion/plan/risks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

constexpr std::array<schema::rule, 1> rules_of_risks{{
    {"P301", "Money at stake", schema::severity::info,
     "What the plan stands to lose by its conflicts, campaign by campaign, no money counted twice.",
     "Resolve the risks in the order in which they are listed."},
}};

// The risk that speaks first: more money, then more severe, then by code and campaigns, so that ties read the same everywhere.
bool before(const schema::finding& a, const schema::finding& b) {
  if (a.expected_loss != b.expected_loss) return a.expected_loss > b.expected_loss;
  if (a.severity != b.severity) return a.severity > b.severity;
  if (a.code != b.code) return a.code < b.code;
  return a.campaigns < b.campaigns;
}

void absorb(schema::finding& into, const schema::finding& other, std::vector<std::string>& also) {
  also.push_back(other.code);
  into.severity = std::max(into.severity, other.severity);
  for (const auto& item : other.evidence) {
    const auto* same = into.find(item.name);
    if (same == nullptr)
      into.evidence.push_back(item);
    else if (*same != item.value)
      into.evidence.push_back({schema::detail::lower(other.code) + "_" + item.name, item.value, item.unit});
  }
  into.why += fmt::format("{}{}: {}{}{}", into.why.empty() ? "" : " ", other.code, other.message,
                          other.message.ends_with('.') || other.why.empty() ? "" : ".", other.why.empty() ? "" : " " + other.why);
  if (!other.suggestion.empty() && into.suggestion.find(other.suggestion) == std::string::npos)
    into.suggestion += (into.suggestion.empty() ? "" : " Or: ") + other.suggestion;
}

std::vector<schema::finding> merged(std::vector<schema::finding> findings) {
  std::ranges::stable_sort(findings, before);
  std::vector<schema::finding> out;
  std::vector<std::vector<std::string>> also;
  std::map<std::vector<std::string>, std::size_t> first;
  for (auto& finding : findings) {
    if (finding.campaigns.size() >= 2) {
      auto key = finding.campaigns;
      std::ranges::sort(key);
      const auto [at, fresh] = first.try_emplace(std::move(key), out.size());
      if (!fresh) {
        absorb(out[at->second], finding, also[at->second]);
        continue;
      }
    }
    out.push_back(std::move(finding));
    also.emplace_back();
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!also[i].empty()) {
      auto& message = out[i].message;
      message.insert(message.size() - message.ends_with('.'), fmt::format(" (also {})", wording::list(also[i], 10)));
      out[i].evidence.push_back({"also", std::move(also[i]), "codes"});
    }
  std::ranges::stable_sort(out, before);
  return out;
}

}  // namespace

std::span<const schema::rule> risks_rules() { return rules_of_risks; }

risks_plan risks(const schema::portfolio& portfolio, std::vector<schema::finding> conflicts, conflict::audience_source source,
                 const risks_options& options) {
  core::check_options(options);
  risks_plan out;
  out.findings = merged(std::move(conflicts));

  const std::string currency = portfolio.main_currency();
  const std::vector<double> in_main = portfolio.budgets_in(currency);
  std::unordered_map<std::string_view, std::size_t> row_of;
  std::size_t budgets = 0;
  for (std::size_t row = 0; row < portfolio.size(); ++row) {
    row_of.try_emplace(portfolio.id[row], row);
    if (portfolio.known_budget(row) > 0) ++budgets;
  }
  struct stake {
    double largest = 0;
    std::string code;
    std::vector<std::string> codes;
  };
  std::map<std::size_t, stake> stakes;
  for (const auto& finding : out.findings) {
    if (!(finding.expected_loss > 0)) continue;
    double budget = 0;
    for (const auto& id : finding.campaigns)
      if (const auto at = row_of.find(id); at != row_of.end()) budget += in_main[at->second];
    if (budget <= 0) continue;
    for (const auto& id : finding.campaigns) {
      const auto at = row_of.find(id);
      if (at == row_of.end() || in_main[at->second] <= 0) continue;
      auto& entry = stakes[at->second];
      const double part = finding.expected_loss * in_main[at->second] / budget;
      if (part > entry.largest) {
        entry.largest = part;
        entry.code = finding.code;
      }
      if (std::ranges::find(entry.codes, finding.code) == entry.codes.end()) entry.codes.push_back(finding.code);
    }
  }
  for (auto& [row, entry] : stakes) {
    std::ranges::stable_sort(entry.codes, std::ranges::greater{}, [&](const std::string& code) { return code == entry.code; });
    out.stakes.push_back(
        {std::string(portfolio.id[row]), in_main[row], std::min(entry.largest, in_main[row]), std::move(entry.codes)});
  }
  std::ranges::stable_sort(out.stakes, std::ranges::greater{}, &campaign_stake::at_stake);
  for (const auto& entry : out.stakes) out.expected_loss += entry.at_stake;

  if (out.expected_loss > 0) {
    double total = 0;
    for (const double budget : in_main) total += budget;
    std::vector<std::string> ids, names;
    std::vector<double> amounts;
    for (const auto& entry : out.stakes) {
      if (entry.at_stake < options.summary_share * out.expected_loss) continue;
      ids.push_back(entry.campaign);
      names.push_back(
          fmt::format("{} {}", wording::label(portfolio, row_of[entry.campaign]), wording::money(entry.at_stake, currency)));
      amounts.push_back(entry.at_stake);
    }
    auto& finding = out.findings.emplace_back(schema::make_finding(
        rules_of_risks[0], std::move(ids),
        fmt::format("{} of {} ({}) is at stake in conflicts: {}", wording::money(out.expected_loss, currency),
                    wording::money(total, currency), wording::percent(out.expected_loss / total), wording::list(names, 5))));
    finding.evidence.push_back({"at_stake", out.expected_loss, currency});
    finding.evidence.push_back({"budget", total, currency});
    finding.evidence.push_back({"share", out.expected_loss / total, "share"});
    finding.evidence.push_back({"by_campaign", std::move(amounts), currency});
    finding.why =
        "The loss of each risk is divided among its campaigns by their budgets; a campaign has the largest of its parts at "
        "stake, at "
        "most its budget, so that risks about the same money are not added up.";
    finding.expected_effect = "Resolving every risk that is listed brings this to 0; it is an upper estimate, not a forecast.";
  }

  const auto lacked = [&](std::string what, std::string supply) {
    out.missing.push_back({"risks", std::move(what), std::move(supply)});
    out.findings.push_back(to_finding(out.missing.back()));
  };
  if (portfolio.empty()) return out;
  if (budgets == 0)
    lacked("Risks are ranked by severity, not by money: no campaign has a budget",
           "the budgets (column budget, or map the column that holds them)");
  else if (budgets < portfolio.size())
    lacked(
        fmt::format("Risks of {} carry no money: they have no budget", wording::plural(portfolio.size() - budgets, "campaign")),
        "the budgets of all campaigns");
  if (source == conflict::audience_source::tags)
    lacked("Shared customers are estimated from the names of segments: no campaign has memberships",
           "a table of campaign and customer, a row a membership, with the ids of these campaigns");
  if (source == conflict::audience_source::none)
    lacked("Nothing could be said about shared customers: there are neither memberships nor declared audiences",
           "a table of campaign and customer, or the audience segments of each campaign");
  return out;
}

}  // namespace clarion::plan
