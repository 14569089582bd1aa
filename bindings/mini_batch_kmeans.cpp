#include "clarion/segment/mini_batch_kmeans.hpp"

#include <utility>
#include <vector>

#include "rows_in.hpp"

namespace clarion::bindings {

namespace {

using fit_out = py::typing::Tuple<py::array, py::array, double, std::uint32_t, std::uint32_t, std::uint64_t, py::array>;
using step_out = py::typing::Tuple<py::array, py::array, double>;

template <class T>
fit_out fit(const rows_in<T>& x, const py::dict& options, const weights_in& weight, const std::optional<py::array>& centers,
            const py::object& n_jobs, const py::object& progress) {
  const auto view = points_of("x", x);
  const auto chosen = options_from<segment::mini_batch_kmeans_options>(options);
  const rows_in<T> begin = centers ? rows_in<T>(*centers) : rows_in<T>();
  const segment::kmeans_given<T> given{weights_of(weight, view.rows), begin_of(begin, chosen.n_clusters, view.columns)};
  const auto run = run_from(n_jobs, progress);
  auto found = without_gil([&] { return segment::mini_batch_kmeans(view, chosen, given, run); });
  auto& clusters = found.clusters;
  return py::make_tuple(array_of(std::move(clusters.centers), chosen.n_clusters, view.columns),
                        array_of(std::move(clusters.labels)), clusters.inertia, clusters.n_iter, clusters.n_found, found.n_steps,
                        array_of(std::move(found.counts)));
}

template <class T>
step_out step(const rows_in<T>& x, const rows_in<T>& centers, const rows_in<double>& counts, const weights_in& weight,
              const py::object& n_jobs) {
  const auto view = points_of("x", x);
  std::vector<T> moved(centers.data(), centers.data() + centers.size());
  std::vector<double> seen(counts.data(), counts.data() + counts.size());
  const double* weights = weights_of(weight, view.rows);
  const auto run = run_from(n_jobs);
  const double inertia = without_gil([&] { return segment::mini_batch_step(view, moved, seen, weights, run); });
  const std::size_t k = seen.size();
  return py::make_tuple(array_of(std::move(moved), k, view.columns), array_of(std::move(seen)), inertia);
}

}  // namespace

void bind_mini_batch_kmeans(py::module_& m) {
  m.def("mini_batch_kmeans_options", &option_list<segment::mini_batch_kmeans_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "mini_batch_kmeans",
      [](const py::array& x, const py::dict& options, const weights_in& weight, const std::optional<py::array>& centers,
         const py::object& n_jobs, const py::object& progress) {
        return in_precision_of(x, [&]<class T>(T) { return fit<T>(x, options, weight, centers, n_jobs, progress); });
      },
      py::arg("x"), py::arg("options"), py::arg("sample_weight") = py::none(), py::arg("centers") = py::none(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(centers, labels, inertia, iterations, clusters that have rows, steps, weights seen)");
  m.def(
      "mini_batch_step",
      [](const py::array& x, const py::array& centers, const rows_in<double>& counts, const weights_in& weight,
         const py::object& n_jobs) {
        return in_precision_of(x, [&]<class T>(T) { return step<T>(x, centers, counts, weight, n_jobs); });
      },
      py::arg("x"), py::arg("centers"), py::arg("counts"), py::arg("sample_weight") = py::none(), py::arg("n_jobs") = py::none(),
      "(centers, weights seen, inertia before)");
}

}  // namespace clarion::bindings
