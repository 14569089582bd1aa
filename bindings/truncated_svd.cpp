#include "clarion/core/truncated_svd.hpp"

#include <utility>

#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

void bind_truncated_svd(py::module_& m) {
  m.def(
      "truncated_svd",
      [](const offsets_in& offsets, const index_in& index, const py::object& value, std::size_t columns, const py::dict& options,
         const py::object& n_jobs) {
        const auto matrix = csr_of(offsets, index, value, columns);
        const auto chosen = options_from<core::truncated_svd_options>(options);
        const auto run = run_from(n_jobs);
        core::truncated_svd_result out;
        {
          const py::gil_scoped_release free;
          out = core::truncated_svd(matrix.view, chosen, run);
        }
        return py::make_tuple(array_of(std::move(out.values)), array_of(std::move(out.left), matrix.view.rows, out.rank),
                              array_of(std::move(out.right), columns, out.rank));
      },
      py::arg("offsets"), py::arg("index"), py::arg("value"), py::arg("columns"), py::arg("options"),
      py::arg("n_jobs") = py::none(), "(singular values, left vectors, right vectors) of a CSR matrix.");
}

}  // namespace clarion::bindings
