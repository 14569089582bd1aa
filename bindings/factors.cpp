#include <optional>
#include <utility>

#include "clarion/recommend/implicit_als.hpp"
#include "clarion/recommend/interactions.hpp"
#include "clarion/recommend/top_k.hpp"
#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

using recommend::implicit_als_model;
template <class T>
using array_in = py::array_t<T, py::array::c_style | py::array::forcecast>;
using offsets_in = py::array_t<std::uint64_t, py::array::c_style>;
using index_in = py::array_t<std::uint32_t, py::array::c_style>;

py::array_t<float> matrix_of(std::vector<float>&& values, std::size_t rows, std::size_t columns) {
  return array_of(std::move(values)).reshape({rows, columns});
}

std::vector<float> packed(const char* field, const array_in<float>& of, std::size_t rows, std::size_t columns) {
  if (of.ndim() != 2 || static_cast<std::size_t>(of.shape(0)) != rows || static_cast<std::size_t>(of.shape(1)) != columns)
    reject(field, "an array of " + std::to_string(of.size()) + " numbers",
           "give " + std::to_string(rows) + " rows of " + std::to_string(columns));
  return {of.data(), of.data() + of.size()};
}

recommend::factor_view view_of(const char* field, const array_in<float>& of) {
  if (of.ndim() != 2) reject(field, std::to_string(of.ndim()) + " dimensions", "give rows x factors");
  return {of.data(), static_cast<std::size_t>(of.shape(0)), static_cast<std::size_t>(of.shape(1))};
}

template <class T>
std::span<const T> span_of(const std::optional<array_in<T>>& of) {
  return of ? std::span<const T>(of->data(), static_cast<std::size_t>(of->size())) : std::span<const T>{};
}

}  // namespace

void bind_factors(py::module_& m) {
  m.def("implicit_als_options", &option_list<recommend::implicit_als_options>, "[(name, default, meaning, low, high)]");

  m.def(
      "implicit_als",
      [](const recommend::interactions& data, const py::dict& options, const std::optional<array_in<float>>& start,
         const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<recommend::implicit_als_options>(options);
        const auto run = run_from(n_jobs, progress);
        implicit_als_model first, model;
        if (start) {
          first.options = chosen;
          first.n_items = data.n_items();
          first.item_factors = packed("item_factors", *start, first.n_items, chosen.factors);
        }
        {
          const py::gil_scoped_release free;
          model = recommend::implicit_als(data.by_user(), chosen, run, start ? &first : nullptr);
        }
        return py::make_tuple(matrix_of(std::move(model.user_factors), model.n_users, chosen.factors),
                              matrix_of(std::move(model.item_factors), model.n_items, chosen.factors),
                              array_of(std::move(model.loss)));
      },
      py::arg("data"), py::arg("options"), py::arg("start") = py::none(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(user factors, item factors, loss after each round)");

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
        return matrix_of(std::move(out), rows.view.rows, model.options.factors);
      },
      py::arg("fixed"), py::arg("offsets"), py::arg("index"), py::arg("value"), py::arg("options"),
      py::arg("n_jobs") = py::none(), "Factors of new rows, one exact half of a round against the fixed side.");

  m.def(
      "top_k",
      [](const array_in<float>& users, const array_in<float>& items, std::uint32_t k,
         const std::optional<std::pair<offsets_in, index_in>>& exclude,
         const std::optional<std::pair<offsets_in, index_in>>& allow, const std::optional<array_in<std::uint8_t>>& available,
         const std::optional<array_in<float>>& boost, const std::optional<array_in<std::uint32_t>>& group,
         std::uint32_t group_quota, const py::object& n_jobs, const py::object& progress) {
        const auto u = view_of("users", users), v = view_of("items", items);
        recommend::top_k_filter filter{
            .available = span_of(available), .boost = span_of(boost), .group = span_of(group), .group_quota = group_quota};
        std::optional<csr_arrays> excluded, allowed;
        if (exclude) filter.exclude = &excluded.emplace(csr_of(exclude->first, exclude->second, py::none(), v.rows)).view;
        if (allow) filter.allow = &allowed.emplace(csr_of(allow->first, allow->second, py::none(), v.rows)).view;
        const auto run = run_from(n_jobs, progress);
        recommend::top_k_result found;
        {
          const py::gil_scoped_release free;
          found = recommend::top_k(u, v, {.k = k}, filter, run);
        }
        return py::make_tuple(array_of(std::move(found.items)).reshape({u.rows, std::size_t{k}}),
                              matrix_of(std::move(found.scores), u.rows, k), array_of(std::move(found.lengths)));
      },
      py::arg("users"), py::arg("items"), py::arg("k"), py::arg("exclude") = py::none(), py::arg("allow") = py::none(),
      py::arg("available") = py::none(), py::arg("boost") = py::none(), py::arg("group") = py::none(), py::arg("group_quota") = 0,
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(items, scores, lengths) of the best items of each user; 2^32 - 1 and NaN in places that are not used.");
}

}  // namespace clarion::bindings
