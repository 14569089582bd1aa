#include "clarion/schema/finding.hpp"

#include "clarion/core/error.hpp"
#include "convert.hpp"

namespace clarion::bindings {

void bind_finding(py::module_& m) {
  using namespace schema;

  const auto root = py::register_exception<error>(m, "ClarionError");
  root.doc() = "Root of clarion's own exceptions: input that cannot be read, a limit of the machine, a broken file.";
  py::register_exception<cancelled>(m, "Cancelled", root);

  py::class_<finding>(m, "Finding", "A statement that carries its evidence.")
      .def_readonly("code", &finding::code, "Stable code, explained by `clarion explain CODE`.")
      .def_property_readonly(
          "severity", [](const finding& f) { return std::string(to_string(f.severity)); }, "'error', 'warning' or 'info'.")
      .def_readonly("campaigns", &finding::campaigns, "Ids, the most concerned first; empty for the whole portfolio.")
      .def_readonly("message", &finding::message, "One sentence with its numbers.")
      .def_property_readonly(
          "evidence",
          [](const finding& f) {
            py::dict out;
            for (const auto& item : f.evidence) out[py::str(item.name)] = item.value;
            return out;
          },
          "Named numbers, texts or lists that the statement rests on.")
      .def_property_readonly(
          "units",
          [](const finding& f) {
            py::dict out;
            for (const auto& item : f.evidence)
              if (!item.unit.empty()) out[py::str(item.name)] = item.unit;
            return out;
          },
          "Unit of each item of the evidence that has one.")
      .def_readonly("why", &finding::why, "How the statement follows from the evidence.")
      .def_readonly("suggestion", &finding::suggestion, "What to do about it.")
      .def_readonly("expected_effect", &finding::expected_effect, "What doing it would change.")
      .def_readonly("expected_loss", &finding::expected_loss, "Money at stake, 0 when not estimated.")
      .def_readonly("row", &finding::row, "1-based row of data in the source, where the finding is about input.")
      .def_readonly("column", &finding::column, "Column in the source.")
      .def_readonly("value", &finding::value, "The text found there.")
      .def("__repr__", [](const finding& f) {
        return "<Finding " + f.code + " " + std::string(to_string(f.severity)) + ": " + f.message + ">";
      });
}

}  // namespace clarion::bindings
