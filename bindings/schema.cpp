#include "clarion/schema/portfolio.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "clarion/core/error.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/detail/json_table.hpp"
#include "clarion/schema/detail/portfolio.hpp"
#include "clarion/schema/fields.hpp"
#include "clarion/schema/json.hpp"
#include "clarion/schema/read.hpp"
#include "clarion/schema/records.hpp"
#include "clarion/schema/rules.hpp"
#include "clarion/schema/validate.hpp"
#include "convert.hpp"
#include "text_columns.hpp"

namespace clarion::bindings {

namespace {

using namespace schema;

py::dict category_column(std::vector<std::uint32_t> codes, const std::vector<std::string>& values) {
  py::dict out;
  out["codes"] = array_of(std::move(codes));
  out["values"] = values;
  return out;
}

py::dict list_column(const core::list_column& column) {
  py::dict out = category_column(column.codes, column.values.names());
  std::vector<std::int64_t> offsets(column.offsets.begin(), column.offsets.end());
  out["offsets"] = array_of(std::move(offsets));
  return out;
}

template <class Word>
py::dict word_column(const std::vector<Word>& column, Word last) {
  std::vector<std::string> values;
  for (int i = 1; i <= static_cast<int>(last); ++i) values.emplace_back(to_string(static_cast<Word>(i)));
  std::vector<std::uint32_t> codes;
  codes.reserve(column.size());
  for (const auto word : column)
    codes.push_back(word == Word::unspecified ? core::category_column::none : static_cast<std::uint32_t>(word) - 1);
  return category_column(std::move(codes), values);
}

py::object exported(const core::text_column& column) { return text_column(column); }
py::object exported(const core::category_column& column) { return category_column(column.codes, column.values.names()); }
py::object exported(const core::list_column& column) { return list_column(column); }
py::object exported(const std::vector<double>& column) { return array_of(std::vector<double>(column)); }
py::object exported(const std::vector<date>& column) { return array_of(column); }
py::object exported(const std::vector<objective>& column) { return word_column(column, objective::clearance); }
py::object exported(const std::vector<status>& column) { return word_column(column, status::cancelled); }
py::object exported(const std::vector<bool>& column) {
  return array_of(std::vector<std::uint8_t>(column.begin(), column.end())).attr("view")("bool");
}
py::object exported(const std::vector<std::optional<date>>& column) {
  std::vector<std::int64_t> days;
  days.reserve(column.size());
  for (const auto& day : column) days.push_back(day ? core::day_number(*day) : INT64_MIN);  // numpy's not-a-time
  return array_of(std::move(days)).attr("view")("datetime64[D]");
}

py::object column_of(const portfolio& p, const std::string& name) {
  py::object out;
  detail::for_each_column([&](std::size_t f, auto member) {
    if (fields()[f].name == name) out = exported(p.*member);
  });
  if (!out) throw py::key_error(name);
  return out;
}

// A cell as a Python object; None where a number or a day is not known.
py::object cell(const core::text_column& column, std::size_t row) { return py::str(std::string(column[row])); }
py::object cell(const core::category_column& column, std::size_t row) { return py::str(std::string(column[row])); }
py::object cell(const core::list_column& column, std::size_t row) { return py::cast(column.texts(row)); }
py::object cell(const std::vector<double>& column, std::size_t row) {
  return std::isnan(column[row]) ? py::object(py::none()) : py::object(py::float_(column[row]));
}
py::object cell(const std::vector<date>& column, std::size_t row) { return py::cast(column[row]); }
py::object cell(const std::vector<std::optional<date>>& column, std::size_t row) { return py::cast(column[row]); }
py::object cell(const std::vector<objective>& column, std::size_t row) { return py::str(std::string(to_string(column[row]))); }
py::object cell(const std::vector<status>& column, std::size_t row) { return py::str(std::string(to_string(column[row]))); }
py::object cell(const std::vector<bool>& column, std::size_t row) { return py::bool_(column[row]); }

py::dict campaign_dict(const portfolio& p, std::size_t row) {
  py::dict out;
  detail::for_each_column(
      [&](std::size_t f, auto member) { out[py::str(std::string(fields()[f].name))] = cell(p.*member, row); });
  return out;
}

read_options read_options_from(const py::dict& given) {
  read_options out;
  for (const std::pair<py::handle, py::handle> item : given) {
    const auto name = py::str(item.first).cast<std::string>();
    const py::handle value = item.second;
    if (name == "columns")
      out.columns = value.cast<std::vector<std::pair<std::string, std::string>>>();
    else if (name == "guess_columns")
      out.guess_columns = value.cast<bool>();
    else if (name == "dayfirst")
      out.dayfirst = value.cast<std::optional<bool>>();
    else if (name == "decimal") {
      const auto mark = value.cast<std::string>();
      if (mark.size() > 1) reject("decimal", "'" + mark + "'", "give '.' or ','");
      out.decimal = mark.empty() ? '\0' : mark[0];
    } else if (name == "currency")
      out.currency = value.cast<std::string>();
    else if (name == "list_separator")
      out.list_separator = value.cast<std::string>();
    else if (name == "history")
      out.history = value.cast<bool>();
    else if (name == "most_per_code")
      out.most_per_code = value.cast<std::size_t>();
    else if (name == "encoding")
      out.encoding = value.cast<std::string>();
    else if (name == "skipped")
      out.skipped = value.cast<std::vector<std::string>>();
    else if (name == "unreadable") {
      for (const auto& [row, text, reason] : value.cast<std::vector<std::tuple<std::uint64_t, std::string, std::string>>>())
        out.unreadable.push_back({row, text, reason});
    } else
      throw py::type_error("unknown option " + name);
  }
  return out;
}

std::span<const field> fields_of(const std::string& table) {
  if (table == "campaigns") return fields();
  if (table == "products") return product_fields();
  if (table == "memberships") return membership_fields();
  if (const auto kind = parse_record_kind(table)) return record_fields(*kind);
  reject("of", '"' + table + '"',
         "name campaigns, products, memberships, transactions, customers, branches, responses or events");
}

}  // namespace

void bind_schema(py::module_& m) {
  py::class_<rule>(m, "Rule", "What a code means.")
      .def_property_readonly("code", [](const rule& r) { return std::string(r.code); })
      .def_property_readonly("title", [](const rule& r) { return std::string(r.title); })
      .def_property_readonly("severity", [](const rule& r) { return std::string(to_string(r.severity)); })
      .def_property_readonly("explanation", [](const rule& r) { return std::string(r.explanation); })
      .def_property_readonly("remedy", [](const rule& r) { return std::string(r.remedy); })
      .def("__repr__", [](const rule& r) { return "<Rule " + std::string(r.code) + " " + std::string(r.title) + ">"; });
  m.def(
      "schema_rules", [] { return std::vector<rule>(rules().begin(), rules().end()); }, "The rules of reading and validation.");
  m.def(
      "schema_fields",
      [](const std::string& of) {
        py::typing::List<py::typing::Tuple<py::str, py::str, bool, py::str, py::typing::List<py::str>>> out;
        for (const auto& field : fields_of(of)) {
          py::list also;
          for (const auto name : field.also) also.append(std::string(name));
          out.append(py::make_tuple(std::string(field.name), std::string(to_string(field.kind)), field.required,
                                    std::string(field.meaning), also));
        }
        return out;
      },
      py::arg("of") = "campaigns", "The fields of a table: (name, kind, required, meaning, other column names).");
  m.def(
      "match_columns",
      [](const std::vector<std::string>& columns, const std::vector<std::pair<std::string, std::string>>& chosen, bool guess,
         const std::string& of) {
        const auto known = fields_of(of);
        py::dict out;
        const auto found = match_columns(columns, chosen, guess, known);
        for (std::size_t i = 0; i < found.size(); ++i)
          if (found[i]) out[py::str(std::string(known[i].name))] = columns[*found[i]];
        return out;
      },
      py::arg("columns"), py::arg("chosen"), py::arg("guess") = true, py::arg("of") = "campaigns",
      "Which column holds which field of a table.");
  m.def(
      "nearest_name", [](const std::vector<std::string>& names, const std::string& name) { return nearest_name(names, name); },
      py::arg("names"), py::arg("name"), "The name that was probably meant, or None.");
  m.def(
      "criteria_hash",
      [](const std::vector<std::string>& targets) {
        std::vector<kpi_target> parsed;
        for (const auto& text : targets) {
          const auto target = parse_kpi_target(text);
          if (!target) reject("targets", "'" + text + "'", "write criteria such as 'roas >= 3'");
          parsed.push_back(*target);
        }
        return criteria_hash(parsed);
      },
      py::arg("targets"), "SHA-256 of success criteria, whatever their order.");

  py::class_<portfolio>(m, "Portfolio", "Campaigns by column; clarion.Portfolio wraps it.")
      .def(py::init<>())
      .def("__len__", &portfolio::size)
      .def("column", &column_of, py::arg("name"), "A field of all campaigns, in the layout of Arrow.")
      .def_property_readonly("source_row", [](const portfolio& p) { return array_of(std::vector<std::uint64_t>(p.source_row)); })
      .def_property_readonly("extra_names",
                             [](const portfolio& p) {
                               std::vector<std::string> out;
                               for (const auto& [name, texts] : p.extras) out.push_back(name);
                               return out;
                             })
      .def(
          "extra", [](const portfolio& p, std::size_t at) { return text_column(p.extras.at(at).second); }, py::arg("at"))
      .def(
          "row",
          [](const portfolio& p, std::size_t at) {
            if (at >= p.size()) throw py::index_error("no such campaign");
            return campaign_dict(p, at);
          },
          py::arg("at"), "The fields of one campaign; None where a number or a date is not known.")
      .def("find", &portfolio::find, py::arg("id"), "Position of the first campaign with this id, or None.")
      .def("has_actuals", &portfolio::has_actuals)
      .def(
          "take",
          [](const portfolio& p, const std::vector<std::uint64_t>& rows) {
            for (const auto row : rows)
              if (row >= p.size()) throw py::index_error("no such campaign");
            return p.take(rows);
          },
          py::arg("rows"))
      .def(
          "freeze",
          [](const portfolio& p, const std::vector<std::uint64_t>& rows, date day) {
            portfolio out = p;
            core::text_column hashes;
            std::vector<bool> chosen(p.size());
            for (const auto row : rows) chosen.at(row) = true;
            for (std::size_t row = 0; row < p.size(); ++row) {
              hashes.push_back(chosen[row] ? criteria_hash(p[row].targets) : std::string(p.approved_hash[row]));
              if (chosen[row]) out.approved_on[row] = day;
            }
            out.approved_hash = std::move(hashes);
            return out;
          },
          py::arg("rows"), py::arg("day"), py::call_guard<py::gil_scoped_release>(),
          "A copy in which the success criteria of these rows are frozen.")
      .def(
          "to_json", [](const portfolio& p, int indent) { return to_json(p, indent); }, py::arg("indent") = 2,
          py::call_guard<py::gil_scoped_release>());

  py::class_<reading>(m, "Reading", "What came of reading a table of campaigns.")
      .def(
          "take_accepted", [](reading& r) { return std::move(r.accepted); }, "Moves the portfolio out: ask once.")
      .def_readonly("findings", &reading::findings)
      .def_readonly("columns", &reading::columns)
      .def_readonly("mapping", &reading::mapping)
      .def_readonly("counts", &reading::counts)
      .def_readonly("rows_read", &reading::rows_read)
      .def_property_readonly("quarantine", [](const reading& r) { return quarantine_dict(r.quarantine, r.columns); });

  m.def(
      "read_arrow",
      [](const py::object& source, const policy& rules, const catalog* products, const py::dict& options,
         const py::object& n_jobs) {
        const auto stream = stream_of(source);
        const auto chosen = read_options_from(options);
        const auto run = run_from(n_jobs);
        const py::gil_scoped_release free;
        return from_arrow(stream.stream, rules, products, chosen, run);
      },
      py::arg("source"), py::arg("policy"), py::arg("catalog") = nullptr, py::arg("options") = py::dict(),
      py::arg("n_jobs") = py::none(), "Reads and judges the rows of an Arrow stream.");
  m.def(
      "read_json",
      [](const py::bytes& utf8, const policy& rules, const catalog* products, const py::dict& options, const py::object& n_jobs) {
        const std::string_view text = utf8;
        const auto chosen = read_options_from(options);
        const auto run = run_from(n_jobs);
        const py::gil_scoped_release free;
        return read_json(text, rules, products, chosen, run);
      },
      py::arg("text"), py::arg("policy"), py::arg("catalog") = nullptr, py::arg("options") = py::dict(),
      py::arg("n_jobs") = py::none(), "Reads and judges campaigns in JSON.");
  py::class_<detail::json_table>(m, "JsonTable", "Records in JSON as a table; it can be read once.")
      .def(py::init([](const py::bytes& utf8, const std::string& records) {
             const std::string_view text = utf8;
             const py::gil_scoped_release free;
             return detail::parse_records(text, records);
           }),
           py::arg("text"), py::arg("records") = "campaigns")
      .def_readonly("columns", &detail::json_table::columns)
      .def_readonly("num_rows", &detail::json_table::rows)
      .def_property_readonly("unreadable",
                             [](const detail::json_table& table) {
                               std::vector<std::tuple<std::uint64_t, std::string, std::string>> out;
                               for (const auto& line : table.unreadable) out.emplace_back(line.row, line.text, line.reason);
                               return out;
                             })
      .def(
          "__arrow_c_stream__", [](detail::json_table& table, const py::object&) { return capsule_of(table.stream()); },
          py::arg("requested_schema") = py::none());
  m.def(
      "validate",
      [](const portfolio& p, const policy& rules, const catalog* products, bool history, std::size_t most_per_code,
         const py::object& n_jobs) {
        const auto run = run_from(n_jobs);
        const py::gil_scoped_release free;
        return validate(p, rules, products, {.most_per_code = most_per_code, .history = history}, run);
      },
      py::arg("portfolio"), py::arg("policy"), py::arg("catalog") = nullptr, py::arg("history") = false,
      py::arg("most_per_code") = 1000, py::arg("n_jobs") = py::none(), "Judges campaigns by the rules.");
}

}  // namespace clarion::bindings
