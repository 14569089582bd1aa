#include "clarion/segment/purchases.hpp"

#include <algorithm>

#include "purchase_options.hpp"

namespace clarion::bindings {

namespace {

using segment::purchases;

template <class T>
py::array view(std::span<const T> values, const py::object& owner) {
  py::array_t<T> out(static_cast<py::ssize_t>(values.size()), values.data(), owner);
  out.attr("flags").attr("writeable") = false;
  return out;
}

}  // namespace

void bind_purchases(py::module_& m) {
  py::class_<purchases>(m, "PurchaseData", "Customers x their purchases.")
      .def(py::init<>())
      .def("__len__", &purchases::size, "Customers.")
      .def_property_readonly("n_purchases", &purchases::n_purchases, "Purchases of all customers.")
      .def_property_readonly("at", &purchases::at, "The reference date.")
      .def_property_readonly("has_amounts", &purchases::has_amounts, "Whether amounts are known.")
      .def_property_readonly("memory_bytes", &purchases::memory_bytes, "Bytes held.")
      .def_property_readonly(
          "customers", [](const purchases& self) { return ids_of(self.customers()); }, "Ids: an int64 array or a list of str.")
      .def_property_readonly(
          "first_day", [](const py::object& self) { return view(self.cast<const purchases&>().first_day(), self); },
          "Days since 1970-01-01.")
      .def_property_readonly(
          "last_day", [](const py::object& self) { return view(self.cast<const purchases&>().last_day(), self); },
          "Days since 1970-01-01.")
      .def_property_readonly(
          "count", [](const py::object& self) { return view(self.cast<const purchases&>().count(), self); },
          "Purchases by customer.")
      .def_property_readonly(
          "bought", [](const py::object& self) { return view(self.cast<const purchases&>().bought(), self); },
          "Sum of the purchases by customer.")
      .def_property_readonly(
          "returned", [](const py::object& self) { return view(self.cast<const purchases&>().returned(), self); },
          "Sum of the returns by customer, 0 or less.")
      .def(
          "until",
          [](const purchases& self, date at, const py::object& n_jobs) {
            const run_options run = run_from(n_jobs);
            return without_gil([&] { return segment::purchases_until(self, at, run); });
          },
          py::arg("at"), py::arg("n_jobs") = py::none(), "As if read with `at` as the reference date.")
      .def(
          "rows",
          [](const purchases& self) -> py::typing::Tuple<py::array_t<std::int32_t>, py::array_t<double>> {
            std::vector<std::int32_t> day;
            std::vector<double> amount;
            day.reserve(self.n_purchases());
            amount.reserve(self.n_purchases());
            for (std::size_t c = 0; c < self.size(); ++c) {
              const auto of = self.of(c);
              day.insert(day.end(), of.day.begin(), of.day.end());
              amount.insert(amount.end(), of.amount.begin(), of.amount.end());
            }
            return py::make_tuple(array_of(std::move(day)), array_of(std::move(amount)));
          },
          "(days, amounts) of all purchases, by customer.");

  m.def(
      "purchase_options", [] { return option_list<segment::purchase_options>(); },
      "Options of reading transactions: (name, default, meaning, low, high).");
  m.def(
      "read_purchases",
      [](const py::object& source, const std::map<std::string, std::string>& columns, const py::dict& options,
         const py::object& n_jobs, const py::object& progress) -> py::typing::Tuple<purchases, py::dict> {
        const auto chosen = options_from<segment::purchase_options>(options);
        const arrow_stream stream = stream_of(source);
        const run_options run = run_from(n_jobs, progress);
        auto built = without_gil([&] { return segment::read_purchases(stream.stream, purchase_names_of(columns), chosen, run); });
        return py::make_tuple(std::move(built.data), purchase_report_dict(std::move(built.report)));
      },
      py::arg("source"), py::arg("columns"), py::arg("options") = py::dict(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(PurchaseData, report) of an object that exports an Arrow stream.");
}

}  // namespace clarion::bindings
