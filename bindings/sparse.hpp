#pragma once

// CSR matrices from numpy arrays and back.

#include <cstdint>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/sparse.hpp"
#include "convert.hpp"

namespace clarion::bindings {

// What would lose digits is not converted.
using offsets_in = py::array_t<std::uint64_t, py::array::c_style>;
using index_in = py::array_t<std::uint32_t, py::array::c_style>;

/// Arrays of a CSR matrix: offsets, columns, values (None: each is 1). The view lives as long as they do.
struct __attribute__((visibility("hidden"))) csr_arrays {
  offsets_in offsets;
  index_in index;
  py::object value;
  core::sparse_view view;
};

inline csr_arrays csr_of(const offsets_in& offsets, const index_in& index, const py::object& value, std::size_t columns) {
  csr_arrays out{offsets, index, value, {}};
  if (offsets.ndim() != 1 || offsets.size() < 1 || offsets.data()[0] != 0)
    reject("matrix", "offsets that do not begin with 0", "give one dimension of rows + 1 offsets");
  const std::uint64_t size = offsets.data()[offsets.size() - 1];
  if (static_cast<std::uint64_t>(index.size()) != size)
    reject("matrix", std::to_string(index.size()) + " columns", "give as many as entries: " + std::to_string(size));
  out.view = {static_cast<std::size_t>(offsets.size()) - 1, columns, offsets.data(), index.data(), nullptr};
  if (value.is_none()) return out;
  const auto values = py::cast<py::array_t<float, py::array::c_style>>(value);
  if (static_cast<std::uint64_t>(values.size()) != size)
    reject("matrix", std::to_string(values.size()) + " values", "give as many as entries: " + std::to_string(size));
  out.value = values;
  out.view.value = values.data();
  return out;
}

/// (offsets, columns, values or None) over memory that lives as long as `owner`; read-only.
inline py::typing::Tuple<py::array_t<std::uint64_t>, py::array_t<std::uint32_t>, py::typing::Optional<py::array_t<float>>>
arrays_of(const core::sparse_view& matrix, const py::object& owner) {
  const auto view = [&]<class T>(const T* data, std::uint64_t size) {
    py::array_t<T> out(static_cast<py::ssize_t>(size), data, owner);
    out.attr("flags").attr("writeable") = false;
    return out;
  };
  static constexpr std::uint64_t no_rows = 0;
  const py::object offsets = matrix.rows == 0 ? py::object(view(&no_rows, 1)) : py::object(view(matrix.offsets, matrix.rows + 1));
  const py::object values = matrix.value == nullptr ? py::object(py::none()) : py::object(view(matrix.value, matrix.size()));
  return py::make_tuple(offsets, view(matrix.index, matrix.size()), values);
}

}  // namespace clarion::bindings
