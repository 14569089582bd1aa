#include "clarion/schema/records.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "clarion/schema/audit.hpp"
#include "clarion/schema/customer.hpp"
#include "clarion/schema/mapping.hpp"
#include "clarion/schema/transaction.hpp"
#include "convert.hpp"
#include "text_columns.hpp"

namespace clarion::bindings {

namespace {

using namespace schema;

// Arrays over the vectors of the records, which live as long as any of them.
py::dict column_dict(const py::object& owner, const std::string& name) {
  const auto& table = owner.cast<const records&>();
  const auto& column = table[name];
  py::dict out;
  if (!column.given) return out;
  const auto all = record_fields(table.kind);
  switch (std::find_if(all.begin(), all.end(), [&](const field& f) { return f.name == name; })->kind) {
    case field_kind::date:
    case field_kind::time:
      out["days"] = view_of(column.days, owner);
      if (!column.seconds.empty()) out["seconds"] = view_of(column.seconds, owner);
      break;
    case field_kind::number:
      out["numbers"] = view_of(column.numbers, owner);
      break;
    case field_kind::flag:
      out["flags"] = view_of(column.flags, owner);
      break;
    default:
      out["codes"] = view_of(column.codes, owner);
      out["values"] = text_column(column.values);
      out["whole"] = column.whole;
  }
  return out;
}

record_options options_from(std::size_t most_per_code, std::uint64_t rows, std::string encoding, std::vector<std::string> skipped,
                            const std::vector<std::tuple<std::uint64_t, std::string, std::string>>& unreadable) {
  record_options out{.most_per_code = most_per_code,
                     .rows = rows,
                     .encoding = std::move(encoding),
                     .skipped = std::move(skipped),
                     .unreadable = {}};
  for (const auto& [row, text, reason] : unreadable) out.unreadable.push_back({row, text, reason});
  return out;
}

}  // namespace

void bind_records(py::module_& m) {
  py::class_<mapping>(m, "Mapping", "How a source stands for records; clarion.schema.Mapping wraps it.")
      .def(py::init([](const std::string& json) { return parse_mapping(json); }), py::arg("json"))
      .def_property_readonly("table", [](const mapping& map) { return std::string(to_string(map.table)); })
      .def_readonly("name", &mapping::name)
      .def(
          "to_json", [](const mapping& map, int indent) { return to_json(map, indent); }, py::arg("indent") = 2);

  py::class_<records>(m, "Records", "Records by column; clarion.schema wraps them.")
      .def(py::init<>())
      .def("__len__", &records::size)
      .def_property_readonly("table", [](const records& r) { return std::string(to_string(r.kind)); })
      .def(
          "column", [](const py::object& self, const std::string& name) { return column_dict(self, name); }, py::arg("name"),
          "A field of all records, in the layout of Arrow; an empty dict where the source has no such column.")
      .def("source_row", &records::source_row, py::arg("record"), "Row of the source, from 1, of a record, from 0.")
      .def_property_readonly("left_out", [](const records& r) { return array_of(std::vector<std::uint64_t>(r.left_out)); })
      .def_readonly("first_row", &records::first_row);

  py::class_<record_reading>(m, "RecordReading", "What came of reading a table of records, or a part of one.")
      .def_readonly("accepted", &record_reading::accepted, "The records; they live as long as the reading.")
      .def_readonly("findings", &record_reading::findings)
      .def_readonly("columns", &record_reading::columns)
      .def_readonly("mapping", &record_reading::mapping)
      .def_readonly("counts", &record_reading::counts)
      .def_readonly("rows_read", &record_reading::rows_read)
      .def_property_readonly("quarantine", [](const record_reading& r) { return quarantine_dict(r.quarantine, r.columns); });

  // The references are held by the reader's Python object.
  py::class_<record_reader>(m, "RecordReader", "Reads and judges records part by part.")
      .def(py::init([](const py::object& source, const mapping& map, const policy& rules, const records* customers,
                       const records* branches, const catalog* products, std::size_t most_per_code, std::string encoding,
                       std::vector<std::string> skipped,
                       const std::vector<std::tuple<std::uint64_t, std::string, std::string>>& unreadable,
                       const py::object& n_jobs) {
             const auto stream = stream_of(source);
             auto options = options_from(most_per_code, 0, std::move(encoding), std::move(skipped), unreadable);
             const auto run = run_from(n_jobs);
             const py::gil_scoped_release free;
             return std::make_unique<record_reader>(stream.stream, map, rules, record_references{customers, branches, products},
                                                    std::move(options), run);
           }),
           py::arg("source"), py::arg("mapping"), py::arg("policy"), py::arg("customers") = nullptr,
           py::arg("branches") = nullptr, py::arg("catalog") = nullptr, py::arg("most_per_code") = 1000, py::arg("encoding") = "",
           py::arg("skipped") = std::vector<std::string>{},
           py::arg("unreadable") = std::vector<std::tuple<std::uint64_t, std::string, std::string>>{},
           py::arg("n_jobs") = py::none(), py::keep_alive<1, 5>(), py::keep_alive<1, 6>(), py::keep_alive<1, 7>())
      .def(
          "next",
          [](record_reader& reader, std::size_t rows) {
            const py::gil_scoped_release free;
            return reader.next(rows);
          },
          py::arg("rows"), "The next rows of the source, or None at its end.")
      .def("finish", &record_reader::finish, py::call_guard<py::gil_scoped_release>(), "Findings about all of it, and counts.");

  m.def(
      "read_records",
      [](const py::object& source, const mapping& map, const policy& rules, const records* customers, const records* branches,
         const catalog* products, std::size_t most_per_code, std::uint64_t rows, std::string encoding,
         std::vector<std::string> skipped, const std::vector<std::tuple<std::uint64_t, std::string, std::string>>& unreadable,
         const py::object& n_jobs, const py::object& progress) {
        const auto stream = stream_of(source);
        const auto options = options_from(most_per_code, rows, std::move(encoding), std::move(skipped), unreadable);
        const auto run = run_from(n_jobs, progress);
        const py::gil_scoped_release free;
        return read_records(stream.stream, map, rules, {customers, branches, products}, options, run);
      },
      py::arg("source"), py::arg("mapping"), py::arg("policy"), py::arg("customers") = nullptr, py::arg("branches") = nullptr,
      py::arg("catalog") = nullptr, py::arg("most_per_code") = 1000, py::arg("rows") = 0, py::arg("encoding") = "",
      py::arg("skipped") = std::vector<std::string>{},
      py::arg("unreadable") = std::vector<std::tuple<std::uint64_t, std::string, std::string>>{}, py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "Reads and judges the rows of an Arrow stream.");

  m.def(
      "audit_options", [] { return option_list<audit_options>(); }, "(name, default, meaning, low, high) of each option.");
  m.def(
      "audit",
      [](const record_reading& now, const record_reading* previous, const std::optional<date>& today, const py::kwargs& options) {
        const auto chosen = options_from<audit_options>(options);
        audit_report report;
        {
          const py::gil_scoped_release free;
          report = audit(now, previous, today.value_or(date{}), chosen, {.threads = 1});
        }
        const auto number = [](double value) {
          return std::isnan(value) ? py::object(py::none()) : py::object(py::float_(value));
        };
        py::list fields;
        for (const auto& one : report.fields) {
          py::dict out;
          out["field"] = one.field;
          out["column"] = one.column;
          out["values"] = one.values;
          out["distinct"] = one.distinct;
          out["complete"] = number(one.complete);
          out["low"] = number(one.low);
          out["median"] = number(one.median);
          out["high"] = number(one.high);
          out["first"] = one.first;
          out["last"] = one.last;
          out["psi"] = number(one.psi);
          out["ks"] = number(one.ks);
          out["ks_p"] = number(one.ks_p);
          out["added"] = one.added;
          out["vanished"] = one.vanished;
          out["n_added"] = one.n_added;
          out["n_vanished"] = one.n_vanished;
          fields.append(out);
        }
        py::dict out;
        out["table"] = std::string(to_string(report.table));
        out["rows_read"] = report.rows_read;
        out["accepted"] = report.accepted;
        out["quarantined"] = report.quarantined;
        out["repeated"] = report.repeated;
        out["previous_rows"] = report.previous_rows;
        out["days_since_last"] = report.days_since_last;
        out["fields"] = fields;
        out["findings"] = report.findings;
        return out;
      },
      py::arg("reading"), py::arg("previous") = nullptr, py::arg("today") = py::none(),
      "What a table holds, and what moved in it.");
}

}  // namespace clarion::bindings
