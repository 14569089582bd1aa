#include "clarion/recommend/rp3beta.hpp"

#include "fit_memory.hpp"
#include "sparse_weights.hpp"

namespace clarion::bindings {

void bind_rp3beta(py::module_& m) {
  m.def("rp3beta_options", &option_list<recommend::rp3beta_options>, "[(name, default, meaning, low, high)]");
  def_memory(m, "rp3beta_memory", &recommend::rp3beta_memory);
  m.def("rp3beta", item_weights<recommend::rp3beta_options>(&recommend::rp3beta), py::arg("data"), py::arg("options"),
        py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "(offsets, columns, values) of items x items.");
}

}  // namespace clarion::bindings
