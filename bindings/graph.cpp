#include "clarion/conflict/graph.hpp"

#include <unordered_map>

#include "clarion/conflict/reschedule.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "convert.hpp"

namespace clarion::bindings {

namespace {

using namespace conflict;

py::typing::List<py::typing::Tuple<std::vector<std::uint32_t>, double>> group_list(const std::vector<campaign_group>& groups) {
  py::list out;
  for (const auto& g : groups) out.append(py::make_tuple(g.campaigns, g.weight));
  return out;
}

template <class T>
py::array_t<T> copy_of(const std::vector<T>& values) {
  return array_of(std::vector<T>(values));
}

py::dict edge_columns(std::vector<conflict_edge>&& edges, const char* weight_name) {
  std::vector<std::uint32_t> a, b;
  std::vector<double> weight;
  py::list reason;
  for (const auto& e : edges) {
    a.push_back(e.a);
    b.push_back(e.b);
    weight.push_back(e.weight);
    reason.append(e.reason);
  }
  py::dict out;
  out["a"] = array_of(std::move(a));
  out["b"] = array_of(std::move(b));
  out[weight_name] = array_of(std::move(weight));
  out["reason"] = reason;
  return out;
}

/// What Python keeps of a rescheduling.
struct rescheduling {
  schema::portfolio portfolio;
  std::vector<movable_campaign> campaigns;
  std::vector<conflict_edge> rates;
  reschedule_result result;
};

void weigh(std::vector<movable_campaign>& campaigns, const std::map<std::string, double>& weights) {
  std::unordered_map<std::string, std::size_t> row;
  for (std::size_t i = 0; i < campaigns.size(); ++i) row.emplace(campaigns[i].id, i);
  for (const auto& [id, weight] : weights) {
    const auto at = row.find(id);
    if (at == row.end()) reject("weights", "'" + id + "'", "name campaigns of the portfolio");
    campaigns[at->second].weight = weight;
  }
}

py::typing::List<py::dict> move_list(const rescheduling& self) {
  py::list out;
  for (const auto& m : self.result.moves) {
    const auto& c = self.campaigns[m.campaign];
    py::list pairs;
    for (const auto& p : m.pairs) {
      py::dict pair;
      pair["campaign"] = self.campaigns[p.other].id;
      pair["days_before"] = p.days_before;
      pair["days_after"] = p.days_after;
      pair["conflict_before"] = p.before;
      pair["conflict_after"] = p.after;
      pair["reason"] = p.reason;
      pairs.append(pair);
    }
    py::dict row;
    row["campaign"] = c.id;
    row["days"] = m.days;
    row["from_start"] = m.from;
    row["to_start"] = m.to;
    row["from_end"] = c.end;
    row["to_end"] = m.to + (c.end - c.start);
    row["cost"] = m.cost;
    row["removes"] = m.removes;
    row["pairs"] = pairs;
    out.append(row);
  }
  return out;
}

py::typing::List<py::dict> part_list(const rescheduling& self) {
  py::list out;
  for (const auto& p : self.result.parts) {
    py::list ids;
    for (const auto c : p.campaigns) ids.append(self.campaigns[c].id);
    py::dict row;
    row["campaigns"] = ids;
    row["conflict_before"] = p.conflict_before;
    row["conflict_after"] = p.conflict_after;
    row["cost"] = p.cost;
    row["proved"] = p.proved;
    row["nodes"] = p.nodes;
    out.append(row);
  }
  return out;
}

}  // namespace

void bind_graph(py::module_& m) {
  py::class_<conflict_graph>(m, "ConflictGraph", "Which campaigns conflict, by row of their portfolio.")
      .def_readonly("campaigns", &conflict_graph::campaigns)
      .def_readonly("weight", &conflict_graph::weight)
      .def_property_readonly(
          "edges", [](const conflict_graph& g) { return edge_columns(std::vector(g.edges), "weight"); },
          "Columns a, b, weight, reason.")
      .def_property_readonly("strength", [](const conflict_graph& g) { return copy_of(g.strength); })
      .def_property_readonly("degree", [](const conflict_graph& g) { return copy_of(g.degree); })
      .def_property_readonly("component", [](const conflict_graph& g) { return copy_of(g.component); })
      .def_property_readonly(
          "components", [](const conflict_graph& g) { return group_list(g.components); }, "[(rows, weight)], largest first.")
      .def_property_readonly(
          "cliques", [](const conflict_graph& g) { return group_list(g.cliques); }, "[(rows, weight)], heaviest first.")
      .def_readonly("cliques_truncated", &conflict_graph::cliques_truncated)
      .def_property_readonly(
          "articulations",
          [](const conflict_graph& g) {
            py::typing::List<py::typing::Tuple<std::uint32_t, double, std::uint32_t, std::uint32_t>> out;
            for (const auto& a : g.articulations) out.append(py::make_tuple(a.campaign, a.freed, a.parts, a.largest));
            return out;
          },
          "[(row, conflict freed, parts left, campaigns in the largest)].")
      .def_property_readonly("wave", [](const conflict_graph& g) { return copy_of(g.wave); })
      .def_readonly("waves", &conflict_graph::waves)
      .def_readonly("waves_bound", &conflict_graph::waves_bound)
      .def_property_readonly("locked", [](const conflict_graph& g) { return copy_of(g.locked); })
      .def(
          "findings",
          [](const conflict_graph& g, const std::vector<std::string>& ids, std::uint32_t max_findings,
             const std::vector<std::string>& labels) { return graph_findings(g, ids, max_findings, labels); },
          py::arg("ids"), py::arg("max_findings") = 50, py::arg("labels") = std::vector<std::string>{},
          py::call_guard<py::gil_scoped_release>(), "C501 to C506; labels are what sentences call the campaigns.");

  m.def(
      "conflict_graph",
      [](const schema::portfolio& portfolio, const schema::audiences* audiences, const schema::catalog* catalog,
         const schema::policy& policy, const py::dict& options, const py::dict& pair_choice, const py::object& n_jobs,
         const py::object& progress) {
        const auto choice = options_from<graph_options>(options);
        auto pairing = options_from<pair_options>(pair_choice);
        pairing.catalog = catalog;
        const auto run = run_from(n_jobs, progress);
        const py::gil_scoped_release release;
        return build_conflict_graph(portfolio, pairs(portfolio, audiences, pairing, part_of(run, 0, 0.5)), policy, choice,
                                    part_of(run, 0.5, 1));
      },
      py::arg("portfolio"), py::arg("audiences"), py::arg("catalog"), py::arg("policy"), py::arg("options") = py::dict(),
      py::arg("pairs") = py::dict(), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "The conflict graph of a portfolio.");

  py::class_<rescheduling>(m, "Rescheduling", "The cheapest set of shifts, and what is proved about it.")
      .def_property_readonly("start", [](const rescheduling& r) { return array_of(r.result.start); })
      .def_property_readonly("moves", &move_list)
      .def_property_readonly("parts", &part_list)
      .def_property_readonly(
          "rates", [](const rescheduling& r) { return edge_columns(std::vector(r.rates), "rate"); },
          "Columns a, b, rate, reason: conflict of a shared day.")
      .def_property_readonly(
          "windows",
          [](const rescheduling& r) {
            py::typing::List<py::typing::Tuple<py::str, date, date, date, date, bool, bool, double>> out;
            for (const auto& c : r.campaigns)
              out.append(py::make_tuple(c.id, c.start, c.end, c.earliest, c.latest, c.fixed, c.over, c.weight));
            return out;
          },
          "[(id, start, end, earliest start, latest start, fixed, over, weight)], by row.")
      .def_property_readonly(
          "portfolio",
          [](const rescheduling& r) {
            const py::gil_scoped_release free;
            return apply(r.portfolio, r.result);
          },
          "The portfolio at its new dates.")
      .def_property_readonly("findings",
                             [](const rescheduling& r) {
                               const py::gil_scoped_release free;
                               return reschedule_findings(r.result, r.campaigns);
                             })
      .def_property_readonly("limit", [](const rescheduling& r) { return r.result.limit; })
      .def_property_readonly("conflict_before", [](const rescheduling& r) { return r.result.conflict_before; })
      .def_property_readonly("conflict_after", [](const rescheduling& r) { return r.result.conflict_after; })
      .def_property_readonly("conflict_held", [](const rescheduling& r) { return r.result.conflict_held; })
      .def_property_readonly("cost", [](const rescheduling& r) { return r.result.cost; })
      .def_property_readonly("bound", [](const rescheduling& r) { return r.result.bound; })
      .def_property_readonly("gap", [](const rescheduling& r) { return r.result.gap; })
      .def_property_readonly("feasible", [](const rescheduling& r) { return r.result.feasible; })
      .def_property_readonly("proved", [](const rescheduling& r) { return r.result.proved; })
      .def_property_readonly("least_conflict", [](const rescheduling& r) { return r.result.least_conflict; })
      .def_property_readonly("nodes", [](const rescheduling& r) { return r.result.nodes; });

  m.def(
      "reschedule",
      [](const schema::portfolio& portfolio, const schema::audiences* audiences, const schema::catalog* catalog,
         const schema::policy& policy, const py::dict& options, const py::dict& pair_choice,
         const std::map<std::string, double>& weights, const py::object& n_jobs, const py::object& progress) {
        const auto choice = options_from<reschedule_options>(options);
        auto pairing = options_from<pair_options>(pair_choice);
        pairing.catalog = catalog;
        const auto run = run_from(n_jobs, progress);
        const py::gil_scoped_release release;
        rescheduling out{portfolio, movable_campaigns(portfolio, policy, choice), {}, {}};
        weigh(out.campaigns, weights);
        out.rates = conflict_rates(portfolio, audiences, out.campaigns, pairing, run);
        out.result = reschedule(out.campaigns, out.rates, choice, run);
        return out;
      },
      py::arg("portfolio"), py::arg("audiences"), py::arg("catalog"), py::arg("policy"), py::arg("options") = py::dict(),
      py::arg("pairs") = py::dict(), py::arg("weights") = py::dict(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "The cheapest set of shifts under a conflict limit.");
  m.def("reschedule_options", &option_list<reschedule_options>, "[(name, default, meaning, low, high)]");
  m.def("graph_options", &option_list<graph_options>, "[(name, default, meaning, low, high)]");
}

}  // namespace clarion::bindings
