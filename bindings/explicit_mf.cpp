#include "clarion/recommend/explicit_mf.hpp"

#include <string>
#include <utility>

#include "clarion/recommend/interactions.hpp"
#include "convert.hpp"
#include "fit_memory.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

void bind_explicit_mf(py::module_& m) {
  m.def("explicit_mf_options", &option_list<recommend::explicit_mf_options>, "[(name, default, meaning, low, high)]");
  def_memory(m, "explicit_mf_memory", &recommend::explicit_mf_memory);

  m.def(
      "explicit_mf",
      [](const recommend::interactions& data, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<recommend::explicit_mf_options>(options);
        const auto run = run_from(n_jobs, progress);
        recommend::explicit_mf_model model;
        {
          const py::gil_scoped_release free;
          model = recommend::explicit_mf(data.by_user(), chosen, run);
        }
        return py::make_tuple(array_of(std::move(model.user_factors), model.n_users, chosen.factors + 2),
                              array_of(std::move(model.item_factors), model.n_items, chosen.factors + 2), model.mean,
                              array_of(std::move(model.loss)));
      },
      py::arg("data"), py::arg("options"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(user factors, item factors, mean, loss after each round)");

  m.def(
      "explicit_mf_fold_in",
      [](const array_in<float>& item_factors, double mean, const offsets_in& offsets, const index_in& index,
         const py::object& value, const py::dict& options, const py::object& n_jobs) {
        recommend::explicit_mf_model model;
        model.options = options_from<recommend::explicit_mf_options>(options);
        model.mean = mean;
        model.n_items = static_cast<std::size_t>(item_factors.shape(0));
        model.item_factors = {item_factors.data(), item_factors.data() + item_factors.size()};
        const auto rows = csr_of(offsets, index, value, model.n_items);
        const auto run = run_from(n_jobs);
        std::vector<float> out;
        {
          const py::gil_scoped_release free;
          out = recommend::explicit_mf_fold_in_users(model, rows.view, run);
        }
        return array_of(std::move(out), rows.view.rows, model.options.factors + 2);
      },
      py::arg("item_factors"), py::arg("mean"), py::arg("offsets"), py::arg("index"), py::arg("value"), py::arg("options"),
      py::arg("n_jobs") = py::none(), "Factors of new users from their ratings.");
}

}  // namespace clarion::bindings
