#include "clarion/segment/kmeans.hpp"

#include <optional>
#include <string>
#include <utility>

#include "convert.hpp"

namespace clarion::bindings {

namespace {

template <class T>
using rows_in = py::array_t<T, py::array::c_style | py::array::forcecast>;
using weights_in = std::optional<py::array_t<double, py::array::c_style | py::array::forcecast>>;
using fit_out = py::typing::Tuple<py::array, py::array, double, std::uint32_t, std::uint32_t>;
using labels_out = py::typing::Tuple<py::array, double>;

/// f in the precision of x: float for float32, else double.
template <class F>
auto in_precision_of(const py::array& x, F&& f) {
  return py::isinstance<py::array_t<float>>(x) ? f(float{}) : f(double{});
}

template <class T>
segment::points_view<T> points_of(const char* name, const rows_in<T>& x) {
  if (x.ndim() != 2) reject(name, std::to_string(x.ndim()) + " dimensions", "give a matrix");
  return {x.data(), static_cast<std::size_t>(x.shape(0)), static_cast<std::size_t>(x.shape(1))};
}

const double* weights_of(const weights_in& weight, std::size_t rows) {
  if (!weight) return nullptr;
  if (weight->ndim() != 1 || static_cast<std::size_t>(weight->shape(0)) != rows)
    reject("sample_weight", std::to_string(weight->size()) + " numbers",
           "give one for each of the " + std::to_string(rows) + " rows");
  return weight->data();
}

template <class T>
fit_out fit(const rows_in<T>& x, const py::dict& options, const weights_in& weight, const std::optional<py::array>& centers,
            const py::object& n_jobs, const py::object& progress) {
  const auto view = points_of("x", x);
  const auto chosen = options_from<segment::kmeans_options>(options);
  segment::kmeans_given<T> given{.weight = weights_of(weight, view.rows)};
  const rows_in<T> begin = centers ? rows_in<T>(*centers) : rows_in<T>();
  if (centers) {
    const auto from = points_of("init", begin);
    if (from.rows != chosen.n_clusters || from.columns != view.columns)
      reject("init", "centers of " + std::to_string(from.rows) + " x " + std::to_string(from.columns),
             "give " + std::to_string(chosen.n_clusters) + " x " + std::to_string(view.columns));
    given.centers = from.data;
  }
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
