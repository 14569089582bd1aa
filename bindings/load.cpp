#include "clarion/conflict/load.hpp"

#include <array>

#include "clarion/conflict/load_cube.hpp"
#include "conflict_columns.hpp"
#include "convert.hpp"

namespace clarion::bindings {

void bind_load(py::module_& m) {
  using namespace conflict;

  py::enum_<load_measure>(m, "LoadMeasure", "What a cube of weekly load holds.")
      .value("contacts", load_measure::contacts)
      .value("spend", load_measure::spend);
  py::class_<weekly_load>(m, "WeeklyLoad", "Weekly load and spend of each campaign.")
      .def("__len__", &weekly_load::size)
      .def_property_readonly(
          "weeks", [](const weekly_load& self) { return days_of(self.weeks); }, "Mondays.")
      .def_readonly("channels", &weekly_load::channels, "Names, registered ones first.")
      .def_property_readonly(
          "capacity", [](const py::object& self) { return view_of(self.cast<const weekly_load&>().capacity, self); },
          "By channel, contacts that a customer takes a week; NaN when not registered.")
      .def(
          "columns",
          [](const py::object& self) {
            const auto& load = self.cast<const weekly_load&>();
            py::dict out;
            out["channel"] = view_of(load.channel, self);
            out["first_week"] = view_of(load.first_week, self);
            out["offsets"] = view_of(load.offsets, self);
            out["load"] = view_of(load.load, self);
            out["spend"] = view_of(load.spend, self);
            return out;
          },
          "Runs of weekly values: those of campaign c are [offsets[c], offsets[c + 1]).")
      .def(
          "cube",
          [](const weekly_load& self, load_measure measure, std::size_t max_bytes) {
            core::cube* cube = nullptr;
            {
              const py::gil_scoped_release free;
              cube = new core::cube(load_cube(self, measure, max_bytes));
            }
            const py::capsule keeper(cube, [](void* held) { delete static_cast<core::cube*>(held); });
            const std::array<std::size_t, 3> shape{cube->shape(0), cube->shape(1), cube->shape(2)};
            return py::array_t<double>(shape, cube->data(), keeper);
          },
          py::arg("measure") = load_measure::contacts, py::arg("max_bytes") = std::size_t{1} << 30,
          "campaign x channel x week; ClarionError when it would take more than max_bytes.");

  m.def(
      "weekly_load",
      [](const schema::portfolio& plan, const schema::policy& by, const py::kwargs& options) {
        const auto chosen = options_from<load_options>(options);
        const py::gil_scoped_release free;
        return load(plan, by, chosen);
      },
      py::arg("portfolio"), py::arg("policy"), "Weekly load and spend of each campaign.");
}

}  // namespace clarion::bindings
