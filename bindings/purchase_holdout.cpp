#include "clarion/segment/purchase_holdout.hpp"

#include "purchase_options.hpp"

namespace clarion::bindings {

namespace {

using namespace segment;

}  // namespace

void bind_purchase_holdout(py::module_& m) {
  m.def(
      "purchase_holdout",
      [](const purchases& data, date cut, double unit, const py::object& n_jobs) -> py::typing::Tuple<purchases, py::dict> {
        const run_options run = run_from(n_jobs);
        auto result = without_gil([&] { return purchase_holdout(data, cut, {.unit = unit}, run); });
        py::dict out = summary_dict(std::move(result.learned));
        out["holdout_frequency"] = array_of(std::move(result.frequency));
        out["holdout_monetary"] = array_of(std::move(result.monetary));
        out["holdout_T"] = result.T;
        return py::make_tuple(std::move(result.before), std::move(out));
      },
      py::arg("data"), py::arg("cut"), py::arg("unit") = 1.0, py::arg("n_jobs") = py::none(),
      "(the purchases until the cut, what models take of them and what came after).");
  m.def(
      "holdout_quality",
      [](const array_in<double>& expected, const array_in<double>& seen, const array_in<double>& frequency, std::uint32_t most) {
        auto result = holdout_quality(span_of(expected), span_of(seen), span_of(frequency), most);
        py::dict out;
        out["seen"] = result.seen;
        out["expected"] = result.expected;
        out["mean_absolute_error"] = result.mean_absolute_error;
        out["root_mean_square_error"] = result.root_mean_square_error;
        out["customers"] = array_of(std::move(result.customers));
        out["mean_seen"] = array_of(std::move(result.mean_seen));
        out["mean_expected"] = array_of(std::move(result.mean_expected));
        return out;
      },
      py::arg("expected"), py::arg("seen"), py::arg("frequency"), py::arg("most") = 6, "Forecast and truth.");
}

}  // namespace clarion::bindings
