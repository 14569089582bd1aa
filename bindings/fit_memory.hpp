#pragma once

// What a fit takes of memory, as Python asks for it.

#include <cstddef>
#include <cstdint>

#include "convert.hpp"

namespace clarion::bindings {

template <class Options>
void def_memory(py::module_& m, const char* name,
                double (*of)(std::size_t, std::size_t, std::uint64_t, const Options&, const run_options&)) {
  m.def(
      name,
      [of](std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions, const py::dict& options,
           const py::object& n_jobs) {
        return of(n_users, n_items, n_interactions, options_from<Options>(options), run_from(n_jobs));
      },
      py::arg("n_users"), py::arg("n_items"), py::arg("n_interactions"), py::arg("options"), py::arg("n_jobs") = py::none(),
      "Bytes that a fit takes beside the interactions.");
}

}  // namespace clarion::bindings
