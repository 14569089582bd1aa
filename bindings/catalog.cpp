#include "clarion/schema/catalog.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "convert.hpp"

namespace clarion::bindings {

using namespace schema;

void bind_catalog(py::module_& m) {
  py::class_<product>(m, "Product", "Something that is sold.")
      .def(py::init([](std::string id, std::string name, std::string category, double price, double cost,
                       std::optional<date> launch, double stock) {
             return product{std::move(id), std::move(name), std::move(category), price, cost, launch, stock};
           }),
           py::arg("id"), py::arg("name") = "", py::arg("category") = "", py::arg("price") = missing, py::arg("cost") = missing,
           py::arg("launch") = py::none(), py::arg("stock") = missing)
      .def_readonly("id", &product::id)
      .def_readonly("name", &product::name)
      .def_readonly("category", &product::category)
      .def_readonly("price", &product::price)
      .def_readonly("cost", &product::cost)
      .def_readonly("launch", &product::launch)
      .def_readonly("stock", &product::stock);
  py::class_<catalog>(m, "Catalog", "The products; clarion.Catalog wraps it.")
      .def(py::init([](std::vector<product> products) { return catalog{std::move(products)}; }), py::arg("products"))
      .def("__len__", [](const catalog& c) { return c.products.size(); })
      .def_readonly("products", &catalog::products)
      .def(
          "find",
          [](const catalog& c, const std::string& name) {
            const auto* found = c.find(name);
            return found != nullptr ? std::optional(*found) : std::nullopt;
          },
          py::arg("id_or_name"))
      .def("category_of", &catalog::category_of, py::arg("entry"));

  m.def(
      "read_catalog",
      [](const py::object& source, const std::vector<std::pair<std::string, std::string>>& columns, const py::object& n_jobs) {
        const auto stream = stream_of(source);
        const auto run = run_from(n_jobs);
        const py::gil_scoped_release free;
        return read_catalog(stream.stream, columns, run);
      },
      py::arg("source"), py::arg("columns") = std::vector<std::pair<std::string, std::string>>{}, py::arg("n_jobs") = py::none(),
      "Reads products from an Arrow stream.");
}

}  // namespace clarion::bindings
