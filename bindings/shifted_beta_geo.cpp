#include "clarion/segment/shifted_beta_geo.hpp"

#include "parameter_fit.hpp"

namespace clarion::bindings {

void bind_shifted_beta_geo(py::module_& m) {
  m.def(
      "fit_shifted_beta_geo",
      [](const std::vector<std::vector<double>>& cohorts, const py::dict& options) {
        const auto chosen = options_from<segment::purchase_fit_options>(options);
        const auto run = run_from(py::none());
        return dict_of(without_gil([&] { return segment::fit_shifted_beta_geo(cohorts, chosen, run); }));
      },
      py::arg("cohorts"), py::arg("options"), "What the fit says of its parameters.");
  m.def(
      "cohort_survival",
      [](const array_in<double>& parameters, const std::optional<array_in<double>>& covariance, double level,
         std::uint32_t periods) { return dict_of(segment::survival(fit_from(parameters, covariance, level), periods)); },
      py::arg("parameters"), py::arg("covariance"), py::arg("level"), py::arg("periods"),
      "Shares still there after 0, 1, ... periods.");
  m.def(
      "cohort_retention",
      [](const array_in<double>& parameters, const std::optional<array_in<double>>& covariance, double level,
         std::uint32_t periods) { return dict_of(segment::retention(fit_from(parameters, covariance, level), periods)); },
      py::arg("parameters"), py::arg("covariance"), py::arg("level"), py::arg("periods"), "Shares that stay in period 1, 2, ...");
  m.def(
      "residual_lifetime",
      [](const array_in<double>& parameters, const std::optional<array_in<double>>& covariance, double level,
         std::uint32_t renewals, double discount) {
        return dict_of(segment::residual_lifetime(fit_from(parameters, covariance, level), renewals, discount));
      },
      py::arg("parameters"), py::arg("covariance"), py::arg("level"), py::arg("renewals"), py::arg("discount"),
      "Discounted periods that a customer will still pay.");
}

}  // namespace clarion::bindings
