#pragma once

// Matrices of numbers from numpy, as float32 or float64.

#include <cstddef>
#include <optional>
#include <string>

#include "clarion/segment/kmeans.hpp"
#include "convert.hpp"

namespace clarion::bindings {

template <class T>
using rows_in = array_in<T>;
using weights_in = std::optional<array_in<double>>;

/// f in the precision of x: float for float32, else double.
template <class F>
auto in_precision_of(const py::array& x, F&& f) {
  return py::isinstance<py::array_t<float>>(x) ? f(float{}) : f(double{});
}

template <class T>
segment::points_view<T> points_of(const char* name, const rows_in<T>& x) {
  if (x.ndim() != 2) reject(name, std::to_string(x.ndim()) + " dimensions", "give a matrix");
  return {x.data(), static_cast<std::size_t>(x.shape(0)), static_cast<std::size_t>(x.shape(1))};
}

inline const double* weights_of(const weights_in& weight, std::size_t rows) {
  if (!weight) return nullptr;
  if (weight->ndim() != 1 || static_cast<std::size_t>(weight->shape(0)) != rows)
    reject("sample_weight", std::to_string(weight->size()) + " numbers",
           "give one for each of the " + std::to_string(rows) + " rows");
  return weight->data();
}

/// Centers to begin with, or null.
template <class T>
const T* begin_of(const rows_in<T>& centers, std::size_t k, std::size_t columns) {
  if (centers.size() == 0) return nullptr;
  const auto from = points_of("init", centers);
  if (from.rows != k || from.columns != columns)
    reject("init", "centers of " + std::to_string(from.rows) + " x " + std::to_string(from.columns),
           "give " + std::to_string(k) + " x " + std::to_string(columns));
  return from.data;
}

}  // namespace clarion::bindings
