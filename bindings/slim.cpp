#include "clarion/recommend/slim.hpp"

#include "fit_memory.hpp"
#include "sparse_weights.hpp"

namespace clarion::bindings {

void bind_slim(py::module_& m) {
  m.def("slim_options", &option_list<recommend::slim_options>, "[(name, default, meaning, low, high)]");
  def_memory(m, "slim_memory", &recommend::slim_memory);
  m.def("slim", item_weights<recommend::slim_options>(&recommend::slim), py::arg("data"), py::arg("options"),
        py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "(offsets, columns, values) of items x items.");
}

}  // namespace clarion::bindings
