#include "clarion/segment/choose_k.hpp"

#include <utility>

#include "row_arrays.hpp"

namespace clarion::bindings {

void bind_choose_k(py::module_& m) {
  m.def("choose_k_options", &option_list<segment::choose_k_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "choose_k",
      [](const rows_in& x, const std::vector<std::uint32_t>& k, const k_method_in& method, const py::dict& options,
         const py::object& n_jobs, const py::object& progress) {
        const auto of = rows_of(x);
        const auto chosen = options_from<segment::choose_k_options>(options);
        const auto run = run_from(n_jobs, progress);
        const auto clustered = [&](std::span<const double> rows, std::size_t columns, std::uint32_t n) {
          return labels_from(method, rows, columns, n);
        };
        auto found = without_gil([&] { return segment::choose_k(of.values, of.columns, k, clustered, chosen, run); });
        py::list tried, labels;
        for (const auto& each : found.tried) {
          py::dict row;
          row["k"] = each.k;
          row["clusters"] = each.clusters;
          row["smallest"] = each.smallest;
          row["inertia"] = each.inertia;
          row["silhouette"] = each.silhouette;
          row["silhouette_se"] = each.silhouette_se;
          row["calinski_harabasz"] = each.calinski_harabasz;
          row["davies_bouldin"] = each.davies_bouldin;
          row["gap"] = each.gap;
          row["gap_se"] = each.gap_se;
          tried.append(row);
        }
        for (auto& each : found.labels) labels.append(array_of(std::move(each)));
        py::dict votes;
        votes["silhouette"] = found.by_silhouette;
        votes["calinski_harabasz"] = found.by_calinski_harabasz;
        votes["davies_bouldin"] = found.by_davies_bouldin;
        votes["gap"] = found.by_gap;
        votes["elbow"] = found.by_elbow;
        py::dict out;
        out["best"] = found.best;
        out["reason"] = found.reason;
        out["agreed"] = found.agreed;
        out["tried"] = tried;
        out["votes"] = votes;
        out["labels"] = labels;
        out["inertia_of_one"] = found.inertia_of_one;
        out["gap_of_one"] = found.gap_of_one;
        out["gap_of_one_se"] = found.gap_of_one_se;
        return out;
      },
      py::arg("x"), py::arg("k"), py::arg("method"), py::arg("options"), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "What indices say of each k; method(x, k) gives labels.");
  m.def(
      "elbow", [](const rows_in& x, const rows_in& y) { return segment::elbow(span_of(x), span_of(y)); }, py::arg("x"),
      py::arg("y"), "The index of the first knee of a falling curve.");
}

}  // namespace clarion::bindings
