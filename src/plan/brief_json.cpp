#include "plan/brief_json.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "clarion/plan/brief.hpp"
#include "clarion/version.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

namespace {

json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json numbers(std::span<const double> values) {
  json out = json::array();
  for (const double value : values) out.push_back(number(value));
  return out;
}

std::string sentence(std::string text) {
  if (!text.empty() && std::string_view(".!?").find(text.back()) == std::string_view::npos) text += '.';
  return text;
}

json findings_json(std::span<const schema::finding> findings) {
  json out = json::array();
  for (const auto& finding : findings) out.push_back(finding_json(finding));
  return out;
}

json headline(const brief_result& brief) {
  const auto& portfolio = brief.portfolio;
  const std::string currency = portfolio.main_currency();
  double budget = 0;
  for (const double amount : portfolio.budgets_in(currency)) budget += amount;
  const bool budgeted = std::ranges::any_of(portfolio.budget, [](double amount) { return std::isfinite(amount); });
  std::string first, last;
  if (!portfolio.empty()) {
    first = core::to_string(*std::ranges::min_element(portfolio.start));
    last = core::to_string(*std::ranges::max_element(portfolio.end));
  }
  const auto used = [](const core::category_column& column) {
    const std::set<std::uint32_t> codes(column.codes.begin(), column.codes.end());
    return codes.size() - codes.count(core::category_column::none);
  };
  std::string largest;
  for (const auto& finding : brief.risks.findings)
    if (!finding.code.starts_with("P")) {
      largest = finding.message;
      break;
    }
  json out;
  out["campaigns"] = portfolio.size();
  out["budget"] = budgeted ? json(budget) : json(nullptr);
  out["currency"] = currency;
  out["first_day"] = first;
  out["last_day"] = last;
  out["channels"] = used(portfolio.channel);
  out["owners"] = used(portfolio.owner);
  out["audience_source"] = std::string(conflict::to_string(brief.conflicts.source));
  out["customers"] = brief.customers ? json(*brief.customers) : json(nullptr);
  out["history_campaigns"] = brief.history_campaigns;
  out["errors"] = brief.count(schema::severity::error);
  out["warnings"] = brief.count(schema::severity::warning);
  out["infos"] = brief.count(schema::severity::info);
  out["accepted"] = brief.accepted.size();
  out["quarantined"] = brief.quarantine.size();
  out["expected_loss"] = number(brief.risks.expected_loss);
  out["largest_finding"] = largest;
  return out;
}

json calendar(const brief_result& brief) {
  const auto& portfolio = brief.portfolio;
  std::map<std::string, std::set<std::string>, std::less<>> codes;
  for (const auto* findings : {&brief.validation, &brief.strategies.findings, &brief.kpis.findings, &brief.risks.findings,
                               &brief.roadmap.findings, &brief.team.findings})
    for (const auto& finding : *findings)
      for (const auto& id : finding.campaigns) codes[id].insert(finding.code);
  json out = json::array();
  for (std::size_t row = 0; row < portfolio.size(); ++row) {
    const std::string id(portfolio.id[row]);
    json conflicts = json::array();
    for (const auto other : brief.collides[row]) conflicts.push_back(std::string(portfolio.id[other]));
    json item;
    item["id"] = id;
    item["name"] = std::string(portfolio.name[row]);
    item["channel"] = std::string(portfolio.channel[row]);
    item["group"] = std::string(portfolio.group[row]);
    item["objective"] = std::string(schema::to_string(portfolio.objective[row]));
    item["owner"] = std::string(portfolio.owner[row]);
    item["approver"] = std::string(portfolio.approver[row]);
    item["channel_manager"] = std::string(portfolio.channel_manager[row]);
    item["region"] = std::string(portfolio.region[row]);
    item["status"] = std::string(schema::to_string(portfolio.status[row]));
    item["start"] = core::to_string(portfolio.start[row]);
    item["end"] = core::to_string(portfolio.end[row]);
    item["budget"] = number(portfolio.budget[row]);
    item["fixed"] = static_cast<bool>(portfolio.fixed_dates[row]);
    item["audience"] = portfolio.audience.texts(row);
    item["products"] = portfolio.products.texts(row);
    item["wave"] = brief.roadmap.wave_of[row];
    item["conflicts_with"] = std::move(conflicts);
    const auto named = codes.find(id);
    item["codes"] = named == codes.end() ? json::array() : json(named->second);
    out.push_back(std::move(item));
  }
  return out;
}

json overlap(const brief_result& brief) {
  const auto& matrix = brief.overlap;
  const std::size_t n = matrix.campaigns.size();
  json ids = json::array(), jaccard = json::array(), shared = json::array();
  for (std::size_t i = 0; i < n; ++i) {
    ids.push_back(std::string(brief.portfolio.id[matrix.campaigns[i]]));
    jaccard.push_back(numbers(std::span(matrix.jaccard).subspan(i * n, n)));
    shared.push_back(numbers(std::span(matrix.shared).subspan(i * n, n)));
  }
  json out;
  out["campaigns"] = std::move(ids);
  out["jaccard"] = std::move(jaccard);
  out["shared"] = std::move(shared);
  out["estimated"] = matrix.estimated;
  return out;
}

json channel_load(const brief_result& brief) {
  const auto& load = brief.conflicts.load;
  const auto& table = brief.conflicts.saturation.channels;
  json weeks = json::array(), channels = json::array();
  for (const auto week : load.weeks) weeks.push_back(core::to_string(week));
  std::vector<std::vector<double>> loads(load.channels.size());
  std::vector<std::vector<bool>> over(load.channels.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    auto& values = loads[table.channel[i]];
    if (values.empty()) {
      values.assign(load.weeks.size(), 0.0);
      over[table.channel[i]].assign(load.weeks.size(), false);
    }
    values[table.week[i]] = table.load[i];
    over[table.channel[i]][table.week[i]] = table.saturated[i] != 0;
  }
  for (std::size_t channel = 0; channel < loads.size(); ++channel) {
    if (loads[channel].empty()) continue;
    json item;
    item["name"] = load.channels[channel];
    item["capacity"] = number(load.capacity[channel]);
    item["load"] = numbers(loads[channel]);
    item["over"] = over[channel];
    channels.push_back(std::move(item));
  }
  json out;
  out["weeks"] = std::move(weeks);
  out["channels"] = std::move(channels);
  return out;
}

json concentration(const brief_result& brief) {
  json out = json::array();
  for (const auto& dimension : brief.conflicts.concentration.dimensions) {
    json shares = json::array();
    for (const auto& share : dimension.shares) {
      json item;
      item["key"] = share.key;
      item["amount"] = number(share.amount);
      item["share"] = number(share.share);
      shares.push_back(std::move(item));
    }
    json item;
    item["dimension"] = dimension.dimension;
    item["hhi"] = number(dimension.hhi);
    item["threshold"] = number(dimension.threshold);
    item["shares"] = std::move(shares);
    out.push_back(std::move(item));
  }
  return out;
}

json kpi_rows(const brief_result& brief) {
  json out = json::array();
  for (const auto& row : brief.kpis.table) {
    json item;
    item["campaign"] = row.campaign;
    item["kpi"] = row.kpi;
    item["name"] = row.name;
    item["role"] = std::string(to_string(row.role));
    item["formula"] = row.formula;
    item["unit"] = row.unit;
    item["direction"] = row.higher_is_better ? "up" : "down";
    item["baseline"] = number(row.baseline);
    item["baseline_low"] = number(row.baseline_low);
    item["baseline_high"] = number(row.baseline_high);
    item["target"] = number(row.target);
    item["warning"] = number(row.warning);
    item["check_on"] = row.check_on ? json(core::to_string(*row.check_on)) : json(nullptr);
    item["basis"] = row.basis;
    item["target_basis"] = row.target_basis;
    out.push_back(std::move(item));
  }
  return out;
}

json reallocation_json(const reallocation& of) {
  json rows = json::array(), out;
  for (const auto& row : of.rows) {
    json item;
    item["campaign"] = row.campaign;
    item["channel"] = row.channel;
    item["before"] = number(row.before);
    item["after"] = number(row.after);
    item["expected_before"] = number(row.expected_before);
    item["expected_after"] = number(row.expected_after);
    item["marginal_before"] = number(row.marginal_before);
    item["marginal_after"] = number(row.marginal_after);
    item["kept"] = row.kept;
    item["extrapolated"] = row.extrapolated;
    rows.push_back(std::move(item));
  }
  out["rows"] = std::move(rows);
  out["expected_before"] = number(of.expected_before);
  out["expected_after"] = number(of.expected_after);
  out["change"] = number(of.change);
  out["low"] = number(of.low);
  out["high"] = number(of.high);
  out["budget"] = number(of.budget);
  out["currency"] = of.currency;
  out["outcome"] = of.outcome == outcome::none ? json(nullptr) : json(std::string(to_string(of.outcome)));
  return out;
}

json reallocations(const brief_result& brief) {
  json out = json::array();
  for (const auto& of : brief.strategies.reallocations) out.push_back(reallocation_json(of));
  return out;
}

json reallocation_of_most(const brief_result& brief) {
  if (!brief.strategies.reallocations.empty()) return reallocation_json(brief.strategies.reallocations.front());
  auto none = reallocation_json({});
  for (const auto* name : {"expected_before", "expected_after", "change", "low", "high", "budget"}) none[name] = nullptr;
  return none;
}

json outcomes(const brief_result& brief) {
  json out = json::array();
  for (const auto& row : brief.strategies.expected) {
    json item;
    item["campaign"] = row.campaign;
    item["outcome"] = row.outcome == outcome::none ? json(nullptr) : json(std::string(to_string(row.outcome)));
    item["budget"] = number(row.budget);
    item["expected"] = number(row.expected);
    item["low"] = number(row.low);
    item["high"] = number(row.high);
    item["per_money"] = number(row.per_money);
    item["usual_per_money"] = number(row.usual_per_money);
    item["index"] = number(row.index);
    item["index_low"] = number(row.index_low);
    item["index_high"] = number(row.index_high);
    item["standing"] = std::string(to_string(row.standing));
    item["channel_factor"] = number(row.channel_factor);
    item["objective_factor"] = number(row.objective_factor);
    item["category_factor"] = number(row.category_factor);
    item["season_factor"] = number(row.season_factor);
    item["budget_factor"] = number(row.budget_factor);
    item["neighbours_factor"] = number(row.neighbours_factor);
    item["history_rows"] = row.history_rows;
    item["extrapolated"] = row.extrapolated;
    out.push_back(std::move(item));
  }
  return out;
}

json neighbours(const brief_result& brief) {
  json out = json::array();
  const auto& lists = brief.strategies.neighbours;
  for (std::size_t row = 0; row < lists.size(); ++row)
    for (auto at = lists.offsets[row]; at < lists.offsets[row + 1]; ++at) {
      const auto& near = lists.rows[at];
      json item;
      item["campaign"] = std::string(brief.portfolio.id[row]);
      item["neighbour"] = brief.neighbour_id[at];
      item["name"] = brief.neighbour_name[at];
      item["similarity"] = number(near.similarity);
      for (std::size_t part = 0; part < similarity_parts.size(); ++part)
        item[std::string(similarity_parts[part])] = number(near.parts[part]);
      out.push_back(std::move(item));
    }
  return out;
}

json curves(const brief_result& brief) {
  constexpr int steps = 24;
  json out = json::array();
  for (const auto& row : brief.strategies.curves) {
    json spend = json::array(), expected = json::array();
    for (int i = 0; i <= steps; ++i) {
      const double at = 1.25 * row.max_spend * i / steps;
      spend.push_back(number(at));
      expected.push_back(number(row.curve.value(at)));
    }
    json item;
    item["channel"] = row.channel;
    item["outcome"] = std::string(to_string(row.outcome));
    item["family"] = std::string(stats::to_string(row.curve.family));
    item["scale"] = number(row.curve.scale);
    item["shape"] = number(row.curve.shape);
    item["shape_low"] = number(row.shape_low);
    item["shape_high"] = number(row.shape_high);
    item["rows"] = row.rows;
    item["min_spend"] = number(row.min_spend);
    item["max_spend"] = number(row.max_spend);
    item["spend"] = std::move(spend);
    item["expected"] = std::move(expected);
    out.push_back(std::move(item));
  }
  return out;
}

json moves(const brief_result& brief) {
  json out = json::array();
  for (const auto& move : brief.moves.moves) {
    const auto& campaign = brief.movable[move.campaign];
    const auto length = campaign.end - campaign.start;
    json item;
    item["campaign"] = campaign.id;
    item["days"] = move.days;
    item["from_start"] = core::to_string(move.from);
    item["to_start"] = core::to_string(move.to);
    item["from_end"] = core::to_string(move.from + length);
    item["to_end"] = core::to_string(move.to + length);
    item["removes"] = number(move.removes);
    out.push_back(std::move(item));
  }
  return out;
}

json moves_proof(const brief_result& brief) {
  json out;
  out["objective"] = number(brief.moves.cost);
  out["bound"] = number(brief.moves.bound);
  out["proved"] = brief.moves.proved;
  out["feasible"] = brief.moves.feasible;
  out["conflict_before"] = number(brief.moves.conflict_before);
  out["residual_conflict"] = number(brief.moves.conflict_after);
  out["limit"] = number(brief.moves.limit);
  return out;
}

json team_rows(const brief_result& brief) {
  json out = json::array();
  for (const auto& row : brief.team.estimates) {
    json parts = json::object();
    for (const auto& part : row.parts) parts[std::string(part.name)] = number(part.points);
    json item;
    item["campaign"] = row.campaign;
    item["complexity"] = number(row.complexity);
    item["parts"] = std::move(parts);
    item["tier"] = std::string(to_string(row.tier));
    item["effort_weeks"] = number(row.effort_weeks);
    item["effort_low"] = number(row.effort_low);
    item["effort_high"] = number(row.effort_high);
    out.push_back(std::move(item));
  }
  return out;
}

json owner_load(const brief_result& brief) {
  json out = json::array();
  for (const auto& row : brief.team.load) {
    json item;
    item["owner"] = row.owner;
    item["week"] = core::to_string(row.week);
    item["load"] = number(row.load);
    item["capacity"] = number(row.capacity);
    out.push_back(std::move(item));
  }
  return out;
}

json gaps(const brief_result& brief) {
  json out = json::array();
  for (const auto& gap : brief.roadmap.gaps) {
    json item;
    item["objective"] = gap.channel.empty() ? json(std::string(schema::to_string(gap.objective))) : json(nullptr);
    item["channel"] = gap.channel.empty() ? json(nullptr) : json(gap.channel);
    item["from"] = core::to_string(gap.from);
    item["to"] = core::to_string(gap.to);
    item["category"] = gap.category.empty() ? json(nullptr) : json(gap.category);
    item["index"] = number(gap.index);
    item["index_low"] = number(gap.low);
    item["index_high"] = number(gap.high);
    item["strong"] = gap.strong;
    out.push_back(std::move(item));
  }
  return out;
}

json missing(const brief_result& brief) {
  json out = json::array();
  for (const auto& row : brief.missing) {
    json item;
    item["layer"] = row.layer;
    item["what"] = sentence(row.what);
    item["supply"] = sentence(row.supply);
    out.push_back(std::move(item));
  }
  return out;
}

std::string text_of(const json& value, int indent) { return value.dump(indent, ' ', false, json::error_handler_t::replace); }

}  // namespace

json finding_json(const schema::finding& finding) {
  json evidence = json::object(), units = json::object();
  for (const auto& item : finding.evidence) {
    evidence[item.name] = std::visit(
        [](const auto& value) -> json {
          using type = std::remove_cvref_t<decltype(value)>;
          if constexpr (std::is_same_v<type, double>)
            return number(value);
          else if constexpr (std::is_same_v<type, std::vector<double>>)
            return numbers(value);
          else
            return value;
        },
        item.value);
    if (!item.unit.empty()) units[item.name] = item.unit;
  }
  json out;
  out["code"] = finding.code;
  out["severity"] = std::string(schema::to_string(finding.severity));
  out["campaigns"] = finding.campaigns;
  out["message"] = finding.message;
  out["evidence"] = std::move(evidence);
  out["units"] = std::move(units);
  out["why"] = finding.why;
  out["suggestion"] = finding.suggestion;
  out["expected_effect"] = finding.expected_effect;
  out["expected_loss"] = number(finding.expected_loss);
  if (finding.row) out["row"] = *finding.row;
  if (!finding.column.empty()) out["column"] = finding.column;
  if (!finding.value.empty()) out["value"] = finding.value;
  return out;
}

std::string to_json(const brief_result& brief, int indent) {
  json layers;
  layers["strategies"] = findings_json(brief.strategies.findings);
  layers["kpis"] = findings_json(brief.kpis.findings);
  layers["risks"] = findings_json(brief.risks.findings);
  layers["roadmap"] = findings_json(brief.roadmap.findings);
  layers["team"] = findings_json(brief.team.findings);
  json quarantine = json::array();
  for (const auto& row : brief.quarantine) {
    json item;
    item["row"] = row.row;
    item["campaign"] = row.campaign;
    item["findings"] = findings_json(row.findings);
    quarantine.push_back(std::move(item));
  }
  json out;
  out["format"] = 1;
  out["clarion"] = CLARION_VERSION;
  out["today"] = core::to_string(brief.today);
  out["headline"] = headline(brief);
  out["layers"] = std::move(layers);
  out["validation"] = findings_json(brief.validation);
  out["accepted"] = findings_json(brief.accepted);
  out["quarantine"] = std::move(quarantine);
  out["calendar"] = calendar(brief);
  out["overlap"] = overlap(brief);
  out["channel_load"] = channel_load(brief);
  out["concentration"] = concentration(brief);
  out["kpi_table"] = kpi_rows(brief);
  out["outcomes"] = outcomes(brief);
  out["neighbours"] = neighbours(brief);
  out["curves"] = curves(brief);
  // That of the most money by itself too.
  out["reallocation"] = reallocation_of_most(brief);
  out["reallocations"] = reallocations(brief);
  out["moves"] = moves(brief);
  out["moves_proof"] = moves_proof(brief);
  out["team"] = team_rows(brief);
  out["owner_load"] = owner_load(brief);
  out["gaps"] = gaps(brief);
  out["missing"] = missing(brief);
  return text_of(out, indent);
}

std::string to_json(std::span<const schema::finding> findings, int indent) { return text_of(findings_json(findings), indent); }

}  // namespace clarion::plan
