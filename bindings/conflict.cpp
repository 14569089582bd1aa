#include "clarion/conflict/find_conflicts.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "conflict_columns.hpp"
#include "convert.hpp"

namespace clarion::bindings {

namespace {

using namespace conflict;
using schema::audiences;
using schema::blackout;
using schema::catalog;
using schema::policy;
using schema::portfolio;

template <class T>
bool has_option(const std::string& name) {
  bool found = false;
  core::for_each_option<T>([&](const auto& field) { found = found || field.name == name; });
  return found;
}

// Keywords dealt out to several structs by their lists of fields; a name in two of them goes to both.
template <class... T>
std::tuple<T...> deal(const py::dict& keywords) {
  std::tuple<py::dict, std::conditional_t<true, py::dict, T>...> hands;
  for (const std::pair<py::handle, py::handle> item : keywords) {
    const auto name = py::str(item.first).cast<std::string>();
    bool known = false;
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      ((has_option<T>(name) ? (std::get<i + 1>(hands)[item.first] = item.second, known = true) : false), ...);
    }(std::index_sequence_for<T...>{});
    if (!known) {
      std::string names;
      const auto add = [&](const auto& field) {
        if (names.find(std::string(field.name)) == std::string::npos)
          names += (names.empty() ? "" : ", ") + std::string(field.name);
      };
      (core::for_each_option<T>(add), ...);
      throw py::type_error("unknown option " + name + "; the options are " + names);
    }
  }
  return [&]<std::size_t... i>(std::index_sequence<i...>) {
    return std::tuple<T...>{options_from<T>(std::get<i + 1>(hands))...};
  }(std::index_sequence_for<T...>{});
}

void bind_pairs(py::module_& m) {
  py::class_<pair_table>(m, "PairTable", "Pairs of campaigns that touch each other.")
      .def("__len__", &pair_table::size)
      .def_readonly("left_out", &pair_table::left_out, "Pairs that max_pairs left out.")
      .def(
          "columns",
          [](const py::object& self) {
            const auto& table = self.cast<const pair_table&>();
            py::dict out;
            out["a"] = view_of(table.a, self);
            out["b"] = view_of(table.b, self);
            out["shared_days"] = view_of(table.shared_days, self);
            out["days_apart"] = view_of(table.days_apart, self);
            out["shared"] = view_of(table.shared, self);
            out["jaccard"] = view_of(table.jaccard, self);
            out["share_a"] = view_of(table.share_a, self);
            out["share_b"] = view_of(table.share_b, self);
            out["containment"] = view_of(table.containment, self);
            out["rate"] = view_of(table.rate, self);
            out["weight"] = view_of(table.weight, self);
            out["reasons"] = view_of(table.reasons, self);
            return out;
          },
          "Columns by name, without a copy; a and b are rows of the portfolio.");
}

}  // namespace

void bind_conflict(py::module_& m) {
  bind_pairs(m);
  m.def(
      "conflict_rules", [] { return std::vector<schema::rule>(rules().begin(), rules().end()); },
      "The rules of the conflict room.");

  m.def(
      "find_pairs",
      [](const portfolio& plan, const audiences* members, const catalog* products, const py::object& n_jobs,
         const py::object& progress, const py::kwargs& options) {
        auto chosen = options_from<pair_options>(options);
        chosen.catalog = products;
        const auto run = run_from(n_jobs, progress);
        const py::gil_scoped_release free;
        return pairs(plan, members, chosen, run);
      },
      py::arg("portfolio"), py::arg("audiences") = py::none(), py::arg("catalog") = py::none(), py::kw_only(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "Pairs of campaigns that touch each other.");
  m.def(
      "saturation",
      [](const portfolio& plan, const audiences* members, const policy& by, const py::object& n_jobs, const py::object& progress,
         const py::kwargs& options) {
        const auto [loads, chosen] = deal<load_options, saturation_options>(options);
        const auto run = run_from(n_jobs, progress);
        weekly_load weeks;
        saturation_result result;
        {
          const py::gil_scoped_release free;
          weeks = load(plan, by, loads);
          result = saturation(plan, members, weeks, chosen, run);
        }
        return py::make_tuple(columns_of(std::move(result)), std::move(weeks));
      },
      py::arg("portfolio"), py::arg("audiences"), py::arg("policy"), py::kw_only(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(columns, WeeklyLoad): load against capacity, new reach, findings.");
  m.def(
      "concentration",
      [](const portfolio& plan, const py::kwargs& options) {
        const auto chosen = options_from<concentration_options>(options);
        concentration_result result;
        {
          const py::gil_scoped_release free;
          result = concentration(plan, chosen);
        }
        return columns_of(std::move(result));
      },
      py::arg("portfolio"), "Herfindahl index, shares and findings by dimension.");
  m.def(
      "timing",
      [](const portfolio& plan, const audiences* members, const catalog* products, const policy& by,
         const std::vector<blackout>& holidays, const py::object& n_jobs, const py::object& progress, const py::kwargs& options) {
        auto [choice, chosen] = deal<pair_options, timing_options>(options);
        choice.catalog = products;
        choice.within_days = std::max(choice.within_days, chosen.rest_days);
        const auto run = run_from(n_jobs, progress);
        timing_result result;
        {
          const py::gil_scoped_release free;
          result = timing(plan, pairs(plan, members, choice, part_of(run, 0, 0.9)), by, holidays, chosen, part_of(run, 0.9, 1));
        }
        return py::make_tuple(std::move(result.findings), columns_of(std::move(result.taken)));
      },
      py::arg("portfolio"), py::arg("audiences"), py::arg("catalog"), py::arg("policy"), py::arg("holidays"), py::kw_only(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "(findings, days that are taken)");
  m.def(
      "find_conflicts",
      [](const portfolio& plan, const audiences* members, const catalog* products, const policy& by,
         const std::vector<blackout>& holidays, const py::object& n_jobs, const py::object& progress, const py::kwargs& options) {
        conflict_options chosen;
        std::tie(chosen, chosen.load, chosen.pairs, chosen.saturation, chosen.concentration, chosen.timing) =
            deal<conflict_options, load_options, pair_options, saturation_options, concentration_options, timing_options>(
                options);
        chosen.pairs.catalog = products;
        const auto run = run_from(n_jobs, progress);
        conflicts result;
        {
          const py::gil_scoped_release free;
          result = find_conflicts(plan, members, by, holidays, chosen, run);
        }
        py::dict out;
        out["findings"] = std::move(result.findings);
        out["pairs"] = std::move(result.pairs);
        out["load"] = std::move(result.load);
        out["saturation"] = columns_of(std::move(result.saturation));
        out["concentration"] = columns_of(std::move(result.concentration));
        out["taken"] = columns_of(std::move(result.taken));
        out["source"] = std::string(to_string(result.source));
        out["campaigns"] = result.campaigns;
        return out;
      },
      py::arg("portfolio"), py::arg("audiences"), py::arg("catalog"), py::arg("policy"), py::arg("holidays"), py::kw_only(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "Every detector over one portfolio.");
}

}  // namespace clarion::bindings
