#include "clarion/segment/cluster_quality.hpp"

#include <utility>

#include "row_arrays.hpp"

namespace clarion::bindings {

void bind_cluster_quality(py::module_& m) {
  m.def("cluster_quality_options", &option_list<segment::cluster_quality_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "cluster_quality",
      [](const rows_in& x, const labels_in& labels, const py::dict& options, const py::object& n_jobs,
         const py::object& progress) {
        const auto of = rows_of(x);
        const auto chosen = options_from<segment::cluster_quality_options>(options);
        const auto run = run_from(n_jobs, progress);
        auto found = without_gil([&] { return segment::cluster_quality(of.values, of.columns, span_of(labels), chosen, run); });
        py::dict out;
        out["rows"] = found.rows;
        out["clusters"] = found.clusters;
        out["inertia"] = found.inertia;
        out["silhouette"] = found.silhouette;
        out["silhouette_se"] = found.silhouette_se;
        out["silhouette_rows"] = found.silhouette_rows;
        out["calinski_harabasz"] = found.calinski_harabasz;
        out["davies_bouldin"] = found.davies_bouldin;
        out["size"] = array_of(std::move(found.size));
        out["cluster_silhouette"] = array_of(std::move(found.cluster_silhouette));
        out["cluster_silhouette_se"] = array_of(std::move(found.cluster_silhouette_se));
        out["mean_distance"] = array_of(std::move(found.mean_distance));
        return out;
      },
      py::arg("x"), py::arg("labels"), py::arg("options"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "Indices of clusters, by name.");
  m.def(
      "silhouettes",
      [](const rows_in& x, const labels_in& labels, const py::object& n_jobs, const py::object& progress) {
        const auto of = rows_of(x);
        const auto run = run_from(n_jobs, progress);
        return array_of(without_gil([&] { return segment::silhouettes(of.values, of.columns, span_of(labels), run); }));
      },
      py::arg("x"), py::arg("labels"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "The silhouette of every row.");
}

}  // namespace clarion::bindings
