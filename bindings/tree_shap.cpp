#include "clarion/segment/tree_shap.hpp"

#include "convert.hpp"

namespace clarion::bindings {

namespace {

using places_in = array_in<std::uint32_t>;
using flags_in = array_in<std::uint8_t>;

segment::tree_ensemble trees_of(const places_in& left, const places_in& right, const places_in& feature,
                                const array_in<double>& threshold, const flags_in& missing_left, const array_in<double>& value,
                                const array_in<double>& cover, const places_in& roots, double base, std::size_t columns) {
  const py::ssize_t n = left.size();
  for (const py::ssize_t size : {right.size(), feature.size(), threshold.size(), missing_left.size(), value.size(), cover.size()})
    if (size != n) throw py::value_error("trees: columns of nodes differ in length");
  segment::tree_ensemble out;
  out.columns = columns;
  out.base = base;
  out.nodes.resize(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < out.nodes.size(); ++i)
    out.nodes[i] = {left.data()[i],  right.data()[i], feature.data()[i], threshold.data()[i], missing_left.data()[i] != 0,
                    value.data()[i], cover.data()[i]};
  out.roots.assign(roots.data(), roots.data() + roots.size());
  return out;
}

}  // namespace

void bind_tree_shap(py::module_& m) {
  py::class_<segment::tree_ensemble>(m, "TreeEnsemble", "Trees whose leaves are summed, as columns of their nodes.")
      .def(py::init(&trees_of), py::arg("left"), py::arg("right"), py::arg("feature"), py::arg("threshold"),
           py::arg("missing_left"), py::arg("value"), py::arg("cover"), py::arg("roots"), py::arg("base"), py::arg("columns"))
      .def_readonly("columns", &segment::tree_ensemble::columns);
  m.def(
      "tree_scores",
      [](const segment::tree_ensemble& trees, const array_in<double>& x, const py::object& n_jobs) {
        const auto run = run_from(n_jobs);
        const std::span<const double> rows(x.data(), static_cast<std::size_t>(x.size()));
        return array_of(without_gil([&] { return segment::tree_scores(trees, rows, run); }));
      },
      py::arg("trees"), py::arg("x"), py::arg("n_jobs") = py::none(), "The sum of the leaves for each row.");
  m.def(
      "tree_shap",
      [](const segment::tree_ensemble& trees, const array_in<double>& x, const py::object& n_jobs, const py::object& progress) {
        const auto run = run_from(n_jobs, progress);
        const std::span<const double> rows(x.data(), static_cast<std::size_t>(x.size()));
        auto found = without_gil([&] { return segment::tree_shap(trees, rows, run); });
        const std::size_t n = found.values.size() / trees.columns;
        return py::make_tuple(found.expected, array_of(std::move(found.values), n, trees.columns));
      },
      py::arg("trees"), py::arg("x"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(expected score, what each column adds to a row's score)");
}

}  // namespace clarion::bindings
