#include "clarion/plan/brief.hpp"
#include "clarion/plan/kpi_table.hpp"
#include "clarion/plan/rules.hpp"
#include "clarion/plan/worked.hpp"
#include "convert.hpp"

namespace clarion::bindings {

namespace {

using schema::finding;

// The options of a brief by section: {"team": {"owner_capacity": 0.8}}. Sections and options are checked by name.
plan::brief_options brief_options_from(const py::dict& sections) {
  plan::brief_options out;
  for (const std::pair<py::handle, py::handle> item : sections) {
    const auto name = py::str(item.first).cast<std::string>();
    if (!py::isinstance<py::dict>(item.second)) throw py::type_error("options." + name + ": give a dict of options");
    const auto values = py::reinterpret_borrow<py::dict>(item.second);
    const auto fill = [&]<class T>(T& options) { options = options_from<T>(values, std::move(options)); };
    if (name == "brief")
      fill(out);
    else if (name == "conflicts")
      fill(out.conflict);
    else if (name == "load")
      fill(out.conflict.load);
    else if (name == "pairs")
      fill(out.conflict.pairs);
    else if (name == "saturation")
      fill(out.conflict.saturation);
    else if (name == "concentration")
      fill(out.conflict.concentration);
    else if (name == "timing")
      fill(out.conflict.timing);
    else if (name == "graph")
      fill(out.graph);
    else if (name == "reschedule")
      fill(out.reschedule);
    else if (name == "strategies")
      fill(out.strategies);
    else if (name == "similarity")
      fill(out.strategies.similarity);
    else if (name == "kpis")
      fill(out.kpis);
    else if (name == "risks")
      fill(out.risks);
    else if (name == "roadmap")
      fill(out.roadmap);
    else if (name == "team")
      fill(out.team);
    else
      throw py::type_error(
          "unknown section " + name +
          "; the sections are brief, conflicts, load, pairs, saturation, concentration, timing, graph, reschedule, "
          "strategies, similarity, kpis, risks, roadmap, team");
  }
  return out;
}

py::dict option_sections() {
  py::dict out;
  out["brief"] = option_list<plan::brief_options>();
  out["conflicts"] = option_list<conflict::conflict_options>();
  out["load"] = option_list<conflict::load_options>();
  out["pairs"] = option_list<conflict::pair_options>();
  out["saturation"] = option_list<conflict::saturation_options>();
  out["concentration"] = option_list<conflict::concentration_options>();
  out["timing"] = option_list<conflict::timing_options>();
  out["graph"] = option_list<conflict::graph_options>();
  out["reschedule"] = option_list<conflict::reschedule_options>();
  out["strategies"] = option_list<plan::strategies_options>();
  out["similarity"] = option_list<plan::similarity_options>();
  out["kpis"] = option_list<plan::kpis_options>();
  out["risks"] = option_list<plan::risks_options>();
  out["roadmap"] = option_list<plan::roadmap_options>();
  out["team"] = option_list<plan::team_options>();
  return out;
}

py::dict worked_columns(const plan::worked_result& result) {
  py::list campaign, name, channel, objective, outcome, verdict, basis;
  std::vector<double> spend, actual, per_money, expected, index, index_low, index_high, shrunken, low, high, probability;
  for (const auto& row : result.rows) {
    campaign.append(row.campaign);
    name.append(row.name);
    channel.append(row.channel);
    objective.append(std::string(to_string(row.objective)));
    outcome.append(std::string(to_string(row.outcome)));
    verdict.append(std::string(to_string(row.verdict)));
    basis.append(row.basis);
    spend.push_back(row.spend);
    actual.push_back(row.actual);
    per_money.push_back(row.per_money);
    expected.push_back(row.expected);
    index.push_back(row.index);
    index_low.push_back(row.index_low);
    index_high.push_back(row.index_high);
    shrunken.push_back(row.shrunken_per_money);
    low.push_back(row.low);
    high.push_back(row.high);
    probability.push_back(row.probability);
  }
  py::dict out;
  out["campaign"] = campaign;
  out["name"] = name;
  out["channel"] = channel;
  out["objective"] = objective;
  out["outcome"] = outcome;
  out["verdict"] = verdict;
  out["spend"] = array_of(std::move(spend));
  out["actual"] = array_of(std::move(actual));
  out["per_money"] = array_of(std::move(per_money));
  out["expected"] = array_of(std::move(expected));
  out["index"] = array_of(std::move(index));
  out["index_low"] = array_of(std::move(index_low));
  out["index_high"] = array_of(std::move(index_high));
  out["shrunken_per_money"] = array_of(std::move(shrunken));
  out["low"] = array_of(std::move(low));
  out["high"] = array_of(std::move(high));
  out["probability"] = array_of(std::move(probability));
  out["basis"] = basis;
  return out;
}

using quarantined_row = py::typing::Tuple<std::size_t, py::str, std::vector<schema::finding>>;

py::typing::Tuple<quarantined_row, py::ellipsis> quarantine_of(const plan::brief_result& brief) {
  py::list out;
  for (const auto& row : brief.quarantine) out.append(py::make_tuple(row.row, row.campaign, row.findings));
  return py::tuple(out);
}

}  // namespace

void bind_plan(py::module_& m) {
  py::class_<plan::brief_result>(m, "BriefData", "A pre-launch brief; clarion.Brief is its Python face.")
      .def_property_readonly("strategies", [](const plan::brief_result& b) { return b.strategies.findings; })
      .def_property_readonly("kpis", [](const plan::brief_result& b) { return b.kpis.findings; })
      .def_property_readonly("risks", [](const plan::brief_result& b) { return b.risks.findings; })
      .def_property_readonly("roadmap", [](const plan::brief_result& b) { return b.roadmap.findings; })
      .def_property_readonly("team", [](const plan::brief_result& b) { return b.team.findings; })
      .def_readonly("validation", &plan::brief_result::validation)
      .def_readonly("accepted", &plan::brief_result::accepted)
      .def_property_readonly("quarantine", &quarantine_of, "(row, campaign, findings) of each row that reading set aside.")
      .def(
          "to_json",
          [](const plan::brief_result& brief, int indent) {
            const py::gil_scoped_release free;
            return plan::to_json(brief, indent);
          },
          py::arg("indent") = 2, "The brief in the form of docs/plan/brief.md; indent < 0 gives one line.");

  m.def(
      "brief",
      [](const schema::portfolio& portfolio, const schema::audiences* audiences, const schema::portfolio* history,
         const schema::catalog* catalog, const schema::policy& policy, const std::vector<schema::blackout>& holidays,
         const std::optional<std::vector<finding>>& validation,
         std::vector<std::tuple<std::uint64_t, std::string, std::vector<finding>>> quarantine, const py::dict& options,
         const std::optional<std::string>& kpi_table, const py::object& n_jobs, const py::object& progress) {
        plan::brief_input input{.audiences = audiences,
                                .history = history,
                                .catalog = catalog,
                                .holidays = holidays,
                                .validation = validation ? &*validation : nullptr};
        for (auto& [row, campaign, findings] : quarantine)
          input.quarantine.push_back({row, std::move(campaign), std::move(findings)});
        std::optional<plan::kpi_table> own_kpis;
        if (kpi_table) input.kpis = &own_kpis.emplace(plan::parse_kpi_table(*kpi_table));
        const auto chosen = brief_options_from(options);
        const auto run = run_from(n_jobs, progress);
        const py::gil_scoped_release free;
        return plan::brief(portfolio, input, policy, chosen, run);
      },
      py::arg("portfolio"), py::kw_only(), py::arg("audiences") = py::none(), py::arg("history") = py::none(),
      py::arg("catalog") = py::none(), py::arg("policy"), py::arg("holidays"), py::arg("validation") = py::none(),
      py::arg("quarantine"), py::arg("options"), py::arg("kpi_table") = py::none(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "Every layer of the brief, once.");

  m.def(
      "which_worked",
      [](const schema::portfolio& history, const schema::catalog* catalog, const py::object& n_jobs, const py::kwargs& options) {
        const auto chosen = options_from<plan::worked_options>(options);
        const auto run = run_from(n_jobs);
        plan::worked_result result;
        {
          const py::gil_scoped_release free;
          result = plan::which_worked(history, catalog, chosen, run);
        }
        return py::make_tuple(worked_columns(result), result.findings);
      },
      py::arg("history"), py::arg("catalog") = py::none(), py::kw_only(), py::arg("n_jobs") = py::none(),
      "(columns, findings): which finished campaigns worked.");

  m.def(
      "kpi_table",
      [](const std::optional<std::string>& own) {
        return plan::to_json(own ? plan::parse_kpi_table(*own) : plan::default_kpi_table());
      },
      py::arg("own") = py::none(), "The table of KPIs as JSON, with one's own (JSON) laid over it.");

  m.def("brief_options", &option_sections,
        "Section -> [(name, default, meaning, low, high)] of everything that a brief can be told.");
  m.def(
      "plan_rules", [] { return std::vector<schema::rule>(plan::rules().begin(), plan::rules().end()); },
      "The rules of every room, by code.");
}

}  // namespace clarion::bindings
