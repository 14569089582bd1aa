#include "clarion/recommend/baseline.hpp"

#include <optional>
#include <utility>

#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

py::typing::Tuple<py::array_t<float>, py::array_t<float>> factors_of(recommend::baseline_model&& model) {
  return py::make_tuple(array_of(std::move(model.user_factors), model.n_users, model.factors),
                        array_of(std::move(model.item_factors), model.n_items, model.factors));
}

}  // namespace

void bind_baseline(py::module_& m) {
  m.def("popular_options", &option_list<recommend::popular_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "popular",
      [](const recommend::interactions& data, const py::dict& options, const std::optional<index_in>& segment,
         const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<recommend::popular_options>(options);
        const auto run = run_from(n_jobs, progress);
        const auto of = segment ? std::span<const std::uint32_t>(segment->data(), static_cast<std::size_t>(segment->size()))
                                : std::span<const std::uint32_t>{};
        return factors_of(without_gil([&] { return recommend::popular(data, chosen, of, run); }));
      },
      py::arg("data"), py::arg("options"), py::arg("segment") = py::none(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(user factors, item factors): of all users, and of each segment.");
  m.def("popular_memory", &recommend::popular_memory, py::arg("n_users"), py::arg("n_items"), py::arg("n_segments") = 0,
        "Bytes that a fit takes beside the interactions.");
  m.def("random_scores_memory", &recommend::random_scores_memory, py::arg("n_users"), py::arg("n_items"),
        "Bytes that a fit takes beside the interactions.");
  m.def(
      "random_scores",
      [](std::size_t n_users, std::size_t n_items, std::uint64_t seed, const py::object& n_jobs, const py::object& progress) {
        const auto run = run_from(n_jobs, progress);
        return factors_of(without_gil([&] { return recommend::random_scores(n_users, n_items, seed, run); }));
      },
      py::arg("n_users"), py::arg("n_items"), py::arg("seed") = 0, py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(user factors, item factors) whose products are in random order.");
}

}  // namespace clarion::bindings
