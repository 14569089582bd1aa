#include "clarion/segment/drift.hpp"

#include <optional>
#include <utility>

#include "row_arrays.hpp"

namespace clarion::bindings {

namespace {

using ids_in = array_in<std::uint64_t>;

segment::clustered_period period_of(const labels_in& labels, const std::optional<ids_in>& ids, const std::optional<rows_in>& x,
                                    const std::vector<std::string>& names) {
  segment::clustered_period out{.labels = span_of(labels)};
  out.names = names;
  if (ids) out.ids = span_of(*ids);
  if (x) out.x = rows_of(*x).values;
  return out;
}

py::object number_of(std::uint32_t cluster) {
  return cluster == segment::no_cluster ? py::object(py::none()) : py::int_(cluster);
}

}  // namespace

void bind_drift(py::module_& m) {
  m.def("drift_options", &option_list<segment::drift_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "drift",
      [](const labels_in& before, const labels_in& after, const std::optional<ids_in>& ids_before,
         const std::optional<ids_in>& ids_after, const std::optional<rows_in>& x_before, const std::optional<rows_in>& x_after,
         const std::vector<std::string>& names_before, const std::vector<std::string>& names_after, const py::dict& options) {
        const auto chosen = options_from<segment::drift_options>(options);
        const auto first = period_of(before, ids_before, x_before, names_before),
                   second = period_of(after, ids_after, x_after, names_after);
        auto found = without_gil([&] { return segment::drift(first, second, chosen); });
        py::list clusters;
        for (auto& each : found.clusters) {
          py::dict row;
          row["before"] = number_of(each.before);
          row["after"] = number_of(each.after);
          row["size_before"] = each.size_before;
          row["size_after"] = each.size_after;
          row["share_before"] = each.share_before;
          row["share_after"] = each.share_after;
          row["stayed"] = each.stayed;
          row["moved"] = each.moved;
          row["left"] = each.left;
          row["joined"] = each.joined;
          row["jaccard"] = each.jaccard;
          row["distance"] = each.distance;
          row["shift"] = each.shift;
          row["verdict"] = std::string(to_string(each.verdict));
          row["sentence"] = each.sentence;
          clusters.append(row);
        }
        py::dict out;
        out["clusters"] = clusters;
        out["common"] = found.common;
        out["rand"] = found.rand;
        out["transitions"] = array_of(std::move(found.transitions), found.numbers_before + 1, found.numbers_after + 1);
        return out;
      },
      py::arg("before"), py::arg("after"), py::arg("ids_before"), py::arg("ids_after"), py::arg("x_before"), py::arg("x_after"),
      py::arg("names_before"), py::arg("names_after"), py::arg("options"),
      "What became of the clusters of one period in the next.");
}

}  // namespace clarion::bindings
