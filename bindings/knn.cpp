#include "clarion/recommend/knn.hpp"

#include "sparse_weights.hpp"

namespace clarion::bindings {

void bind_knn(py::module_& m) {
  m.def("knn_options", &option_list<recommend::knn_options>, "[(name, default, meaning, low, high)]");
  m.def("item_knn", item_weights<recommend::knn_options>(&recommend::item_knn), py::arg("data"), py::arg("options"),
        py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
        "(offsets, columns, values) of items x items: the neighbours of each item.");
  m.def("user_knn", item_weights<recommend::knn_options>(&recommend::user_knn), py::arg("data"), py::arg("options"),
        py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
        "(offsets, columns, values) of users x users: the neighbours of each user.");
}

}  // namespace clarion::bindings
