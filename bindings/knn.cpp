#include "clarion/recommend/knn.hpp"

#include "fit_memory.hpp"
#include "sparse_weights.hpp"

namespace clarion::bindings {

void bind_knn(py::module_& m) {
  m.def("knn_options", &option_list<recommend::knn_options>, "[(name, default, meaning, low, high)]");
  def_memory(m, "item_knn_memory", &recommend::item_knn_memory);
  def_memory(m, "user_knn_memory", &recommend::user_knn_memory);
  m.def("item_knn", item_weights<recommend::knn_options>(&recommend::item_knn), py::arg("data"), py::arg("options"),
        py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
        "(offsets, columns, values) of items x items: the neighbours of each item.");
  m.def("user_knn", item_weights<recommend::knn_options>(&recommend::user_knn), py::arg("data"), py::arg("options"),
        py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
        "(offsets, columns, values) of users x users: the neighbours of each user.");
  m.def(
      "user_knn_fold_in",
      [](const recommend::interactions& data, const recommend::interactions& rows, const py::dict& options,
         const py::object& n_jobs) {
        const auto chosen = options_from<recommend::knn_options>(options);
        const auto run = run_from(n_jobs);
        core::sparse_rows found;
        {
          const py::gil_scoped_release free;
          found = recommend::fold_in_user_knn(data.by_user(), rows.by_user(), chosen, run);
        }
        return arrays_of(std::move(found));
      },
      py::arg("data"), py::arg("rows"), py::arg("options"), py::arg("n_jobs") = py::none(),
      "(offsets, columns, values) of rows x users of data: the neighbours of other users.");
}

}  // namespace clarion::bindings
