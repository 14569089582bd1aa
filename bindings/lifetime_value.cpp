#include "clarion/segment/lifetime_value.hpp"

#include <string>
#include <utility>

#include "parameter_fit.hpp"

namespace clarion::bindings {

void bind_lifetime_value(py::module_& m) {
  m.def("lifetime_value_options", &option_list<segment::lifetime_value_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "lifetime_value",
      [](const std::string& family, const numbers_in& parameters, const std::optional<numbers_in>& covariance,
         const numbers_in& frequency, const numbers_in& recency, const numbers_in& age, const std::optional<numbers_in>& weights,
         const numbers_in& spend_parameters, const std::optional<numbers_in>& spend_covariance, const numbers_in& spend_frequency,
         const numbers_in& monetary, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
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
