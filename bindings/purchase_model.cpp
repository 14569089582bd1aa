#include "clarion/segment/purchase_model.hpp"

#include <optional>
#include <string>
#include <utility>

#include "clarion/segment/beta_binomial.hpp"
#include "clarion/segment/beta_geo.hpp"
#include "clarion/segment/modified_beta_geo.hpp"
#include "clarion/segment/pareto_nbd.hpp"
#include "parameter_fit.hpp"

namespace clarion::bindings {

namespace {

using fit_function = segment::purchase_model (*)(const segment::purchase_history&, const segment::purchase_fit_options&,
                                                 const run_options&);

void def_fit(py::module_& m, const char* name, fit_function fit) {
  m.def(
      name,
      [fit](const array_in<double>& frequency, const array_in<double>& recency, const array_in<double>& age,
            const std::optional<array_in<double>>& weights, const py::dict& options, const py::object& n_jobs,
            const py::object& progress) {
        const auto chosen = options_from<segment::purchase_fit_options>(options);
        const auto run = run_from(n_jobs, progress);
        const segment::purchase_history history{span_of(frequency), span_of(recency), span_of(age), span_of(weights)};
        return dict_of(without_gil([&] { return fit(history, chosen, run).fit; }));
      },
      py::arg("frequency"), py::arg("recency"), py::arg("age"), py::arg("weights"), py::arg("options"),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "What the fit says of its parameters.");
}

}  // namespace

void bind_purchase_model(py::module_& m) {
  m.def("purchase_fit_options", &option_list<segment::purchase_fit_options>, "[(name, default, meaning, low, high)]");
  def_fit(m, "fit_beta_geo", &segment::fit_beta_geo);
  def_fit(m, "fit_modified_beta_geo", &segment::fit_modified_beta_geo);
  def_fit(m, "fit_pareto_nbd", &segment::fit_pareto_nbd);
  def_fit(m, "fit_beta_binomial", &segment::fit_beta_binomial);
  m.def(
      "purchase_log_likelihood",
      [](const std::string& family, const array_in<double>& parameters, const array_in<double>& frequency,
         const array_in<double>& recency, const array_in<double>& age, const std::optional<array_in<double>>& weights,
         const py::object& n_jobs) {
        const auto model = model_from(family, parameters, {}, 0.95);
        const auto run = run_from(n_jobs);
        const segment::purchase_history history{span_of(frequency), span_of(recency), span_of(age), span_of(weights)};
        return without_gil([&] { return segment::log_likelihood(model, history, {}, run); });
      },
      py::arg("family"), py::arg("parameters"), py::arg("frequency"), py::arg("recency"), py::arg("age"),
      py::arg("weights") = py::none(), py::arg("n_jobs") = py::none(), "Log-likelihood of histories.");
  m.def(
      "alive_probability",
      [](const std::string& family, const array_in<double>& parameters, const array_in<double>& frequency,
         const array_in<double>& recency, const array_in<double>& age, const py::object& n_jobs) {
        const auto model = model_from(family, parameters, {}, 0.95);
        const auto run = run_from(n_jobs);
        const segment::purchase_history history{span_of(frequency), span_of(recency), span_of(age), {}};
        return array_of(without_gil([&] { return segment::alive_probability(model, history, run); }));
      },
      py::arg("family"), py::arg("parameters"), py::arg("frequency"), py::arg("recency"), py::arg("age"),
      py::arg("n_jobs") = py::none(), "P(alive) of each customer.");
  m.def(
      "expected_purchases",
      [](const std::string& family, const array_in<double>& parameters, const std::optional<array_in<double>>& covariance,
         double level, const array_in<double>& frequency, const array_in<double>& recency, const array_in<double>& age,
         double periods, bool intervals, const py::object& n_jobs, const py::object& progress) {
        const auto model = model_from(family, parameters, covariance, level);
        const auto run = run_from(n_jobs, progress);
        const segment::purchase_history history{span_of(frequency), span_of(recency), span_of(age), {}};
        return dict_of(without_gil([&] { return segment::expected_purchases(model, history, periods, intervals, run); }));
      },
      py::arg("family"), py::arg("parameters"), py::arg("covariance"), py::arg("level"), py::arg("frequency"), py::arg("recency"),
      py::arg("age"), py::arg("periods"), py::arg("intervals") = false, py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "Purchases of each customer in the periods to come.");
  m.def(
      "expected_purchases_of_new",
      [](const std::string& family, const array_in<double>& parameters, double periods) {
        return segment::expected_purchases(model_from(family, parameters, {}, 0.95), periods);
      },
      py::arg("family"), py::arg("parameters"), py::arg("periods"), "Repeat purchases of a new customer.");
  m.def(
      "purchase_probabilities",
      [](const std::string& family, const array_in<double>& parameters, double periods, std::uint32_t most) {
        return array_of(segment::purchase_probabilities(model_from(family, parameters, {}, 0.95), periods, most));
      },
      py::arg("family"), py::arg("parameters"), py::arg("periods"), py::arg("most"),
      "P(X = 0), ..., P(X = most) of a new customer.");
  m.def(
      "expected_frequencies",
      [](const std::string& family, const array_in<double>& parameters, const array_in<double>& frequency,
         const array_in<double>& recency, const array_in<double>& age, const std::optional<array_in<double>>& weights,
         std::uint32_t most, const py::object& n_jobs) {
        const auto model = model_from(family, parameters, {}, 0.95);
        const auto run = run_from(n_jobs);
        const segment::purchase_history history{span_of(frequency), span_of(recency), span_of(age), span_of(weights)};
        return array_of(without_gil([&] { return segment::expected_frequencies(model, history, most, run); }));
      },
      py::arg("family"), py::arg("parameters"), py::arg("frequency"), py::arg("recency"), py::arg("age"), py::arg("weights"),
      py::arg("most"), py::arg("n_jobs") = py::none(), "Customers expected with 0, ..., most and more repeat purchases.");
  m.def(
      "expected_tracking",
      [](const std::string& family, const array_in<double>& parameters, const array_in<double>& frequency,
         const array_in<double>& recency, const array_in<double>& age, const std::optional<array_in<double>>& weights,
         const array_in<double>& times, const py::object& n_jobs) {
        const auto model = model_from(family, parameters, {}, 0.95);
        const auto run = run_from(n_jobs);
        const segment::purchase_history history{span_of(frequency), span_of(recency), span_of(age), span_of(weights)};
        return array_of(without_gil([&] { return segment::expected_tracking(model, history, span_of(times), run); }));
      },
      py::arg("family"), py::arg("parameters"), py::arg("frequency"), py::arg("recency"), py::arg("age"), py::arg("weights"),
      py::arg("times"), py::arg("n_jobs") = py::none(), "Repeat purchases of all customers expected by each time.");
}

}  // namespace clarion::bindings
