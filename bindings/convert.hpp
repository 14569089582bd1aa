#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/detail/arrow_abi.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"

namespace py = pybind11;

namespace pybind11::detail {

/// clarion::date <-> datetime.date (a datetime gives its day).
template <>
struct type_caster<clarion::date> {
  PYBIND11_TYPE_CASTER(clarion::date, const_name("datetime.date"));

  bool load(handle source, bool) {
    if (!source || !hasattr(source, "toordinal")) return false;
    value = clarion::core::from_day_number(source.attr("toordinal")().cast<int>() - unix_epoch);
    return true;
  }
  static handle cast(clarion::date day, return_value_policy, handle) {
    return module_::import("datetime").attr("date").attr("fromordinal")(clarion::core::day_number(day) + unix_epoch).release();
  }

private:
  static constexpr int unix_epoch = 719163;  // date(1970, 1, 1).toordinal()
};

}  // namespace pybind11::detail

namespace clarion::bindings {

/// What numpy has as numbers of another type is converted.
template <class T>
using array_in = py::array_t<T, py::array::c_style | py::array::forcecast>;

/// The numbers of an array of numpy, which lives on; where none was given, none.
template <class T, int Flags>
std::span<const T> span_of(const py::array_t<T, Flags>& values) {
  static_assert((Flags & py::array::c_style) != 0, "numbers of a span lie side by side");
  return {values.data(), static_cast<std::size_t>(values.size())};
}
template <class T, int Flags>
std::span<const T> span_of(const std::optional<py::array_t<T, Flags>>& values) {
  return values ? span_of(*values) : std::span<const T>{};
}

/// n_jobs (None: every CPU) and a Python callable taking the fraction done. Call it with the GIL held; the run may then go on
/// without it: the callback takes it back for a moment, and lets Ctrl-C through.
inline run_options run_from(const py::object& n_jobs, const py::object& progress = py::none()) {
  run_options run;
  if (!n_jobs.is_none()) {
    const auto threads = n_jobs.cast<long long>();
    if (threads == 0 || threads < -1)
      clarion::reject("n_jobs", std::to_string(threads), "give None, -1 or a number of threads >= 1");
    run.threads = threads < 0 ? 0u : static_cast<unsigned>(threads);
  }
  std::shared_ptr<py::object> callback;
  if (!progress.is_none()) {
    callback = std::shared_ptr<py::object>(new py::object(progress), [](py::object* held) {
      const py::gil_scoped_acquire gil;
      delete held;
    });
  }
  run.progress = [callback](double fraction) {
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (callback) (*callback)(fraction);
  };
  return run;
}

/// What f gives, called while other threads of Python run.
template <class F>
auto without_gil(F&& f) {
  const py::gil_scoped_release free;
  return f();
}

/// An options struct from keyword arguments, by the struct's own list of fields. An unknown name is a TypeError that lists the
/// known ones, a value of the wrong type a TypeError naming the option, a value out of range a ValueError.
template <core::options_struct T>
T options_from(const py::dict& keywords, T options = {}) {
  for (const std::pair<py::handle, py::handle> item : keywords) {
    const py::handle key = item.first, value = item.second;
    const auto name = py::str(key).cast<std::string>();
    const auto text = py::repr(value).cast<std::string>();
    bool known = false;
    std::string names;
    core::for_each_option<T>([&](const auto& field) {
      names += (names.empty() ? "" : ", ") + std::string(field.name);
      if (name != field.name) return;
      known = true;
      using member = std::remove_cvref_t<decltype(std::declval<T&>().*field.member)>;
      try {
        options.*field.member = py::cast<member>(value);
      } catch (const py::cast_error&) {
        throw py::type_error(name + ": " + text + " has the wrong type; it is " + std::string(field.meaning));
      }
    });
    if (!known) throw py::type_error("unknown option " + name + "; the options are " + names);
  }
  core::check_options(options);
  return options;
}

/// The options of T as [(name, default, meaning, low, high)]: documentation and clarion.toml read it.
template <core::options_struct T>
py::typing::List<py::typing::Tuple<py::str, py::object, py::str, double, double>> option_list() {
  py::list out;
  const T defaults;
  core::for_each_option<T>([&](const auto& field) {
    out.append(py::make_tuple(std::string(field.name), py::cast(defaults.*field.member), std::string(field.meaning),
                              field.allowed.low, field.allowed.high));
  });
  return out;
}

/// A numpy array that takes over the vector's memory.
template <class T>
py::array_t<T> array_of(std::vector<T>&& values) {
  auto* owned = new std::vector<T>(std::move(values));
  const py::capsule keeper(owned, [](void* held) { delete static_cast<std::vector<T>*>(held); });
  return py::array_t<T>(static_cast<py::ssize_t>(owned->size()), owned->data(), keeper);
}

/// The same, rows x columns.
template <class T>
py::array_t<T> array_of(std::vector<T>&& values, std::size_t rows, std::size_t columns) {
  return array_of(std::move(values)).reshape({rows, columns});
}

/// A numpy array over a vector that lives as long as its owner.
template <class T>
py::array view_of(const std::vector<T>& values, const py::object& owner) {
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data(), owner);
}

/// Days as a numpy datetime64[D] array.
inline py::array array_of(const std::vector<date>& days) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(days.size());
  for (const date day : days) numbers.push_back(core::day_number(day));
  return array_of(std::move(numbers)).attr("view")("datetime64[D]");
}

/// An Arrow stream that a Python object exports; the capsule keeps it alive.
struct __attribute__((visibility("hidden"))) arrow_stream {
  py::object capsule;
  ArrowArrayStream* stream = nullptr;
};

inline arrow_stream stream_of(const py::object& source) {
  py::object capsule = source.attr("__arrow_c_stream__")();
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (stream == nullptr) throw py::error_already_set();
  return {std::move(capsule), stream};
}

/// A capsule that hands a stream to whoever reads it, and releases it where nobody does.
inline py::object capsule_of(ArrowArrayStream stream) {
  auto* owned = new ArrowArrayStream(stream);
  PyObject* capsule = PyCapsule_New(owned, "arrow_array_stream", [](PyObject* held) {
    auto* left = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(held, "arrow_array_stream"));
    if (left->release != nullptr) left->release(left);
    delete left;
  });
  if (capsule == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(capsule);
}

}  // namespace clarion::bindings
