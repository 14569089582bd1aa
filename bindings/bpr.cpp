#include "clarion/recommend/bpr.hpp"

#include <utility>

#include "clarion/recommend/interactions.hpp"
#include "convert.hpp"
#include "fit_memory.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

void bind_bpr(py::module_& m) {
  m.def("bpr_options", &option_list<recommend::bpr_options>, "[(name, default, meaning, low, high)]");
  def_memory(m, "bpr_memory", &recommend::bpr_memory);

  m.def(
      "bpr",
      [](const recommend::interactions& data, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<recommend::bpr_options>(options);
        const auto run = run_from(n_jobs, progress);
        recommend::bpr_model model;
        {
          const py::gil_scoped_release free;
          model = recommend::bpr(data.by_user(), chosen, run);
        }
        return py::make_tuple(array_of(std::move(model.user_factors), model.n_users, chosen.factors + 1),
                              array_of(std::move(model.item_factors), model.n_items, chosen.factors + 1),
                              array_of(std::move(model.loss)));
      },
      py::arg("data"), py::arg("options"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(user factors, item factors, loss of each epoch)");

  m.def(
      "bpr_fold_in",
      [](const array_in<float>& item_factors, const offsets_in& offsets, const index_in& index, const py::dict& options,
         const py::object& n_jobs) {
        recommend::bpr_model model;
        model.options = options_from<recommend::bpr_options>(options);
        model.n_items = static_cast<std::size_t>(item_factors.shape(0));
        model.item_factors = {item_factors.data(), item_factors.data() + item_factors.size()};
        const auto rows = csr_of(offsets, index, py::none(), model.n_items);
        const auto run = run_from(n_jobs);
        std::vector<float> out;
        {
          const py::gil_scoped_release free;
          out = recommend::bpr_fold_in(model, rows.view, run);
        }
        return array_of(std::move(out), rows.view.rows, model.options.factors + 1);
      },
      py::arg("item_factors"), py::arg("offsets"), py::arg("index"), py::arg("options"), py::arg("n_jobs") = py::none(),
      "Factors of new users from their items.");
}

}  // namespace clarion::bindings
