#include "clarion/segment/preference.hpp"

#include <memory>
#include <optional>
#include <span>

#include "clarion/core/error.hpp"
#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

using namespace segment;

}  // namespace

void bind_preference(py::module_& m) {
  py::class_<preference_result>(m, "PreferenceData", "What customers favour; clarion.segment.Preference wraps it.")
      .def("__len__", [](const preference_result& self) { return self.total.size(); })
      .def_property_readonly(
          "favourite", [](const py::object& self) { return view_of(self.cast<const preference_result&>().favourite, self); },
          "Code of a level by customer, 2^32 - 1 where there is none.")
      .def_property_readonly(
          "share", [](const py::object& self) { return view_of(self.cast<const preference_result&>().share, self); },
          "Share of the favourite in the weight of the customer.")
      .def_property_readonly(
          "affinity", [](const py::object& self) { return view_of(self.cast<const preference_result&>().affinity, self); },
          "Shrunken lift of the favourite.")
      .def_property_readonly(
          "distinct", [](const py::object& self) { return view_of(self.cast<const preference_result&>().distinct, self); },
          "Levels by customer.")
      .def_property_readonly(
          "effective", [](const py::object& self) { return view_of(self.cast<const preference_result&>().effective, self); },
          "Effective number of levels by customer.")
      .def_property_readonly(
          "total", [](const py::object& self) { return view_of(self.cast<const preference_result&>().total, self); },
          "Weight by customer.")
      .def_property_readonly(
          "shares", [](const py::object& self) { return view_of(self.cast<const preference_result&>().shares, self); },
          "Share of each level in all weight.")
      .def_property_readonly(
          "weights", [](const py::object& self) { return arrays_of(self.cast<const preference_result&>().weights, self); },
          "(offsets, levels, weights): customers x levels, by row.")
      .def_readonly("prior_weight", &preference_result::prior_weight)
      .def_readonly("used", &preference_result::used)
      .def_readonly("no_customer", &preference_result::no_customer)
      .def_readonly("no_level", &preference_result::no_level)
      .def_readonly("no_weight", &preference_result::no_weight);

  m.def(
      "preference_options", [] { return option_list<preference_options>(); },
      "Options of what customers favour: (name, default, meaning, low, high).");
  m.def(
      "preference",
      [](const index_in& customer, const index_in& level, const std::optional<array_in<double>>& weight, std::size_t customers,
         std::size_t levels, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<preference_options>(options);
        const run_options run = run_from(n_jobs, progress);
        preference_rows rows{span_of(customer), span_of(level), {}, customers, levels};
        if (weight) {
          if (static_cast<std::size_t>(weight->size()) != rows.customer.size())
            reject("weight", std::to_string(weight->size()) + " rows", "give one for each row");
          rows.weight = span_of(*weight);
        }
        return without_gil([&] { return std::make_unique<preference_result>(preference(rows, chosen, run)); });
      },
      py::arg("customer"), py::arg("level"), py::arg("weight").none(true), py::arg("customers"), py::arg("levels"),
      py::arg("options") = py::dict(), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "What each customer favours, of coded columns.");
  m.def(
      "affinities",
      [](const preference_result& data, const index_in& levels, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        const auto chosen = span_of(levels);
        const std::size_t columns = chosen.empty() ? data.shares.size() : chosen.size();
        auto out = without_gil([&] { return affinities(data, chosen, run); });
        return array_of(std::move(out), data.total.size(), columns);
      },
      py::arg("data"), py::arg("levels"), py::arg("n_jobs") = py::none(),
      "Shrunken lifts, customers x these levels; no levels: all of them.");
}

}  // namespace clarion::bindings
