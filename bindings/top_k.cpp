#include "clarion/recommend/top_k.hpp"

#include <optional>
#include <utility>

#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

using csr_in = std::tuple<offsets_in, index_in, py::object>;
using pairs_in = std::pair<offsets_in, index_in>;
using factors_in = std::optional<array_in<float>>;

recommend::factor_view view_of(const char* field, const factors_in& of) {
  if (!of) return {};
  if (of->ndim() != 2) reject(field, std::to_string(of->ndim()) + " dimensions", "give rows x columns");
  return {of->data(), static_cast<std::size_t>(of->shape(0)), static_cast<std::size_t>(of->shape(1))};
}

// The arrays of the index stay alive with it.
struct __attribute__((visibility("hidden"))) item_arrays {
  factors_in factors, dense_weights;
  std::optional<csr_arrays> weights;  // or those of walks
  std::optional<array_in<float>> terms;
  std::optional<recommend::item_index> index;
};

struct __attribute__((visibility("hidden"))) user_arrays {
  factors_in factors;
  std::optional<csr_arrays> history;
  recommend::user_side side;

  user_arrays(const item_arrays& items, const factors_in& factors_, const std::optional<csr_in>& history_) : factors(factors_) {
    side.factors = view_of("user factors", factors);
    if (!history_) return;
    history.emplace(
        csr_of(std::get<0>(*history_), std::get<1>(*history_), std::get<2>(*history_), items.index->items().columns()));
    side.history = history->view;
  }
};

}  // namespace

void bind_top_k(py::module_& m) {
  py::class_<item_arrays>(m, "ItemIndex", "The side of items of the scores of a model, laid out for top_k.")
      .def(py::init([](const factors_in& factors, const std::optional<csr_in>& weights, const factors_in& dense_weights,
                       std::size_t columns, const std::optional<array_in<float>>& terms, const py::object& n_jobs) {
             item_arrays out{factors, dense_weights, {}, terms, {}};
             recommend::item_side side{.factors = view_of("item factors", out.factors),
                                       .dense_weights = view_of("weights", out.dense_weights)};
             if (weights) {
               out.weights.emplace(csr_of(std::get<0>(*weights), std::get<1>(*weights), std::get<2>(*weights), columns));
               if (terms)
                 side.walks = {out.weights->view, span_of(out.terms)};
               else
                 side.weights = out.weights->view;
             }
             const auto run = run_from(n_jobs);
             const py::gil_scoped_release free;
             out.index.emplace(side, run);
             return out;
           }),
           py::arg("factors") = py::none(), py::arg("weights") = py::none(), py::arg("dense_weights") = py::none(),
           py::arg("columns") = 0, py::arg("terms") = py::none(), py::arg("n_jobs") = py::none())
      .def_property_readonly("n_items", [](const item_arrays& items) { return items.index->items().size(); });

  m.def(
      "top_k",
      [](const item_arrays& items, const factors_in& factors, const std::optional<csr_in>& history, std::uint32_t k,
         const std::optional<pairs_in>& exclude, const std::optional<pairs_in>& allow,
         const std::optional<array_in<std::uint8_t>>& available, const std::optional<array_in<float>>& boost,
         const std::optional<array_in<std::uint32_t>>& group, std::uint32_t group_quota, const py::object& n_jobs,
         const py::object& progress) {
        const user_arrays users(items, factors, history);
        const std::size_t n_items = items.index->items().size(), n_users = users.side.size();
        recommend::top_k_filter filter{
            .available = span_of(available), .boost = span_of(boost), .group = span_of(group), .group_quota = group_quota};
        std::optional<csr_arrays> excluded, allowed;
        if (exclude) filter.exclude = &excluded.emplace(csr_of(exclude->first, exclude->second, py::none(), n_items)).view;
        if (allow) filter.allow = &allowed.emplace(csr_of(allow->first, allow->second, py::none(), n_items)).view;
        const auto run = run_from(n_jobs, progress);
        recommend::top_k_result found;
        {
          const py::gil_scoped_release free;
          found = recommend::top_k(*items.index, users.side, {.k = k}, filter, run);
        }
        return py::make_tuple(array_of(std::move(found.items), n_users, k), array_of(std::move(found.scores), n_users, k),
                              array_of(std::move(found.lengths)));
      },
      py::arg("items"), py::arg("factors"), py::arg("history"), py::arg("k"), py::arg("exclude") = py::none(),
      py::arg("allow") = py::none(), py::arg("available") = py::none(), py::arg("boost") = py::none(),
      py::arg("group") = py::none(), py::arg("group_quota") = 0, py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(items, scores, lengths) of the best items of each user; 2^32 - 1 and NaN in places that are not used.");

  m.def(
      "ranks",
      [](const item_arrays& items, const factors_in& factors, const std::optional<csr_in>& history, const pairs_in& pairs,
         const std::optional<pairs_in>& exclude, const py::object& n_jobs, const py::object& progress) {
        const user_arrays users(items, factors, history);
        const std::size_t n_items = items.index->items().size();
        const auto asked = csr_of(pairs.first, pairs.second, py::none(), n_items);
        std::optional<csr_arrays> excluded;
        if (exclude) excluded.emplace(csr_of(exclude->first, exclude->second, py::none(), n_items));
        const auto run = run_from(n_jobs, progress);
        std::vector<std::uint32_t> found;
        {
          const py::gil_scoped_release free;
          found = recommend::ranks(*items.index, users.side, asked.view, excluded ? &excluded->view : nullptr, run);
        }
        return array_of(std::move(found));
      },
      py::arg("items"), py::arg("factors"), py::arg("history"), py::arg("pairs"), py::arg("exclude") = py::none(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "How many items come before the item of each pair in the endless list of its user.");

  m.def(
      "score_pairs",
      [](const item_arrays& items, const factors_in& factors, const std::optional<csr_in>& history,
         const array_in<std::uint32_t>& user, const array_in<std::uint32_t>& item, const py::object& n_jobs) {
        const user_arrays users(items, factors, history);
        const auto run = run_from(n_jobs);
        std::vector<float> found;
        {
          const py::gil_scoped_release free;
          found = recommend::score_pairs(*items.index, users.side, span_of(user), span_of(item), run);
        }
        return array_of(std::move(found));
      },
      py::arg("items"), py::arg("factors"), py::arg("history"), py::arg("user"), py::arg("item"), py::arg("n_jobs") = py::none(),
      "Scores of the pairs (user[p], item[p]).");

  m.def(
      "contributions",
      [](const item_arrays& items, const factors_in& factors, const std::optional<csr_in>& history, std::uint32_t user,
         std::uint32_t item) {
        const user_arrays users(items, factors, history);
        return array_of(recommend::contributions(*items.index, users.side, user, item));
      },
      py::arg("items"), py::arg("factors"), py::arg("history"), py::arg("user"), py::arg("item"),
      "What each entry of a user's history contributes to the score of an item.");

  m.def(
      "projected_contributions",
      [](const array_in<float>& items, const array_in<float>& user, const index_in& index, std::uint32_t item) {
        const factors_in of(items);
        return array_of(recommend::projected_contributions(view_of("items", of), span_of(user), span_of(index), item));
      },
      py::arg("items"), py::arg("user"), py::arg("index"), py::arg("item"),
      "What each of a user's items accounts for in the product of the user's vector with an item's.");
}

}  // namespace clarion::bindings
