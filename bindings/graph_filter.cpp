#include "clarion/recommend/graph_filter.hpp"

#include <memory>
#include <utility>

#include "clarion/recommend/interactions.hpp"
#include "convert.hpp"
#include "fit_memory.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

void bind_graph_filter(py::module_& m) {
  m.def("graph_filter_options", &option_list<recommend::graph_filter_options>, "[(name, default, meaning, low, high)]");
  def_memory(m, "graph_filter_memory", &recommend::graph_filter_memory);

  m.def(
      "graph_filter",
      [](const recommend::interactions& data, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<recommend::graph_filter_options>(options);
        const auto run = run_from(n_jobs, progress);
        recommend::graph_filter_model model;
        {
          const py::gil_scoped_release free;
          model = recommend::graph_filter(data.by_user(), chosen, run);
        }
        const auto normalized =
            py::make_tuple(array_of(std::move(model.normalized.offsets)), array_of(std::move(model.normalized.index)),
                           array_of(std::move(model.normalized.value)));
        return py::make_tuple(array_of(std::move(model.user_factors), model.n_users, model.factors),
                              array_of(std::move(model.item_factors), model.n_items, model.factors),
                              array_of(std::move(model.basis), model.n_items, model.factors), normalized,
                              array_of(std::move(model.terms)));
      },
      py::arg("data"), py::arg("options"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(user factors, item factors, basis, normalized interactions, terms)");

  m.def(
      "graph_filter_factors",
      [](const array_in<float>& basis, const offsets_in& offsets, const index_in& index, const py::object& value,
         const py::object& n_jobs) {
        const auto items = static_cast<std::size_t>(basis.shape(0)), factors = static_cast<std::size_t>(basis.shape(1));
        const auto rows = csr_of(offsets, index, value, items);
        const std::vector<float> packed(basis.data(), basis.data() + basis.size());
        const auto run = run_from(n_jobs);
        std::vector<float> out;
        {
          const py::gil_scoped_release free;
          out = recommend::graph_filter_factors(packed, factors, rows.view, run);
        }
        return array_of(std::move(out), rows.view.rows, factors);
      },
      py::arg("basis"), py::arg("offsets"), py::arg("index"), py::arg("value"), py::arg("n_jobs") = py::none(),
      "Factors of users from their items.");
}

}  // namespace clarion::bindings
