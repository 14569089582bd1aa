#include "clarion/segment/kmeans.hpp"

#include <optional>
#include <string>
#include <utility>

#include "convert.hpp"

namespace clarion::bindings {

namespace {

template <class T>
using rows_in = py::array_t<T, py::array::c_style>;
using weights_in = py::array_t<double, py::array::c_style>;

template <class T>
segment::points_view<T> points_of(const char* name, const rows_in<T>& x) {
  if (x.ndim() != 2) reject(name, std::to_string(x.ndim()) + " dimensions", "give a matrix");
  return {x.data(), static_cast<std::size_t>(x.shape(0)), static_cast<std::size_t>(x.shape(1))};
}

const double* weights_of(const std::optional<weights_in>& weight, std::size_t rows) {
  if (!weight) return nullptr;
  if (weight->ndim() != 1 || static_cast<std::size_t>(weight->shape(0)) != rows)
    reject("sample_weight", std::to_string(weight->size()) + " numbers", "give one for each of the " + std::to_string(rows) + " rows");
  return weight->data();
}

template <class T>
void bind_of(py::module_& m) {
  m.def(
      "kmeans",
      [](const rows_in<T>& x, const py::dict& options, const std::optional<weights_in>& weight,
         const std::optional<rows_in<T>>& centers, const py::object& n_jobs, const py::object& progress) {
        const auto view = points_of("x", x);
        const auto chosen = options_from<segment::kmeans_options>(options);
        segment::kmeans_given<T> given{.weight = weights_of(weight, view.rows)};
        if (centers) {
          const auto from = points_of("centers", *centers);
          if (from.rows != chosen.n_clusters || from.columns != view.columns)
            reject("init", "centers of " + std::to_string(from.rows) + " x " + std::to_string(from.columns),
                   "give " + std::to_string(chosen.n_clusters) + " x " + std::to_string(view.columns));
          given.centers = from.data;
        }
        const auto run = run_from(n_jobs, progress);
        auto found = without_gil([&] { return segment::kmeans(view, chosen, given, run); });
        return py::make_tuple(array_of(std::move(found.centers), chosen.n_clusters, view.columns),
                              array_of(std::move(found.labels)), found.inertia, found.n_iter, found.n_found);
      },
      py::arg("x"), py::arg("options"), py::arg("sample_weight") = py::none(), py::arg("centers") = py::none(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "(centers, labels, inertia, iterations, clusters that have rows)");
  m.def(
      "kmeans_plusplus",
      [](const rows_in<T>& x, std::uint32_t n_clusters, std::uint64_t seed, const std::optional<weights_in>& weight,
         const py::object& n_jobs) {
        const auto view = points_of("x", x);
        const double* weights = weights_of(weight, view.rows);
        const auto run = run_from(n_jobs);
        return array_of(without_gil([&] { return segment::kmeans_plusplus(view, n_clusters, seed, weights, run); }));
      },
      py::arg("x"), py::arg("n_clusters"), py::arg("seed") = 0, py::arg("sample_weight") = py::none(),
      py::arg("n_jobs") = py::none(), "Rows to begin with.");
  m.def(
      "kmeans_predict",
      [](const rows_in<T>& x, const rows_in<T>& centers, const std::optional<weights_in>& weight, const py::object& n_jobs) {
        const auto view = points_of("x", x), to = points_of("centers", centers);
        const double* weights = weights_of(weight, view.rows);
        const auto run = run_from(n_jobs);
        auto found = without_gil([&] { return segment::kmeans_predict(view, to, weights, run); });
        return py::make_tuple(array_of(std::move(found.labels)), found.inertia);
      },
      py::arg("x"), py::arg("centers"), py::arg("sample_weight") = py::none(), py::arg("n_jobs") = py::none(),
      "(labels, inertia)");
  m.def(
      "kmeans_distances",
      [](const rows_in<T>& x, const rows_in<T>& centers, const py::object& n_jobs) {
        const auto view = points_of("x", x), to = points_of("centers", centers);
        const auto run = run_from(n_jobs);
        auto found = without_gil([&] { return segment::kmeans_distances(view, to, run); });
        return array_of(std::move(found), view.rows, to.rows);
      },
      py::arg("x"), py::arg("centers"), py::arg("n_jobs") = py::none(), "Distances, rows x centers.");
}

}  // namespace

void bind_kmeans(py::module_& m) {
  m.def("kmeans_options", &option_list<segment::kmeans_options>, "[(name, default, meaning, low, high)]");
  bind_of<float>(m);
  bind_of<double>(m);
}

}  // namespace clarion::bindings
