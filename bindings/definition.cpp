#include "clarion/segment/definition.hpp"

#include "clarion/segment/customer_fields.hpp"
#include "clarion/segment/segmentation.hpp"
#include "clarion/segment/suppression.hpp"
#include "convert.hpp"
#include "id_columns.hpp"

namespace clarion::bindings {

namespace {

using namespace segment;

py::array_t<bool> flags_of(const customer_mask& mask) {
  py::array_t<bool> out(static_cast<py::ssize_t>(mask.rows));
  bool* to = out.mutable_data();
  for (std::size_t r = 0; r < mask.rows; ++r) to[r] = mask[r];
  return out;
}

py::dict segmentation_dict(segmentation&& result) {
  py::dict out;
  out["segment"] = array_of(std::move(result.segment));
  out["customers"] = result.customers;
  out["meeting"] = result.meeting;
  out["unassigned"] = result.unassigned;
  out["half_width"] = result.half_width;
  out["findings"] = std::move(result.findings);
  return out;
}

py::dict suppression_dict(suppression&& result) {
  py::dict out;
  out["rule"] = array_of(std::move(result.rule));
  out["first"] = result.first;
  out["all"] = result.all;
  out["customers"] = result.customers;
  out["remaining"] = result.remaining;
  out["findings"] = std::move(result.findings);
  return out;
}

}  // namespace

void bind_definition(py::module_& m) {
  py::class_<customer_fields>(m, "CustomerFields", "What is known of customers, by field.")
      .def(
          "__len__", [](const customer_fields& self) { return self.rows; }, "Customers.")
      .def_property_readonly(
          "names",
          [](const customer_fields& self) {
            std::vector<std::string> out;
            for (const auto& field : self.fields) out.push_back(field.name);
            return out;
          },
          "Names of the fields.");
  m.def(
      "read_fields",
      [](const py::object& source, const std::vector<std::string>& names, const py::object& n_jobs) {
        const arrow_stream stream = stream_of(source);
        const run_options run = run_from(n_jobs);
        return without_gil([&] { return read_fields(stream.stream, names, run); });
      },
      py::arg("source"), py::arg("names"), py::arg("n_jobs") = py::none(),
      "The fields of these names that an object that exports an Arrow stream has.");

  py::class_<definition>(m, "SegmentDefinition", "A segment as a named, versioned rule.")
      .def_readonly("name", &definition::name, "Its name.")
      .def_readonly("version", &definition::version, "Its version.")
      .def_readonly("description", &definition::description, "What it is for.")
      .def_readonly("minimum_size", &definition::minimum_size, "Customers it needs; 0: not asked for.")
      .def_readonly("expected_response", &definition::expected_response, "Share of customers; 0: not asked for.")
      .def_readonly("precision", &definition::precision, "Half the width of the interval asked for; 0: not asked for.")
      .def_property_readonly(
          "fields", [](const definition& self) { return fields_of(self.when); }, "Names of its fields.")
      .def_property_readonly(
          "text", [](const definition& self) { return describe(self.when); }, "The condition in English.")
      .def(
          "to_json", [](const definition& self, int indent) { return to_json(self, indent); }, py::arg("indent") = 2, "As JSON.")
      .def(
          "same_as", [](const definition& self, const definition& other) { return self == other; }, py::arg("other"),
          "Whether the two are the same.")
      .def(
          "evaluate",
          [](const definition& self, const customer_fields& customers, const py::object& n_jobs) {
            const run_options run = run_from(n_jobs);
            return flags_of(without_gil([&] { return evaluate(self, customers, run); }));
          },
          py::arg("customers"), py::arg("n_jobs") = py::none(), "Who meets it.")
      .def(
          "explain",
          [](const definition& self, const customer_fields& customers, std::size_t row) {
            const explanation told = explain(self, customers, row);
            py::list tests;
            for (const auto& one : told.tests) tests.append(py::make_tuple(one.place, one.text, text_of(one.value), one.holds));
            py::dict out;
            out["holds"] = told.holds;
            out["tests"] = tests;
            return out;
          },
          py::arg("customers"), py::arg("row"), "Which of its tests one customer meets.");
  m.def("parse_definition", &parse_definition, py::arg("json"), "A definition from JSON.");
  m.def("parse_definitions", &parse_definitions, py::arg("json"), "Definitions from JSON.");
  m.def(
      "definition_difference",
      [](const definition& before, const definition& after) {
        py::typing::List<py::typing::Tuple<py::str, py::str, py::str, py::str>> out;
        for (const auto& change : difference(before, after))
          out.append(py::make_tuple(change.kind, change.what, change.before, change.after));
        return out;
      },
      py::arg("before"), py::arg("after"), "(kind, what, before, after) of each change.");
  m.def(
      "segment_customers",
      [](const customer_fields& customers, const std::vector<definition>& segments, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        return segmentation_dict(without_gil([&] { return segment_customers(customers, segments, run); }));
      },
      py::arg("customers"), py::arg("segments"), py::arg("n_jobs") = py::none(), "The first definition that holds, by customer.");
  m.def(
      "ready_segments", [](const py::kwargs& options) { return ready_segments(options_from<ready_options>(options)); },
      "The business segments of a bank or a pharmacy chain.");
  m.def(
      "suppress",
      [](const customer_fields& customers, const std::vector<definition>& rules, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        return suppression_dict(without_gil([&] { return suppress(customers, rules, run); }));
      },
      py::arg("customers"), py::arg("rules"), py::arg("n_jobs") = py::none(), "The first rule that suppresses, by customer.");
  m.def(
      "ready_suppression",
      [](const py::kwargs& options) { return ready_suppression(options_from<ready_suppression_options>(options)); },
      "No consent, high risk, recent contact and low value.");
  m.def(
      "logic_document",
      [](const std::vector<definition>& segments, const py::dict& segmented, const std::vector<definition>& rules,
         const py::dict& suppressed, const std::string& title, const std::string& version, date day, bool html) {
        segmentation left;
        if (!segmented.empty()) {
          left.segment.resize(segmented["total"].cast<std::size_t>());
          left.customers = segmented["customers"].cast<std::vector<std::uint64_t>>();
          left.meeting = segmented["meeting"].cast<std::vector<std::uint64_t>>();
          left.unassigned = segmented["unassigned"].cast<std::uint64_t>();
          left.half_width = segmented["half_width"].cast<std::vector<double>>();
          left.findings = segmented["findings"].cast<std::vector<schema::finding>>();
        }
        suppression right;
        if (!suppressed.empty()) {
          right.first = suppressed["first"].cast<std::vector<std::uint64_t>>();
          right.all = suppressed["all"].cast<std::vector<std::uint64_t>>();
          right.customers = suppressed["customers"].cast<std::uint64_t>();
          right.remaining = suppressed["remaining"].cast<std::uint64_t>();
          right.findings = suppressed["findings"].cast<std::vector<schema::finding>>();
        }
        return logic_document(segments, left, rules, right, {.title = title, .version = version, .day = day, .html = html});
      },
      py::arg("segments"), py::arg("segmented"), py::arg("rules"), py::arg("suppressed"), py::arg("title"), py::arg("version"),
      py::arg("day"), py::arg("html"), "The logic of segments and suppression for audit.");
}

}  // namespace clarion::bindings
