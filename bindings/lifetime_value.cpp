#include "clarion/segment/lifetime_value.hpp"

#include <string>
#include <utility>

#include "parameter_fit.hpp"

namespace clarion::bindings {

void bind_lifetime_value(py::module_& m) {
  m.def("lifetime_value_options", &option_list<segment::lifetime_value_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "lifetime_value",
      [](const std::string& family, const array_in<double>& parameters, const std::optional<array_in<double>>& covariance,
         const array_in<double>& frequency, const array_in<double>& recency, const array_in<double>& age,
         const std::optional<array_in<double>>& weights, const array_in<double>& spend_parameters,
         const std::optional<array_in<double>>& spend_covariance, const array_in<double>& spend_frequency,
         const array_in<double>& monetary, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<segment::lifetime_value_options>(options);
        const auto run = run_from(n_jobs, progress);
        const auto model = model_from(family, parameters, covariance, chosen.level);
        const auto spend = fit_from(spend_parameters, spend_covariance, chosen.level);
        const segment::purchase_history history{span_of(frequency), span_of(recency), span_of(age), span_of(weights)};
        auto found = without_gil([&] {
          return segment::lifetime_value(model, history, spend, {span_of(spend_frequency), span_of(monetary), {}}, chosen, run);
        });
        py::dict total;
        total["value"] = found.total;
        if (chosen.intervals) {
          total["sd"] = found.total_sd;
          total["low"] = found.total_low;
          total["high"] = found.total_high;
        }
        return py::make_tuple(dict_of(std::move(found.customer)), total);
      },
      py::arg("family"), py::arg("parameters"), py::arg("covariance"), py::arg("frequency"), py::arg("recency"), py::arg("age"),
      py::arg("weights"), py::arg("spend_parameters"), py::arg("spend_covariance"), py::arg("spend_frequency"),
      py::arg("monetary"), py::arg("options"), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(values of customers, value of all), each with its interval.");
}

}  // namespace clarion::bindings
