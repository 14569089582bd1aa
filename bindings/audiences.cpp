#include "clarion/schema/audiences.hpp"

#include "clarion/conflict/contacts.hpp"
#include "clarion/conflict/overlap.hpp"
#include "clarion/core/error.hpp"
#include "convert.hpp"

namespace clarion::bindings {

namespace {

using schema::audiences;

template <class T>
using dense = py::array_t<T, py::array::c_style>;

// Integer arrays as they are; other integer types were widened in Python.
schema::id_column column_of(const py::array& values, const char* field) {
  const auto span = [&]<class T>(T) -> schema::id_column {
    const auto typed = py::reinterpret_borrow<dense<T>>(values);
    return std::span<const T>(typed.data(), static_cast<std::size_t>(typed.size()));
  };
  if (values.ndim() != 1) reject(field, std::to_string(values.ndim()) + " dimensions", "give one dimension");
  if (py::isinstance<dense<std::int32_t>>(values)) return span(std::int32_t{});
  if (py::isinstance<dense<std::uint32_t>>(values)) return span(std::uint32_t{});
  if (py::isinstance<dense<std::int64_t>>(values)) return span(std::int64_t{});
  reject(field, "dtype " + py::str(values.dtype()).cast<std::string>(), "give a contiguous int32, uint32 or int64 array");
}

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
      for (const std::uint32_t i : indices) {
        const std::string_view id = sets.customer_text(i);
        PyObject* text = PyUnicode_DecodeUTF8(id.data(), static_cast<py::ssize_t>(id.size()), "replace");
        if (text == nullptr) throw py::error_already_set();
        ids.append(py::reinterpret_steal<py::object>(text));
      }
      return ids;
    }
  }
}

using day_pairs = std::vector<std::pair<std::int32_t, std::int32_t>>;

std::vector<conflict::run_days> days_of(const day_pairs& pairs) {
  std::vector<conflict::run_days> out;
  out.reserve(pairs.size());
  for (const auto& [start, end] : pairs) out.push_back({start, end});
  return out;
}

// One array a field of a vector of structs.
template <class Row, class T>
py::array_t<T> column(const std::vector<Row>& rows, T Row::*field) {
  std::vector<T> values;
  values.reserve(rows.size());
  for (const Row& row : rows) values.push_back(row.*field);
  return array_of(std::move(values));
}

py::dict contacts_dict(const conflict::contact_table& table) {
  using conflict::contact_contribution, conflict::contact_week;
  std::vector<std::uint64_t> histogram;
  for (const auto& week : table.weeks) histogram.insert(histogram.end(), week.histogram.begin(), week.histogram.end());
  py::dict weeks, contributions, out;
  weeks["start"] = column(table.weeks, &contact_week::start);
  weeks["campaigns"] = column(table.weeks, &contact_week::campaigns);
  weeks["reached"] = column(table.weeks, &contact_week::reached);
  weeks["capped"] = column(table.weeks, &contact_week::capped);
  weeks["over_cap"] = column(table.weeks, &contact_week::over_cap);
  weeks["contacts"] = column(table.weeks, &contact_week::contacts);
  weeks["excess"] = column(table.weeks, &contact_week::excess);
  weeks["max"] = column(table.weeks, &contact_week::max);
  weeks["max_over"] = column(table.weeks, &contact_week::max_over);
  contributions["week"] = column(table.contributions, &contact_contribution::week);
  contributions["campaign"] = column(table.contributions, &contact_contribution::campaign);
  contributions["customers_over"] = column(table.contributions, &contact_contribution::customers_over);
  contributions["contacts"] = column(table.contributions, &contact_contribution::contacts);
  out["weeks"] = weeks;
  out["contributions"] = contributions;
  out["histogram"] = array_of(std::move(histogram));
  out["customers_over"] = table.customers_over;
  out["excess"] = table.excess;
  out["max"] = table.max;
  return out;
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
          "member_ids", [](const audiences& self, std::size_t campaign) { return customers_of(self, self.members(campaign)); },
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

  m.def(
      "overlap",
      [](const audiences& sets, std::uint64_t min_shared,
         std::optional<std::vector<std::pair<std::uint32_t, std::uint32_t>>> pairs, const day_pairs& concurrent_only,
         const py::object& n_jobs, const py::object& progress) {
        const conflict::overlap_options options{
            .min_shared = min_shared, .pairs = std::move(pairs), .concurrent_only = days_of(concurrent_only)};
        const run_options run = run_from(n_jobs, progress);
        conflict::overlap_table table;
        {
          const py::gil_scoped_release free;
          table = conflict::overlap(sets, options, run);
        }
        py::dict out;
        out["a"] = array_of(std::move(table.a));
        out["b"] = array_of(std::move(table.b));
        out["size_a"] = array_of(std::move(table.size_a));
        out["size_b"] = array_of(std::move(table.size_b));
        out["shared"] = array_of(std::move(table.shared));
        out["jaccard"] = array_of(std::move(table.jaccard));
        out["containment"] = array_of(std::move(table.containment));
        return out;
      },
      py::arg("audiences"), py::arg("min_shared") = 0, py::arg("pairs") = py::none(), py::arg("concurrent_only") = day_pairs{},
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "Columns of the pairs of campaigns and the customers they share.");

  m.def(
      "contacts",
      [](const audiences& sets, const day_pairs& days, std::vector<double> touches, double cap, std::vector<double> caps,
         std::uint32_t bins, const py::object& n_jobs, const py::object& progress) {
        const conflict::contact_options options{
            .days = days_of(days), .touches = std::move(touches), .cap = cap, .caps = std::move(caps), .bins = bins};
        const run_options run = run_from(n_jobs, progress);
        conflict::contact_table table;
        {
          const py::gil_scoped_release free;
          table = conflict::contacts(sets, options, run);
        }
        return contacts_dict(table);
      },
      py::arg("audiences"), py::arg("days"), py::arg("touches"), py::arg("cap") = conflict::contact_options{}.cap,
      py::arg("caps") = std::vector<double>{}, py::arg("bins") = conflict::contact_options{}.bins, py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "Expected weekly contacts of customers against a cap.");

  const conflict::pile_up_options pile_up;
  m.def(
      "pile_ups",
      [](const audiences& sets, const day_pairs& days, std::uint32_t k, std::uint64_t min_shared, std::uint32_t top,
         std::uint64_t max_steps, const py::object& n_jobs, const py::object& progress) {
        const conflict::pile_up_options options{
            .days = days_of(days), .k = k, .min_shared = min_shared, .top = top, .max_steps = max_steps};
        const run_options run = run_from(n_jobs, progress);
        conflict::pile_up_table table;
        {
          const py::gil_scoped_release free;
          table = conflict::pile_ups(sets, options, run);
        }
        py::list combinations;
        for (const auto& found : table.combinations)
          combinations.append(py::make_tuple(found.campaigns, found.days.start, found.days.end, found.shared));
        py::dict out;
        out["customers_by_depth"] = array_of(std::move(table.customers_by_depth));
        out["customers"] = table.customers;
        out["combinations"] = combinations;
        out["complete"] = table.complete;
        return out;
      },
      py::arg("audiences"), py::arg("days"), py::arg("k") = pile_up.k, py::arg("min_shared") = pile_up.min_shared,
      py::arg("top") = pile_up.top, py::arg("max_steps") = pile_up.max_steps, py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "Campaigns that pile up on the same customers.");
}

}  // namespace clarion::bindings
