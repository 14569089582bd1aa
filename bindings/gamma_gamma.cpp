#include "clarion/segment/gamma_gamma.hpp"

#include "parameter_fit.hpp"

namespace clarion::bindings {

void bind_gamma_gamma(py::module_& m) {
  m.def(
      "fit_gamma_gamma",
      [](const array_in<double>& frequency, const array_in<double>& monetary, const std::optional<array_in<double>>& weights,
         const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<segment::purchase_fit_options>(options);
        const auto run = run_from(n_jobs, progress);
        const segment::spend_history history{span_of(frequency), span_of(monetary), span_of(weights)};
        return dict_of(without_gil([&] { return segment::fit_gamma_gamma(history, chosen, run); }));
      },
      py::arg("frequency"), py::arg("monetary"), py::arg("weights"), py::arg("options"), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "What the fit says of its parameters.");
  m.def(
      "expected_spend",
      [](const array_in<double>& parameters, const std::optional<array_in<double>>& covariance, double level,
         const array_in<double>& frequency, const array_in<double>& monetary, bool intervals, const py::object& n_jobs) {
        const auto fit = fit_from(parameters, covariance, level);
        const auto run = run_from(n_jobs);
        const segment::spend_history history{span_of(frequency), span_of(monetary), {}};
        return dict_of(without_gil([&] { return segment::expected_spend(fit, history, intervals, run); }));
      },
      py::arg("parameters"), py::arg("covariance"), py::arg("level"), py::arg("frequency"), py::arg("monetary"),
      py::arg("intervals") = false, py::arg("n_jobs") = py::none(), "Expected value of a transaction of each customer.");
}

}  // namespace clarion::bindings
