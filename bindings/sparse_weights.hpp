#pragma once

// Models whose result is a sparse matrix of weights.

#include <utility>

#include "clarion/recommend/interactions.hpp"
#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

/// (offsets, columns, values), which take over the memory of the matrix.
inline py::typing::Tuple<py::array_t<std::uint64_t>, py::array_t<std::uint32_t>, py::array_t<float>> arrays_of(
    core::sparse_rows&& found) {
  return py::make_tuple(array_of(std::move(found.offsets)), array_of(std::move(found.index)), array_of(std::move(found.value)));
}

/// A fit of interactions as Python calls it: (offsets, columns, values).
template <class Options>
auto item_weights(core::sparse_rows (*fit)(const core::sparse_view&, const Options&, const run_options&)) {
  return [fit](const recommend::interactions& data, const py::dict& options, const py::object& n_jobs,
               const py::object& progress) {
    const auto chosen = options_from<Options>(options);
    const auto run = run_from(n_jobs, progress);
    core::sparse_rows found;
    {
      const py::gil_scoped_release free;
      found = fit(data.by_user(), chosen, run);
    }
    return py::make_tuple(array_of(std::move(found.offsets)), array_of(std::move(found.index)), array_of(std::move(found.value)));
  };
}

}  // namespace clarion::bindings
