#include "clarion/segment/stability.hpp"

#include <utility>

#include "row_arrays.hpp"

namespace clarion::bindings {

void bind_stability(py::module_& m) {
  m.def("stability_options", &option_list<segment::stability_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "adjusted_rand",
      [](const labels_in& a, const labels_in& b) {
        return without_gil([&] { return segment::adjusted_rand(span_of(a), span_of(b)); });
      },
      py::arg("a"), py::arg("b"), "The adjusted Rand index of two labelings.");
  m.def(
      "stability",
      [](const rows_in& x, const labels_in& labels, const method_in& method, const py::dict& options,
         const std::vector<std::string>& names, const py::object& n_jobs, const py::object& progress) {
        const auto of = rows_of(x);
        const auto chosen = options_from<segment::stability_options>(options);
        const auto run = run_from(n_jobs, progress);
        const auto clustered = [&](std::span<const double> rows, std::size_t columns) {
          return labels_from(method, rows, columns);
        };
        auto found = without_gil(
            [&] { return segment::stability(of.values, of.columns, span_of(labels), clustered, chosen, run, names); });
        py::list clusters;
        for (const auto& each : found.clusters) {
          py::dict row;
          row["cluster"] = each.cluster;
          row["size"] = each.size;
          row["samples"] = each.samples;
          row["jaccard"] = each.jaccard;
          row["jaccard_se"] = each.jaccard_se;
          row["recovered"] = each.recovered;
          row["dissolved"] = each.dissolved;
          row["verdict"] = std::string(to_string(each.verdict));
          row["sentence"] = each.sentence;
          clusters.append(row);
        }
        py::dict out;
        out["clusters"] = clusters;
        out["rand"] = found.rand;
        const std::size_t n = found.clusters.size();
        out["jaccards"] = array_of(std::move(found.jaccards), chosen.n_bootstraps, n);
        return out;
      },
      py::arg("x"), py::arg("labels"), py::arg("method"), py::arg("options"), py::arg("names"), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "How often clusters come back in samples; method(x) gives labels.");
}

}  // namespace clarion::bindings
