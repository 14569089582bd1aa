#pragma once

// Dense matrices and cluster numbers as the segment room takes them.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "convert.hpp"

namespace clarion::bindings {

using rows_in = array_in<double>;
using labels_in = array_in<std::uint32_t>;

/// Methods of clustering: rows -> labels, and (rows, k) -> labels.
using method_in = py::typing::Callable<py::array_t<std::uint32_t>(py::array_t<double>)>;
using k_method_in = py::typing::Callable<py::array_t<std::uint32_t>(py::array_t<double>, std::uint32_t)>;

struct row_values {
  std::span<const double> values;
  std::size_t rows, columns;
};

inline row_values rows_of(const rows_in& x) {
  if (x.ndim() != 2) reject("X", std::to_string(x.ndim()) + " dimensions", "give rows x columns");
  return {
      {x.data(), static_cast<std::size_t>(x.size())}, static_cast<std::size_t>(x.shape(0)), static_cast<std::size_t>(x.shape(1))};
}

/// A copy that Python owns, rows x columns.
inline py::array_t<double> copy_of(std::span<const double> values, std::size_t columns) {
  return array_of(std::vector<double>(values.begin(), values.end()), values.size() / columns, columns);
}

/// What a Python callable says of rows: labels of whole numbers from 0. Takes the GIL for the call.
template <class... More>
std::vector<std::uint32_t> labels_from(const py::function& method, std::span<const double> x, std::size_t columns, More... more) {
  const py::gil_scoped_acquire gil;
  const auto labels = method(copy_of(x, columns), more...).template cast<labels_in>();
  return {labels.data(), labels.data() + labels.size()};
}

}  // namespace clarion::bindings
