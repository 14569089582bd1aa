#include "clarion/segment/profile.hpp"

#include "convert.hpp"
#include "id_columns.hpp"

namespace clarion::bindings {

namespace {

using namespace segment;

}  // namespace

void bind_profile(py::module_& m) {
  m.def(
      "profile",
      [](const customer_fields& customers, const dense<std::int32_t>& of, std::size_t n_segments, const py::dict& options,
         const py::object& n_jobs) {
        const auto chosen = options_from<profile_options>(options);
        const run_options run = run_from(n_jobs);
        profile_result result = without_gil([&] { return profile(customers, span_of(of), chosen, n_segments, run); });
        py::list differences;
        for (const auto& one : result.differences)
          differences.append(
              py::make_tuple(one.segment, one.field, one.level, one.inside, one.outside, one.difference, one.missing));
        py::dict out;
        out["customers"] = result.customers;
        out["names"] = result.name;
        out["differences"] = differences;
        return out;
      },
      py::arg("customers"), py::arg("segment"), py::arg("n_segments"), py::arg("options") = py::dict(),
      py::arg("n_jobs") = py::none(), "What sets each segment apart from the other customers.");
  m.def(
      "count_levels",
      [](const customer_fields& customers, const dense<std::int32_t>& of, const std::string& field, std::size_t n_segments) {
        level_counts counts = without_gil([&] { return count_levels(customers, span_of(of), field, n_segments); });
        py::dict out;
        out["levels"] = counts.levels;
        out["customers"] = counts.customers;
        return out;
      },
      py::arg("customers"), py::arg("segment"), py::arg("field"), py::arg("n_segments"),
      "Customers by segment and level of a text field.");
}

}  // namespace clarion::bindings
