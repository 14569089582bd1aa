#include "clarion/recommend/implicit_als.hpp"

#include <optional>
#include <utility>

#include "clarion/recommend/early_stopping.hpp"
#include "clarion/recommend/interactions.hpp"
#include "convert.hpp"
#include "fit_memory.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

using recommend::implicit_als_model;

std::vector<float> packed(const char* field, const array_in<float>& of, std::size_t rows, std::size_t columns) {
  if (of.ndim() != 2 || static_cast<std::size_t>(of.shape(0)) != rows || static_cast<std::size_t>(of.shape(1)) != columns)
    reject(field, "an array of " + std::to_string(of.size()) + " numbers",
           "give " + std::to_string(rows) + " rows of " + std::to_string(columns));
  return {of.data(), of.data() + of.size()};
}

}  // namespace

void bind_implicit_als(py::module_& m) {
  m.def("implicit_als_options", &option_list<recommend::implicit_als_options>, "[(name, default, meaning, low, high)]");
  def_memory(m, "implicit_als_memory", &recommend::implicit_als_memory);

  m.def(
      "implicit_als",
      [](const recommend::interactions& data, const py::dict& options, const std::optional<array_in<float>>& start,
         const std::optional<std::pair<offsets_in, index_in>>& validation, std::uint32_t patience, const py::object& n_jobs,
         const py::object& progress) {
        const auto chosen = options_from<recommend::implicit_als_options>(options);
        const auto run = run_from(n_jobs, progress);
        implicit_als_model first;
        if (start) {
          first.options = chosen;
          first.n_items = data.n_items();
          first.item_factors = packed("item_factors", *start, first.n_items, chosen.factors);
        }
        std::optional<recommend::early_stopping> stopping;
        if (validation)
          stopping.emplace(data.by_user(), csr_of(validation->first, validation->second, py::none(), data.n_items()).view,
                           recommend::early_stopping_options{.patience = patience});
        auto model = without_gil([&] {
          return recommend::implicit_als(data.by_user(), chosen, run, start ? &first : nullptr, stopping ? &*stopping : nullptr);
        });
        return py::make_tuple(array_of(std::move(model.user_factors), model.n_users, chosen.factors),
                              array_of(std::move(model.item_factors), model.n_items, chosen.factors),
                              array_of(std::move(model.loss)),
                              array_of(stopping ? std::vector<double>(stopping->ndcg()) : std::vector<double>{}));
      },
      py::arg("data"), py::arg("options"), py::arg("start") = py::none(), py::arg("validation") = py::none(),
      py::arg("patience") = 2, py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(user factors, item factors, loss after each round, NDCG of what was held out after each round)");

  m.def(
      "implicit_als_contributions",
      [](const array_in<float>& items, const index_in& index, const std::optional<array_in<float>>& value, std::uint32_t item,
         const py::dict& options, const py::object& n_jobs) {
        implicit_als_model model;
        model.options = options_from<recommend::implicit_als_options>(options);
        model.n_items = static_cast<std::size_t>(items.shape(0));
        model.item_factors = packed("items", items, model.n_items, model.options.factors);
        const auto run = run_from(n_jobs);
        std::vector<float> out;
        {
          const py::gil_scoped_release free;
          out = recommend::implicit_als_contributions(
              model, {index.data(), static_cast<std::size_t>(index.size())},
              value ? std::span<const float>(value->data(), static_cast<std::size_t>(value->size())) : std::span<const float>{},
              item, run);
        }
        return array_of(std::move(out));
      },
      py::arg("items"), py::arg("index"), py::arg("value"), py::arg("item"), py::arg("options"), py::arg("n_jobs") = py::none(),
      "What each entry of a user contributes to the score of an item.");

  m.def(
      "implicit_als_fold_in",
      [](const array_in<float>& fixed, const offsets_in& offsets, const index_in& index, const py::object& value,
         const py::dict& options, const py::object& n_jobs) {
        implicit_als_model model;
        model.options = options_from<recommend::implicit_als_options>(options);
        model.n_items = static_cast<std::size_t>(fixed.shape(0));
        model.item_factors = packed("fixed", fixed, model.n_items, model.options.factors);
        const auto rows = csr_of(offsets, index, value, model.n_items);
        const auto run = run_from(n_jobs);
        std::vector<float> out;
        {
          const py::gil_scoped_release free;
          out = recommend::fold_in_users(model, rows.view, run);
        }
        return array_of(std::move(out), rows.view.rows, model.options.factors);
      },
      py::arg("fixed"), py::arg("offsets"), py::arg("index"), py::arg("value"), py::arg("options"),
      py::arg("n_jobs") = py::none(), "Factors of new rows, one exact half of a round against the fixed side.");
}

}  // namespace clarion::bindings
