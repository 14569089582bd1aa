#include "clarion/segment/linkage.hpp"

#include <span>

#include "convert.hpp"

namespace clarion::bindings {

namespace {

template <class T>
std::span<const T> values_of(const array_in<T>& points) {
  if (points.ndim() != 2) reject("points", std::to_string(points.ndim()) + " dimensions", "give rows and columns");
  return span_of(points);
}

segment::linkage_tree tree_of(const array_in<double>& merges) {
  const auto values = values_of(merges);
  if (merges.shape(1) != 4) reject("merges", std::to_string(merges.shape(1)) + " columns", "give 4");
  return {static_cast<std::size_t>(merges.shape(0)) + 1, {values.begin(), values.end()}};
}

template <class T>
segment::linkage_tree linkage_of(const py::array& points, const segment::linkage_options& options, const run_options& run) {
  const auto rows = array_in<T>(points);
  const auto values = values_of(rows);
  const auto columns = static_cast<std::size_t>(rows.shape(1));
  return without_gil([&] { return segment::linkage(values, columns, options, run); });
}

}  // namespace

void bind_linkage(py::module_& m) {
  m.def("linkage_options", &option_list<segment::linkage_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "linkage",
      [](const py::array& points, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<segment::linkage_options>(options);
        const auto run = run_from(n_jobs, progress);
        auto tree = py::isinstance<py::array_t<float>>(points) ? linkage_of<float>(points, chosen, run)
                                                               : linkage_of<double>(points, chosen, run);
        const std::size_t merges = tree.merges.size() / 4;
        return array_of(std::move(tree.merges), merges, 4);
      },
      py::arg("points"), py::arg("options"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "The merges of rows: left, right, height, points.");
  m.def(
      "linkage_memory",
      [](std::size_t n, std::size_t columns, const py::dict& options) {
        return segment::linkage_memory(n, columns, options_from<segment::linkage_options>(options));
      },
      py::arg("n"), py::arg("columns"), py::arg("options"), "Bytes that a tree takes at its peak.");
  m.def(
      "cut_into",
      [](const array_in<double>& merges, std::size_t n_clusters) {
        return array_of(segment::cut_into(tree_of(merges), n_clusters));
      },
      py::arg("merges"), py::arg("n_clusters"), "The cluster of each point.");
  m.def(
      "cut_at", [](const array_in<double>& merges, double height) { return array_of(segment::cut_at(tree_of(merges), height)); },
      py::arg("merges"), py::arg("height"), "The cluster of each point.");
  m.def(
      "leaf_order", [](const array_in<double>& merges) { return array_of(segment::leaf_order(tree_of(merges))); },
      py::arg("merges"), "The points in the order of a dendrogram.");
  m.def(
      "cophenetic_correlation",
      [](const array_in<double>& merges, const array_in<double>& points, const py::object& n_jobs) {
        const auto tree = tree_of(merges);
        const auto values = values_of(points);
        const auto run = run_from(n_jobs);
        return without_gil(
            [&] { return segment::cophenetic_correlation(tree, values, static_cast<std::size_t>(points.shape(1)), run); });
      },
      py::arg("merges"), py::arg("points"), py::arg("n_jobs") = py::none(),
      "The correlation of distances with the heights at which points merge.");
}

}  // namespace clarion::bindings
