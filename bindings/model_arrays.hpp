#pragma once

// The arrays of a model folder from numpy and back, without a copy.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/model_folder.hpp"
#include "convert.hpp"

namespace clarion::bindings {

template <class Visit>
void for_each_element_type(Visit&& visit) {
  visit(bool{}), visit(std::uint8_t{}), visit(std::int32_t{}), visit(std::uint32_t{});
  visit(float{}), visit(std::int64_t{}), visit(std::uint64_t{}), visit(double{});
}

/// Over the memory of a dict of numpy arrays, which must outlive them.
inline std::vector<core::named_array> model_arrays_of(const py::dict& arrays) {
  std::vector<core::named_array> out;
  for (const auto& [key, value] : arrays) {
    const auto name = py::str(key).cast<std::string>();
    if (!py::isinstance<py::array>(value))
      reject(name, "a " + std::string(py::str(py::type::of(value).attr("__name__"))), "give a numpy array");
    const auto array = py::reinterpret_borrow<py::array>(value);
    core::named_array one;
    bool known = false;
    for_each_element_type([&]<class T>(T) {
      if (known || !py::isinstance<py::array_t<T>>(array)) return;
      known = true;
      one.type = core::element_type_of<T>();
    });
    if (!known)
      reject(name, "dtype " + py::str(array.dtype()).cast<std::string>(),
             "give bool, uint8, int32, uint32, float32, int64, uint64 or float64 in the byte order of this machine");
    if ((array.flags() & py::array::c_style) == 0) reject(name, "an array not in C order", "give a contiguous one");
    one.name = name;
    one.data = array.data();
    for (py::ssize_t i = 0; i < array.ndim(); ++i) one.shape.push_back(static_cast<std::uint64_t>(array.shape(i)));
    out.push_back(std::move(one));
  }
  return out;
}

/// By name, read-only; each keeps alive what it lies in.
inline py::dict dict_of(std::span<const core::named_array> arrays) {
  py::dict out;
  for (const auto& a : arrays) {
    const std::vector<py::ssize_t> shape(a.shape.begin(), a.shape.end());
    const py::capsule keeper(new std::shared_ptr<const void>(a.owner),
                             [](void* held) { delete static_cast<std::shared_ptr<const void>*>(held); });
    for_each_element_type([&]<class T>(T) {
      if (core::element_type_of<T>() != a.type) return;
      py::array_t<T> array(shape, static_cast<const T*>(a.data), keeper);
      array.attr("flags").attr("writeable") = false;
      out[py::str(a.name)] = array;
    });
  }
  return out;
}

}  // namespace clarion::bindings
