#include "clarion/recommend/implicit_als.hpp"
#include "clarion/recommend/top_k.hpp"

#include <optional>
#include <utility>

#include "convert.hpp"

namespace clarion::bindings {

namespace {

using recommend::implicit_als_model;
template <class T>
using array_in = py::array_t<T, py::array::c_style | py::array::forcecast>;

// A CSR matrix in three arrays, of which `values` may be None: all 1.
core::sparse_view sparse_from(std::size_t columns, const array_in<std::uint64_t>& offsets, const array_in<std::uint32_t>& indices,
                              const std::optional<array_in<float>>& values) {
  if (offsets.size() < 1) reject("offsets", "no entry", "give one more than there are rows");
  const auto size = static_cast<std::uint64_t>(indices.size());
  if (offsets.data()[offsets.size() - 1] > size || offsets.data()[0] != 0)
    reject("offsets", std::to_string(offsets.data()[offsets.size() - 1]), "let them run from 0 to the number of indices");
  if (values && static_cast<std::uint64_t>(values->size()) != size)
    reject("values", std::to_string(values->size()) + " entries", "give one for each of the " + std::to_string(size) + " indices");
  return {static_cast<std::size_t>(offsets.size() - 1), columns, offsets.data(), indices.data(),
          values ? values->data() : nullptr};
}

py::array factors_of(const std::vector<float>& values, std::size_t rows, std::size_t factors, const py::object& owner) {
  return py::array_t<float>({static_cast<py::ssize_t>(rows), static_cast<py::ssize_t>(factors)}, values.data(), owner);
}

}  // namespace

void bind_implicit_als(py::module_& m) {
  py::class_<implicit_als_model>(m, "ImplicitALSModel", "Vectors of users and items.")
      .def_property_readonly("user_factors",
                             [](const py::object& self) {
                               const auto& model = self.cast<const implicit_als_model&>();
                               return factors_of(model.user_factors, model.n_users, model.options.factors, self);
                             })
      .def_property_readonly("item_factors",
                             [](const py::object& self) {
                               const auto& model = self.cast<const implicit_als_model&>();
                               return factors_of(model.item_factors, model.n_items, model.options.factors, self);
                             })
      .def_property_readonly("loss", [](const implicit_als_model& self) { return self.loss; });

  m.def(
      "implicit_als",
      [](std::size_t columns, const array_in<std::uint64_t>& offsets, const array_in<std::uint32_t>& indices,
         const std::optional<array_in<float>>& values, const py::dict& options, const implicit_als_model* start,
         const py::object& n_jobs, const py::object& progress) {
        const auto rows = sparse_from(columns, offsets, indices, values);
        const auto chosen = options_from<recommend::implicit_als_options>(options);
        const auto run = run_from(n_jobs, progress);
        const py::gil_scoped_release free;
        return recommend::implicit_als(rows, chosen, run, start);
      },
      py::arg("columns"), py::arg("offsets"), py::arg("indices"), py::arg("values") = py::none(), py::arg("options") = py::dict(),
      py::arg("start") = py::none(), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "Factorizes users x items in CSR form.");

  m.def(
      "top_k",
      [](const array_in<float>& users, const array_in<float>& items, std::uint32_t k, const py::object& n_jobs) {
        const recommend::factor_view u{users.data(), static_cast<std::size_t>(users.shape(0)), static_cast<std::size_t>(users.shape(1))};
        const recommend::factor_view v{items.data(), static_cast<std::size_t>(items.shape(0)), static_cast<std::size_t>(items.shape(1))};
        const auto run = run_from(n_jobs);
        recommend::top_k_result out;
        {
          const py::gil_scoped_release free;
          out = recommend::top_k(u, v, {.k = k}, {}, run);
        }
        return array_of(std::move(out.items));
      });
}

}  // namespace clarion::bindings
