#pragma once

// Columns of ids from numpy, and ids back to Python.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "clarion/core/error.hpp"
#include "clarion/core/ids.hpp"
#include "convert.hpp"

namespace clarion::bindings {

template <class T>
using dense = py::array_t<T, py::array::c_style>;

// Integer arrays as they are; other integer types were widened in Python.
inline core::id_column column_of(const py::array& values, const char* field) {
  const auto span = [&]<class T>(T) -> core::id_column {
    const auto typed = py::reinterpret_borrow<dense<T>>(values);
    return std::span<const T>(typed.data(), static_cast<std::size_t>(typed.size()));
  };
  if (values.ndim() != 1) reject(field, std::to_string(values.ndim()) + " dimensions", "give one dimension");
  if (py::isinstance<dense<std::int32_t>>(values)) return span(std::int32_t{});
  if (py::isinstance<dense<std::uint32_t>>(values)) return span(std::uint32_t{});
  if (py::isinstance<dense<std::int64_t>>(values)) return span(std::int64_t{});
  reject(field, "dtype " + py::str(values.dtype()).cast<std::string>(), "give a contiguous int32, uint32 or int64 array");
}

/// A str; bytes that are not UTF-8 are replaced.
inline py::object text_of(std::string_view text) {
  PyObject* out = PyUnicode_DecodeUTF8(text.data(), static_cast<py::ssize_t>(text.size()), "replace");
  if (out == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(out);
}

/// Ids in the order of their numbers: an int64 array, or a list of str.
inline py::object ids_of(const core::id_map& map) {
  if (map.kind() == core::id_kind::text) {
    py::list out(map.size());
    for (std::size_t i = 0; i < map.size(); ++i) out[i] = text_of(map.text(i));
    return out;
  }
  std::vector<std::int64_t> out(map.size());
  for (std::size_t i = 0; i < map.size(); ++i) out[i] = map.integer(i);
  return array_of(std::move(out));
}

/// A map from an int64 array or a list of str; None: no ids.
inline core::id_map id_map_of(const py::object& ids, const char* field) {
  if (ids.is_none()) return {};
  if (py::isinstance<py::array>(ids)) {
    const auto numbers = py::cast<py::array_t<std::int64_t, py::array::c_style>>(ids);
    return core::id_map::integers({numbers.data(), numbers.data() + numbers.size()}, field);
  }
  std::vector<char> bytes;
  std::vector<std::uint64_t> offsets{0};
  for (const py::handle id : ids) {
    const auto text = id.cast<std::string>();
    bytes.insert(bytes.end(), text.begin(), text.end());
    offsets.push_back(bytes.size());
  }
  return core::id_map::texts(std::move(bytes), std::move(offsets), field);
}

/// Numbers of an int64 array or a list of str; -1 for an id that the map does not have.
inline py::array_t<std::int64_t> numbers_of(const core::id_map& map, const py::object& ids) {
  std::vector<std::int64_t> out;
  const auto add = [&](std::optional<std::uint32_t> at) { out.push_back(at ? static_cast<std::int64_t>(*at) : -1); };
  if (py::isinstance<py::array>(ids)) {
    const auto numbers = py::cast<py::array_t<std::int64_t, py::array::c_style>>(ids);
    for (py::ssize_t i = 0; i < numbers.size(); ++i) add(map.find(numbers.data()[i]));
  } else {
    for (const py::handle id : ids) add(map.find(std::string_view(id.cast<std::string>())));
  }
  return array_of(std::move(out));
}

}  // namespace clarion::bindings
