#include "schema/record_findings.hpp"

#include <fmt/format.h>

#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::schema::detail {

finding describe(const record_statement& said) {
  const auto& rule = rule_at(said.which);
  auto out = make_finding(rule, {}, {});
  out.why = rule.explanation;
  out.row = said.row;
  out.column = said.column;
  out.value = shortened(said.value, 1000);
  const std::string who =
      said.id.empty() ? fmt::format("Row {}", said.row) : fmt::format("Row {} ({})", said.row, shortened(said.id, 60));
  const std::string shown = shortened(said.value, 60);
  std::string message;
  switch (said.which) {
    case code::no_customer:
      message = fmt::format("{} has no customer", who);
      break;
    case code::no_record_id:
      message = fmt::format("{} has no id", who);
      break;
    case code::day_missing:
      message = fmt::format("{} has no day", who);
      break;
    case code::no_amount:
      message = fmt::format("{} has no amount", who);
      break;
    case code::bad_date:
      message = fmt::format("{}: \"{}\" in {} is no date", who, shown, said.column);
      break;
    case code::bad_number:
      message = fmt::format("{}: \"{}\" in {} is no number", who, shown, said.column);
      break;
    case code::unknown_kind:
      message = fmt::format("{}: \"{}\" in {} is no sale, return or cancellation", who, shown, said.column);
      break;
    case code::unknown_answer:
      message = fmt::format("{}: \"{}\" in {} is neither yes nor no", who, shown, said.column);
      break;
    case code::future_date:
      message = fmt::format("{} is of {}, after {}", who, core::to_string(core::from_day_number(said.day)),
                            core::to_string(core::from_day_number(said.today)));
      out.evidence = {{"day", core::to_string(core::from_day_number(said.day)), "date"},
                      {"today", core::to_string(core::from_day_number(said.today)), "date"}};
      break;
    case code::placeholder_date:
      message = fmt::format("{} is of {}", who, core::to_string(core::from_day_number(said.day)));
      break;
    case code::negative_sale:
      message = fmt::format("{} is a sale of {}", who, wording::number(said.number));
      out.evidence = {{"amount", said.number, "money"}};
      break;
    case code::implausible_amount:
      message = fmt::format("{} is of {}; the median is {}", who, fmt::format("{:.6g}", said.number),
                            fmt::format("{:.6g}", said.limit / 1e6));
      out.evidence = {{"amount", said.number, "money"}, {"median", said.limit / 1e6, "money"}};
      break;
    case code::repeated_id:
      message = fmt::format("{} has the id \"{}\" of an earlier row", fmt::format("Row {}", said.row), shortened(said.id, 60));
      break;
    case code::unknown_customer:
    case code::unknown_branch:
    case code::unknown_product:
      message = fmt::format("{}: no {} has the id \"{}\"", who,
                            said.which == code::unknown_customer ? "customer"
                            : said.which == code::unknown_branch ? "branch"
                                                                 : "product",
                            shown);
      break;
    case code::blank_row:
      message = fmt::format("Row {} is blank", said.row);
      break;
    case code::too_long:
      message = fmt::format("Row {} holds {} in {}", said.row, wording::plural(said.value.size(), "byte"), said.column);
      break;
    default:
      message = fmt::format("{}: {}", who, rule.title);
  }
  out.message = message + ".";
  return out;
}

record_severities::record_severities(const mapping& map, const policy& rules) {
  for (std::size_t c = 0; c < rule_count; ++c) {
    const auto& rule = rule_at(static_cast<code>(c));
    of[c] = rule.severity;
    const std::string name(rule.code);
    if (const auto at = map.severities.find(name); at != map.severities.end()) of[c] = at->second;
    if (const auto at = rules.severities.find(name); at != rules.severities.end()) of[c] = at->second;
    for (const auto& prefix : rules.ignore) ignored[c] = ignored[c] || rule.code.starts_with(prefix);
  }
}

}  // namespace clarion::schema::detail
