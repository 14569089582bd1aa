#include "clarion/segment/scaling.hpp"

#include <utility>

#include "row_arrays.hpp"

namespace clarion::bindings {

void bind_scaling(py::module_& m) {
  using segment::scaling;
  using numbers = std::vector<double>;
  using columns = std::vector<std::uint32_t>;
  using state = py::typing::Tuple<std::string, numbers, numbers, numbers, columns, columns>;

  m.def("scaling_options", &option_list<segment::scaling_options>, "[(name, default, meaning, low, high)]");

  const auto rows = [](const scaling& by, const rows_in& x, const py::object& n_jobs, auto&& apply) {
    const auto of = rows_of(x);
    const auto run = run_from(n_jobs);
    return array_of(without_gil([&] { return apply(by, of.values, run); }), of.rows, of.columns);
  };
  py::class_<scaling>(m, "Scaling", "A fitted scaling of columns.")
      .def(py::init([](std::string method, std::vector<double> center, std::vector<double> scale, std::vector<double> power,
                       std::vector<std::uint32_t> constant, std::vector<std::uint32_t> collapsed) {
             return scaling{std::move(method), std::move(center),   std::move(scale),
                            std::move(power),  std::move(constant), std::move(collapsed)};
           }),
           py::arg("method"), py::arg("center"), py::arg("scale"), py::arg("power"), py::arg("constant"), py::arg("collapsed"))
      .def_property_readonly("center", [](const py::object& self) { return view_of(self.cast<scaling&>().center, self); })
      .def_property_readonly("scale", [](const py::object& self) { return view_of(self.cast<scaling&>().scale, self); })
      .def_property_readonly("power", [](const py::object& self) { return view_of(self.cast<scaling&>().power, self); })
      .def_readonly("constant", &scaling::constant)
      .def_readonly("collapsed", &scaling::collapsed)
      .def(
          "apply",
          [rows](const scaling& by, const rows_in& x, const py::object& n_jobs) { return rows(by, x, n_jobs, &segment::scaled); },
          py::arg("x"), py::arg("n_jobs") = py::none(), "Rows scaled.")
      .def(
          "invert",
          [rows](const scaling& by, const rows_in& x, const py::object& n_jobs) {
            return rows(by, x, n_jobs, &segment::unscaled);
          },
          py::arg("x"), py::arg("n_jobs") = py::none(), "Scaled rows as they were.")
      .def(
          "findings",
          [](const scaling& of, const std::vector<std::string>& names) { return segment::scaling_findings(of, names); },
          py::arg("names"), "What was not as a scaling wants it.")
      .def(py::pickle(
          [](const scaling& s) -> state { return py::make_tuple(s.method, s.center, s.scale, s.power, s.constant, s.collapsed); },
          [](const state& t) {
            return scaling{t[0].cast<std::string>(),
                           t[1].cast<std::vector<double>>(),
                           t[2].cast<std::vector<double>>(),
                           t[3].cast<std::vector<double>>(),
                           t[4].cast<std::vector<std::uint32_t>>(),
                           t[5].cast<std::vector<std::uint32_t>>()};
          }));
  m.def(
      "fit_scaling",
      [](const rows_in& x, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto of = rows_of(x);
        const auto chosen = options_from<segment::scaling_options>(options);
        const auto run = run_from(n_jobs, progress);
        return without_gil([&] { return segment::fit_scaling(of.values, of.columns, chosen, run); });
      },
      py::arg("x"), py::arg("options"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "A scaling of columns.");
}

}  // namespace clarion::bindings
