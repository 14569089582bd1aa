#include "clarion/conflict/contacts.hpp"

#include "clarion/conflict/overlap.hpp"
#include "clarion/schema/audiences.hpp"
#include "convert.hpp"

namespace clarion::bindings {

namespace {

using schema::audiences;

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

void bind_contacts(py::module_& m) {
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
