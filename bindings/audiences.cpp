#include "clarion/schema/audiences.hpp"

#include "clarion/core/error.hpp"
#include "convert.hpp"
#include "id_columns.hpp"

namespace clarion::bindings {

namespace {

using schema::audiences;

py::dict report_dict(const schema::audience_report& report) {
  py::list rows;
  for (const auto& row : report.quarantined) rows.append(py::make_tuple(row.row, schema::describe(row.reason)));
  py::dict out;
  out["rows_read"] = report.rows_read;
  out["rows_accepted"] = report.rows_accepted;
  out["rows_quarantined"] = report.rows_quarantined;
  out["duplicates"] = report.duplicates;
  out["quarantined"] = py::tuple(rows);
  return out;
}

py::typing::Tuple<audiences, py::dict> pair_of(schema::audience_build&& built) {
  return py::make_tuple(std::move(built.members), report_dict(built.report));
}

py::object customers_of(const audiences& sets, std::vector<std::uint32_t>&& indices) {
  switch (sets.id_kind()) {
    case schema::customer_ids::none:
      return array_of(std::move(indices));
    case schema::customer_ids::integer: {
      std::vector<std::int64_t> ids(indices.size());
      for (std::size_t i = 0; i < indices.size(); ++i) ids[i] = sets.customer_id(indices[i]);
      return array_of(std::move(ids));
    }
    default: {
      py::list ids;
      for (const std::uint32_t i : indices) ids.append(text_of(sets.customer_text(i)));
      return ids;
    }
  }
}

}  // namespace

void bind_audiences(py::module_& m) {
  py::class_<audiences>(m, "AudienceSets", "Campaign x customer membership as compressed sets.")
      .def(py::init<>())
      .def("__len__", &audiences::size)
      .def_property_readonly("campaigns", &audiences::campaigns, "Labels, by campaign index.")
      .def_property_readonly("n_customers", &audiences::n_customers, "Customers in at least one campaign.")
      .def_property_readonly("n_memberships", &audiences::n_memberships, "Distinct (campaign, customer) pairs.")
      .def_property_readonly("memory_bytes", &audiences::memory_bytes, "Bytes held.")
      .def_property_readonly(
          "sizes",
          [](const audiences& self) {
            std::vector<std::uint64_t> out(self.size());
            for (std::size_t c = 0; c < out.size(); ++c) out[c] = self.count(c);
            return array_of(std::move(out));
          },
          "Audience sizes, by campaign index.")
      .def(
          "find", [](const audiences& self, const std::string& campaign) { return self.find(campaign); }, py::arg("campaign"),
          "Index of a label, or None.")
      .def(
          "find_customer", [](const audiences& self, std::int64_t id) { return self.find_customer(id); }, py::arg("customer"),
          "Index of a customer id, or None.")
      .def(
          "find_customer", [](const audiences& self, const std::string& id) { return self.find_customer(std::string_view(id)); },
          py::arg("customer"))
      .def("contains", &audiences::contains, py::arg("campaign"), py::arg("customer"),
           "Whether the customer of an index is in the campaign of an index.")
      .def(
          "members",
          [](const audiences& self, std::size_t campaign) {
            std::vector<std::uint32_t> out;
            {
              const py::gil_scoped_release free;
              out = self.members(campaign);
            }
            return array_of(std::move(out));
          },
          py::arg("campaign"), "Customer indices of a campaign, ascending.")
      .def(
          "member_ids",
          [](const audiences& self, std::size_t campaign) {
            std::vector<std::uint32_t> members;
            {
              const py::gil_scoped_release free;
              members = self.members(campaign);
            }
            return customers_of(self, std::move(members));
          },
          py::arg("campaign"), "Customer ids of a campaign, ascending.");

  m.def(
      "build_audiences",
      [](const py::array& campaign, const py::array& customer, std::vector<std::string> labels, bool keep_customer_ids,
         std::size_t report_rows, const py::object& n_jobs, const py::object& progress) {
        const schema::id_column campaigns = column_of(campaign, "campaign"), customers = column_of(customer, "customer");
        const run_options run = run_from(n_jobs, progress);
        schema::audience_build built;
        {
          const py::gil_scoped_release free;
          built = schema::build_audiences(
              campaigns, customers,
              {.labels = std::move(labels), .keep_customer_ids = keep_customer_ids, .report_rows = report_rows}, run);
        }
        return pair_of(std::move(built));
      },
      py::arg("campaign"), py::arg("customer"), py::arg("labels") = std::vector<std::string>{},
      py::arg("keep_customer_ids") = true, py::arg("report_rows") = 100, py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(AudienceSets, report) of two integer columns.");

  m.def(
      "read_audiences",
      [](const py::object& source, const std::string& campaign, const std::string& customer, bool keep_customer_ids,
         std::size_t report_rows, const py::object& n_jobs, const py::object& progress) {
        const arrow_stream stream = stream_of(source);
        const run_options run = run_from(n_jobs, progress);
        schema::audience_build built;
        {
          const py::gil_scoped_release free;
          built = schema::read_audiences(stream.stream, {.campaign = campaign, .customer = customer},
                                         {.keep_customer_ids = keep_customer_ids, .report_rows = report_rows}, run);
        }
        return pair_of(std::move(built));
      },
      py::arg("source"), py::arg("campaign") = "campaign", py::arg("customer") = "customer", py::arg("keep_customer_ids") = true,
      py::arg("report_rows") = 100, py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(AudienceSets, report) of an object that exports an Arrow stream.");
}

}  // namespace clarion::bindings
