#include "clarion/segment/kmeans.hpp"

#include <optional>
#include <utility>

#include "rows_in.hpp"

namespace clarion::bindings {

namespace {

using fit_out = py::typing::Tuple<py::array, py::array, double, std::uint32_t, std::uint32_t>;
using labels_out = py::typing::Tuple<py::array, double>;

template <class T>
fit_out fit(const rows_in<T>& x, const py::dict& options, const weights_in& weight, const std::optional<py::array>& centers,
            const py::object& n_jobs, const py::object& progress) {
  const auto view = points_of("x", x);
  const auto chosen = options_from<segment::kmeans_options>(options);
  const rows_in<T> begin = centers ? rows_in<T>(*centers) : rows_in<T>();
  const segment::kmeans_given<T> given{weights_of(weight, view.rows), begin_of(begin, chosen.n_clusters, view.columns)};
  const auto run = run_from(n_jobs, progress);
  auto found = without_gil([&] { return segment::kmeans(view, chosen, given, run); });
  return py::make_tuple(array_of(std::move(found.centers), chosen.n_clusters, view.columns), array_of(std::move(found.labels)),
                        found.inertia, found.n_iter, found.n_found);
}

}  // namespace

void bind_kmeans(py::module_& m) {
  m.def("kmeans_options", &option_list<segment::kmeans_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "kmeans",
      [](const py::array& x, const py::dict& options, const weights_in& weight, const std::optional<py::array>& centers,
         const py::object& n_jobs, const py::object& progress) {
        return in_precision_of(x, [&]<class T>(T) { return fit<T>(x, options, weight, centers, n_jobs, progress); });
      },
      py::arg("x"), py::arg("options"), py::arg("sample_weight") = py::none(), py::arg("centers") = py::none(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(centers, labels, inertia, iterations, clusters that have rows)");
  m.def(
      "kmeans_plusplus",
      [](const py::array& x, std::uint32_t n_clusters, std::uint64_t seed, const weights_in& weight, const py::object& n_jobs) {
        return in_precision_of(x, [&]<class T>(T) {
          const rows_in<T> rows(x);
          const auto view = points_of("x", rows);
          const double* weights = weights_of(weight, view.rows);
          const auto run = run_from(n_jobs);
          return array_of(without_gil([&] { return segment::kmeans_plusplus(view, n_clusters, seed, weights, run); }));
        });
      },
      py::arg("x"), py::arg("n_clusters"), py::arg("seed") = 0, py::arg("sample_weight") = py::none(),
      py::arg("n_jobs") = py::none(), "Rows to begin with.");
  m.def(
      "kmeans_predict",
      [](const py::array& x, const py::array& centers, const weights_in& weight, const py::object& n_jobs) {
        return in_precision_of(x, [&]<class T>(T) -> labels_out {
          const rows_in<T> rows(x), to(centers);
          const auto view = points_of("x", rows), at = points_of("centers", to);
          const double* weights = weights_of(weight, view.rows);
          const auto run = run_from(n_jobs);
          auto found = without_gil([&] { return segment::kmeans_predict(view, at, weights, run); });
          return py::make_tuple(array_of(std::move(found.labels)), found.inertia);
        });
      },
      py::arg("x"), py::arg("centers"), py::arg("sample_weight") = py::none(), py::arg("n_jobs") = py::none(),
      "(labels, inertia)");
  m.def(
      "kmeans_distances",
      [](const py::array& x, const py::array& centers, const py::object& n_jobs) {
        return in_precision_of(x, [&]<class T>(T) -> py::array {
          const rows_in<T> rows(x), to(centers);
          const auto view = points_of("x", rows), at = points_of("centers", to);
          const auto run = run_from(n_jobs);
          auto found = without_gil([&] { return segment::kmeans_distances(view, at, run); });
          return array_of(std::move(found), view.rows, at.rows);
        });
      },
      py::arg("x"), py::arg("centers"), py::arg("n_jobs") = py::none(), "Distances, rows x centers.");
}

}  // namespace clarion::bindings
