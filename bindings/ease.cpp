#include "clarion/recommend/ease.hpp"

#include <utility>

#include "clarion/recommend/interactions.hpp"
#include "convert.hpp"
#include "fit_memory.hpp"

namespace clarion::bindings {

void bind_ease(py::module_& m) {
  m.def("ease_options", &option_list<recommend::ease_options>, "[(name, default, meaning, low, high)]");
  def_memory(m, "ease_memory", &recommend::ease_memory);

  m.def(
      "ease",
      [](const recommend::interactions& data, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<recommend::ease_options>(options);
        const auto run = run_from(n_jobs, progress);
        recommend::ease_model model;
        {
          const py::gil_scoped_release free;
          model = recommend::ease(data.by_user(), chosen, run);
        }
        py::typing::Optional<py::array_t<float>> weights = py::none();
        if (chosen.max_neighbors == 0) weights = array_of(std::move(model.weights), model.n_items, model.n_items);
        return py::typing::Tuple<py::typing::Optional<py::array_t<float>>, py::array_t<std::uint64_t>, py::array_t<std::uint32_t>,
                                 py::array_t<float>>(py::make_tuple(weights, array_of(std::move(model.neighbors.offsets)),
                                                                    array_of(std::move(model.neighbors.index)),
                                                                    array_of(std::move(model.neighbors.value))));
      },
      py::arg("data"), py::arg("options"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(weights, items x items, or None; offsets, columns and values of those of neighbours)");
}

}  // namespace clarion::bindings
