#include "clarion/recommend/knn.hpp"

#include "clarion/recommend/interactions.hpp"
#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

template <class Fit>
auto fitted(Fit fit) {
  return [fit](const recommend::interactions& data, const py::dict& options, const py::object& n_jobs,
               const py::object& progress) {
    const auto chosen = options_from<recommend::knn_options>(options);
    const auto run = run_from(n_jobs, progress);
    core::sparse_rows found;
    {
      const py::gil_scoped_release free;
      found = fit(data.by_user(), chosen, run);
    }
    return py::make_tuple(array_of(std::move(found.offsets)), array_of(std::move(found.index)), array_of(std::move(found.value)));
  };
}

}  // namespace

void bind_knn(py::module_& m) {
  m.def("knn_options", &option_list<recommend::knn_options>, "[(name, default, meaning, low, high)]");
  m.def("item_knn", fitted(&recommend::item_knn), py::arg("data"), py::arg("options"), py::arg("n_jobs") = py::none(),
        py::arg("progress") = py::none(), "(offsets, columns, values) of items x items: the neighbours of each item.");
  m.def("user_knn", fitted(&recommend::user_knn), py::arg("data"), py::arg("options"), py::arg("n_jobs") = py::none(),
        py::arg("progress") = py::none(), "(offsets, columns, values) of users x users: the neighbours of each user.");
}

}  // namespace clarion::bindings
