#include "clarion/recommend/interaction_arrays.hpp"

#include <string>

#include "model_arrays.hpp"

namespace clarion::bindings {

void bind_interaction_arrays(py::module_& m) {
  using recommend::interactions;

  m.def(
      "interaction_arrays",
      [](const interactions& data, const std::string& prefix) {
        const auto arrays = without_gil([&] { return recommend::interaction_arrays(data, prefix); });
        return dict_of(arrays);
      },
      py::arg("data"), py::arg("prefix") = "", "What a model folder keeps of interactions: arrays by name, read-only.");

  m.def(
      "interactions_from",
      [](const py::dict& arrays, const std::string& prefix, const py::object& n_jobs, const py::object& progress) {
        const auto given = model_arrays_of(arrays);
        const run_options run = run_from(n_jobs, progress);
        return without_gil([&] { return recommend::interactions_from(given, prefix, run); });
      },
      py::arg("arrays"), py::arg("prefix") = "", py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "Interactions of the arrays that interaction_arrays gave, checked and copied.");
}

}  // namespace clarion::bindings
