#include "clarion/version.hpp"
#include "convert.hpp"

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
  m.doc() = "The compiled part of clarion; use the clarion package instead.";
  m.attr("__version__") = CLARION_VERSION;
}
