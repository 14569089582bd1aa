#include "clarion/core/model_folder.hpp"

#include <filesystem>
#include <string>

#include "model_arrays.hpp"

namespace clarion::bindings {

void bind_model_folder(py::module_& m) {
  m.def(
      "save_model",
      [](const py::bytes& folder, const std::string& kind, const std::string& metadata, const py::dict& arrays,
         const py::object& n_jobs, const py::object& progress) {
        const std::filesystem::path path = folder.cast<std::string>();
        const auto given = model_arrays_of(arrays);
        const run_options run = run_from(n_jobs, progress);
        const py::gil_scoped_release free;
        core::save_model(path, kind, metadata, given, run);
      },
      py::arg("folder"), py::arg("kind"), py::arg("metadata"), py::arg("arrays"), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "Writes a model folder whole or not at all; metadata is the text of a JSON object.");

  m.def(
      "open_model",
      [](const py::bytes& folder, const std::string& kind, bool verify, const py::object& n_jobs,
         const py::object& progress) -> py::typing::Tuple<py::str, py::str, py::dict> {
        const std::filesystem::path path = folder.cast<std::string>();
        const run_options run = run_from(n_jobs, progress);
        const core::model_folder model = without_gil([&] { return core::open_model(path, kind, verify, run); });
        return py::make_tuple(model.kind, model.metadata, dict_of(model.arrays));
      },
      py::arg("folder"), py::arg("kind") = "", py::arg("verify") = true, py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(kind, metadata as JSON, arrays by name: read-only, in the mapped files).");
}

}  // namespace clarion::bindings
